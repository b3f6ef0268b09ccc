import { CallError, type CallErrorCode, type Press, requestCall } from './call.js';
import { icon } from './icon.js';
import { allModes, type Call, type Interview, type Mode, readModes, type View, viewOf } from './interview.js';
import { booleans, reflect, strings } from './reflect.js';
import { style } from './style.js';
import { english, labelOf, type Texts } from './texts.js';

/** The detail of `call-created`: the room this person was given, whether they started the interview or joined it. */
export interface CallCreatedDetail extends Call {
  mode: Mode;
}

/** The detail of `call-error`. `message` is the sentence that the button shows. */
export interface CallErrorDetail {
  code: CallErrorCode;
  message: string;
  mode: Mode;
  /** The HTTP status, when the server answered. */
  status: number | undefined;
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-call-button': CallButton;
  }
  interface HTMLElementEventMap {
    'call-created': CustomEvent<CallCreatedDetail>;
    'call-error': CustomEvent<CallErrorDetail>;
  }
}

// A server that renders pages may load this module too, and has no such class.
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

/**
 * The `<parley-call-button>` element: starts an interview in a message thread, or joins the one that is open there.
 * It knows nothing of who is pressing; the host's backend does. It holds no listener outside itself, so it may be
 * added, moved and removed at will; a press that is on its way when it is removed still opens its room.
 */
export class CallButton extends Base {
  static readonly observedAttributes = [...Object.values(strings), ...booleans];

  /** The host's id of the message thread, sent along with the press. */
  declare thread: string;
  /** The host's own endpoint: POST `{mode, thread}` → `{url, interview}`. */
  declare callUrl: string;
  /** Space-separated modes offered, the preferred one first. */
  declare modes: string;
  /** Text in place of "Start video interview" on the first button. */
  declare label: string;
  /** `ringing` or `live` when there is an interview to join; for hosts that do not set `interview`. */
  declare state: string;
  /** Who is waiting; overrides the names in `interview`. */
  declare waitingName: string;
  /** The id of the person who looks at the page, so that nobody is asked to join themselves. */
  declare user: string;
  /** Whether the buttons for starting show their icon only. */
  declare compact: boolean;
  declare disabled: boolean;

  readonly #buttons = new Map<Mode, HTMLButtonElement>();
  readonly #link = document.createElement('a');
  readonly #message = document.createElement('p');
  readonly #group = document.createElement('div');
  #interview: Interview | null = null;
  #texts: Partial<Texts> = {};
  #request: ((press: Press) => Promise<unknown>) | null = null;
  #pressed: Mode | null = null;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
    // A constructed sheet, because a host's content policy may forbid style elements.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet];
    this.#build();
    root.append(this.#group, this.#message);
  }

  connectedCallback(): void {
    const names = [...Object.keys(strings), ...booleans, 'interview', 'texts', 'request'];
    for (const name of names) this.#upgrade(name);
    this.#render();
  }

  attributeChangedCallback(): void {
    this.#render();
  }

  /** The thread's open interview, or null. Set it whenever the host learns of a change. */
  get interview(): Interview | null {
    return this.#interview;
  }

  set interview(interview: Interview | null) {
    this.#interview = interview ?? null;
    this.#render();
  }

  /** Texts in the host's own language, in place of the English ones. */
  get texts(): Partial<Texts> {
    return this.#texts;
  }

  set texts(texts: Partial<Texts>) {
    this.#texts = texts ?? {};
    this.#render();
  }

  /** The host's own way to ask its backend, in place of `callUrl`: for bearer tokens, GraphQL and the like. */
  get request(): ((press: Press) => Promise<unknown>) | null {
    return this.#request;
  }

  set request(request: ((press: Press) => Promise<unknown>) | null) {
    this.#request = request ?? null;
  }

  /** Whether a press is on its way. */
  get busy(): boolean {
    return this.#pressed !== null;
  }

  /**
   * Does what a press does: opens a tab, asks the host for a room and sends the tab there. Call it inside a user's
   * click only, because browsers open tabs at no other time. It never rejects; what went wrong is a `call-error`.
   */
  async start(mode: Mode = this.#offered()[0] ?? 'video'): Promise<void> {
    if (this.busy || this.disabled) return;
    this.#say('');
    this.#link.hidden = true;
    if (!this.callUrl && !this.#request) return this.#fail(new CallError('unset'), mode);

    const tab = this.#openTab();
    this.#setPressed(mode);
    try {
      const call = await requestCall(this.#request ?? this.callUrl, { mode, thread: this.thread });
      this.#enter(call, tab, mode);
    } catch (cause) {
      tab?.close();
      this.#fail(cause instanceof CallError ? cause : new CallError('unusable'), mode);
    } finally {
      this.#setPressed(null);
    }
  }

  #build(): void {
    this.#group.setAttribute('part', 'group');
    this.#message.setAttribute('part', 'message');
    this.#message.setAttribute('role', 'status');
    for (const mode of allModes) {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(icon(mode), document.createElement('span'));
      button.addEventListener('click', () => void this.start(mode));
      this.#buttons.set(mode, button);
    }
    this.#link.setAttribute('part', 'link');
    this.#link.target = '_blank';
    this.#link.rel = 'noopener';
    this.#link.hidden = true;
    this.#link.addEventListener('click', () => this.#say(''));
  }

  /** Takes over a property that a framework set before the element was defined. */
  #upgrade(name: string): void {
    if (!Object.hasOwn(this, name)) return;
    const self = this as unknown as Record<string, unknown>;
    const value = self[name];
    delete self[name];
    self[name] = value;
  }

  #view(): View {
    return viewOf({
      interview: this.#interview,
      state: this.state,
      waitingName: this.waitingName,
      user: this.user,
    });
  }

  #words(): Texts {
    return { ...english, ...this.#texts };
  }

  /** The modes that have a button now: all that are offered, or the one of the interview to join. */
  #offered(view = this.#view()): Mode[] {
    const modes = readModes(this.modes);
    return view.kind === 'start' ? modes : [view.mode ?? modes[0] ?? 'video'];
  }

  #render(): void {
    const view = this.#view();
    const modes = this.#offered(view);
    this.#place([...modes.flatMap((mode) => this.#buttons.get(mode) ?? []), this.#link]);
    modes.forEach((mode, index) => this.#renderButton(mode, view, index));
    this.#link.textContent = this.#words().open;
  }

  /** Puts the buttons in order, moving nothing that is in place, so that the focus stays where it is. */
  #place(wanted: HTMLElement[]): void {
    for (const child of [...this.#group.children]) {
      if (!wanted.includes(child as HTMLElement)) child.remove();
    }
    wanted.forEach((child, index) => {
      const there = this.#group.children[index];
      if (there !== child) this.#group.insertBefore(child, there ?? null);
    });
  }

  #renderButton(mode: Mode, view: View, index: number): void {
    const button = this.#buttons.get(mode);
    const text = button?.querySelector('span');
    if (!button || !text) return;
    const label = index === 0 ? this.label : '';
    text.textContent = labelOf(view, mode, this.#pressed === mode, label, this.#words());
    button.className = index === 0 ? view.kind : `${view.kind} quiet`;
    button.setAttribute('part', `button ${mode} ${view.kind}`);
    button.title = this.compact && view.kind === 'start' ? text.textContent : '';
    button.disabled = this.disabled;
    // A button that is busy keeps the focus, so it is only said to be disabled.
    button.ariaDisabled = this.busy ? 'true' : null;
    button.ariaBusy = this.#pressed === mode ? 'true' : null;
  }

  #setPressed(mode: Mode | null): void {
    this.#pressed = mode;
    this.#render();
  }

  /** Opens the tab during the click, when browsers allow it; it gets its address when the room is known. */
  #openTab(): Window | null {
    const tab = window.open('about:blank', '_blank');
    if (!tab) return null;
    try {
      tab.opener = null;
      tab.document.title = this.#words().opening;
      tab.document.body.textContent = this.#words().opening;
    } catch {
      // A host's opener policy may forbid writing to the tab; it stays blank for a moment then.
    }
    return tab;
  }

  #enter(call: Call, tab: Window | null, mode: Mode): void {
    this.#emit<CallCreatedDetail>('call-created', { ...call, mode });
    if (tab) {
      if (!tab.closed) tab.location.replace(call.url);
      return;
    }
    this.#link.href = call.url;
    this.#link.hidden = false;
    this.#fail(new CallError('blocked'), mode);
  }

  #fail(error: CallError, mode: Mode): void {
    const message = error.detail ?? this.#words()[error.code];
    this.#say(message);
    this.#emit<CallErrorDetail>('call-error', { code: error.code, message, mode, status: error.status });
  }

  #say(message: string): void {
    this.#message.textContent = message;
  }

  #emit<Detail>(name: string, detail: Detail): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

reflect(CallButton.prototype);

/** Defines the element. It may be called again, and where there is no DOM, where it does nothing. */
export function register(): void {
  const tag = 'parley-call-button';
  if (typeof customElements === 'undefined' || customElements.get(tag)) return;
  customElements.define(tag, CallButton);
}
