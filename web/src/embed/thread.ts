/**
 * The module that hosts load from `/embed/thread.js`: the `<parley-thread>` element, a message thread in a narrow place
 * such as a proposal, with its interviews and the call button, which is loaded from beside it.
 */
import type { Press } from './call.js';
import { type Entry, entriesOf, type Listed, type Message, most, placeOf, sizeText, standing, type ThreadTexts, threadWords, type ThreadWords, timeText } from './thread-words.js';
import { threadStyle } from './thread-style.js';

declare global {
  interface HTMLElementTagNameMap {
    'parley-thread': ThreadElement;
  }
}

/** The attributes that are handed on to the button. */
const ofButton = ['thread', 'call-url', 'user', 'modes', 'compact', 'disabled'];

const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

/** It shows what the host sets, and keeps nothing: messages, interviews, who reads, and how to call and to write. */
export class ThreadElement extends Base {
  static readonly observedAttributes = [...ofButton, 'label'];

  readonly #note = document.createElement('p');
  readonly #log = document.createElement('ol');
  readonly #scroll = document.createElement('div');
  readonly #button = document.createElement('parley-call-button');
  readonly #form = document.createElement('form');
  readonly #field = document.createElement('textarea');
  readonly #go = document.createElement('button');
  readonly #problem = document.createElement('p');
  /** The rows by their entries' keys, each with what it was made of. */
  readonly #rows = new Map<string, { row: HTMLLIElement; of: string }>();
  #messages: readonly Message[] = [];
  #interviews: readonly Listed[] = [];
  #texts: ThreadTexts = {};
  #request: ((press: Press) => Promise<unknown>) | null = null;
  #send: ((text: string) => Promise<unknown>) | null = null;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet(); // a host's policy may forbid style elements
    sheet.replaceSync(threadStyle);
    root.adoptedStyleSheets = [sheet];
    this.#scroll.setAttribute('part', 'log');
    this.#scroll.setAttribute('role', 'log');
    this.#scroll.tabIndex = 0;
    this.#note.className = 'note';
    this.#scroll.append(this.#note, this.#log);
    this.#problem.setAttribute('role', 'alert');
    this.#field.rows = 2;
    this.#field.maxLength = 4000;
    this.#form.append(this.#field, this.#go, this.#problem);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#write();
    });
    this.#field.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      void this.#write();
    });
    root.append(this.#button, this.#scroll, this.#form, document.createElement('slot'));
  }

  connectedCallback(): void {
    for (const name of ['messages', 'interviews', 'texts', 'send', 'request']) {
      if (!Object.hasOwn(this, name)) continue;
      const self = this as unknown as Record<string, unknown>;
      const value = self[name]; // set by a framework before the element was defined
      delete self[name];
      self[name] = value;
    }
    this.#render();
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  attributeChangedCallback(): void {
    this.#render();
  }

  /** What was written, in any order. Set it whenever the host learns of a message. */
  set messages(messages: readonly Message[] | null) {
    this.#messages = messages ?? [];
    this.#render();
  }

  get messages(): readonly Message[] {
    return this.#messages;
  }

  /** The interviews of the thread; the button joins the one that is open. Set it whenever the host learns of a change. */
  set interviews(interviews: readonly Listed[] | null) {
    this.#interviews = interviews ?? [];
    this.#render();
  }

  get interviews(): readonly Listed[] {
    return this.#interviews;
  }

  /** Texts in the host's own language, in place of the English ones; those of the button among them. */
  set texts(texts: ThreadTexts | null) {
    this.#texts = texts ?? {};
    this.#render();
  }

  get texts(): ThreadTexts {
    return this.#texts;
  }

  /** The host's own way to start or join, as the call button's. With neither this nor `call-url` there is no button. */
  set request(request: ((press: Press) => Promise<unknown>) | null) {
    this.#request = request ?? null;
    this.#render();
  }

  get request(): ((press: Press) => Promise<unknown>) | null {
    return this.#request;
  }

  /** How a message is written; without it there is no field. What it throws is shown. */
  set send(send: ((text: string) => Promise<unknown>) | null) {
    this.#send = send ?? null;
    this.#render();
  }

  get send(): ((text: string) => Promise<unknown>) | null {
    return this.#send;
  }

  #words(): ThreadWords {
    return { ...threadWords, ...this.#texts };
  }

  /** The language of what is around it, in which times and sizes are written. */
  #locale(): string | undefined {
    // A shadow root hides what is around it; the page's own language is the next best.
    const near = this.closest('[lang]')?.getAttribute('lang') || document.documentElement.lang || undefined;
    try {
      return Intl.getCanonicalLocales(near)[0];
    } catch {
      return undefined; // no language that anybody knows
    }
  }

  #render(): void {
    if (!this.isConnected) return;
    const words = this.#words();
    const all = entriesOf(this.#messages, this.#interviews);
    this.#scroll.ariaLabel = this.getAttribute('label') || words.messages;
    this.#field.placeholder = this.#field.ariaLabel = words.write;
    this.#go.textContent = words.send;
    this.#form.hidden = !this.#send;
    this.#note.textContent = all.length === 0 ? words.empty : words.earlier;
    this.#note.hidden = all.length > 0 && all.length <= most;
    this.#renderButton();
    // A reader who has scrolled up to read is left where they are.
    const atEnd = this.#scroll.scrollHeight - this.#scroll.scrollTop - this.#scroll.clientHeight < 80;
    this.#place(all.slice(-most), words);
    if (atEnd) this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  #renderButton(): void {
    for (const name of ofButton) {
      const value = this.getAttribute(name);
      if (value === null) this.#button.removeAttribute(name);
      else this.#button.setAttribute(name, value);
    }
    const interview = this.#interviews.findLast(isOpen) ?? null;
    Object.assign(this.#button, { interview, texts: this.#texts, request: this.#request });
    this.#button.hidden = !this.#request && !this.getAttribute('call-url');
  }

  /** Touches only the rows that are new or have changed: what moves in a log is read out anew, and a link in it loses the focus. */
  #place(entries: Entry[], words: ThreadWords): void {
    const locale = this.#locale();
    const user = this.getAttribute('user') ?? '';
    const gone = new Set(this.#rows.keys());
    entries.forEach((entry, index) => {
      gone.delete(entry.key);
      const of = JSON.stringify([entry, user, locale, words]);
      const known = this.#rows.get(entry.key) ?? { row: document.createElement('li'), of: '' };
      this.#rows.set(entry.key, known);
      if (known.of !== of) fill(known.row, entry, { user, words, locale });
      known.of = of;
      const there = this.#log.children[index];
      if (there !== known.row) this.#log.insertBefore(known.row, there ?? null);
    });
    for (const key of gone) {
      this.#rows.get(key)?.row.remove();
      this.#rows.delete(key);
    }
  }

  async #write(): Promise<void> {
    const text = this.#field.value.trim();
    if (!text || !this.#send || this.#go.ariaDisabled) return;
    this.#go.ariaDisabled = 'true';
    this.#problem.textContent = '';
    try {
      await this.#send(text);
      this.#field.value = '';
    } catch (cause) {
      this.#problem.textContent = cause instanceof Error && !(cause instanceof TypeError) ? cause.message : this.#words().failed;
    } finally {
      this.#go.ariaDisabled = null;
    }
  }
}

/** Whom a row is for, and in what words. */
interface Reader {
  user: string;
  words: ThreadWords;
  locale: string | undefined;
}

function isOpen({ state }: Listed): boolean {
  return state === 'ringing' || state === 'live';
}

function fill(row: HTMLLIElement, entry: Entry, { user, words, locale }: Reader): void {
  const when = make('time', '', timeText(entry.at, locale));
  when.dateTime = entry.at;
  if ('interview' in entry) {
    const { interview } = entry;
    row.className = isOpen(interview) ? 'card open' : 'card';
    row.replaceChildren(line('', make('b', '', words[interview.mode]), ' ', when), make('p', '', standing(interview, words, locale)));
    return;
  }
  const { message } = entry;
  const own = message.from.id === user;
  row.className = own ? 'own' : '';
  const text = line('text', ...written(message, locale));
  text.dir = 'auto';
  row.replaceChildren(line('', make('b', '', own ? words.you : message.from.name), ' ', when), text);
}

/** What was written, or the file that it brings. */
function written({ text, file }: Message, locale: string | undefined): (Node | string)[] {
  if (!file) return [text];
  const size = make('span', 'size', sizeText(file.size, locale));
  const to = placeOf(file.link, location.href);
  if (!to) return [text, ' ', size];
  const link = make('a', '', text);
  Object.assign(link, { href: to, target: '_blank', rel: 'noopener noreferrer' });
  return [link, ' ', size];
}

function line(name: string, ...parts: (Node | string)[]): HTMLParagraphElement {
  const p = make('p', name, '');
  p.append(...parts);
  return p;
}

function make<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, name: string, text: string): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = text;
  return element;
}

if (typeof customElements !== 'undefined' && !customElements.get('parley-thread')) {
  customElements.define('parley-thread', ThreadElement);
  void import(/* @vite-ignore */ import.meta.url.replace(/[^/]*$/, 'v1.js'));
}
