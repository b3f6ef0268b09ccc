import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { check } from '../i18n/check.js';
import { en } from '../i18n/en.js';
import { canRetry, captureAll, choices, KINDS, type Choices, type Kind, type Problem } from '../media/devices.js';
import { LevelMeter } from '../media/levels.js';
import { canChooseSpeaker } from '../media/speakers.js';
import { controls } from '../ui/controls.js';
import '../ui/meter.js';
import type { Meter } from '../ui/meter.js';
import '../ui/tile.js';

/** Above this level somebody is speaking, not breathing. */
const VOICE = 0.35;
const TONE_MS = 1500;

/** A person's own microphone, camera and speaker, to be heard and seen by themselves alone. */
@customElement('parley-check-devices')
export class CheckDevices extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        gap: var(--s4);
      }
      section {
        display: grid;
        justify-items: start;
        gap: var(--s2);
      }
      h2 {
        font-size: var(--fs-1);
      }
      parley-tile {
        width: min(24rem, 100%);
        aspect-ratio: 16 / 9;
      }
      parley-meter,
      .pick {
        width: 100%;
      }
      .well {
        color: var(--ok);
        font-weight: 600;
      }
      .answer {
        display: flex;
        flex-wrap: wrap;
        gap: var(--s2);
        align-items: center;
      }
    `,
  ];

  @state() private problems: Partial<Record<Kind, Problem>> = {};
  @state() private asking = true;
  @state() private heard = false;
  @state() private picture: MediaStream | undefined;
  @state() private found: Choices = { mic: [], camera: [], speaker: [] };
  @state() private sound: 'untried' | 'playing' | 'asked' | 'heard' | 'unheard' = 'untried';
  @query('parley-meter') private readonly meter!: Meter | null;
  readonly #tracks = new Map<Kind, MediaStreamTrack>();
  #level: LevelMeter | undefined;
  #speaker = '';

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#open(KINDS, {});
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const kind of KINDS) this.#drop(kind);
  }

  override render(): TemplateResult {
    return html`
      <section>
        <h2>${en.lobby.microphone}</h2>
        ${this.asking ? html`<p role="status">${en.lobby.allow}</p>` : this.#problem('mic')}
        ${this.#tracks.has('mic') ? html`<parley-meter label=${en.lobby.level}></parley-meter>
          <p class=${this.heard ? 'well' : ''} role="status">${this.heard ? en.lobby.heard : check.speak}</p>` : nothing}
        ${this.#picker('mic', en.lobby.microphone)}
      </section>
      <section>
        <h2>${en.lobby.camera}</h2>
        ${this.#problem('camera')}
        ${this.picture ? html`<parley-tile mirrored seen .name=${''} .label=${en.lobby.preview} .picture=${this.picture}></parley-tile>` : nothing}
        ${this.#picker('camera', en.lobby.camera)}
      </section>
      <section>
        <h2>${en.lobby.speaker}</h2>
        ${canChooseSpeaker() ? this.#picker('speaker', en.lobby.speaker) : nothing}
        <button ?disabled=${this.sound === 'playing'} @click=${this.#play}>${check.play}</button>
        ${this.#answer()}
      </section>
    `;
  }

  #answer(): TemplateResult | typeof nothing {
    switch (this.sound) {
      case 'asked':
        return html`<p class="answer" role="status">${check.didYouHear}
          <button @click=${() => (this.sound = 'heard')}>${check.yes}</button>
          <button @click=${() => (this.sound = 'unheard')}>${check.no}</button></p>`;
      case 'heard':
        return html`<p class="well" role="status">${check.speakerWorks}</p>`;
      case 'unheard':
        return html`<p class="note" role="status">${check.speakerSilent}</p>`;
      default:
        return nothing;
    }
  }

  #problem(kind: Kind): TemplateResult | typeof nothing {
    const problem = this.problems[kind];
    if (!problem) return nothing;
    const device = kind === 'mic' ? 'microphone' : 'camera';
    return html`<div class="note" role="alert"><p>${en.problem(problem, device)}</p></div>
      ${canRetry(problem) ? html`<button @click=${() => this.#open([kind], {})}>${en.lobby.retry}<span class="hidden-text">: ${device}</span></button>` : nothing}`;
  }

  #picker(kind: Kind | 'speaker', label: string): TemplateResult | typeof nothing {
    const from = this.found[kind];
    if (from.length < 2) return nothing;
    const chosen = kind === 'speaker' ? this.#speaker : this.#tracks.get(kind)?.getSettings().deviceId;
    return html`<select class="pick" aria-label=${label} @change=${(event: Event) => this.#choose(kind, (event.target as HTMLSelectElement).value)}>
      ${from.map((one) => html`<option value=${one.id} ?selected=${one.id === chosen}>${one.label}</option>`)}
    </select>`;
  }

  #choose(kind: Kind | 'speaker', id: string): void {
    if (kind === 'speaker') {
      this.#speaker = id;
      this.sound = 'untried';
    } else {
      void this.#open([kind], { [kind]: id });
    }
  }

  async #open(kinds: readonly Kind[], chosen: Partial<Record<Kind, string>>): Promise<void> {
    for (const kind of kinds) this.#drop(kind);
    const got = await captureAll(Object.fromEntries(kinds.map((kind) => [kind, chosen[kind] ?? ''])));
    const problems = { ...this.problems };
    for (const kind of kinds) {
      const one = got[kind] ?? { problem: 'failed' as const };
      delete problems[kind];
      if ('problem' in one) problems[kind] = one.problem;
      else if (!this.isConnected) one.track.stop();
      else this.#take(kind, one.track);
    }
    this.problems = problems;
    this.asking = false;
    this.found = await choices();
    this.dispatchEvent(new CustomEvent('parley-microphone', { detail: this.#tracks.has('mic') }));
  }

  #take(kind: Kind, track: MediaStreamTrack): void {
    this.#tracks.set(kind, track);
    if (kind === 'camera') {
      this.picture = new MediaStream([track]);
      return;
    }
    this.heard = false;
    this.#level = new LevelMeter(track, (level) => {
      if (level > VOICE) this.heard = true;
      if (this.meter) this.meter.level = level;
    });
  }

  #drop(kind: Kind): void {
    this.#tracks.get(kind)?.stop();
    this.#tracks.delete(kind);
    if (kind === 'camera') this.picture = undefined;
    if (kind === 'mic') {
      this.#level?.close();
      this.#level = undefined;
    }
  }

  /** Two tones, one after the other: easier to tell from the hum of a machine than one. */
  async #play(): Promise<void> {
    this.#level?.wake();
    this.sound = 'playing';
    const context = new AudioContext();
    const into = context.createMediaStreamDestination();
    const gain = context.createGain();
    gain.gain.value = 0.2;
    gain.connect(into);
    [523, 659].forEach((frequency, n) => {
      const tone = context.createOscillator();
      tone.frequency.value = frequency;
      tone.connect(gain);
      tone.start(context.currentTime + n * 0.7);
      tone.stop(context.currentTime + n * 0.7 + 0.6);
    });
    const player = new Audio();
    player.srcObject = into.stream;
    try {
      if (this.#speaker && canChooseSpeaker()) await player.setSinkId(this.#speaker);
      await player.play();
      await new Promise((done) => setTimeout(done, TONE_MS));
      this.sound = 'asked';
    } catch {
      this.sound = 'unheard';
    } finally {
      player.pause();
      player.srcObject = null;
      void context.close();
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-check-devices': CheckDevices;
  }
}
