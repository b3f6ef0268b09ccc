/**
 * The module that hosts load from `/embed/thread.js`: the `<parley-thread>` element, a message thread in a narrow place
 * such as a proposal, with its interviews and the call button, which is loaded from beside it.
 */
import type { Interview } from './interview.js';
import { cardText, placeOf, threadWords, type ThreadWords } from './thread-words.js';
import { threadStyle } from './thread-style.js';

/** A message as the REST interface returns it. */
export interface Message {
  id: string;
  from: { id: string; name: string };
  at: string;
  text: string;
  file?: { link: string };
}

type Listed = Interview & { created_at: string; duration_s?: number; starts_at?: string };

const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

/** It shows what the host sets, and keeps nothing: messages, interviews, who reads, and how to call and to write. */
export class ThreadElement extends Base {
  static readonly observedAttributes = ['thread', 'call-url', 'user', 'label'];

  readonly #log = document.createElement('ol');
  readonly #scroll = document.createElement('div');
  readonly #button = document.createElement('parley-call-button') as unknown as HTMLElement & Record<string, unknown>;
  readonly #form = document.createElement('form');
  readonly #field = document.createElement('textarea');
  readonly #go = document.createElement('button');
  readonly #problem = document.createElement('p');
  #messages: Message[] = [];
  #interviews: Listed[] = [];
  #words: ThreadWords = threadWords;
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
    this.#scroll.append(this.#log);
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
    root.append(this.#button, this.#scroll, this.#form);
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
  }

  attributeChangedCallback(): void {
    this.#render();
  }

  set messages(messages: Message[]) {
    this.#messages = messages ?? [];
    this.#render();
  }

  get messages(): Message[] {
    return this.#messages;
  }

  set interviews(interviews: Listed[]) {
    this.#interviews = interviews ?? [];
    this.#render();
  }

  get interviews(): Listed[] {
    return this.#interviews;
  }

  set texts(texts: Partial<ThreadWords>) {
    this.#words = { ...threadWords, ...texts };
    this.#render();
  }

  get texts(): Partial<ThreadWords> {
    return this.#words;
  }

  /** The host's own way to start or join, as the call button's. */
  set request(request: unknown) {
    this.#button['request'] = request;
  }

  /** How a message is written; without it there is no field. What it throws is shown. */
  set send(send: ((text: string) => Promise<unknown>) | null) {
    this.#send = send ?? null;
    this.#render();
  }

  get send(): ((text: string) => Promise<unknown>) | null {
    return this.#send;
  }

  #render(): void {
    const words = this.#words;
    const user = this.getAttribute('user') ?? '';
    for (const name of ['thread', 'call-url', 'user']) {
      const value = this.getAttribute(name);
      if (value === null) this.#button.removeAttribute(name);
      else this.#button.setAttribute(name, value);
    }
    this.#button['interview'] = this.#interviews.find((iv) => iv.state === 'ringing' || iv.state === 'live') ?? null;
    this.#scroll.ariaLabel = this.getAttribute('label') || words.label;
    this.#field.placeholder = this.#field.ariaLabel = words.write;
    this.#go.textContent = words.send;
    this.#form.hidden = !this.#send;
    const atEnd = this.#scroll.scrollHeight - this.#scroll.scrollTop - this.#scroll.clientHeight < 80;
    const entries = [
      ...this.#messages.map((m) => ({ key: m.id, at: m.at, make: () => message(m, user, words) })),
      ...this.#interviews.map((iv) => ({ key: `${iv.id} ${cardText(iv, words)}`, at: iv.created_at, make: () => card(iv, words) })),
    ].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
    // What is there already stays: a log that is built anew is read out anew.
    const there = new Map([...this.#log.children].map((child) => [(child as HTMLElement).dataset['key'], child]));
    this.#log.replaceChildren(
      ...entries.map(({ key, make }) => {
        const item = (there.get(key) as HTMLElement | undefined) ?? make();
        item.dataset['key'] = key;
        return item;
      }),
    );
    if (atEnd) this.#scroll.scrollTop = this.#scroll.scrollHeight;
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
      this.#problem.textContent = cause instanceof Error && !(cause instanceof TypeError) ? cause.message : this.#words.failed;
    } finally {
      this.#go.ariaDisabled = null;
    }
  }
}

function message(m: Message, user: string, words: ThreadWords): HTMLLIElement {
  const own = m.from.id === user;
  const item = entry(own ? words.you : m.from.name, m.at);
  item.className = own ? 'own' : '';
  const text = document.createElement('p');
  text.dir = 'auto';
  text.className = 'text';
  const to = m.file && placeOf(m.file.link, location.href);
  if (to) {
    const link = document.createElement('a');
    Object.assign(link, { href: to, target: '_blank', rel: 'noopener noreferrer', textContent: m.text });
    text.append(link);
  } else text.textContent = m.text;
  item.append(text);
  return item;
}

function card(iv: Listed, words: ThreadWords): HTMLLIElement {
  const item = entry(cardText(iv, words), iv.created_at);
  item.className = 'card';
  return item;
}

function entry(title: string, at: string): HTMLLIElement {
  const item = document.createElement('li');
  const who = document.createElement('p');
  const name = document.createElement('b');
  const time = document.createElement('time');
  name.textContent = title;
  time.dateTime = at;
  time.textContent = new Date(at).toLocaleString([], { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
  who.append(name, ' ', time);
  item.append(who);
  return item;
}

if (typeof customElements !== 'undefined' && !customElements.get('parley-thread')) {
  customElements.define('parley-thread', ThreadElement);
  void import(/* @vite-ignore */ import.meta.url.replace(/[^/]*$/, 'v1.js'));
}
