import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { en } from '../i18n/en.js';
import { controls } from '../ui/controls.js';

/** Takes the link of a meeting that the person has made in Zoom themselves. Emits `paste-link` with what they wrote. */
@customElement('parley-zoom-link')
export class ZoomLink extends LitElement {
  static override styles = [
    controls,
    css`
      form {
        display: grid;
        gap: var(--s2);
        justify-items: start;
      }
      .choices {
        display: flex;
        flex-wrap: wrap;
        gap: var(--s2);
      }
    `,
  ];

  /** Why the last one was not taken. */
  @property() refused = '';

  @state() private open = false;
  @query('input') private readonly field!: HTMLInputElement | null;

  override render(): TemplateResult {
    if (!this.open) return html`<button type="button" @click=${this.#show}>${en.zoom.own}</button>`;
    return html`
      <form @submit=${this.#use} @keydown=${this.#onKey}>
        <label for="link">${en.zoom.link}</label>
        <input id="link" type="text" inputmode="url" autocomplete="off" maxlength="1024" required aria-describedby=${this.refused ? 'refused' : nothing} />
        ${this.refused ? html`<p id="refused" class="note" role="alert">${this.refused}</p>` : nothing}
        <p class="choices">
          <button class="primary">${en.zoom.use}</button>
          <button type="button" @click=${this.#hide}>${en.zoom.cancel}</button>
        </p>
      </form>
    `;
  }

  async #show(): Promise<void> {
    this.open = true;
    await this.updateComplete;
    this.field?.focus();
  }

  async #hide(): Promise<void> {
    this.open = false;
    await this.updateComplete;
    this.renderRoot.querySelector('button')?.focus();
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    void this.#hide();
  }

  #use(event: Event): void {
    event.preventDefault();
    const url = this.field?.value.trim();
    if (url) this.dispatchEvent(new CustomEvent('paste-link', { detail: { url } }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-zoom-link': ZoomLink;
  }
}
