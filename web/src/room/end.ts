import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { en } from '../i18n/en.js';
import { isFinal } from '../signal/wire.js';
import { controls } from '../ui/controls.js';
import { cardStyle } from './card.js';
import { Part, partStyle } from './part.js';
import type { End, State } from './state.js';

/** After the room, or instead of it: what happened, in a sentence, and the way back where there is one. */
@customElement('parley-end')
export class EndPage extends LitElement {
  static override styles = [
    controls,
    cardStyle,
    partStyle,
    css`
      main {
        justify-items: start;
      }
    `,
  ];

  @property({ attribute: false }) end!: End;
  @property({ attribute: false }) state!: State;
  readonly #when = new Part(this, 'parley-when', () => import('./when.js'));

  override render(): TemplateResult {
    const { end } = this;
    const { interview, timing, you } = this.state;
    const [heading, sentence] = en.end.of(end.code, interview);
    const over = interview !== undefined && isFinal(interview.state);
    const lasted = over && interview?.state === 'ended' && interview.duration_s > 0;
    return html`
      <main>
        <h1 tabindex="-1">${heading}</h1>
        <p>${sentence}</p>
        ${over && interview.starts_at && timing
          ? html`<div>
              <p>${en.early.was}</p>
              ${this.#when.show(() => html`<parley-when .interview=${interview} .people=${timing.people} me=${you?.id ?? ''}></parley-when>`)}
            </div>`
          : nothing}
        ${lasted ? html`<p>${en.end.lasted(interview.duration_s)}</p>` : nothing}
        ${end.canReturn
          ? html`<button class="primary" @click=${this.#back}>${end.code === 'left' || end.code === 'replaced' ? en.end.rejoin : en.end.retry}</button>`
          : nothing}
        <p class="hint">${en.end.closeHint}</p>
      </main>
    `;
  }

  protected override firstUpdated(changed: PropertyValues): void {
    super.firstUpdated(changed);
    this.renderRoot.querySelector('h1')?.focus();
  }

  #back(): void {
    this.dispatchEvent(new CustomEvent('parley-rejoin', { bubbles: true, composed: true }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-end': EndPage;
  }
}
