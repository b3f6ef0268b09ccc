import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { appeal } from '../i18n/appeal.js';
import { files } from '../i18n/files.js';
import { en } from '../i18n/en.js';
import { messages } from '../i18n/messages.js';
import type { ChatMessage } from '../signal/wire.js';
import '../ui/appeal.js';
import { controls } from '../ui/controls.js';
import { icon } from '../ui/icon.js';
import { decidedElsewhere, newRef, pieces, type Pending } from './chat.js';
import { chatStyle } from './chat-style.js';
import type { Controller } from './controller.js';
import './file-list.js';
import { placeOf } from './files.js';
import type { State } from './state.js';

/** What is written in the thread, beside the pictures. Enter sends, Shift with Enter breaks the line, Escape closes. */
@customElement('parley-chat')
export class ChatPanel extends LitElement {
  static override styles = [controls, chatStyle];

  @property({ attribute: false }) room!: Controller;
  @property({ attribute: false }) state!: State;

  /** A file is held over the panel. */
  @state() private over = false;
  @query('textarea') private readonly field!: HTMLTextAreaElement | null;
  @query('.log') private readonly log!: HTMLElement | null;
  #atEnd = true;
  /** A keyboard that slides in, or a narrower window, leaves the end in view. */
  readonly #resized = new ResizeObserver(() => {
    if (this.#atEnd && this.log) this.log.scrollTop = this.log.scrollHeight;
  });
  #height = 0;
  #drafted: State['chat']['draft'];

  override render(): TemplateResult {
    const { chat } = this.state;
    const decided = decidedElsewhere(chat, this.state.you?.id);
    const empty = chat.messages.length === 0 && chat.pending.length === 0;
    return html`
      <section
        aria-labelledby="title"
        class=${this.over ? 'over' : ''}
        @keydown=${this.#onKey}
        @dragover=${this.#onDrag}
        @dragleave=${this.#onDragEnd}
        @drop=${this.#onDrop}
      >
        <header>
          <h2 id="title" tabindex="-1">${en.chat.title}</h2>
          <button class="close" aria-label=${en.chat.hide} title=${en.chat.hide} @click=${this.#close}>${icon('close')}</button>
        </header>
        ${chat.guarded || chat.lifted ? html`<p class=${chat.guarded ? 'guard' : 'guard lifted'}>${chat.guarded ? en.chat.guarded : en.chat.lifted}</p>` : nothing}
        <div class="log" role="log" aria-labelledby="title" tabindex="0" @scroll=${this.#scrolled}>
          ${chat.more ? html`<button class="older" ?disabled=${chat.loading} @click=${() => this.room.dispatch({ type: 'older' })}>${messages.older}</button>` : nothing}
          ${empty ? html`<p class="muted">${messages.none}</p>` : nothing}
          <ol>
            ${repeat(chat.messages, (m) => m.n, (m) => this.#message(m))}
            ${decided ? html`<li><p class="hint">${appeal.decided(clockTime(decided.at), decided.state)}</p></li>` : nothing} ${repeat(chat.pending, (p) => p.ref, (p) => this.#pending(p))}
          </ol>
        </div>
        ${this.over ? html`<p class="drop">${files.drop}</p>` : nothing}
        ${chat.mayWrite ? this.#composer() : html`<p class="muted">${messages.readOnly}</p>`}
      </section>
    `;
  }

  protected override firstUpdated(changed: PropertyValues): void {
    super.firstUpdated(changed);
    if (this.log) this.#resized.observe(this.log);
    (this.field ?? this.renderRoot.querySelector<HTMLElement>('h2'))?.focus();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized.disconnect();
  }

  protected override willUpdate(): void {
    this.#height = this.log?.scrollHeight ?? 0;
  }

  #scrolled(): void {
    const { log } = this;
    if (log) this.#atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  }

  /** What is new comes into view, unless the reader has scrolled up; what is older comes in above without a jump. */
  protected override updated(): void {
    const { log, field } = this;
    if (!log) return;
    if (this.#atEnd) log.scrollTop = log.scrollHeight;
    else if (log.scrollTop < 80) log.scrollTop += log.scrollHeight - this.#height;
    const { draft } = this.state.chat;
    if (draft && draft !== this.#drafted && field) {
      field.value = field.value.trim() ? `${draft.text}\n${field.value}` : draft.text;
      field.focus();
    }
    this.#drafted = draft;
  }

  #message(m: ChatMessage): TemplateResult {
    const own = m.from.id === this.state.you?.id;
    const note = this.state.chat.notes.get(m.n);
    const categories = note?.findings.map((f) => f.category) ?? [];
    const words = note?.action === 'mask' ? messages.masked(categories) : note?.action === 'nudge' && !m.reward ? messages.nudged(categories) : '';
    return html`
      <li class=${own ? 'own' : ''}>
        <p class="who"><b>${own ? messages.you : m.from.name}</b> <time datetime=${m.at}>${clockTime(m.at)}</time></p>
        <p class="text" dir="auto">${this.#text(m)}</p>
        ${words ? html`<p class="hint">${words}</p>` : nothing}
        ${note?.action === 'mask' ? this.#appeal(note.decision, note.text, newRef) : nothing} ${m.reward ? html`<p class="hint">${messages.reward}</p>` : nothing}
      </li>
    `;
  }

  /** What was written, or the file that the message brings. */
  #text(m: ChatMessage): TemplateResult | string {
    const to = m.file && placeOf(m.file.link, location.href);
    if (!m.file || !to) return m.text;
    return html`<a class="file" href=${to} target="_blank" rel="noopener noreferrer">${icon('file')}<span>${m.text}</span></a> <span class="size">${files.size(m.file.size)}</span>`;
  }

  #pending(p: Pending): TemplateResult {
    const edit = (): void => this.room.dispatch({ type: 'edit', ref: p.ref });
    return html`
      <li class="own">
        <p class="who"><b>${messages.you}</b></p>
        <p class="text ${p.state}" dir="auto">${pieces(p.text, p.findings).map((piece) => (piece.found ? html`<mark>${piece.text}</mark>` : piece.text))}</p>
        ${p.state === 'sending'
          ? html`<p class="hint">${messages.sending}</p>`
          : html`
              <p class="hint">${p.state === 'blocked' ? messages.why(p.findings.map((f) => f.category)) : messages.refused(p.code)}</p>
              <p class="choices">
                <button @click=${edit}>${messages.edit}</button>
                ${p.state === 'refused' ? html`<button @click=${() => this.room.dispatch({ type: 'say', ref: p.ref, text: p.text })}>${messages.again}</button>` : nothing}
                <button @click=${() => this.room.dispatch({ type: 'drop', ref: p.ref })}>${messages.discard}</button>
              </p>
              ${p.state === 'blocked' ? this.#appeal(p.decision, p.text, () => p.ref) : nothing}
            `}
      </li>
    `;
  }

  /** Contesting that a text was held back; `ref` names the message when it is sent after all. */
  #appeal(decision: string | undefined, text: string, ref: () => string): TemplateResult | typeof nothing {
    if (!decision) return nothing;
    return html`<parley-appeal
      .standing=${this.state.chat.appeals.get(decision) ?? { is: 'none' }}
      ?sendable=${text !== ''}
      @contest=${(event: CustomEvent<{ words: string }>) => this.room.dispatch({ type: 'contest', decision, words: event.detail.words })}
      @again=${() => this.room.dispatch({ type: 'say', ref: ref(), text })}
    ></parley-appeal>`;
  }

  #composer(): TemplateResult {
    return html`
      <div class="write">
        <parley-file-list .room=${this.room} .sharing=${this.state.files.sharing}></parley-file-list>
        <form @submit=${this.#submit}>
          <label class="hidden-text" for="text">${messages.write}</label>
          <textarea id="text" rows="2" maxlength="4000" enterkeyhint="send" placeholder=${messages.write}></textarea>
          ${this.#attach()}
          <button class="primary" aria-label=${messages.send} title=${messages.send}>${icon('send')}</button>
        </form>
      </div>
    `;
  }

  #attach(): TemplateResult | typeof nothing {
    const { limits } = this.state.files;
    if (!limits) return nothing;
    return html`
      <input type="file" multiple hidden accept=${limits.types.join(',')} @change=${this.#onPick} />
      <button type="button" class="attach" aria-label=${files.attach} title=${`${files.attach}. ${files.limit(limits)}`} @click=${this.#pick}>
        ${icon('attach')}
      </button>
    `;
  }

  #pick(): void {
    this.renderRoot.querySelector<HTMLInputElement>('input[type=file]')?.click();
  }

  #onPick(event: Event): void {
    const field = event.currentTarget as HTMLInputElement;
    this.#give(field.files);
    field.value = ''; // so that the same file can be picked again
  }

  #give(files: FileList | null | undefined): void {
    for (const file of files ?? []) this.room.uploads.give(file);
  }

  #onDrag(event: DragEvent): void {
    if (!this.state.files.limits || !this.state.chat.mayWrite || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.over = true;
  }

  #onDragEnd(event: DragEvent): void {
    if (!(event.currentTarget as HTMLElement).contains(event.relatedTarget as Node | null)) this.over = false;
  }

  #onDrop(event: DragEvent): void {
    if (!this.over) return;
    event.preventDefault();
    this.over = false;
    this.#give(event.dataTransfer?.files);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      this.#close();
    } else if (event.key === 'Enter' && !event.shiftKey && event.target === this.field) {
      event.preventDefault();
      this.#send();
    }
  }

  #submit(event: Event): void {
    event.preventDefault();
    this.#send();
  }

  #send(): void {
    const { field } = this;
    const text = field?.value.trim();
    if (!field || !text) return;
    this.#atEnd = true;
    this.room.dispatch({ type: 'say', ref: newRef(), text });
    field.value = '';
    field.focus();
  }

  #close(): void {
    this.room.dispatch({ type: 'chat', open: false });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-chat': ChatPanel;
  }
}

function clockTime(at: string): string {
  return new Date(at).toLocaleTimeString('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}
