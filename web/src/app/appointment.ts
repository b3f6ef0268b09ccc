import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { Ticker } from '../ui/ticker.js';
import { countdown } from '../time/words.js';
import type { Backend } from './backend.js';
import { look } from './look.js';
import type { Interview, Person } from './state.js';
import { openTab } from './tab.js';
import { bothText, type Other } from './times.js';

/** What can be done about a scheduled interview, and when it is for both. */
@customElement('demo-appointment')
export class Appointment extends LitElement {
  @property({ attribute: false }) backend!: Backend;
  @property({ attribute: false }) interview!: Interview;
  @property({ attribute: false }) me!: Person;
  @property({ attribute: false }) other!: Other;
  @state() private asking = false;
  @state() private problem = '';

  constructor() {
    super();
    new Ticker(this);
  }

  protected override render() {
    const { interview, me, other } = this;
    const { starts_at, opens_at, sequence } = interview;
    if (!starts_at) return nothing;
    const left = Date.parse(starts_at) - Date.now();
    const open = Date.parse(opens_at ?? starts_at) <= Date.now();
    return html`
      <p><time datetime=${starts_at}>${bothText(starts_at, interview.duration_min ?? 0, me, other)}</time></p>
      ${interview.state === 'scheduled' ? html`
        <p class="muted">${sequence ? 'Moved to this time. ' : ''}${left > 0 ? `Starts in ${countdown(left)}.` : 'It was to have started.'}
          ${open ? '' : 'The room opens a quarter of an hour before; its page lets you in by itself.'}</p>
        ${this.asking ? this.renderQuestion() : html`<div class="actions">
          <button class=${open ? '' : 'quiet'} @click=${this.enter}>${open ? 'Join' : 'Open the room’s page'}</button>
          <a class="button quiet" href=${this.backend.calendar(interview.thread, interview.id)} download>Add to calendar</a>
          <button class="quiet" @click=${this.move}>Another time</button>
          <button class="quiet" id="cancel" @click=${() => this.ask(true)}>Cancel the interview</button>
        </div>`}` : nothing}
      <p class="error" role="alert">${this.problem}</p>`;
  }

  private move(): void {
    this.dispatchEvent(new CustomEvent('propose-times', { detail: this.interview.id, bubbles: true, composed: true }));
  }

  private renderQuestion() {
    return html`<div role="group" aria-labelledby="question" class="question">
      <p id="question"><b>Cancel this interview?</b> ${this.other.name} will see that you did.</p>
      <div class="actions">
        <button class="quiet" id="keep" @click=${() => this.ask(false)}>Keep it</button>
        <button @click=${this.cancel}>Yes, cancel it</button>
      </div>
    </div>`;
  }

  /** What was pressed makes way for the question, or comes back, so the keyboard is taken along. */
  private async ask(asking: boolean): Promise<void> {
    this.asking = asking;
    this.problem = '';
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(asking ? '#keep' : '#cancel')?.focus();
  }

  private async cancel(): Promise<void> {
    this.problem = '';
    await this.backend.cancel(this.interview.thread, this.interview.id).catch((error: Error) => (this.problem = error.message));
  }

  private async enter(): Promise<void> {
    this.problem = '';
    this.problem = await openTab(() => this.backend.appointment(this.interview.thread, this.interview.id));
  }

  static override styles = [look, css`
    :host { display: grid; gap: var(--s2) }
    .actions { display: flex; flex-wrap: wrap; gap: var(--s2) }
    .question { display: grid; gap: var(--s2) }
    .error:empty { display: none }
  `];
}
