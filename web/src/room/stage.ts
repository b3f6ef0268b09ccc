import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { clock, en } from '../i18n/en.js';
import { canRetry, KINDS, type Kind } from '../media/devices.js';
import type { Presence } from '../signal/wire.js';
import { controls } from '../ui/controls.js';
import { icon } from '../ui/icon.js';
import { Ticker } from '../ui/ticker.js';
import '../ui/tile.js';
import type { Bar } from './bar.js';
import './bar.js';
import type { Controller } from './controller.js';
import './recording.js';
import './zoom.js';
import { mediaNote } from './note.js';
import { Part, partStyle } from './part.js';
import './report-dialog.js';
import { stageStyle } from './stage-style.js';
import { others, publishing, seatOf, sharer, type State } from './state.js';

/** The room: the others, oneself, and what there is to say about the connection. */
@customElement('parley-stage')
export class Stage extends LitElement {
  static override styles = [controls, partStyle, stageStyle];

  @property({ attribute: false }) room!: Controller;
  @property({ attribute: false }) state!: State;
  /** When the page saw the interview live first: clocks of two machines differ. */
  #live: number | undefined;
  readonly #chat = new Part(this, 'parley-chat', () => import('./chat-panel.js'), true);

  constructor() {
    super();
    new Ticker(this);
  }

  override render(): TemplateResult {
    const { state } = this;
    const them = others(state);
    const placed = them.filter((p) => seatOf(state, p.id) !== undefined);
    const screen = sharer(state);
    const layout = screen ? 'screen' : placed.length > 1 ? 'many' : 'two';
    return html`
      <header>
        <h1 tabindex="-1">${them.length > 0 ? them.map((p) => p.name).join(', ') : en.title(state.interview?.mode)}</h1>
        ${this.#clock()}
        <parley-report .room=${this.room} .state=${state}></parley-report>
      </header>
      <div class="banners">
        <parley-recording .room=${this.room} .state=${state}></parley-recording>
        ${this.#banners()}
        <parley-zoom .room=${this.room} .state=${state}></parley-zoom>
      </div>
      <main class=${layout} data-people=${placed.length + 1} aria-label=${en.room.stage}>
        ${screen ? this.#screen(screen) : nothing}
        <div class="others">
          ${placed.length === 0 ? this.#waiting(them) : repeat(placed, (p) => `${seatOf(state, p.id)} ${p.id}`, (p) => this.#person(p, layout === 'screen', placed.length > 1))}
          ${layout === 'many' || layout === 'screen' ? this.#self(layout === 'screen') : nothing}
        </div>
        ${layout === 'two' ? this.#self(true) : nothing}
      </main>
      ${state.chat.open ? this.#chat.show(() => html`<parley-chat .room=${this.room} .state=${state}></parley-chat>`) : nothing}
      <parley-bar .room=${this.room} .state=${state}></parley-bar>
    `;
  }

  protected override firstUpdated(changed: PropertyValues): void {
    super.firstUpdated(changed);
    this.renderRoot.querySelector('h1')?.focus();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    this.toggleAttribute('chatting', this.state.chat.open);
    // Where the keyboard was is gone with the panel.
    if (changed.get('state')?.chat.open && !this.state.chat.open) {
      void this.updateComplete.then(() => this.renderRoot.querySelector<Bar>('parley-bar')?.focusChat());
    }
  }

  protected override updated(): void {
    const elements = new Map<number | 'screen', Element>();
    for (const tile of this.renderRoot.querySelectorAll<HTMLElement>('parley-tile.person')) elements.set(Number(tile.dataset['seat']), tile);
    const shared = this.renderRoot.querySelector('parley-tile.shared');
    if (shared) elements.set('screen', shared);
    this.room.shows(elements);
  }

  #clock(): TemplateResult | typeof nothing {
    const { interview } = this.state;
    if (interview?.state !== 'live') return nothing;
    this.#live ??= Math.min(Date.now(), interview.started_at ? Date.parse(interview.started_at) : Date.now());
    return html`<span class="clock" role="timer" aria-label=${en.room.elapsed}>${clock((Date.now() - this.#live) / 1000)}</span>`;
  }

  #waiting(them: Presence[]): TemplateResult {
    if (them.length > 0) return html`<div class="waiting"><p class="large">${en.room.noPlace(them.map((p) => p.name))}</p></div>`;
    const live = this.state.interview?.state === 'live';
    return html`
      <div class="waiting">
        <p class="large" role="status">${en.room.alone(live ? 'live' : 'ringing')}</p>
        <p>${live ? en.room.aloneHintLive : en.room.aloneHint}</p>
      </div>
    `;
  }

  #person(p: Presence, small: boolean, pinnable: boolean): TemplateResult {
    const { qualities, paused, pinned } = this.state;
    const seat = seatOf(this.state, p.id) ?? -1;
    const streams = this.room.streams(seat);
    const held = p.paused?.includes('camera') ?? false;
    return html`
      <parley-tile
        class="person"
        data-participant=${p.id}
        data-seat=${seat}
        .name=${p.name}
        .picture=${streams?.picture}
        ?seen=${p.publishing.includes('camera') && streams !== undefined}
        ?muted=${!p.publishing.includes('mic')}
        ?speaking=${p.speaking && p.publishing.includes('mic')}
        ?away=${p.reconnecting || this.state.lost !== undefined}
        ?small=${small}
        .quality=${p.reconnecting ? undefined : qualities.get(p.id)}
        ?paused=${held || paused.has(seat)}
        .why=${held ? en.quality.heldOf(p.name) : ''}
        ?pinnable=${pinnable}
        ?pinned=${pinnable && pinned === p.id}
        @parley-pin=${() => this.room.dispatch({ type: 'pin', participant: p.id })}
      ></parley-tile>
    `;
  }

  #screen(p: Presence): TemplateResult {
    const streams = this.room.streams('screen');
    return html`<parley-tile class="shared" contain seen .name=${p.name} .label=${en.room.screenOf(p.name)} .picture=${streams?.picture} ?paused=${this.state.paused.has('screen')}></parley-tile>`;
  }

  #self(small: boolean): TemplateResult {
    const { own, you, people, may, qualities, held } = this.state;
    const on = publishing(this.state);
    return html`
      <parley-tile
        class="self"
        mirrored
        .name=${you?.name ?? ''}
        .label=${small ? en.room.you : en.room.self(you?.name ?? '')}
        .picture=${this.room.preview}
        ?seen=${own.camera.on && own.camera.ready}
        ?muted=${may.includes('mic') && !on.includes('mic')}
        ?speaking=${on.includes('mic') && (people.find((p) => p.id === you?.id)?.speaking ?? false)}
        ?small=${small}
        .quality=${qualities.get(you?.id ?? '')}
        ?paused=${held && on.includes('camera')}
        .why=${en.quality.held}
        mine
      ></parley-tile>
    `;
  }

  /** One line each, the gravest first. */
  #banners(): TemplateResult[] {
    const { state } = this;
    const media = mediaNote(state) || this.#mediaProgress();
    const lines: TemplateResult[] = [];
    const say = (words: string, more: TemplateResult | typeof nothing = nothing): void => {
      lines.push(html`<p class="banner" role="status"><span>${words}</span>${more}</p>`);
    };
    if (state.soundBlocked) {
      say(en.room.soundBlocked, html`<button @click=${() => this.room.playSound()}>${icon('sound')} ${en.room.playSound}</button>`);
    }
    if (state.lost) say(en.connection.lost, this.#lostFor(state.lost.since));
    else if (state.link.state !== 'open') this.#linkBanner(say);
    else if (media) say(media);
    for (const kind of KINDS) this.#deviceBanner(kind, say);
    if (state.shareFailed) say(en.room.shareFailed);
    if (state.share === 'picture' || state.share === 'picture+sound') say(en.room.youShare);
    const unseen = others(state).filter((p) => seatOf(state, p.id) === undefined);
    if (unseen.length > 0 && unseen.length < others(state).length) say(en.room.noPlace(unseen.map((p) => p.name)));
    return lines;
  }

  #deviceBanner(kind: Kind, say: (words: string, more: TemplateResult) => void): void {
    const { on, problem } = this.state.own[kind];
    if (!on || !problem || !this.state.may.includes(kind)) return;
    const device = kind === 'mic' ? 'microphone' : 'camera';
    const words = kind === 'mic' ? `${en.problem(problem, device)} ${en.connection.noMic}` : en.problem(problem, device);
    const button = (word: string, press: () => void): TemplateResult =>
      html`<button @click=${press}>${word}<span class="hidden-text">: ${device}</span></button>`;
    say(words, html`
      ${canRetry(problem) ? button(en.lobby.retry, () => this.room.retry(kind)) : nothing}
      ${button(en.room.hide, () => this.room.dispatch({ type: 'set', kind, on: false }))}
    `);
  }

  #mediaProgress(): string {
    const { transport, qualities, you } = this.state;
    if (transport.state !== 'connected') return en.connection.connecting;
    const cause = qualities.get(you?.id ?? '')?.cause ?? '';
    return cause === 'your_upload' || cause === 'your_download' ? en.connection.weak : '';
  }

  #lostFor(since: number): TemplateResult | typeof nothing {
    const seconds = Math.floor((Date.now() - since) / 1000);
    if (seconds < 3) return nothing;
    return html`<span class="more" aria-live="off">${en.connection.lostFor(seconds)}</span>`;
  }

  #linkBanner(say: (words: string, more?: TemplateResult) => void): void {
    const { link } = this.state;
    if (link.state !== 'waiting' || link.attempt < 3) {
      say(en.connection.reconnecting, html`<span class="more">${en.connection.stays}</span>`);
      return;
    }
    const seconds = Math.max(1, Math.ceil((link.retryAt - Date.now()) / 1000));
    say(en.connection.reconnecting, html`
      <span class="more" aria-live="off">${en.connection.retryIn(seconds)}</span>
      <button @click=${() => this.room.hurry()}>${en.connection.retryNow}</button>
    `);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-stage': Stage;
  }
}
