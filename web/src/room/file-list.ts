import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { files } from '../i18n/files.js';
import { controls } from '../ui/controls.js';
import type { Controller } from './controller.js';
import type { Sharing } from './files.js';

/** What cannot go better the next time it is tried. */
const FINAL = new Set(['blocked', 'declined', 'file_too_large', 'file_type', 'invalid_file']);

/** One's own files on their way to the thread, and those that did not get there. */
@customElement('parley-file-list')
export class FileList extends LitElement {
  static override styles = [
    controls,
    css`
      ul {
        display: grid;
        gap: var(--s2);
        max-height: 14rem;
        margin: 0;
        padding: 0;
        overflow-y: auto;
        list-style: none;
      }
      li {
        display: grid;
        gap: var(--s1);
        padding: var(--s2) var(--s3);
        border: 1px dashed var(--stage-line);
        border-radius: var(--r2);
        background: var(--stage);
        font-size: var(--fs-0);
      }
      .failed {
        border: 1px solid var(--stage-warn);
        background: #2c2415;
      }
      .name {
        overflow-wrap: anywhere;
      }
      .size,
      .how {
        color: var(--stage-muted);
      }
      .failed .how {
        color: inherit;
      }
      progress {
        width: 100%;
        accent-color: var(--stage-accent);
      }
      .choices {
        display: flex;
        flex-wrap: wrap;
        justify-content: end;
        gap: var(--s2);
      }
      button {
        border-color: var(--stage-line);
        background: transparent;
      }
      button:hover:not(:disabled) {
        background: var(--stage-raised);
      }
    `,
  ];

  @property({ attribute: false }) room!: Controller;
  @property({ attribute: false }) sharing: readonly Sharing[] = [];

  override render(): TemplateResult | typeof nothing {
    if (this.sharing.length === 0) return nothing;
    return html`<ul>
      ${repeat(this.sharing, (f) => f.ref, (f) => this.#file(f))}
    </ul>`;
  }

  #file(f: Sharing): TemplateResult {
    const failed = f.state === 'failed';
    const how = failed
      ? files.why(f.code, f.reason, f.findings.map((one) => one.category), this.room.state.files.limits)
      : { asking: files.asking, uploading: files.uploading(f.part), telling: files.telling }[f.state as 'asking' | 'uploading' | 'telling'];
    return html`<li class=${failed ? 'failed' : ''}>
      <p><span class="name" dir="auto">${f.name}</span> <span class="size">${files.size(f.size)}</span></p>
      ${f.state === 'uploading' || f.state === 'telling'
        ? html`<progress aria-label=${files.progress(f.name)} max="1" .value=${f.part}></progress>`
        : nothing}
      <p class="how">${how}</p>
      <p class="choices">
        ${failed && !FINAL.has(f.code) ? this.#button(files.again, f, () => this.room.uploads.again(f.ref)) : nothing}
        ${f.state === 'telling' ? nothing : this.#button(failed ? files.dismiss : files.cancel, f, () => this.room.dispatch({ type: 'take-back', ref: f.ref }))}
      </p>
    </li>`;
  }

  #button(words: string, f: Sharing, press: () => void): TemplateResult {
    return html`<button aria-label=${files.of(words, f.name)} @click=${press}>${words}</button>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-file-list': FileList;
  }
}
