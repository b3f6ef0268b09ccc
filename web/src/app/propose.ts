import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { beside, placeOf } from '../time/words.js';
import { fieldsOf, momentsOf, wallFrom, wallOf } from '../time/zone.js';
import type { Mode } from '../embed/interview.js';
import type { Backend } from './backend.js';
import { look } from './look.js';
import type { Person } from './state.js';
import type { Other } from './times.js';

const HOUR = 3_600_000;
const MOST = 5;

/** Times to propose for an interview, written as one's own clock shows them. */
@customElement('demo-propose')
export class Propose extends LitElement {
  @property({ attribute: false }) backend!: Backend;
  @property({ attribute: false }) me!: Person;
  @property({ attribute: false }) other!: Other;
  @property() thread = '';
  /** The interview that is to be moved, or ''. */
  @property() moves = '';
  @state() private slots: { date: string; time: string }[] = [];
  @state() private busy = false;
  @state() private problem = '';

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.slots.length === 0) this.slots = [this.later(Date.now() + 24 * HOUR)];
  }

  /** A full hour, from then on. */
  private later(at: number): { date: string; time: string } {
    return fieldsOf(wallOf(new Date(Math.ceil(at / HOUR) * HOUR), this.me.time_zone));
  }

  protected override render() {
    const { me, moves } = this;
    return html`
      <form @submit=${this.send} aria-labelledby="heading">
        <h3 id="heading" tabindex="-1">${moves ? 'Propose another time' : 'Propose times for an interview'}</h3>
        <p class="muted">In your time zone: ${placeOf(me.time_zone)}</p>
        ${this.slots.map((slot, n) => this.renderSlot(slot, n))}
        <div class="row">
          <button type="button" class="quiet" ?disabled=${this.slots.length >= MOST} @click=${this.add}>Add a time</button>
        </div>
        <div class="row">
          <label>How long <select name="minutes">${[15, 30, 45, 60].map((n) => html`<option value=${n} ?selected=${n === 30}>${n} min</option>`)}</select></label>
          ${moves ? nothing : html`<label>By <select name="mode"><option value="video">video</option><option value="audio">audio</option></select></label>`}
        </div>
        <label>Note <input name="note" maxlength="500" autocomplete="off" /></label>
        <div class="row">
          <button aria-disabled=${this.busy ? 'true' : nothing}>Propose</button>
          <button type="button" class="quiet" @click=${this.close}>Cancel</button>
        </div>
        <p class="error" role="alert">${this.problem}</p>
      </form>`;
  }

  private renderSlot(slot: { date: string; time: string }, n: number) {
    const set = (field: 'date' | 'time') => (event: Event) => {
      const { value } = event.target as HTMLInputElement;
      this.slots = this.slots.map((one, m) => (m === n ? { ...one, [field]: value } : one));
    };
    return html`<fieldset>
      <legend>Time ${n + 1}</legend>
      <label>Day <input type="date" required .value=${slot.date} @change=${set('date')} /></label>
      <label>From <input type="time" required .value=${slot.time} @change=${set('time')} /></label>
      ${this.slots.length > 1 ? html`<button type="button" class="quiet" aria-label="Remove time ${n + 1}"
        @click=${() => (this.slots = this.slots.filter((_, m) => m !== n))}>Remove</button>` : nothing}
      <p role="status">${this.theirs(slot)}</p>
    </fieldset>`;
  }

  /** When it is for the other, or why there is no such time. */
  private theirs({ date, time }: { date: string; time: string }): string {
    const wall = wallFrom(date, time);
    if (!wall) return '';
    const { me, other } = this;
    const [at, again] = momentsOf(wall, me.time_zone);
    if (!at) return `Clocks go forward that night: there is no ${time} in ${placeOf(me.time_zone)}.`;
    const text = beside(at, me.time_zone, other.time_zone);
    const twice = again ? ' Clocks go back that night; the first of the two is meant.' : '';
    return `${text ? `${text} for ${other.name}` : `The same time for ${other.name}`} (${placeOf(other.time_zone)}).${twice}`;
  }

  private add(): void {
    const last = this.slots.at(-1);
    const wall = last && wallFrom(last.date, last.time);
    const [at] = wall ? momentsOf(wall, this.me.time_zone) : [];
    this.slots = [...this.slots, this.later((at?.getTime() ?? Date.now()) + 24 * HOUR)];
  }

  private close(): void {
    this.dispatchEvent(new CustomEvent('proposed', { bubbles: true, composed: true }));
  }

  private async send(event: Event): Promise<void> {
    event.preventDefault();
    if (this.busy) return;
    const slots = this.slots.map(({ date, time }) => {
      const wall = wallFrom(date, time);
      return wall && momentsOf(wall, this.me.time_zone)[0]?.toISOString();
    });
    if (!slots.every((slot) => slot !== undefined)) {
      this.problem = 'One of these times does not exist. Choose another.';
      return;
    }
    const form = new FormData(event.target as HTMLFormElement);
    this.busy = true;
    this.problem = '';
    try {
      await this.backend.propose(this.thread, {
        mode: (form.get('mode') ?? 'video') as Mode,
        slots,
        duration_min: Number(form.get('minutes')),
        note: String(form.get('note') ?? '').trim(),
        ...(this.moves ? { interview: this.moves } : {}),
      });
      this.close();
    } catch (error) {
      this.problem = (error as Error).message;
    } finally {
      this.busy = false;
    }
  }

  override firstUpdated(): void {
    this.renderRoot.querySelector('h3')?.focus();
  }

  static override styles = [look, css`
    :host { display: block; max-height: 60dvh; overflow-y: auto }
    form { display: grid; gap: var(--s3); padding: var(--s4); border: 1px solid var(--line-strong); border-radius: var(--r2); background: var(--surface) }
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
    .error:empty { display: none }
  `];
}

declare global {
  interface HTMLElementTagNameMap {
    'demo-propose': Propose;
  }
}
