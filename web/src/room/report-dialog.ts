import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { en } from '../i18n/en.js';
import { COMPLAINTS, type ComplaintReason } from '../signal/wire.js';
import { controls } from '../ui/controls.js';
import { icon } from '../ui/icon.js';
import { newRef } from './chat.js';
import type { Controller } from './controller.js';
import { others, type State } from './state.js';

/** The button that is always there, and what it opens: somebody can be reported without anybody in the call knowing. */
@customElement('parley-report')
export class ReportDialog extends LitElement {
  static override styles = [
    controls,
    css`
      .open {
        min-height: 2.25rem;
        padding: 0 var(--s3);
        border-color: var(--stage-line);
        background: transparent;
        color: var(--stage-muted);
        font-size: var(--fs-0);
      }
      .open svg {
        width: 1.1rem;
      }
      dialog {
        width: min(28rem, calc(100vw - 2 * var(--s4)));
        max-height: calc(100dvh - 2 * var(--s4));
        padding: var(--s5);
        border: 1px solid var(--stage-line);
        border-radius: var(--r3);
        background: var(--stage-raised);
        color: var(--stage-ink);
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 55%);
      }
      h2 {
        margin-bottom: var(--s2);
        font-size: var(--fs-2);
      }
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
      @media (max-width: 30rem) {
        .word {
          display: none;
        }
      }
    `,
  ];

  @property({ attribute: false }) room!: Controller;
  @property({ attribute: false }) state!: State;
  @query('dialog') private readonly dialog!: HTMLDialogElement;

  override render(): TemplateResult {
    return html`
      <button type="button" class="open" aria-label=${en.report.title} title=${en.report.title} @click=${this.#open}>
        ${icon('flag')}<span class="word" aria-hidden="true">${en.report.button}</span>
      </button>
      <dialog aria-labelledby="title" closedby="any" @close=${this.#closed}>
        <h2 id="title">${en.report.title}</h2>
        ${this.state.complaint === 'sent' ? this.#sent() : this.#form()}
      </dialog>
    `;
  }

  /** With two in the room it is about the other one, as long as nobody chooses. */
  #open(): void {
    const about = this.renderRoot.querySelector<HTMLSelectElement>('#about');
    if (about) about.value = others(this.state)[0]?.id ?? '';
    this.dialog.showModal();
  }

  #sent(): TemplateResult {
    return html`
      <p role="status">${en.report.sent}</p>
      <p class="choices"><button type="button" class="primary" @click=${() => this.dialog.close()}>${en.report.close}</button></p>
    `;
  }

  #form(): TemplateResult {
    return html`
      <p class="intro">${en.report.intro}</p>
      <form @submit=${this.#send}>
        <div>
          <label for="about">${en.report.about}</label>
          <select id="about">
            ${others(this.state).map((p) => html`<option value=${p.id}>${p.name}</option>`)}
            <option value="">${en.report.nobody}</option>
          </select>
        </div>
        <div>
          <label for="reason">${en.report.reason}</label>
          <select id="reason">
            ${COMPLAINTS.map((reason) => html`<option value=${reason}>${en.report.reasons(reason)}</option>`)}
          </select>
        </div>
        <div>
          <label for="words">${en.report.words}</label>
          <textarea id="words" rows="3" maxlength="1000"></textarea>
        </div>
        ${this.state.complaint === 'refused' ? html`<p role="alert">${en.report.refused}</p>` : nothing}
        <p class="choices">
          <button type="button" @click=${() => this.dialog.close()}>${en.report.cancel}</button>
          <button class="primary" ?disabled=${this.state.complaint === 'sending'}>${en.report.send}</button>
        </p>
      </form>
    `;
  }

  #send(event: SubmitEvent): void {
    event.preventDefault();
    const value = (id: string): string => this.renderRoot.querySelector<HTMLSelectElement | HTMLTextAreaElement>(`#${id}`)?.value.trim() ?? '';
    this.room.dispatch({ type: 'complain', ref: newRef(), about: value('about'), reason: value('reason') as ComplaintReason, words: value('words') });
  }

  #closed(): void {
    this.room.dispatch({ type: 'complained' });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-report': ReportDialog;
  }
}
