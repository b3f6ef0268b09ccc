import { css, html, LitElement, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { en } from '../i18n/en.js';
import { openings, type Tried } from '../media/blocked.js';
import { controls } from './controls.js';

/** Says that no call gets through this network, and what a person can do. What is put inside is another way to meet. */
@customElement('parley-blocked')
export class Blocked extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        gap: var(--s2);
        padding: var(--s3);
        border-left: 4px solid var(--warn);
        border-radius: var(--r1);
        background: var(--warn-soft);
      }
      .what {
        font-weight: 600;
      }
      ul {
        display: grid;
        gap: var(--s1);
        margin: 0;
        padding-left: var(--s4);
      }
      code,
      details li {
        overflow-wrap: anywhere;
      }
      details {
        font-size: var(--fs-0);
      }
      summary {
        width: fit-content;
        cursor: pointer;
      }
    `,
  ];

  @property({ attribute: false }) tried: readonly Tried[] = [];

  override render(): TemplateResult {
    return html`
      <p class="what" role="status">${en.blocked.what}</p>
      <slot></slot>
      <p>${en.blocked.others}</p>
      <p>${en.blocked.ask}</p>
      <ul>
        ${openings(this.tried).map(({ protocol, host, port }) => html`<li>${en.blocked.opening(protocol, host, port)}</li>`)}
      </ul>
      <p>${en.blocked.goesOn}</p>
      <details>
        <summary>${en.connection.details}</summary>
        <ul>
          ${this.tried.map((one) => html`<li>${en.blocked.tried(one)}</li>`)}
        </ul>
      </details>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-blocked': Blocked;
  }
}
