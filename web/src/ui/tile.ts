import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { en } from '../i18n/en.js';
import type { Shown } from '../room/steady.js';
import './avatar.js';
import { icon } from './icon.js';
import './quality.js';

/**
 * One person, or one screen: the picture while there is one, initials while there is none, the name, and what is to be
 * known about them. It plays no sound. Whether there is a picture is said from outside: an empty line keeps its last one.
 */
@customElement('parley-tile')
export class Tile extends LitElement {
  static override styles = css`
    :host {
      position: relative;
      display: block;
      overflow: hidden;
      min-width: 0;
      min-height: 0;
      border: 1px solid var(--stage-line);
      border-radius: var(--r3);
      background: var(--stage-raised);
      color: var(--stage-ink);
    }
    :host([speaking]) {
      border-color: var(--stage-accent);
      box-shadow: inset 0 0 0 1px var(--stage-accent);
    }
    :host([speaking])::after {
      position: absolute;
      inset: 0;
      border: 2px solid var(--stage-accent);
      border-radius: inherit;
      content: '';
      pointer-events: none;
    }
    video {
      position: relative;
      display: block;
      width: 100%;
      height: 100%;
      object-fit: cover;
    }
    video[hidden] {
      display: none;
    }
    :host([contain]) video {
      object-fit: contain;
    }
    :host([mirrored]) video {
      transform: scaleX(-1);
    }
    :host([away]) video,
    :host([away]) parley-avatar {
      opacity: 0.35;
    }
    .without {
      position: absolute;
      inset: 0;
      display: grid;
      place-items: center;
    }
    :host([small]) parley-avatar {
      width: 3.25rem;
      height: 3.25rem;
      font-size: 1.125rem;
    }
    .away {
      position: absolute;
      inset: 0;
      display: grid;
      place-items: center;
      font-size: var(--fs-2);
    }
    .over {
      position: absolute;
      inset-block-start: var(--s2);
      inset-inline: var(--s2);
      display: flex;
      align-items: flex-start;
      justify-content: space-between;
      gap: var(--s2);
      pointer-events: none;
    }
    .over > * {
      pointer-events: auto;
    }
    .pin {
      display: grid;
      place-items: center;
      margin-inline-start: auto;
      width: 2rem;
      height: 2rem;
      padding: 0;
      border: 1px solid transparent;
      border-radius: var(--r1);
      background: rgb(15 21 24 / 82%);
      color: inherit;
      cursor: pointer;
    }
    .pin[aria-pressed='true'] {
      border-color: var(--stage-ink);
      background: var(--stage-ink);
      color: var(--stage);
    }
    .pin:focus-visible {
      outline: 3px solid var(--stage-focus);
      outline-offset: 2px;
    }
    :host([paused]) .without {
      visibility: hidden;
    }
    :host([paused]) video {
      opacity: 0.35;
    }
    .paused {
      position: absolute;
      inset: 0;
      display: grid;
      place-items: center;
      padding: var(--s3);
      text-align: center;
    }
    .paused span {
      padding: var(--s1) var(--s2);
      border-radius: var(--r1);
      background: rgb(15 21 24 / 82%);
    }
    :host([small]) .paused {
      padding: var(--s1);
      font-size: var(--fs-0);
      line-height: 1.15;
    }
    .label {
      position: absolute;
      inset-inline: var(--s2);
      bottom: var(--s2);
      display: flex;
      align-items: center;
      gap: var(--s2);
      box-sizing: border-box;
      width: fit-content;
      max-width: calc(100% - 2 * var(--s2) - var(--label-room, 0px));
      padding: 2px var(--s2);
      border-radius: var(--r1);
      background: rgb(15 21 24 / 82%);
      font-size: var(--fs-0);
    }
    .name {
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    :host([speaking]) .name {
      font-weight: 700;
    }
    .speaking {
      color: var(--stage-accent);
    }
    .muted {
      display: inline-flex;
      align-items: center;
      gap: 2px;
      color: var(--stage-warn);
    }
    svg {
      flex: none;
      width: 1rem;
      height: 1rem;
    }
    :host([small]) .word {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
    @media (forced-colors: active) {
      :host([speaking]) {
        outline: 3px solid Highlight;
      }
    }
  `;

  @property() name = '';
  /** What stands under the picture when it is more than the name. */
  @property() label = '';
  @property({ attribute: false }) picture: MediaStream | undefined;
  @property({ type: Boolean }) seen = false;
  @property({ type: Boolean }) muted = false;
  @property({ type: Boolean, reflect: true }) speaking = false;
  @property({ type: Boolean, reflect: true }) away = false;
  @property({ type: Boolean, reflect: true }) mirrored = false;
  @property({ type: Boolean, reflect: true }) contain = false;
  @property({ type: Boolean, reflect: true }) small = false;
  /** A connection does not carry the picture at present; `why` says whose. */
  @property({ type: Boolean, reflect: true }) paused = false;
  @property() why = '';
  @property({ type: Boolean }) pinnable = false;
  @property({ type: Boolean, reflect: true }) pinned = false;
  /** It shows oneself. */
  @property({ type: Boolean }) mine = false;
  @property({ attribute: false }) quality: Shown | undefined;

  override render(): TemplateResult {
    const label = this.label || this.name;
    return html`
      ${this.contain ? nothing : html`<div class="without"><parley-avatar .name=${this.name}></parley-avatar></div>`}
      <video
        autoplay
        playsinline
        .muted=${true}
        .srcObject=${this.picture ?? null}
        ?hidden=${!this.seen}
        aria-label=${label}
        @loadedmetadata=${play}
      ></video>
      ${this.away ? html`<div class="away">${en.room.away}</div>` : nothing}
      ${this.paused && (this.seen || this.contain) && !this.away ? html`<div class="paused"><span>${this.why || en.quality.paused}</span></div>` : nothing}
      ${this.quality || this.pinnable ? html`<div class="over">${this.#quality()}${this.#pin()}</div>` : nothing}
      <div class="label">
        <span class="name">${label}</span>
        ${this.muted ? html`<span class="muted">${icon('mic-off')}<span class="word">${en.room.muted}</span></span>` : nothing}
        ${this.speaking ? html`<span class="speaking word">${en.room.speaking}</span>` : nothing}
      </div>
    `;
  }

  #quality(): TemplateResult | typeof nothing {
    return this.quality ? html`<parley-quality .of=${this.quality} .who=${this.mine ? '' : this.name}></parley-quality>` : nothing;
  }

  #pin(): TemplateResult | typeof nothing {
    if (!this.pinnable) return nothing;
    const name = en.quality.pin(this.name);
    return html`
      <button type="button" class="pin" aria-label=${name} title=${name} aria-pressed=${this.pinned} @click=${this.#pressPin}>${icon('pin')}</button>
    `;
  }

  #pressPin(): void {
    this.dispatchEvent(new CustomEvent('parley-pin'));
  }
}

/** A muted picture may always play; some browsers still want to be told after a change of tracks. */
function play(event: Event): void {
  void (event.currentTarget as HTMLVideoElement).play().catch(() => undefined);
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-tile': Tile;
  }
}
