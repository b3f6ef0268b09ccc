import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { en } from '../i18n/en.js';
import type { ZoomStatus } from '../signal/wire.js';
import { controls } from '../ui/controls.js';
import type { Controller } from './controller.js';
import type { State } from './state.js';
import './zoom-link.js';

/** Zoom, where the interview may go on there: offered with the reason, chosen, and the way in. Nobody is moved by it. */
@customElement('parley-zoom')
export class ZoomPanel extends LitElement {
  static override styles = [
    controls,
    css`
      section,
      .choices {
        display: grid;
        justify-items: start;
        gap: var(--s2);
      }
      section {
        padding: var(--s2) var(--s3);
        border: 1px solid var(--line-strong);
        border-radius: var(--r2);
        background: var(--surface);
      }
      .code {
        font-variant-numeric: tabular-nums;
        overflow-wrap: anywhere;
      }
      a {
        display: inline-flex;
        align-items: center;
        min-height: var(--target);
        padding: 0 var(--s4);
        border-radius: var(--r2);
        background: var(--accent);
        color: var(--accent-ink);
        font-weight: 600;
      }
      .hint {
        font-size: var(--fs-0);
      }
    `,
  ];

  @property({ attribute: false }) room!: Controller;
  @property({ attribute: false }) state!: State;

  override render(): TemplateResult | typeof nothing {
    const status = this.state.interview?.zoom;
    if (!status) return html`<div class="choices">${this.#ask('chosen')} ${this.#own('chosen')}</div>`;
    return html`
      <section aria-label="Zoom">
        <p role="status">${this.#words(status)}</p>
        ${this.#way(status)}
        ${status.state === 'offered' || status.state === 'ended' || status.state === 'failed' ? html`${this.#ask(status.reason)} ${this.#own(status.reason)}` : nothing}
      </section>
    `;
  }

  #words(status: ZoomStatus): string {
    switch (status.state) {
      case 'offered':
        return en.zoom.offered(status.reason, status.by === this.state.you?.id ? '' : this.#name(status));
      case 'failed':
        return en.zoom.failed(status.problem);
      default:
        return en.zoom[status.state];
    }
  }

  #name({ by, name }: ZoomStatus): string {
    return this.state.people.find((p) => p.id === by)?.name || name || en.zoom.somebody;
  }

  #way({ state }: ZoomStatus): TemplateResult | typeof nothing {
    const way = this.state.zoom?.way;
    if (!way || (state !== 'ready' && state !== 'started')) return nothing;
    return html`
      <a href=${way.url} target="_blank" rel="noopener noreferrer" @click=${() => this.room.dispatch({ type: 'to-zoom' })}>${en.zoom.open}</a>
      ${way.passcode ? html`<p class="code">${en.zoom.passcode(way.passcode)}</p>` : nothing}
      <p class="hint">${en.zoom.openHint}</p>
    `;
  }

  /** Where the server makes no meetings nobody is bothered with Zoom before the call gives trouble. */
  #wanted(): boolean {
    const { interview, lost, transport, zoom } = this.state;
    return Boolean(zoom?.available || interview?.zoom || transport.failures > 0 || lost);
  }

  /** To use a meeting of one's own; what was refused is said where it was asked for. */
  #own(reason: ZoomStatus['reason']): TemplateResult | typeof nothing {
    const { zoom } = this.state;
    if (!zoom?.mayPaste || !this.#wanted()) return zoom?.refused ? html`<p class="note" role="alert">${zoom.refused}</p>` : nothing;
    return html`<parley-zoom-link
      refused=${zoom.refused}
      @paste-link=${(event: CustomEvent<{ url: string }>) => this.room.dispatch({ type: 'zoom', action: 'choose', reason, url: event.detail.url })}
    ></parley-zoom-link>`;
  }

  /** To choose Zoom, or to ask for it. */
  #ask(reason: ZoomStatus['reason']): TemplateResult | typeof nothing {
    const { zoom, interview, may } = this.state;
    if (!zoom?.available) return nothing;
    if (zoom.mayChoose) return html`<button type="button" @click=${() => this.room.dispatch({ type: 'zoom', action: 'choose', reason })}>${en.zoom.choose}</button>`;
    if (interview?.zoom?.state === 'offered') return html`<p class="hint">${en.zoom.decides}</p>`;
    if (may.length === 0) return nothing; // an observer
    return html`<button type="button" @click=${() => this.room.dispatch({ type: 'zoom', action: 'offer', reason })}>${en.zoom.ask}</button>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-zoom': ZoomPanel;
  }
}
