import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { early } from '../i18n/early.js';
import { en } from '../i18n/en.js';
import { countdown, dayText, timeText } from '../time/words.js';
import { zoneHere } from '../time/zone.js';
import { controls } from '../ui/controls.js';
import { Ticker } from '../ui/ticker.js';
import { cardStyle } from './card.js';
import { expected, opensAt } from './timing.js';
import type { State } from './state.js';
import './when.js';

/** Before the lobby: when the interview is, for oneself and for the others, and how long until then. */
@customElement('parley-early')
export class EarlyPage extends LitElement {
  static override styles = [
    controls,
    cardStyle,
    css`
      main {
        width: min(34rem, 100%);
      }
      section {
        display: grid;
        gap: var(--s1);
      }
      .left {
        padding: var(--s3) var(--s4);
        border-radius: var(--r2);
        background: var(--accent-soft);
      }
      .clock {
        font-size: 2rem;
        font-weight: 700;
        font-variant-numeric: tabular-nums;
        line-height: 1.2;
      }
      .hint {
        font-size: var(--fs-0);
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: var(--s2) var(--s4);
        align-items: center;
      }
      a {
        padding-block: var(--s3);
        color: var(--accent);
        text-underline-offset: 3px;
      }
      .error {
        color: var(--danger);
      }
      .error:empty {
        display: none;
      }
    `,
  ];

  @property({ attribute: false }) state!: State;
  /** The person's own way in, which the calendar file and the check are asked for with. */
  @property() token = '';
  @state() private problem = '';

  constructor() {
    super();
    new Ticker(this);
  }

  override render(): TemplateResult {
    const { interview, timing, link } = this.state;
    if (!interview?.starts_at || !timing) return html`<main><h1 tabindex="-1">${en.opening}</h1></main>`;
    const starts = new Date(interview.starts_at);
    const left = starts.getTime() - timing.ahead - Date.now();
    const opens = opensAt(this.state);
    return html`
      <main>
        <h1 tabindex="-1">${early.heading((interview.sequence ?? 0) > 0)}</h1>
        <section>
          <p>${early.what(interview.mode, expected(this.state))}</p>
          <parley-when .interview=${interview} .people=${timing.people} me=${this.state.you?.id ?? ''}></parley-when>
        </section>
        <section class="left">
          <p class="hint">${early.starts}</p>
          <p class="clock" role="timer">${countdown(left)}</p>
          <p>${opens > Date.now() ? early.opens(this.#moment(new Date(opens))) : early.opening}</p>
        </section>
        ${link.state === 'open' ? nothing : html`<p class="note">${early.offline}</p>`}
        <div class="actions">
          <button class="primary" @click=${this.#calendar}>${early.calendar}</button>
          <a href="/check#token=${this.token}" target="_blank" rel="noopener">${early.check}</a>
        </div>
        <p class="error" role="alert">${this.problem}</p>
      </main>
    `;
  }

  protected override firstUpdated(changed: PropertyValues): void {
    super.firstUpdated(changed);
    this.renderRoot.querySelector('h1')?.focus();
  }

  /** A time, with its day when that is not today. */
  #moment(at: Date): string {
    const zone = zoneHere();
    const day = dayText(at, zone);
    return day === dayText(new Date(), zone) ? timeText(at, zone) : `${timeText(at, zone)}, ${day}`;
  }

  async #calendar(): Promise<void> {
    this.problem = '';
    try {
      const answer = await fetch('/v1/calendar.ics', { headers: { Authorization: `Bearer ${this.token}` } });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const address = URL.createObjectURL(await answer.blob());
      const link = Object.assign(document.createElement('a'), { href: address, download: 'interview.ics' });
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
    } catch (error) {
      console.warn('the calendar file could not be read', error);
      this.problem = early.calendarFails;
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-early': EarlyPage;
  }
}
