import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Backend, BackendError } from './backend.js';
import type { Held } from './held.js';
import './held.js';
import { look } from './look.js';
import type { Thread } from './state.js';

/** Where a message is written. A message that could not be sent stays where it is. */
@customElement('demo-composer')
export class Composer extends LitElement {
  @property({ attribute: false }) backend!: Backend;
  @property({ attribute: false }) thread!: Thread;

  @state() private sending = false;
  @state() private problem = '';
  @state() private held: Held | null = null;
  @query('textarea') private readonly field!: HTMLTextAreaElement;

  protected override render() {
    return html`
      <form @submit=${this.submit}>
        <label for="text">Write a message</label>
        <textarea id="text" rows="2" maxlength="4000" enterkeyhint="send" aria-describedby="problem"
          @keydown=${this.onKey}></textarea>
        <button aria-disabled=${this.sending ? 'true' : nothing}>Send</button>
        <p id="problem" class="error" role="alert">${this.problem}</p>
      </form>
      ${this.held ? html`<demo-held .backend=${this.backend} .thread=${this.thread} .held=${this.held} @again=${this.again}></demo-held>` : nothing}
    `;
  }

  /** Enter sends, as people expect of a chat; with Shift it breaks the line, and it ends an input method's word. */
  private onKey(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void this.send();
  }

  private submit(event: Event): void {
    event.preventDefault();
    void this.send();
  }

  private async send(text = this.field.value.trim()): Promise<void> {
    if (!text || this.sending) return;
    this.sending = true;
    this.problem = '';
    this.held = null;
    try {
      const { masked, decision } = await this.backend.write(this.thread.id, text);
      if (this.field.value.trim() === text) this.field.value = '';
      if (masked) this.held = { decision: decision ?? '', why: `Sent without what was found. ${masked}`, text };
    } catch (error) {
      const { message, decision } = error as BackendError;
      if (decision) this.held = { decision, why: `Not sent. ${message}`, text };
      else this.problem = `Not sent. ${message}`;
    } finally {
      this.sending = false;
      this.field.focus();
    }
  }

  /** Sends what was held back, as it was written then. */
  private again(): void {
    if (this.held) void this.send(this.held.text);
  }

  static override shadowRootOptions: ShadowRootInit = { mode: 'open', delegatesFocus: true };

  static override styles = [look, css`
    :host { display: block }
    form { display: grid; grid-template-columns: 1fr auto; gap: var(--s2); align-items: end }
    label, .error { grid-column: 1 / -1; font-size: var(--fs-0) }
    textarea {
      min-height: var(--target); width: 100%; padding: var(--s2) var(--s3); resize: vertical; max-height: 12rem;
      border: 1px solid var(--line-strong); border-radius: var(--r2);
      background: var(--surface); color: var(--ink); font: inherit;
    }
    .error:empty { display: none }
  `];
}

declare global {
  interface HTMLElementTagNameMap {
    'demo-composer': Composer;
  }
}
