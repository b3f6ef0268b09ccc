import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { en } from '../i18n/en.js';
import { isFinal } from '../signal/wire.js';
import { controls } from '../ui/controls.js';
import type { End, State } from './state.js';
import './when.js';

/** After the room, or instead of it: what happened, in a sentence, and the way back where there is one. */
@customElement('parley-end')
export class EndPage extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        min-height: 100dvh;
        padding: var(--s5) var(--s4);
        place-items: center;
      }
      main {
        display: grid;
        justify-items: start;
        gap: var(--s4);
        width: min(30rem, 100%);
        padding: var(--s5);
        border: 1px solid var(--line);
        border-radius: var(--r3);
        background: var(--surface);
      }
      h1 {
        font-size: var(--fs-3);
        line-height: 1.2;
      }
      .hint {
        color: var(--ink-muted);
      }
    `,
  ];

  @property({ attribute: false }) end!: End;
  @property({ attribute: false }) state!: State;

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
              <parley-when .interview=${interview} .people=${timing.people} me=${you?.id ?? ''}></parley-when>
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
