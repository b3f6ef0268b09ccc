import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { en } from '../i18n/en.js';
import type { Shown } from '../room/steady.js';
import { icon } from './icon.js';

/** How somebody's connection does: a picture, words when something is wrong, and the figures for who wants them. */
@customElement('parley-quality')
export class QualityMark extends LitElement {
  static override styles = css`
    details {
      border-radius: var(--r1);
      background: rgb(15 21 24 / 82%);
      color: var(--stage-ink);
      font-size: var(--fs-0);
    }
    summary {
      display: flex;
      align-items: center;
      gap: var(--s1);
      min-height: 2rem;
      padding: 0 var(--s2);
      border-radius: var(--r1);
      cursor: pointer;
      list-style: none;
    }
    summary::-webkit-details-marker {
      display: none;
    }
    summary:focus-visible {
      outline: 3px solid var(--stage-focus);
      outline-offset: 2px;
    }
    svg {
      flex: none;
      width: 1rem;
      height: 1rem;
    }
    .weak svg {
      color: var(--stage-warn);
    }
    p {
      margin: 0;
      padding: 0 var(--s2) var(--s1);
      font-variant-numeric: tabular-nums;
    }
    .hidden-text {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
  `;

  @property({ attribute: false }) of: Shown | undefined;
  /** Whose it is; '' is oneself. */
  @property() who = '';

  override render(): TemplateResult | typeof nothing {
    if (!this.of) return nothing;
    const { cause, quality } = this.of;
    const well = cause === '';
    return html`
      <details>
        <summary class=${well ? '' : 'weak'} title=${en.quality.details}>
          ${icon(well ? 'signal-good' : 'signal-weak')}
          <span class=${well ? 'hidden-text' : ''}>${well ? en.quality.good(this.who) : en.quality.cause(cause, this.who)}</span>
        </summary>
        <p>${en.quality.sends}: ${en.quality.path(quality.up)}</p>
        <p>${en.quality.receives}: ${en.quality.path(quality.down)}</p>
      </details>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-quality': QualityMark;
  }
}
