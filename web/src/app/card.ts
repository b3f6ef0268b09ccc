import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Texts } from '../embed/texts.js';
import type { Backend } from './backend.js';
import { look } from './look.js';
import { type Interview, isOpen, type Person } from './state.js';
import { openTab } from './tab.js';
import { cardText, dateText, type Readers, readyText, waitingName } from './text.js';
import './appointment.js';
import type { Other } from './times.js';
import { zoomText } from './zoom.js';

/** On a card the line above the button says who waits already. */
const texts: Partial<Texts> = { join: 'Join', joinWaiting: 'Join', joinLive: 'Join', rejoin: 'Return' };

/** An interview in a thread: how it stands, and the way in while it is open. */
@customElement('demo-card')
export class Card extends LitElement {
  @property({ attribute: false }) backend!: Backend;
  @property({ attribute: false }) interview!: Interview;
  @property({ attribute: false }) readers!: Readers;
  @property({ attribute: false }) me!: Person;
  @property({ attribute: false }) other!: Other;

  @state() private declining = false;
  @state() private problem = '';
  private atButtons = false;

  /** The button's own way to ask: it joins what is open, and never starts another. */
  private readonly join = () => this.backend.join(this.interview.thread);

  override willUpdate(): void {
    this.atButtons = this.shadowRoot?.activeElement?.localName === 'demo-appointment';
  }

  /** An interview that is called off has no buttons any more, so the keyboard is taken to its line. */
  override updated(): void {
    if (this.atButtons && this.interview.state === 'cancelled') this.renderRoot.querySelector<HTMLElement>('.line')?.focus();
  }

  protected override render() {
    const { interview, readers } = this;
    const open = isOpen(interview);
    const recorded = interview.recording?.state === 'none' && interview.recording.started_at !== undefined;
    return html`
      <article class=${open ? 'open' : ''}>
        <p class="line" tabindex="-1">
          <b>${cardText(interview, readers)}</b>
          <time class="muted" datetime=${interview.created_at}>${dateText(interview.created_at)}</time>
        </p>
        ${zoomText(interview, readers.me, readers.other) ? html`<p>${zoomText(interview, readers.me, readers.other)}</p>` : nothing}
        ${readyText(interview, readers) ? html`<p class="ready">${readyText(interview, readers)}</p>` : nothing}
        ${interview.starts_at ? html`<demo-appointment .backend=${this.backend} .interview=${interview} .me=${this.me} .other=${this.other}></demo-appointment>` : nothing}
        ${open ? html`<div class="actions">
          <parley-call-button user=${readers.me} .interview=${interview} .texts=${texts} .request=${this.join}
          ></parley-call-button>
          ${this.mayDecline() ? html`<button class="quiet" aria-disabled=${this.declining ? 'true' : nothing}
            @click=${this.decline}>Decline</button>` : nothing}
          ${this.checkButton()}
        </div>` : interview.state === 'scheduled' ? html`<div class="actions">${this.checkButton()}</div>` : nothing}
        ${recorded ? html`<div class="actions">
          <button class="quiet" @click=${this.openRecording}>Open the recording</button>
        </div>` : nothing}
        <p class="error" role="alert">${this.problem}</p>
      </article>
    `;
  }

  /** The tab is opened with the press: later, the browser would take it for an advertisement. */
  private async openRecording(): Promise<void> {
    const tab = window.open('', '_blank');
    this.problem = '';
    try {
      const { url } = await this.backend.recording(this.interview.thread, this.interview.recording?.id ?? '');
      if (tab) tab.location.href = url;
      else location.href = url;
    } catch (error) {
      tab?.close();
      this.problem = (error as Error).message;
    }
  }

  private checkButton() {
    return html`<button class="quiet" @click=${this.check}>Check connection</button>`;
  }

  private mayDecline(): boolean {
    return this.interview.state === 'ringing' && waitingName(this.interview, this.readers) !== '';
  }

  private async check(): Promise<void> {
    this.problem = '';
    this.problem = await openTab(() => this.backend.checkLink(this.interview.thread, this.interview.id));
  }

  private async decline(): Promise<void> {
    if (this.declining) return;
    this.declining = true;
    this.problem = '';
    try {
      await this.backend.decline(this.interview.thread);
    } catch (error) {
      this.problem = (error as Error).message;
    } finally {
      this.declining = false;
    }
  }

  static override styles = [look, css`
    :host { display: block }
    article {
      display: grid; gap: var(--s2); padding: var(--s3) var(--s4);
      border: 1px solid var(--line); border-radius: var(--r2); background: var(--surface);
    }
    .open { border: 2px solid var(--accent); background: var(--accent-soft) }
    .line { display: flex; flex-wrap: wrap; gap: 0 var(--s4); align-items: baseline; justify-content: space-between }
    .open .muted { color: var(--ink) }
    .actions { display: flex; flex-wrap: wrap; gap: var(--s2); align-items: flex-start }
    .error:empty { display: none }
    .ready { color: var(--ok); font-weight: 600 }
  `];
}
