import '../ui/tokens.css';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { en } from '../i18n/en.js';
import { Ticker } from '../ui/ticker.js';
import { controls } from '../ui/controls.js';
import { Controller } from './controller.js';
import './end.js';
import { deviceName, Keep, relayed, signalURL, takePass, type Pass } from './link.js';
import './lobby.js';
import { Part, partStyle } from './part.js';
import './stage.js';
import { INITIAL, others, type State } from './state.js';

/** What tests and the curious find in the console. */
interface Window {
  readonly pc: RTCPeerConnection | undefined;
  readonly state: State;
}

/** The room page: opening, lobby, room, end. */
@customElement('parley-room')
export class RoomPage extends LitElement {
  static override styles = [
    controls,
    partStyle,
    css`
      .opening {
        display: grid;
        min-height: 100dvh;
        padding: var(--s4);
        align-content: center;
        justify-items: center;
        gap: var(--s3);
        text-align: center;
      }
      .opening h1 {
        font-size: var(--fs-2);
      }
    `,
  ];

  @state() private view: State = INITIAL;
  @state() private said = '';
  readonly #kept = new Keep(() => localStorage);
  readonly #pass: Pass = takePass(location, history, new Keep(() => sessionStorage));
  #room: Controller | undefined;
  readonly #early = new Part(this, 'parley-early', () => import('./early.js'));

  constructor() {
    super();
    new Ticker(this);
    const page = this;
    const parley: Window = {
      get pc() {
        return page.#room?.pc;
      },
      get state() {
        return page.view;
      },
    };
    Object.assign(window, { parley });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#open();
    // A page that the browser keeps for the back button must not stay in the room. One that goes away for good says so
    // by itself: the browser closes the socket as "going away", which the server tells from a lost connection.
    window.addEventListener('pagehide', (event) => {
      if (event.persisted) this.#room?.close();
    });
    window.addEventListener('pageshow', (event) => {
      if (event.persisted) this.#open();
    });
    // A new link to the same interview, followed in this tab, changes only the fragment; browsers load nothing then.
    window.addEventListener('hashchange', () => location.reload());
  }

  override render(): TemplateResult {
    const { view } = this;
    return html`${this.#page()}
      <p class="hidden-text" role="status" aria-live="polite">${view.phase === 'end' ? nothing : this.said}</p>`;
  }

  protected override updated(): void {
    const names = others(this.view).map((p) => p.name);
    if (this.view.phase === 'early') document.title = en.early.title(this.view.interview);
    else document.title = [en.title(this.view.interview?.mode), ...names.slice(0, 2)].join(' · ');
  }

  #page(): TemplateResult {
    const { view } = this;
    const room = this.#room;
    if (view.phase === 'end' && view.end) {
      return html`<parley-end .end=${view.end} .state=${view} @parley-rejoin=${this.#open}></parley-end>`;
    }
    if (view.phase === 'early') {
      if (this.#early.here) return html`<parley-early .state=${view} token=${this.#pass.token ?? ''}></parley-early>`;
      return html`<main class="opening"><h1>${en.opening}</h1>${this.#early.words()}</main>`;
    }
    if (view.phase === 'lobby' && room) return html`<parley-lobby .room=${room} .state=${view}></parley-lobby>`;
    if (view.phase === 'room' && room) return html`<parley-stage .room=${room} .state=${view}></parley-stage>`;
    return html`<main class="opening"><h1>${en.opening}</h1>${this.#slow()}</main>`;
  }

  #slow(): TemplateResult | typeof nothing {
    const { link } = this.view;
    if (link.state !== 'waiting') return nothing;
    const seconds = Math.max(1, Math.ceil((link.retryAt - Date.now()) / 1000));
    return html`
      <p role="status">${en.openingFails}</p>
      <p>${en.connection.retryIn(seconds)}</p>
      <button @click=${() => this.#room?.hurry()}>${en.connection.retryNow}</button>
    `;
  }

  #open(): void {
    this.#room?.close();
    this.#room = undefined;
    const { token } = this.#pass;
    const impossible = typeof RTCPeerConnection === 'undefined' ? 'unsupported' : token ? undefined : 'no_token';
    if (impossible || !token) {
      this.view = { ...INITIAL, phase: 'end', end: { code: impossible ?? 'no_token', canReturn: false } };
      return;
    }
    const room = new Controller({
      url: signalURL(location),
      token,
      device: deviceName(this.#kept),
      kept: this.#kept,
      relayed: relayed(location),
      onChange: (say) => {
        if (this.#room !== room) return;
        if (room.state.end?.code === 'moved') {
          this.#open();
          return;
        }
        this.view = room.state;
        // The same words a second time are only read out when something about them is different.
        if (say) this.said = say === this.said ? `${say}\u00a0` : say;
        this.requestUpdate();
      },
    });
    this.#room = room;
    this.view = room.state;
    room.start();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-room': RoomPage;
  }
}
