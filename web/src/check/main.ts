import '../ui/tokens.css';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { check } from '../i18n/check.js';
import { en } from '../i18n/en.js';
import { Keep, relayed, takePass } from '../room/link.js';
import '../ui/blocked.js';
import { controls } from '../ui/controls.js';
import './devices.js';
import { probe, type Verdict } from './probe.js';

/** The check page: whether an interview would work from here, any time before it. With a person's own link it says so. */
@customElement('parley-check')
export class CheckPage extends LitElement {
  static override styles = [
    controls,
    css`
      main {
        display: grid;
        width: min(36rem, 100%);
        margin: 0 auto;
        padding: var(--s5) var(--s4);
        gap: var(--s5);
      }
      h1 {
        font-size: var(--fs-3);
        line-height: 1.2;
      }
      h2 {
        font-size: var(--fs-1);
      }
      section {
        display: grid;
        justify-items: start;
        gap: var(--s2);
      }
      .well {
        color: var(--ok);
        font-weight: 600;
      }
      .hint {
        color: var(--ink-muted);
        font-size: var(--fs-0);
      }
      summary {
        width: fit-content;
        font-size: var(--fs-0);
        cursor: pointer;
      }
    `,
  ];

  @state() private verdict: Verdict = { state: 'checking' };
  @state() private microphone = false;
  @state() private said: 'no' | 'saying' | 'yes' | 'refused' | 'over' = 'no';
  readonly #token = takePass(location, history, new Keep(() => sessionStorage)).token;
  #running: AbortController | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#check();
    window.addEventListener('pagehide', () => this.#running?.abort());
    window.addEventListener('hashchange', () => location.reload());
  }

  override render(): TemplateResult {
    return html`
      <main>
        <header>
          <h1>${check.heading}</h1>
          <p>${this.#token ? check.own : check.nobody}</p>
        </header>
        <section aria-label=${check.network}>
          <h2>${check.network}</h2>
          ${this.#network()}
          ${this.verdict.state === 'checking' ? nothing : html`<button @click=${this.#check}>${check.again}</button>`}
        </section>
        ${this.#token ? html`<parley-check-devices @parley-microphone=${(event: CustomEvent<boolean>) => (this.microphone = event.detail)}></parley-check-devices>
          ${this.#ready()}` : nothing}
      </main>
    `;
  }

  #network(): TemplateResult {
    const { verdict } = this;
    switch (verdict.state) {
      case 'checking':
        return html`<p role="status">${check.checking}</p>`;
      case 'busy':
        return html`<p class="note" role="status">${check.busy}</p>`;
      case 'unreachable':
        return html`<p class="note" role="status">${check.unreachable}</p>`;
      case 'blocked':
        return html`<parley-blocked .tried=${verdict.tried}></parley-blocked>`;
      case 'through':
        return html`
          <p class="well" role="status">${verdict.way.over === 'direct' ? en.connection.ready : en.connection.relayed}</p>
          <details>
            <summary>${en.connection.details}</summary>
            <p class="hint">${en.connection.way(verdict.way)}</p>
          </details>
        `;
    }
  }

  #ready(): TemplateResult {
    if (this.said === 'yes') return html`<p class="well" role="status">${check.told}</p>`;
    const able = this.verdict.state === 'through' && this.microphone;
    return html`
      <section>
        <button class="primary" ?disabled=${!able || this.said === 'saying'} @click=${this.#say}>${check.ready}</button>
        <p class="hint">${able ? check.readyHint : check.notYet}</p>
        ${this.said === 'refused' ? html`<p class="note" role="alert">${check.refused}</p>` : nothing}
        ${this.said === 'over' ? html`<p class="note" role="alert">${check.over}</p>` : nothing}
      </section>
    `;
  }

  #check(): void {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.verdict = { state: 'checking' };
    void probe(running.signal, relayed(location), (verdict) => {
      if (this.#running === running) this.verdict = verdict;
    });
  }

  async #say(): Promise<void> {
    this.said = 'saying';
    try {
      const response = await fetch('/v1/ready', { method: 'POST', headers: { Authorization: `Bearer ${this.#token}` } });
      this.said = response.ok ? 'yes' : response.status === 409 || response.status === 401 ? 'over' : 'refused';
    } catch {
      this.said = 'refused';
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-check': CheckPage;
  }
}
