import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { beside, placeOf } from '../time/words.js';
import { fieldsOf, momentsOf, wallFrom, wallOf } from '../time/zone.js';
import type { Mode } from '../embed/interview.js';
import type { Backend, BackendError } from './backend.js';
import type { Held } from './held.js';
import './held.js';
import { look } from './look.js';
import { type Interview, interviewsOf, type Person, type Thread } from './state.js';
import { modeText } from './text.js';
import type { Other } from './times.js';

const DAY = 86_400_000;
const MOST = 20; // the API takes no more

interface Slot {
  date: string;
  time: string;
  problem: string;
}

/** Times to propose for an interview, written as one's own clock shows them. The dialog gives the keyboard back when it closes. */
@customElement('demo-propose')
export class Propose extends LitElement {
  @property({ attribute: false }) backend!: Backend;
  @property({ attribute: false }) me!: Person;
  @property({ attribute: false }) other!: Other;
  @property({ attribute: false }) thread!: Thread;
  /** In which an interview can be held. */
  @property({ attribute: false }) modes: readonly Mode[] = [];
  /** The interview that is to be moved, or ''. */
  @property() moves = '';
  @state() private slots: Slot[] = [];
  @state() private busy = false;
  @state() private problem = '';
  @state() private noteProblem = '';
  @state() private held: Held | null = null;
  @query('dialog') private readonly dialog!: HTMLDialogElement;

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.slots.length === 0) this.slots = [{ ...this.later(Date.now() + DAY), time: '10:00' }];
  }

  private get moved(): Interview | undefined {
    return interviewsOf(this.thread).find(({ id }) => id === this.moves);
  }

  private later(at: number): Slot {
    return { ...fieldsOf(wallOf(new Date(at), this.me.time_zone)), problem: '' };
  }

  protected override render() {
    const { me, moves, moved } = this;
    const usual = moved?.duration_min ?? 30;
    const lengths = [...new Set([15, 30, 45, 60, usual])].sort((a, b) => a - b);
    return html`
      <dialog aria-labelledby="heading" @close=${this.closed}><form novalidate @submit=${this.submit}>
        <h3 id="heading" tabindex="-1">${moves ? 'Propose another time' : 'Propose times for an interview'}</h3>
        <p class="muted">In your time zone: ${placeOf(me.time_zone)}</p>
        ${this.slots.map((slot, n) => this.renderSlot(slot, n))}
        <div class="row">
          <button type="button" class="quiet" ?disabled=${this.slots.length >= MOST} @click=${this.add}>Add a time</button>
        </div>
        <div class="row">
          <label>How long <select name="minutes">${lengths.map((n) => html`<option value=${n} ?selected=${n === usual}>${n} min</option>`)}</select></label>
          ${moved ? nothing : html`<label>Kind <select name="mode">
            ${this.modes.map((mode) => html`<option value=${mode}>${modeText({ mode })}</option>`)}</select></label>`}
        </div>
        <label>Note <input name="note" maxlength="500" autocomplete="off" aria-describedby="note-problem"
          aria-invalid=${this.noteProblem || this.held ? 'true' : nothing} /></label>
        <p class="error" id="note-problem" role="alert">${this.noteProblem}</p>
        ${this.held ? html`<demo-held .backend=${this.backend} .thread=${this.thread} .held=${this.held} @again=${this.send}></demo-held>` : nothing}
        <div class="row">
          <button aria-disabled=${this.busy ? 'true' : nothing}>Propose</button>
          <button type="button" class="quiet" @click=${() => this.dialog.close()}>Cancel</button>
        </div>
        <p class="error" role="alert">${this.problem}</p>
      </form></dialog>`;
  }

  private renderSlot(slot: Slot, n: number) {
    const invalid = slot.problem ? 'true' : nothing;
    const set = (field: 'date' | 'time') => (event: Event) => {
      const { value } = event.target as HTMLInputElement;
      this.slots = this.slots.map((one, m) => (m === n ? { ...one, [field]: value, problem: '' } : one));
    };
    return html`<fieldset>
      <legend>Time ${n + 1}</legend>
      <label>Day <input type="date" required aria-invalid=${invalid} aria-describedby="problem-${n}" .value=${slot.date} @change=${set('date')} /></label>
      <label>From <input type="time" required aria-invalid=${invalid} aria-describedby="problem-${n}" .value=${slot.time} @change=${set('time')} /></label>
      ${this.slots.length > 1 ? html`<button type="button" class="quiet" aria-label="Remove time ${n + 1}"
        @click=${() => this.drop(n)}>Remove</button>` : nothing}
      <p role="status">${this.theirs(slot)}</p>
      <p class="error" id="problem-${n}" role="alert">${slot.problem}</p>
    </fieldset>`;
  }

  /** When it is for the other, or why there is no such time. */
  private theirs(slot: Slot): string {
    const { date, time } = slot;
    if (!date || !time) return '';
    const { me, other } = this;
    const [at, again] = this.moments(slot);
    if (!at) return `Clocks go forward that night: there is no ${time} in ${placeOf(me.time_zone)}.`;
    const text = beside(at, me.time_zone, other.time_zone);
    const twice = again ? ' Clocks go back that night; the first of the two is meant.' : '';
    return `${text ? `${text} for ${other.name}` : `The same time for ${other.name}`} (${placeOf(other.time_zone)}).${twice}`;
  }

  private async add(): Promise<void> {
    const last = this.slots.at(-1);
    const [at] = last ? this.moments(last) : [];
    this.slots = [...this.slots, this.later((at?.getTime() ?? Date.now()) + DAY)];
    await this.focusSlot(this.slots.length - 1);
  }

  private async drop(n: number): Promise<void> {
    this.slots = this.slots.filter((_, m) => m !== n);
    await this.focusSlot(Math.min(n, this.slots.length - 1));
  }

  private closed(): void {
    this.dispatchEvent(new CustomEvent('proposed', { bubbles: true, composed: true }));
  }

  private submit(event: Event): void {
    event.preventDefault();
    void this.send();
  }

  /** The moments that a slot may mean; the first is meant. */
  private moments({ date, time }: Slot): Date[] {
    const wall = wallFrom(date, time);
    return wall ? momentsOf(wall, this.me.time_zone) : [];
  }

  private async send(): Promise<void> {
    if (this.busy) return;
    this.problem = this.noteProblem = '';
    this.held = null;
    this.slots = this.slots.map((slot) => ({ ...slot, problem: this.moments(slot).length > 0 ? '' : unclear(slot) }));
    const wrong = this.slots.findIndex((slot) => slot.problem);
    if (wrong >= 0) return this.focusSlot(wrong);
    const form = new FormData(this.renderRoot.querySelector('form') ?? undefined);
    const note = String(form.get('note') ?? '').trim();
    this.busy = true;
    try {
      await this.backend.propose(this.thread.id, {
        mode: this.moved?.mode ?? (form.get('mode') as Mode),
        slots: this.slots.flatMap((slot) => this.moments(slot).slice(0, 1)).map((at) => at.toISOString()),
        duration_min: Number(form.get('minutes')),
        note,
        ...(this.moves ? { interview: this.moves } : {}),
      });
      this.dialog.close();
    } catch (error) {
      await this.refused(error as BackendError, note);
    } finally {
      this.busy = false;
    }
  }

  /** Says why beside the field that it is about, and takes the keyboard there. */
  private async refused({ message, field, decision }: BackendError, text: string): Promise<void> {
    const wrong = Number(/^slots\[(\d+)\]$/.exec(field ?? '')?.[1] ?? -1);
    if (this.slots[wrong]) {
      this.slots = this.slots.map((slot, n) => (n === wrong ? { ...slot, problem: slotProblem(message) } : slot));
      return this.focusSlot(wrong);
    }
    if (decision) this.held = { decision, why: message, text };
    else if (field === 'note') this.noteProblem = message;
    else this.problem = message;
    await this.updateComplete;
    if (field === 'note') this.renderRoot.querySelector<HTMLElement>('[name=note]')?.focus();
  }

  private async focusSlot(n: number): Promise<void> {
    await this.updateComplete;
    this.renderRoot.querySelectorAll('fieldset')[n]?.querySelector('input')?.focus();
  }

  override firstUpdated(): void {
    this.dialog.showModal();
    this.renderRoot.querySelector('h3')?.focus();
  }

  static override styles = [look, css`
    :host { display: contents }
    dialog {
      width: min(34rem, calc(100vw - 2 * var(--s3))); max-height: calc(100dvh - 2 * var(--s3)); padding: var(--s4); overflow-y: auto;
      border: 1px solid var(--line-strong); border-radius: var(--r3); background: var(--surface); color: var(--ink);
    }
    dialog::backdrop { background: rgb(0 0 0 / 50%) }
    form { display: grid; gap: var(--s3) }
    h3 { font-size: var(--fs-1) }
    h3:focus { outline: none }
    fieldset, .row { display: flex; flex-wrap: wrap; gap: var(--s2) var(--s3); align-items: end; margin: 0; padding: 0; border: 0; min-width: 0 }
    fieldset p { flex-basis: 100%; font-size: var(--fs-0) }
    legend { padding: 0; font-size: var(--fs-0); font-weight: 600 }
    label { display: grid; gap: var(--s1); font-size: var(--fs-0) }
    input, select {
      min-height: var(--target); max-width: 100%; padding: 0 var(--s2); border: 1px solid var(--line-strong); border-radius: var(--r1);
      background: var(--surface); color: var(--ink); font: inherit;
    }
    [aria-invalid='true'] { border: 2px solid var(--danger) }
    .error:empty { display: none }
  `];
}

declare global {
  interface HTMLElementTagNameMap {
    'demo-propose': Propose;
  }
}

function unclear({ date, time }: Slot): string {
  return date && time ? 'There is no such time in that night. Choose another one.' : 'Choose a day and a time.';
}

/** The API's sentence about a slot, which counts from nought, in the form's words. */
function slotProblem(message: string): string {
  return message.replace(/slots\[(\d+)\]/g, (_, n: string) => `time ${Number(n) + 1}`).replace('This slot', 'This time').replace('in this slot', 'then');
}
