import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import '../ui/appeal.js';
import type { AppealStanding } from '../ui/appeal.js';
import { type Backend, BackendError } from './backend.js';
import { look } from './look.js';
import { appealOf, type Thread } from './state.js';

/** What was held back of a message, in a sentence, and the text as it was written. */
export interface Held {
  decision: string;
  why: string;
  text: string;
}

/** Says that a message, or a part of it, was held back, and lets its author contest it. Emits `again` when it may be sent. */
@customElement('demo-held')
export class HeldBack extends LitElement {
  @property({ attribute: false }) backend!: Backend;
  @property({ attribute: false }) thread!: Thread;
  @property({ attribute: false }) held!: Held;

  @state() private asked: AppealStanding = { is: 'none' };

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if ((changed.get('held') as Held | undefined)?.decision !== this.held.decision) this.asked = { is: 'none' };
  }

  protected override render() {
    const known = appealOf(this.thread, this.held.decision);
    return html`
      <p role="alert">${this.held.why}</p>
      ${this.held.decision ? html`<parley-appeal .standing=${known ? { is: known.state } : this.asked} sendable
        @contest=${this.contest}></parley-appeal>` : nothing}
    `;
  }

  private async contest({ detail }: CustomEvent<{ words: string }>): Promise<void> {
    this.asked = { is: 'sending' };
    try {
      await this.backend.contest(this.thread.id, this.held.decision, detail.words);
    } catch (error) {
      this.asked = { is: 'refused', code: error instanceof BackendError ? error.code : 'network' };
    }
  }

  static override styles = [look, css`
    :host { display: grid; gap: var(--s2); justify-items: start; font-size: var(--fs-0) }
  `];
}

declare global {
  interface HTMLElementTagNameMap {
    'demo-held': HeldBack;
  }
}
