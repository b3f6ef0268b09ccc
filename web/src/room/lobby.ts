import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { en } from '../i18n/en.js';
import { canRetry, type Kind } from '../media/devices.js';
import { controls } from '../ui/controls.js';
import { icon } from '../ui/icon.js';
import '../ui/blocked.js';
import '../ui/meter.js';
import type { Meter } from '../ui/meter.js';
import '../ui/tile.js';
import type { Controller } from './controller.js';
import './pickers.js';
import './zoom.js';
import { mediaNote } from './note.js';
import { others, type State } from './state.js';

/** Above this level somebody is speaking, not breathing. */
const VOICE = 0.35;

/** Before the room: how one will be seen and heard, and who is there. */
@customElement('parley-lobby')
export class Lobby extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        min-height: 100dvh;
        padding: max(var(--s5), 10dvh) var(--s4) var(--s5);
        place-items: start center;
      }
      main {
        display: grid;
        width: min(60rem, 100%);
        gap: var(--s5);
      }
      h1 {
        font-size: var(--fs-3);
        line-height: 1.2;
      }
      .who {
        margin-top: var(--s1);
        color: var(--ink-muted);
        font-size: var(--fs-1);
      }
      .who[data-here] {
        color: var(--ink);
        font-weight: 600;
      }
      .columns {
        display: grid;
        align-items: start;
        gap: var(--s5);
      }
      @media (min-width: 48rem) {
        .columns.video {
          grid-template-columns: minmax(0, 3fr) minmax(17rem, 2fr);
        }
        .columns.audio {
          max-width: 30rem;
        }
      }
      .preview {
        position: relative;
      }
      parley-tile {
        aspect-ratio: 16 / 9;
      }
      .toggles {
        display: flex;
        flex-wrap: wrap;
        gap: var(--s2);
        margin-top: var(--s3);
      }
      form {
        display: grid;
        gap: var(--s4);
      }
      .hint {
        margin-top: var(--s1);
        color: var(--ink-muted);
        font-size: var(--fs-0);
      }
      .level {
        display: grid;
        gap: var(--s1);
      }
      .level span {
        font-size: var(--fs-0);
        font-weight: 600;
      }
      .level .heard {
        color: var(--ok);
      }
      .note {
        display: grid;
        justify-items: start;
        gap: var(--s2);
      }
      summary {
        width: fit-content;
        color: var(--ink-muted);
        font-size: var(--fs-0);
        cursor: pointer;
      }
      .primary {
        min-height: 3rem;
        font-size: var(--fs-1);
      }
    `,
  ];

  @property({ attribute: false }) room!: Controller;
  @property({ attribute: false }) state!: State;
  @state() private heard = false;
  @query('parley-meter') private readonly meter!: Meter | null;

  override connectedCallback(): void {
    super.connectedCallback();
    this.room.onLevel = (level) => {
      if (level > VOICE) this.heard = true;
      if (this.meter) this.meter.level = level;
    };
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.room.onLevel = () => undefined;
  }

  /** What comes with the devices stands below the button to join: one that moves under the pointer is not pressed. */
  override render(): TemplateResult {
    const { state } = this;
    const mode = state.interview?.mode ?? 'video';
    const camera = state.may.includes('camera');
    return html`
      <main>
        <header>
          <h1 tabindex="-1">${en.lobby.heading(mode)}</h1>
          ${this.#who()}
        </header>
        <div class="columns ${camera ? 'video' : 'audio'}">
          ${camera ? html`<div class="preview">${this.#preview()}${this.#toggles()}</div>` : nothing}
          <form @submit=${this.#join}>
            <div>
              <label for="name">${en.lobby.name}</label>
              <input id="name" readonly autocomplete="off" .value=${state.you?.name ?? ''} aria-describedby="name-hint" />
              <p class="hint" id="name-hint">${en.lobby.nameHint}</p>
            </div>
            ${camera ? nothing : this.#toggles()}
            <div>
              <button class="primary" type="submit" ?disabled=${state.wanted}>${state.wanted ? en.lobby.joining : en.lobby.join}</button>
              <p class="hint">${this.#promise()}</p>
            </div>
            ${this.#asking()} ${this.#problem('mic')} ${this.#problem('camera')} ${this.#level()}
            <parley-pickers .room=${this.room} .state=${state}></parley-pickers>
            ${this.#connection()}
            <parley-zoom .room=${this.room} .state=${state}></parley-zoom>
          </form>
        </div>
      </main>
    `;
  }

  protected override firstUpdated(changed: PropertyValues): void {
    super.firstUpdated(changed);
    this.renderRoot.querySelector('h1')?.focus();
  }

  #join(event: Event): void {
    event.preventDefault();
    this.room.dispatch({ type: 'join' });
  }

  #who(): TemplateResult {
    const names = others(this.state).map((p) => p.name);
    if (names.length === 0) return html`<p class="who" role="status">${en.lobby.nobody}</p>`;
    const words = this.state.interview?.state === 'live' ? en.lobby.here(names) : en.lobby.waiting(names);
    return html`<p class="who" role="status" data-here>${words}</p>`;
  }

  #preview(): TemplateResult {
    const { own, you } = this.state;
    const seen = own.camera.on && own.camera.ready;
    const words = seen ? en.lobby.preview : own.camera.asking ? en.lobby.cameraStarting : own.camera.on ? en.lobby.noCamera : en.lobby.cameraOff;
    return html`<parley-tile mirrored .name=${you?.name ?? ''} .label=${words} .picture=${this.room.preview} ?seen=${seen}></parley-tile>`;
  }

  #toggles(): TemplateResult {
    const { own, may } = this.state;
    const toggle = (kind: Kind, on: string, off: string): TemplateResult | typeof nothing => {
      if (!may.includes(kind)) return nothing;
      const active = own[kind].on && (own[kind].ready || own[kind].asking);
      return html`
        <button type="button" ?disabled=${own[kind].asking} @click=${() => this.room.dispatch({ type: 'set', kind, on: !active })}>
          ${icon(active ? kind : `${kind}-off`)} ${active ? off : on}
        </button>
      `;
    };
    return html`
      <div class="toggles">
        ${toggle('mic', en.room.unmute, en.room.mute)} ${toggle('camera', en.room.cameraOn, en.room.cameraOff)}
      </div>
    `;
  }

  #level(): TemplateResult | typeof nothing {
    const { own, may } = this.state;
    if (!may.includes('mic') || !own.mic.ready) return nothing;
    return html`
      <div class="level">
        <span>${en.lobby.level}</span>
        <parley-meter label=${en.lobby.level}></parley-meter>
        <span class="heard" role="status">${this.heard ? en.lobby.heard : ''}</span>
      </div>
    `;
  }

  #asking(): TemplateResult | typeof nothing {
    const { own } = this.state;
    if (own.camera.asking && own.mic.asking) return html`<p class="hint" role="status">${en.lobby.allow}</p>`;
    return own.mic.asking ? html`<p class="hint" role="status">${en.lobby.allowMic}</p>` : nothing;
  }

  #problem(kind: Kind): TemplateResult | typeof nothing {
    const { problem } = this.state.own[kind];
    if (!problem || !this.state.may.includes(kind)) return nothing;
    const device = kind === 'mic' ? 'microphone' : 'camera';
    return html`
      <div class="note" role="alert">
        <p>${en.problem(problem, device)}</p>
        ${!canRetry(problem) ? nothing : html`<button type="button" @click=${() => this.room.retry(kind)}>${en.lobby.retry}<span class="hidden-text">: ${device}</span></button>`}
      </div>
    `;
  }

  /** What pressing the button will mean. */
  #promise(): string {
    const { own, may } = this.state;
    if (may.length === 0) return en.lobby.observer;
    if (own.mic.problem) return en.lobby.listenOnly;
    if (own.camera.problem && may.includes('camera')) return en.lobby.heardNotSeen;
    return en.lobby.nothingYet;
  }

  #connection(): TemplateResult | typeof nothing {
    const { link } = this.state;
    if (link.state === 'waiting' && link.attempt > 2) {
      return html`
        <div class="note" role="status">
          <p>${en.connection.noServer}</p>
          <button type="button" @click=${() => this.room.hurry()}>${en.connection.retryNow}</button>
        </div>
      `;
    }
    if (link.state === 'open' && this.state.blocked.length > 0) return html`<parley-blocked .tried=${this.state.blocked}></parley-blocked>`;
    const words = link.state === 'open' ? mediaNote(this.state) : en.connection.reconnecting;
    return words ? html`<p class="note" role="status">${words}</p>` : this.#verdict();
  }

  /** Whether the network lets calls through, and how. */
  #verdict(): TemplateResult | typeof nothing {
    const { transport, way } = this.state;
    if (transport.state !== 'connected') return transport.state === 'connecting' ? html`<p class="hint" role="status">${en.connection.connecting}</p>` : nothing;
    if (!way) return nothing;
    return html`
      <div class="way">
        <p class="hint" role="status">${way.over === 'direct' ? en.connection.ready : en.connection.relayed}</p>
        <details>
          <summary>${en.connection.details}</summary>
          <p class="hint">${en.connection.way(way)}</p>
        </details>
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-lobby': Lobby;
  }
}
