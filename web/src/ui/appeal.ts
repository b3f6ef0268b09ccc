import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { appeal } from '../i18n/appeal.js';
import type { Appeal } from '../signal/wire.js';

/** How an appeal stands on this page. `refused` has the code of the refusal. */
export type AppealStanding = { is: 'none' | 'sending' | Appeal['state'] } | { is: 'refused'; code: string };

/** These cannot be helped by asking once more. */
const FINAL = new Set(['already_contested', 'not_found']);

/**
 * Lets somebody contest that their text was held back, and says what became of it. Emits `contest` with the person's words, and
 * `again` when they want to send what was held back after they were right. It takes its colours from what is around it.
 */
@customElement('parley-appeal')
export class AppealForm extends LitElement {
  @property({ attribute: false }) standing: AppealStanding = { is: 'none' };
  /** There is still a text to send. */
  @property({ type: Boolean }) sendable = false;

  @state() private writing = false;
  @query('textarea') private readonly field!: HTMLTextAreaElement | null;

  protected override render(): TemplateResult {
    const { standing } = this;
    return html`<div role="status">${this.#said()}</div>
      ${standing.is === 'none' || (standing.is === 'refused' && !FINAL.has(standing.code)) ? this.#begin() : nothing}
      ${standing.is === 'upheld' && this.sendable ? html`<button @click=${() => this.#emit('again', undefined)}>${appeal.again}</button>` : nothing}`;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('standing') && this.standing.is !== 'none') this.writing = false;
  }

  #said(): string {
    const { standing } = this;
    switch (standing.is) {
      case 'none':
        return '';
      case 'sending':
        return appeal.sending;
      case 'refused':
        return appeal.refused(standing.code);
      default:
        return appeal.state(standing.is);
    }
  }

  #begin(): TemplateResult {
    if (!this.writing) return html`<button @click=${this.#open}>${appeal.begin}</button>`;
    return html`<form @submit=${this.#send} @keydown=${this.#onKey}>
      <label for="words">${appeal.words}</label>
      <textarea id="words" rows="2" maxlength="2000" required></textarea>
      <button>${appeal.send}</button>
      <button type="button" @click=${this.#cancel}>${appeal.cancel}</button>
    </form>`;
  }

  async #open(): Promise<void> {
    this.writing = true;
    await this.updateComplete;
    this.field?.focus();
  }

  async #cancel(): Promise<void> {
    this.writing = false;
    await this.updateComplete;
    this.renderRoot.querySelector('button')?.focus();
  }

  /** Escape puts the form away, and not what it stands in. */
  #onKey(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.key !== 'Escape' || event.isComposing) return;
    event.preventDefault();
    void this.#cancel();
  }

  #send(event: Event): void {
    event.preventDefault();
    const words = this.field?.value.trim();
    if (words) this.#emit('contest', { words });
  }

  #emit(type: string, detail: { words: string } | undefined): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  static override styles = css`
    :host {
      display: grid;
      gap: var(--s2);
      justify-items: start;
      max-width: 100%;
      font-size: var(--fs-0);
      text-align: start;
    }
    [role='status']:empty {
      display: none;
    }
    form {
      display: flex;
      flex-wrap: wrap;
      gap: var(--s2);
      width: 100%;
    }
    label,
    textarea {
      box-sizing: border-box;
      width: 100%;
    }
    textarea {
      padding: var(--s2) var(--s3);
      border: 1px solid currentColor;
      border-radius: var(--r2);
      background: transparent;
      color: inherit;
      font: inherit;
      resize: vertical;
    }
    button {
      min-height: var(--target);
      padding: 0 var(--s3);
      border: 1px solid currentColor;
      border-radius: var(--r2);
      background: transparent;
      color: inherit;
      font: inherit;
      cursor: pointer;
    }
    button:hover {
      text-decoration: underline;
    }
    :focus-visible {
      outline: 3px solid var(--focus);
      outline-offset: 2px;
    }
  `;
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-appeal': AppealForm;
  }
  interface HTMLElementEventMap {
    contest: CustomEvent<{ words: string }>;
  }
}
