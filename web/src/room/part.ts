import { css, html, nothing, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit';
import { en } from '../i18n/en.js';

/** A part is loaded this long after its host has come, whether it is needed or not: a call has begun by then, and a server that is updated later keeps nobody from it. */
const AHEAD_MS = 5000;
/** A part that is waited for and did not come is asked for again after this. */
const AGAIN_MS = 5000;

/** What the words in the place of a part look like. They come late: most parts are here before anybody could read them. */
export const partStyle = css`
  .part {
    display: grid;
    align-content: center;
    justify-items: center;
    gap: var(--s3);
    padding: var(--s4);
    text-align: center;
  }
  .part:not([data-failed]) {
    animation: late 0s 400ms backwards;
  }
  @keyframes late {
    from {
      visibility: hidden;
    }
  }
`;

/**
 * A part of the page that is not loaded with it: an element, in a module of its own. Until it is here its place says so, and
 * when it does not come, why, and tries again by itself as long as it is shown.
 */
export class Part implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #tag: string;
  readonly #ahead: boolean;
  #load: () => Promise<unknown>;
  #shown = false;
  #shownBefore = false;
  #trying = false;
  #problem: '' | 'failed' | 'updated' = '';
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `load` imports the module that defines `tag`; with `ahead`, before it is needed. */
  constructor(host: ReactiveControllerHost, tag: keyof HTMLElementTagNameMap, load: () => Promise<unknown>, ahead = false) {
    this.#host = host;
    this.#tag = tag;
    this.#load = load;
    this.#ahead = ahead;
    host.addController(this);
  }

  hostConnected(): void {
    if (this.#ahead) this.#timer = setTimeout(() => void this.#ask(), AHEAD_MS);
  }

  hostDisconnected(): void {
    this.#shown = false;
    clearTimeout(this.#timer);
  }

  hostUpdate(): void {
    this.#shownBefore = this.#shown;
    this.#shown = false;
  }

  get here(): boolean {
    return customElements.get(this.#tag) !== undefined;
  }

  /** The part, or the words in its place. To be called in render, every time that the part is wanted. */
  show(whole: () => TemplateResult): TemplateResult {
    return this.here ? whole() : this.words();
  }

  /** What is said as long as the part is not here. Saying it asks for the part. */
  words(): TemplateResult {
    this.#shown = true;
    if (!this.#shownBefore) void this.#ask();
    const problem = this.#problem;
    return html`
      <div class="part" ?data-failed=${problem !== ''}>
        <p role="status">${this.#trying || !problem ? en.part.loading : en.part[problem]}</p>
        ${problem === 'failed' ? html`<button type="button" @click=${() => void this.#ask()}>${en.part.again}</button>` : nothing}
        ${problem === 'updated' || this.#tries > 1 ? html`<button type="button" @click=${() => location.reload()}>${en.part.reload}</button>` : nothing}
      </div>
    `;
  }

  async #ask(): Promise<void> {
    if (this.#trying || this.here) return;
    clearTimeout(this.#timer);
    this.#trying = true;
    if (this.#shown && this.#problem) this.#host.requestUpdate();
    try {
      await this.#load();
      if (!this.here) throw new Error('the module does not define it');
      this.#problem = '';
    } catch (error) {
      this.#tries++;
      console.warn('a part of the page was not loaded', this.#tag, error);
      this.#load = anew(error, this.#tries) ?? this.#load;
      this.#problem = await problemOf();
      this.#timer = setTimeout(() => this.#shown && void this.#ask(), AGAIN_MS);
    }
    this.#trying = false;
    this.#host.requestUpdate();
  }
}

/** Firefox keeps as long as a page lives that a module did not come, and does not ask for it a second time under the same address. */
function anew(error: unknown, tries: number): (() => Promise<unknown>) | undefined {
  const [address] = /https?:[^?\s]+/.exec(String(error)) ?? [];
  return address ? () => import(/* @vite-ignore */ `${address}?${tries}`) : undefined;
}

/** Names of files carry a hash: a page that names other scripts now is not the one that was loaded. */
async function problemOf(): Promise<'failed' | 'updated'> {
  try {
    const page = await fetch(location.pathname);
    const own = new URL(import.meta.url).pathname;
    return page.ok && !(await page.text()).includes(own) ? 'updated' : 'failed';
  } catch {
    return 'failed'; // the network
  }
}
