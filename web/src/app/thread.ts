import { LitElement, type PropertyValues, css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Press } from '../embed/call.js';
import type { Mode } from '../embed/interview.js';
import { appeal } from '../i18n/appeal.js';
import { size } from '../i18n/files.js';
import type { Backend } from './backend.js';
import './card.js';
import './composer.js';
import { look } from './look.js';
import type { OpenThread } from './place.js';
import { type Item, type Person, openInterview, type Thread } from './state.js';
import './propose.js';
import { type Other, reminderText } from './times.js';
import { dateText, waitingName } from './text.js';

/** A message thread, with the call button in its header. */
@customElement('demo-thread')
export class ThreadView extends LitElement {
  @property({ attribute: false }) backend!: Backend;
  @property({ attribute: false }) me!: Person;
  @property({ attribute: false }) thread!: Thread;
  /** In which an interview can be started. */
  @property({ attribute: false }) modes: readonly Mode[] = [];
  /** Where the way back leads, on a screen that shows one thing at a time. */
  @property() back = '';

  @query('.log') private readonly log!: HTMLElement | null;
  /** The times that are being proposed are to move this interview, '' none; null when nobody proposes any. */
  @state() private proposing: string | null = null;
  private atEnd = true;

  private readonly call = ({ mode }: Press) => this.backend.call(this.thread.id, mode);

  override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('thread');
    this.atEnd = before?.id !== this.thread.id || isAtEnd(this.log);
  }

  /** New messages come into view by themselves, unless the reader has scrolled up to read old ones. */
  override updated(): void {
    if (this.atEnd && this.log) this.log.scrollTop = this.log.scrollHeight;
  }

  protected override render() {
    const { me, thread } = this;
    const interview = openInterview(thread);
    const readers = { me: me.id, other: thread.with };
    return html`
      <header>
        <a class="back" href=${this.back} @click=${this.goBack}>Back to the job</a>
        <div>
          <h2 tabindex="-1">${thread.with.name}</h2>
          <p class="muted">${thread.title}</p>
        </div>
        <div class="actions">
          <button class="quiet" @click=${() => (this.proposing = '')}>Propose a time</button>
          <parley-call-button thread=${thread.id} modes=${this.modes.join(' ')} user=${me.id} .request=${this.call}
          .interview=${interview} waiting-name=${interview ? waitingName(interview, readers) : ''}
          ></parley-call-button>
        </div>
      </header>
      <div class="log" @propose-times=${this.startProposing} role="log" aria-label="Messages with ${thread.with.name}" tabindex="0">
        ${thread.items.length === 0 ? html`<p class="muted">Nothing has been written yet. Say hello.</p>` : ''}
        <ol>
          ${repeat(thread.items, (item) => item.id, (item) => this.renderItem(item))}
        </ol>
      </div>
      ${this.proposing === null ? nothing : html`<demo-propose .backend=${this.backend} .me=${this.me} .other=${this.other} .modes=${this.modes}
        .thread=${thread} moves=${this.proposing} @proposed=${this.stopProposing}></demo-propose>`}
      <demo-composer .backend=${this.backend} .thread=${thread}></demo-composer>
    `;
  }

  /** Brings the keyboard here: to the field when the person wants to write, otherwise to the name. */
  async enter(write: boolean): Promise<void> {
    await this.updateComplete;
    const composer = this.renderRoot.querySelector('demo-composer');
    await composer?.updateComplete;
    if (write) composer?.focus();
    else this.renderRoot.querySelector('h2')?.focus();
  }

  private renderItem(item: Item) {
    const readers = { me: this.me.id, other: this.thread.with };
    if (item.kind === 'card') {
      return html`<li class="card">
        <demo-card .backend=${this.backend} .interview=${item.interview} .readers=${readers}
          .me=${this.me} .other=${this.other}></demo-card>
      </li>`;
    }
    if (item.kind === 'times') {
      return html`<li class="card">
        <demo-times .backend=${this.backend} .times=${item.times} .me=${this.me} .other=${this.other} thread=${this.thread.id}></demo-times>
      </li>`;
    }
    if (item.kind === 'reminder') return html`<li class="card"><p class="muted">${reminderText(item.reminder, this.me.time_zone)}</p></li>`;
    if (item.kind === 'appeal') {
      return html`<li class="own"><p class="muted">${dateText(item.at)} · ${appeal.state(item.appeal.state)}</p></li>`;
    }
    const own = item.from === this.me.id;
    return html`<li class=${own ? 'own' : ''}>
      <p class="muted">
        <b>${own ? 'You' : this.thread.with.name}</b> <time datetime=${item.at}>${dateText(item.at)}</time>${item.room ? ' · in the call' : ''}
      </p>
      <p class="text" dir="auto">${item.file
        ? html`<a href=${item.file.link} target="_blank" rel="noopener noreferrer">${item.text}</a> <span class="muted">${size(item.file.size)}</span>`
        : item.text}</p>
    </li>`;
  }

  private get other(): Other {
    return { ...this.thread.with, time_zone: this.thread.time_zone };
  }

  private startProposing({ detail }: CustomEvent<string>): void {
    this.proposing = detail;
  }

  private stopProposing(): void {
    this.proposing = null;
  }

  private goBack(event: MouseEvent): void {
    event.preventDefault();
    const detail: OpenThread = { thread: '', write: false };
    this.dispatchEvent(new CustomEvent('open-thread', { detail, bubbles: true, composed: true }));
  }

  static override styles = [look, css`
    :host { display: grid; grid-template-rows: auto 1fr auto; gap: var(--s4); min-height: 0; min-width: 0 }
    header {
      display: flex; flex-wrap: wrap; gap: var(--s2) var(--s4); align-items: center; justify-content: space-between;
      padding-block-end: var(--s3); border-block-end: 1px solid var(--line);
    }
    .back { flex-basis: 100%; padding-block: var(--s2) }
    h2 { font-size: var(--fs-2) }
    parley-call-button { --parley-radius: var(--r2); --parley-focus: var(--focus) }
    .log { overflow-y: auto; min-height: 12rem }
    ol { display: grid; gap: var(--s3); padding: 2px }
    li { display: grid; gap: var(--s1); justify-self: start; max-width: min(34rem, 88%) }
    li.own { justify-self: end }
    .own .muted { text-align: end }
    .actions { display: flex; flex-wrap: wrap; gap: var(--s2) }
    .text {
      padding: var(--s2) var(--s3); border: 1px solid var(--line); border-radius: var(--r2);
      background: var(--surface); white-space: pre-wrap; overflow-wrap: anywhere;
    }
    .own .text { background: var(--accent-soft); border-color: transparent }
    li.card { justify-self: stretch; max-width: none }
    @media (min-width: 60rem) { .back { display: none } }
  `];
}

declare global {
  interface HTMLElementTagNameMap {
    'demo-thread': ThreadView;
  }
}

function isAtEnd(log: HTMLElement | null): boolean {
  return !log || log.scrollHeight - log.scrollTop - log.clientHeight < 80;
}
