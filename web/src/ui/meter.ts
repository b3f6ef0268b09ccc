import { css, html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';

/** A level from 0 to 1 as a bar. `level` is set many times a second and moves only the bar. */
@customElement('parley-meter')
export class Meter extends LitElement {
  static override styles = css`
    :host {
      display: block;
    }
    [role='meter'] {
      height: 0.75rem;
      overflow: hidden;
      border: 1px solid var(--line-strong);
      border-radius: 999px;
      background: var(--sunken);
    }
    .bar {
      width: 100%;
      height: 100%;
      background: var(--ok);
      transform: scaleX(var(--level, 0));
      transform-origin: left;
    }
    :host(:dir(rtl)) .bar {
      transform-origin: right;
    }
    @media (forced-colors: active) {
      .bar {
        background: Highlight;
      }
    }
  `;

  @property() label = '';
  @query('[role=meter]') private readonly meter!: HTMLElement;
  #level = 0;

  set level(level: number) {
    this.#level = level;
    this.#show();
  }

  override render(): TemplateResult {
    return html`<div role="meter" aria-label=${this.label} aria-valuemin="0" aria-valuemax="100"><div class="bar"></div></div>`;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    this.#show();
  }

  #show(): void {
    if (!this.hasUpdated) return;
    this.meter.setAttribute('aria-valuenow', String(Math.round(this.#level * 100)));
    this.meter.style.setProperty('--level', this.#level.toFixed(2));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-meter': Meter;
  }
}
