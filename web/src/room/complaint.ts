import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { complaint } from '../i18n/complaint.js';
import { en } from '../i18n/en.js';
import { COMPLAINTS, type ComplaintReason } from '../signal/wire.js';
import { controls } from '../ui/controls.js';
import { newRef } from './chat.js';
import type { Controller } from './controller.js';
import { others, type State } from './state.js';

/** What is said of somebody who is reported, and to whom it goes. Emits `parley-close` when nothing more is to be said. */
@customElement('parley-complaint')
export class Complaint extends LitElement {
  static override styles = [
    controls,
    css`
      form {
        display: grid;
        gap: var(--s4);
        margin-top: var(--s4);
      }
      .intro {
        color: var(--stage-muted);
      }
      textarea,
      select {
        width: 100%;
        border: 1px solid #7c868c;
        border-radius: var(--r1);
        background: var(--stage);
        color: inherit;
        font: inherit;
      }
      textarea {
        padding: var(--s2) var(--s3);
        resize: vertical;
      }
      .choices {
        display: flex;
        flex-wrap: wrap;
        justify-content: end;
        gap: var(--s2);
      }
      button.primary {
        border-color: var(--stage-accent);
        background: var(--stage-accent);
        color: var(--stage);
      }
    `,
  ];

  @property({ attribute: false }) room!: Controller;
  @property({ attribute: false }) state!: State;

  override render(): TemplateResult {
    return this.state.complaint === 'sent' ? this.#sent() : this.#form();
  }

  protected override firstUpdated(changed: PropertyValues): void {
    super.firstUpdated(changed);
    this.begin();
  }

  /** With two in the room it is about the other one, as long as nobody chooses. */
  begin(): void {
    const about = this.renderRoot.querySelector<HTMLSelectElement>('#about');
    if (!about) return;
    about.value = others(this.state)[0]?.id ?? '';
    about.focus();
  }

  #sent(): TemplateResult {
    return html`
      <p role="status">${complaint.sent}</p>
      <p class="choices"><button type="button" class="primary" @click=${this.#close}>${en.report.close}</button></p>
    `;
  }

  #form(): TemplateResult {
    return html`
      <p class="intro">${complaint.intro}</p>
      <form @submit=${this.#send}>
        <div>
          <label for="about">${complaint.about}</label>
          <select id="about">
            ${others(this.state).map((p) => html`<option value=${p.id}>${p.name}</option>`)}
            <option value="">${complaint.nobody}</option>
          </select>
        </div>
        <div>
          <label for="reason">${complaint.reason}</label>
          <select id="reason">
            ${COMPLAINTS.map((reason) => html`<option value=${reason}>${complaint.reasons(reason)}</option>`)}
          </select>
        </div>
        <div>
          <label for="words">${complaint.words}</label>
          <textarea id="words" rows="3" maxlength="1000"></textarea>
        </div>
        ${this.state.complaint === 'refused' ? html`<p role="alert">${complaint.refused}</p>` : nothing}
        <p class="choices">
          <button type="button" @click=${this.#close}>${complaint.cancel}</button>
          <button class="primary" ?disabled=${this.state.complaint === 'sending'}>${complaint.send}</button>
        </p>
      </form>
    `;
  }

  #send(event: SubmitEvent): void {
    event.preventDefault();
    const value = (id: string): string => this.renderRoot.querySelector<HTMLSelectElement | HTMLTextAreaElement>(`#${id}`)?.value.trim() ?? '';
    this.room.dispatch({ type: 'complain', ref: newRef(), about: value('about'), reason: value('reason') as ComplaintReason, words: value('words') });
  }

  #close(): void {
    this.dispatchEvent(new CustomEvent('parley-close', { bubbles: true, composed: true }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-complaint': Complaint;
  }
}
