import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { en } from '../i18n/en.js';
import { controls } from '../ui/controls.js';
import { icon } from '../ui/icon.js';
import { Ticker } from '../ui/ticker.js';
import { answerOf, asked, mayBeTranscribed, mayDiscard, recordingOf, transcriptionOf } from './consent.js';
import type { Controller } from './controller.js';
import type { Recording } from '../signal/wire.js';
import type { State } from './state.js';

/** Whether the interview is recorded, in words that stay; and the question whether one agrees, beside the conversation and not over it. */
@customElement('parley-recording')
export class RecordingNote extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        justify-items: center;
        gap: var(--s2);
        max-width: 100%;
      }
      .state {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--s1) var(--s3);
        padding: var(--s1) var(--s3);
        border: 1px solid var(--stage-line);
        border-radius: var(--r2);
        background: var(--stage-raised);
      }
      .state p {
        display: flex;
        align-items: center;
        gap: var(--s2);
      }
      .dot {
        flex: none;
        width: 0.75rem;
        height: 0.75rem;
        border: 2px solid var(--stage-ink);
        border-radius: 50%;
      }
      .on .dot {
        border-color: #ff6b62;
        background: #ff6b62;
      }
      section {
        display: grid;
        gap: var(--s3);
        max-width: 36rem;
        min-height: 10rem;
        max-height: calc(100dvh - 21rem); /* what is below stays in sight */
        margin-bottom: var(--s2);
        padding: var(--s4) var(--s4) 0;
        overflow-y: auto;
        scrollbar-color: var(--stage-line) transparent;
        border: 1px solid var(--stage-line);
        border-radius: var(--r3);
        background: var(--stage-raised);
      }
      h2 {
        font-size: var(--fs-1);
      }
      h2:focus {
        outline: none;
      }
      .also {
        display: grid;
        gap: var(--s1);
        padding-top: var(--s3);
        border-top: 1px solid var(--stage-line);
      }
      .also label {
        display: flex;
        align-items: center;
        gap: var(--s2);
        min-height: var(--target);
        margin: 0;
      }
      input[type='checkbox'] {
        flex: none;
        width: 1.25rem;
        min-height: 1.25rem;
        height: 1.25rem;
        margin: 0;
        accent-color: var(--accent);
      }
      .answers {
        display: flex;
        flex-wrap: wrap;
        gap: var(--s2);
        position: sticky;
        bottom: 0;
        padding: var(--s2) 0 var(--s4);
        background: var(--stage-raised);
      }
    `,
  ];

  @property({ attribute: false }) room!: Controller;
  @property({ attribute: false }) state!: State;
  #shown = '';

  constructor() {
    super();
    new Ticker(this);
  }

  override render(): TemplateResult {
    return html`${this.#state()} ${this.#question()}`;
  }

  /** A question that comes up takes the focus, once. */
  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const heading = this.renderRoot.querySelector('h2');
    const showing = heading?.dataset['question'] ?? '';
    if (showing !== '' && showing !== this.#shown) heading?.focus();
    this.#shown = showing;
  }

  #state(): TemplateResult | typeof nothing {
    const recording = recordingOf(this.state);
    const { you, people } = this.state;
    if (!recording || recording.state === 'none' || !you) return nothing;
    const names = recording.awaited.filter((id) => id !== you.id).map((id) => people.find((p) => p.id === id)?.name ?? id);
    const left = recording.starts_at ? Math.max(0, Math.ceil((Date.parse(recording.starts_at) - Date.now()) / 1000)) : 0;
    const interviewer = you.role === 'interviewer';
    const button = (name: string, press: () => void): TemplateResult => html`<button type="button" @click=${press}>${name}</button>`;
    const does = (action: 'pause' | 'resume' | 'stop' | 'mark') => () => this.room.dispatch({ type: 'record', action });
    const { state } = recording;
    return html`
      <div class=${`state ${state === 'recording' ? 'on' : ''}`}>
        <p><span class="dot" aria-hidden="true"></span>${en.recording.state(recording, names, left)}</p>
        ${interviewer && state === 'recording' ? html`${button(en.recording.mark, does('mark'))} ${button(en.recording.pause, does('pause'))}` : nothing}
        ${interviewer && state === 'paused' ? button(en.recording.resume, does('resume')) : nothing}
        ${button(state === 'asking' || state === 'starting' ? en.recording.undo : en.recording.stop, does('stop'))}
        ${this.#transcription(recording, you.id)}
        ${!interviewer && answerOf(recording, you.id) === 'granted' ? button(en.recording.withdraw, () => this.room.dispatch({ type: 'consent', granted: false })) : nothing}
      </div>
    `;
  }

  /** Being put into writing is agreed to, and taken back, beside the recording. */
  #transcription(recording: Recording, id: string): TemplateResult | typeof nothing {
    if (!mayBeTranscribed(this.state)) return nothing;
    const on = transcriptionOf(recording, id) === 'granted';
    const press = (): void => this.room.dispatch(on ? { type: 'transcribe', granted: false } : { type: 'read-terms', on: !this.state.reading });
    return html`<button type="button" @click=${press}>${on ? en.recording.transcript.withdraw : en.recording.transcript.ask}</button>`;
  }

  /** The question beside the one about the recording. Nothing is ticked for anybody. */
  #also(recording: Recording): TemplateResult | typeof nothing {
    if (!recording.transcripts) return nothing;
    return html`
      <div class="also">
        <label><input type="checkbox" id="written" aria-describedby="written-terms" /> ${en.recording.transcript.also}</label>
        <p id="written-terms">${en.recording.transcript.terms.text}</p>
      </div>
    `;
  }

  get #ticked(): boolean {
    return this.renderRoot.querySelector<HTMLInputElement>('#written')?.checked ?? false;
  }

  #question(): TemplateResult | typeof nothing {
    const recording = recordingOf(this.state);
    if (!recording) return nothing;
    if (this.state.proposing && recording.state === 'none') {
      return this.#card('propose', en.recording.proposal, en.recording.terms.own[recording.mode], [
        { word: en.recording.propose, press: () => this.room.dispatch({ type: 'record', action: 'start', transcribed: this.#ticked }), primary: true },
        { word: en.recording.notNow, press: () => this.room.dispatch({ type: 'propose', on: false }) },
      ], this.#also(recording));
    }
    if (mayDiscard(this.state)) {
      return this.#card('discard', en.recording.discard.heading, en.recording.discard.text[recording.mode], [
        { word: en.recording.discard.yes, press: () => this.room.dispatch({ type: 'discard', wanted: true }), primary: true },
        { word: en.recording.discard.no, press: () => this.room.dispatch({ type: 'discard', wanted: false }) },
      ]);
    }
    if (this.state.reading && mayBeTranscribed(this.state)) {
      const { transcript } = en.recording;
      return this.#card('transcription', transcript.question, transcript.terms.text, [
        { word: transcript.agree, press: () => this.room.dispatch({ type: 'transcribe', granted: true }), primary: true },
        { word: en.recording.notNow, press: () => this.room.dispatch({ type: 'read-terms', on: false }) },
      ]);
    }
    if (!asked(this.state)) return nothing;
    const name = this.state.people.find((p) => p.id === recording.asked_by)?.name ?? '';
    return this.#card(recording.id ?? '', en.recording.question(name), en.recording.terms.text[recording.mode], [
      { word: en.recording.agree, press: () => this.room.dispatch({ type: 'consent', granted: true, transcribed: this.#ticked }), primary: true },
      { word: en.recording.decline, press: () => this.room.dispatch({ type: 'consent', granted: false }) },
    ], this.#also(recording));
  }

  #card(id: string, heading: string, text: string, answers: { word: string; press: () => void; primary?: boolean }[], also: TemplateResult | typeof nothing = nothing): TemplateResult {
    return html`
      <section aria-labelledby="question">
        <h2 id="question" tabindex="-1" data-question=${id}>${icon('record')} ${heading}</h2>
        <p>${text}</p>
        ${also}
        <div class="answers">
          ${answers.map((a) => html`<button type="button" class=${a.primary ? 'primary' : ''} @click=${a.press}>${a.word}</button>`)}
        </div>
      </section>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-recording': RecordingNote;
  }
}
