import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { en } from '../i18n/en.js';
import { controls } from '../ui/controls.js';
import { icon } from '../ui/icon.js';
import type { Complaint } from './complaint.js';
import type { Controller } from './controller.js';
import { dialogStyle } from './dialog.js';
import { Part, partStyle } from './part.js';
import type { State } from './state.js';

/** The button that is always there, and what it opens: somebody can be reported without anybody in the call knowing. */
@customElement('parley-report')
export class ReportDialog extends LitElement {
  static override styles = [
    controls,
    dialogStyle,
    partStyle,
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
      }
      h2 {
        margin-bottom: var(--s2);
      }
      h2:focus {
        outline: none;
      }
      .close {
        display: flex;
        justify-content: end;
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
  @state() private opened = false;
  @query('dialog') private readonly dialog!: HTMLDialogElement;
  readonly #form = new Part(this, 'parley-complaint', () => import('./complaint.js'), true);

  override render(): TemplateResult {
    return html`
      <button type="button" class="open" aria-label=${en.report.title} title=${en.report.title} @click=${this.#open}>
        ${icon('flag')}<span class="word" aria-hidden="true">${en.report.button}</span>
      </button>
      <dialog aria-labelledby="title" closedby="any" @close=${this.#closed} @parley-close=${() => this.dialog.close()}>
        <h2 id="title" tabindex="-1">${en.report.title}</h2>
        ${this.opened ? this.#form.show(() => html`<parley-complaint .room=${this.room} .state=${this.state}></parley-complaint>`) : nothing}
        ${this.opened && !this.#form.here ? html`<p class="close"><button type="button" @click=${() => this.dialog.close()}>${en.report.close}</button></p>` : nothing}
      </dialog>
    `;
  }

  async #open(): Promise<void> {
    this.opened = true;
    this.dialog.showModal();
    await this.updateComplete;
    this.renderRoot.querySelector<Complaint>('parley-complaint')?.begin();
  }

  /** What somebody has written stays where it is until they have sent it. */
  #closed(): void {
    this.room.dispatch({ type: 'complained' });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-report': ReportDialog;
  }
}
