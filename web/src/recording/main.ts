import '../ui/tokens.css';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { clock, en } from '../i18n/recording.js';
import { controls } from '../ui/controls.js';
import { askForDeletion, deleteTranscript, open, readTranscript, Refused, type Opened } from './api.js';
import { Together } from './together.js';
import { caption, type Line, lineAt, merge, parse } from './transcript.js';

/** The page of a recording: everybody's sound and picture, played as one. */
@customElement('parley-recording-page')
export class RecordingPage extends LitElement {
  static override styles = [
    controls,
    css`
      main {
        display: grid;
        gap: var(--s5);
        max-width: 72rem;
        margin: 0 auto;
        padding: var(--s5) var(--s4);
      }
      h1 {
        font-size: var(--fs-3);
      }
      h2 {
        margin-bottom: var(--s2);
        font-size: var(--fs-2);
      }
      .muted {
        color: var(--ink-muted);
      }
      .pictures {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr));
        gap: var(--s3);
      }
      figure {
        margin: 0;
        overflow: hidden;
        border-radius: var(--r2);
        background: var(--stage);
        color: var(--stage-ink);
      }
      video {
        display: block;
        width: 100%;
        aspect-ratio: 16 / 9;
        object-fit: contain;
      }
      figcaption {
        padding: var(--s2) var(--s3);
      }
      .deck {
        display: grid;
        grid-template-columns: auto 1fr auto;
        align-items: center;
        margin-top: var(--s3);
        gap: var(--s3);
      }
      .deck output {
        font-variant-numeric: tabular-nums;
      }
      input[type='range'] {
        padding: 0;
        accent-color: var(--accent);
      }
      ul,
      ol {
        display: flex;
        flex-wrap: wrap;
        gap: var(--s2);
        margin: 0;
        padding: 0;
        list-style: none;
      }
      .files {
        display: grid;
      }
      a {
        color: var(--accent);
        text-underline-offset: 3px;
      }
      .files a {
        display: inline-flex;
        align-items: center;
        min-height: var(--target);
      }
      .transcript {
        display: grid;
        gap: var(--s1);
        max-height: 24rem;
        overflow-y: auto;
      }
      .transcript button {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 0 var(--s3);
        width: 100%;
        padding: var(--s1) var(--s3);
        border-color: transparent;
        justify-content: start;
        text-align: start;
      }
      .transcript button[aria-current='true'] {
        border-color: var(--accent);
        background: var(--sunken);
      }
      .transcript time {
        color: var(--ink-muted);
        font-variant-numeric: tabular-nums;
      }
      button[aria-pressed='true'] {
        border-color: var(--accent);
        box-shadow: inset 0 0 0 1px var(--accent);
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: var(--s2);
        margin-top: var(--s3);
      }
      .alone {
        min-height: 100dvh;
        align-content: center;
        justify-items: center;
        text-align: center;
      }
    `,
  ];

  readonly #id = /^\/recordings\/([^/]+)/.exec(location.pathname)?.[1] ?? '';
  @state() private recording: Opened | undefined;
  @state() private refused: string | undefined;
  @state() private deletion: 'none' | 'sure' | 'asked' | 'failed' = 'none';
  @state() private lines: Line[] = [];
  @state() private captions = true;
  @state() private taking: 'none' | 'sure' | 'taken' | 'failed' = 'none';
  #tracks: TextTrack[] = [];
  #together: Together | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    document.title = en.title;
    void this.#open();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
    this.#together?.pause();
  }

  override render(): TemplateResult {
    if (this.refused !== undefined) {
      const [heading, words] = en.refused(this.refused);
      return html`<main class="alone"><h1>${heading}</h1><p>${words}</p></main>`;
    }
    const { recording } = this;
    if (!recording) return html`<main class="alone"><h1>${en.opening}</h1></main>`;
    return html`
      <main>
        <header>
          <h1>${en.of(recording.people.map((p) => p.name))}</h1>
          <p class="muted">${en.when(recording.started_at, recording.duration_ms / 1000)}</p>
        </header>
        ${this.#player(recording)} ${this.#chapters(recording)} ${this.#transcript(recording)} ${this.#files(recording)} ${this.#end()}
      </main>
    `;
  }

  /** The elements are there: they can be played together. */
  protected override updated(): void {
    if (this.#together || !this.recording) return;
    const parts = this.recording.files.flatMap((file) => {
      const player = this.renderRoot.querySelector<HTMLMediaElement>(`[data-file="${CSS.escape(file.name)}"]`);
      return player ? [{ player, start: file.start_ms / 1000, duration: file.duration_ms / 1000 }] : [];
    });
    this.#together = new Together(parts, this.recording.duration_ms / 1000);
    this.#timer = setInterval(() => {
      if (!this.#together?.playing) return;
      this.#together.tick(performance.now() / 1000);
      this.requestUpdate();
    }, 100);
  }

  /** Puts what people said under their pictures. */
  #caption(recording: Opened): void {
    for (const file of recording.files) {
      const lines = this.lines.filter((l) => l.participant === file.participant);
      const video = this.renderRoot.querySelector<HTMLVideoElement>(`video[data-file="${CSS.escape(file.name)}"]`);
      if (file.source !== 'camera' || lines.length === 0 || !video) continue;
      this.#tracks.push(caption(video, lines, file.start_ms / 1000, en.captions));
    }
    this.#showCaptions();
  }

  #showCaptions(): void {
    for (const track of this.#tracks) track.mode = this.captions ? 'showing' : 'hidden';
  }

  /** What was said, to be read and to go to. */
  #transcript(recording: Opened): TemplateResult | typeof nothing {
    if (this.lines.length === 0 && this.taking === 'none') return nothing;
    const now = lineAt(this.lines, this.#together?.position ?? 0);
    const line = (l: Line, n: number): TemplateResult => html`
      <li>
        <button aria-current=${n === now ? 'true' : 'false'} @click=${() => this.#seek(l.from)}>
          <time>${clock(l.from)}</time><span><b>${this.#person(l.participant)}</b> ${l.text}</span>
        </button>
      </li>
    `;
    return html`
      <section aria-labelledby="transcript">
        <h2 id="transcript" tabindex="-1">${en.transcript.heading}</h2>
        ${this.lines.length > 0 ? html`<ol class="transcript">${this.lines.map(line)}</ol>` : nothing} ${this.#takeBack(recording)}
      </section>
    `;
  }

  #takeBack({ transcripts, you }: Opened): TemplateResult | typeof nothing {
    const { transcript } = en;
    if (this.taking === 'taken') return html`<p role="status">${transcript.taken}</p>`;
    if (!transcripts.some((t) => t.participant === you)) return nothing;
    if (this.taking === 'none') return html`<p class="actions"><button @click=${() => (this.taking = 'sure')}>${transcript.takeBack}</button></p>`;
    return html`
      <p>${transcript.means}</p>
      ${this.taking === 'failed' ? html`<p role="alert">${transcript.failed}</p>` : nothing}
      <p class="actions">
        <button class="primary" @click=${this.#deleteTranscript}>${transcript.yes}</button><button @click=${() => (this.taking = 'none')}>${transcript.no}</button>
      </p>
    `;
  }

  #player(recording: Opened): TemplateResult {
    const pictures = recording.files.filter((f) => f.source === 'camera' || f.source === 'screen');
    const sounds = recording.files.filter((f) => f.source === 'mic' || f.source === 'screen-audio');
    const position = this.#together?.position ?? 0;
    const length = recording.duration_ms / 1000;
    return html`
      <section aria-label=${en.player}>
        <div class="pictures">
          ${pictures.map(
            (f) => html`<figure>
              <video data-file=${f.name} src=${f.url} preload="metadata" playsinline muted></video>
              <figcaption>${this.#person(f.participant)}</figcaption>
            </figure>`,
          )}
        </div>
        ${sounds.map((f) => html`<audio data-file=${f.name} src=${f.url} preload="metadata"></audio>`)}
        <div class="deck">
          <button class="primary" @click=${this.#toggle}>${this.#together?.playing ? en.pause : en.play}</button>
          <input
            type="range"
            min="0"
            max=${length}
            step="0.1"
            .value=${String(position)}
            aria-label=${en.position}
            aria-valuetext=${en.at(position, length)}
            @input=${(e: InputEvent) => this.#seek(Number((e.target as HTMLInputElement).value))}
          />
          <output>${clock(position)} / ${clock(length)}</output>
        </div>
        ${this.lines.length > 0 ? html`<p class="actions"><button aria-pressed=${this.captions} @click=${this.#toggleCaptions}>${en.captions}</button></p>` : nothing}
        <p class="muted" role="status">${this.#together?.waiting ? en.loading : nothing}</p>
      </section>
    `;
  }

  #chapters({ chapters }: Opened): TemplateResult | typeof nothing {
    if (chapters.length === 0) return nothing;
    return html`
      <section>
        <h2>${en.marks}</h2>
        <ul>
          ${chapters.map((c) => html`<li><button @click=${() => this.#seek(c.at_ms / 1000)}>${clock(c.at_ms / 1000)}${c.label ? ` ${c.label}` : ''}</button></li>`)}
        </ul>
      </section>
    `;
  }

  #files({ files, whole, transcripts }: Opened): TemplateResult {
    return html`
      <section>
        <h2>${en.files}</h2>
        <ul class="files">
          ${whole ? html`<li><a href=${whole.url} download>${en.whole}</a> <span class="muted">${en.size(whole.size)}</span></li>` : nothing}
          ${files.map((f) => html`<li><a href=${f.url} download>${this.#person(f.participant)}, ${en.sources[f.source]}</a> <span class="muted">${en.size(f.size)}</span></li>`)}
          ${transcripts.map((t) => html`<li><a href=${t.url} download>${t.participant ? en.transcript.of(this.#person(t.participant)) : en.transcript.all}</a> <span class="muted">${en.size(t.size)}</span></li>`)}
        </ul>
      </section>
    `;
  }

  #end(): TemplateResult {
    switch (this.deletion) {
      case 'none':
        return html`<section><button @click=${() => (this.deletion = 'sure')}>${en.deletion.ask}</button></section>`;
      case 'asked':
        return html`<section><p role="status">${en.deletion.asked}</p></section>`;
      default:
        return html`
          <section>
            <h2>${en.deletion.sure}</h2>
            <p>${en.deletion.means}</p>
            ${this.deletion === 'failed' ? html`<p role="alert">${en.deletion.failed}</p>` : nothing}
            <p><button class="primary" @click=${this.#askForDeletion}>${en.deletion.yes}</button> <button @click=${() => (this.deletion = 'none')}>${en.deletion.no}</button></p>
          </section>
        `;
    }
  }

  #person(id: string): string {
    return this.recording?.people.find((p) => p.id === id)?.name ?? id;
  }

  readonly #toggleCaptions = (): void => {
    this.captions = !this.captions;
    this.#showCaptions();
  };

  readonly #deleteTranscript = async (): Promise<void> => {
    const { recording } = this;
    if (!recording) return;
    this.taking = 'sure';
    try {
      await deleteTranscript(this.#id, recording.you);
    } catch {
      this.taking = 'failed';
      return;
    }
    this.taking = 'taken';
    this.recording = { ...recording, transcripts: recording.transcripts.filter((t) => t.participant !== undefined && t.participant !== recording.you) };
    this.lines = this.lines.filter((l) => l.participant !== recording.you);
    for (const track of this.#tracks) track.mode = 'disabled';
    this.#tracks = [];
    this.#caption(this.recording);
  };

  async #read({ transcripts }: Opened): Promise<void> {
    const own = transcripts.filter((t) => t.participant !== undefined);
    // One that cannot be read is missing, and the others are there.
    const read = await Promise.allSettled(own.map(async (t) => parse(await readTranscript(t.url), t.participant!)));
    this.lines = merge(read.flatMap((r) => (r.status === 'fulfilled' ? [r.value] : [])));
    await this.updateComplete;
    if (this.recording) this.#caption(this.recording);
  }

  readonly #toggle = (): void => {
    const together = this.#together;
    if (!together) return;
    if (together.playing) together.pause();
    else together.play(performance.now() / 1000);
    this.requestUpdate();
  };

  #seek(position: number): void {
    this.#together?.seek(position, performance.now() / 1000);
    this.requestUpdate();
  }

  readonly #askForDeletion = async (): Promise<void> => {
    this.deletion = 'sure';
    try {
      await askForDeletion(this.#id);
      this.deletion = 'asked';
    } catch {
      this.deletion = 'failed';
    }
  };

  async #open(): Promise<void> {
    const pass = new URLSearchParams(location.hash.slice(1)).get('token') ?? undefined;
    if (pass) history.replaceState(history.state, '', location.pathname);
    try {
      this.recording = await open(this.#id, pass);
      void this.#read(this.recording);
    } catch (error) {
      this.refused = error instanceof Refused ? error.code : 'internal';
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-recording-page': RecordingPage;
  }
}
