import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { Ticker } from '../ui/ticker.js';
import { beside, momentText, placeOf, spanText, dayText } from '../time/words.js';
import type { Backend } from './backend.js';
import { look } from './look.js';
import { interviewsOf, type Name, type Person, type Reminder, type Thread, type Times } from './state.js';
import { modeText } from './text.js';

/** The other person of a thread, and where they live. */
export interface Other extends Name {
  time_zone: string;
}

/** A moment for both: on one's own clock, and on the other's beside it. */
export function bothText(at: string, minutes: number, me: Person, other: Other): string {
  const moment = new Date(at);
  const own = `${dayText(moment, me.time_zone)}, ${spanText(moment, minutes, me.time_zone)} for you`;
  const theirs = beside(moment, me.time_zone, other.time_zone);
  return theirs ? `${own} · ${theirs} for ${other.name}` : `${own} and for ${other.name}`;
}

/** Whether one of the times can still be chosen: they pass before the backend says so. */
function mayChoose({ state, slots }: Times, now: number): boolean {
  return state === 'open' && slots.some((slot) => Date.parse(slot) > now);
}

/** The line of a thread in a list: what is to be answered, or when its next interview is; or nothing. */
export function plansText(thread: Thread, me: Person, now = Date.now()): string {
  const asked = thread.items.some((item) => item.kind === 'times' && item.times.by !== me.id && mayChoose(item.times, now));
  if (asked) return `${thread.with.name} proposes times for an interview.`;
  const [next] = interviewsOf(thread)
    .filter(({ state }) => state === 'scheduled')
    .sort((a, b) => Date.parse(a.starts_at ?? '') - Date.parse(b.starts_at ?? ''));
  return next?.starts_at ? `${modeText(next)} on ${momentText(new Date(next.starts_at), me.time_zone)}.` : '';
}

export function reminderText({ mode, starts_at, minutes_ahead }: Reminder, zone: string): string {
  const ahead = minutes_ahead === 1440 ? '24 hours' : minutes_ahead === 60 ? 'an hour' : `${minutes_ahead} minutes`;
  return `Reminder: ${modeText({ mode })} in ${ahead}, on ${momentText(new Date(starts_at), zone)}.`;
}

/** How a proposal stands, for whoever reads it. */
export function timesText(times: Times, me: Person, other: Other, now = Date.now()): string {
  const own = times.by === me.id;
  switch (times.state === 'open' && !mayChoose(times, now) ? 'expired' : times.state) {
    case 'open':
      return own ? `Waiting for ${other.name} to choose` : `${other.name} proposes ${times.moves ? 'another time' : 'times'}. Choose one.`;
    case 'accepted':
      return `${own ? other.name : 'You'} chose ${momentText(new Date(times.chosen ?? ''), me.time_zone)}`;
    case 'declined':
      return own ? `None of these suits ${other.name}` : 'None of these suits you';
    case 'withdrawn':
      return 'Other times took the place of these, or they were taken back';
    case 'expired':
      return 'Nobody chose before these times had passed';
  }
}

/** Proposed times in a thread: to choose from, or as what became of them. */
@customElement('demo-times')
export class TimesCard extends LitElement {
  @property({ attribute: false }) backend!: Backend;
  @property({ attribute: false }) times!: Times;
  @property({ attribute: false }) me!: Person;
  @property({ attribute: false }) other!: Other;
  @property() thread = '';
  @state() private busy = false;
  @state() private problem = '';

  constructor() {
    super();
    new Ticker(this); // times pass
  }

  protected override render() {
    const { times, me, other } = this;
    const own = times.by === me.id;
    const open = mayChoose(times, Date.now());
    return html`
      <article class=${open && !own ? 'open' : ''}>
        <p><b>${modeText(times)}, ${times.duration_min} min</b></p>
        <p class="standing" role="status" tabindex="-1">${timesText(times, me, other)}</p>
        ${times.note ? html`<p dir="auto">${times.note}</p>` : nothing}
        ${open ? html`
          <ul>${times.slots.map((slot) => this.renderSlot(slot, own))}</ul>
          <p class="muted">Your times are ${placeOf(me.time_zone)}’s, ${other.name}’s are ${placeOf(other.time_zone)}’s.</p>
          <div class="actions">
            <button class="quiet" aria-disabled=${this.busy ? 'true' : nothing} @click=${() => this.answer()}>${own ? 'Take back' : 'None of these'}</button>
            ${own ? nothing : html`<button class="quiet" @click=${this.others}>Propose others</button>`}
          </div>` : nothing}
        <p class="error" role="alert">${this.problem}</p>
      </article>`;
  }

  private renderSlot(slot: string, own: boolean) {
    const text = bothText(slot, this.times.duration_min, this.me, this.other);
    const passed = Date.parse(slot) <= Date.now();
    return html`<li>
      <time datetime=${slot}>${text}</time>
      ${passed ? html`<span class="muted">passed</span>` : own ? nothing : html`<button aria-label="Choose ${text}"
        aria-disabled=${this.busy ? 'true' : nothing} @click=${() => this.answer(slot)}>Choose</button>`}
    </li>`;
  }

  private others(): void {
    this.dispatchEvent(new CustomEvent('propose-times', { detail: this.times.moves ?? '', bubbles: true, composed: true }));
  }

  /** The buttons go with the answer, so the keyboard is taken to what became of it. */
  private async answer(slot?: string): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.problem = '';
    try {
      await this.backend.answer(this.thread, this.times.id, slot);
      this.renderRoot.querySelector<HTMLElement>('.standing')?.focus();
    } catch (error) {
      this.problem = (error as Error).message;
    } finally {
      this.busy = false;
    }
  }

  static override styles = [look, css`
    :host { display: block }
    article {
      display: grid; gap: var(--s2); padding: var(--s3) var(--s4);
      border: 1px solid var(--line); border-radius: var(--r2); background: var(--surface);
    }
    .open { border: 2px solid var(--accent) }
    ul { display: grid; gap: var(--s2) }
    li { display: flex; flex-wrap: wrap; gap: var(--s2) var(--s4); align-items: center; justify-content: space-between }
    .actions { display: flex; flex-wrap: wrap; gap: var(--s2) }
    .error:empty { display: none }
  `];
}
