import { css, html, LitElement, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { initials } from '../i18n/en.js';

/** The initials of somebody who shows no picture. Their name stands beside it, so it is silent for screen readers. */
@customElement('parley-avatar')
export class Avatar extends LitElement {
  static override styles = css`
    :host {
      display: grid;
      place-items: center;
      width: 6rem;
      height: 6rem;
      border: 2px solid var(--stage-line);
      border-radius: 50%;
      background: var(--stage-raised);
      color: var(--stage-ink);
      font-size: 2rem;
      font-weight: 600;
      user-select: none;
    }
  `;

  @property() name = '';

  override render(): TemplateResult {
    return html`<span aria-hidden="true">${initials(this.name)}</span>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-avatar': Avatar;
  }
}
