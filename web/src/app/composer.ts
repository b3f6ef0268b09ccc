import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Backend } from './backend.js';
import { look } from './look.js';

/** Where a message is written. A message that could not be sent stays where it is. */
@customElement('demo-composer')
export class Composer extends LitElement {
  @property({ attribute: false }) backend!: Backend;
  @property() thread = '';

  @state() private sending = false;
  @state() private problem = '';
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

  private async send(): Promise<void> {
    const text = this.field.value.trim();
    if (!text || this.sending) return;
    this.sending = true;
    this.problem = '';
    try {
      await this.backend.write(this.thread, text);
      this.field.value = '';
    } catch (error) {
      this.problem = `Not sent. ${(error as Error).message}`;
    } finally {
      this.sending = false;
      this.field.focus();
    }
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
