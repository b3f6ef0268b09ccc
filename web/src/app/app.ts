import { LitElement, css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { Backend } from './backend.js';
import './job.js';
import './landing.js';
import { type Link, Live } from './live.js';
import { look } from './look.js';
import { addressOf, type OpenThread, type Place, placeOf } from './place.js';
import type { State, Thread } from './state.js';
import { zoneHere } from '../time/zone.js';
import { pageTitle } from './text.js';
import './thread.js';

const appName = 'Worktable';

/** The whole app: the landing page, or the job with its threads for one person, kept up to date by the server. */
@customElement('demo-app')
export class App extends LitElement {
  @state() private place: Place = placeOf(location.search);
  @state() private state: State | null = null;
  @state() private link: Link = { is: 'connecting' };

  private backend: Backend | null = null;
  private live: Live | null = null;
  private arriving: OpenThread | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('popstate', this.onPlace);
    window.addEventListener('pagehide', this.stop);
    window.addEventListener('pageshow', this.onShow);
    this.start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('popstate', this.onPlace);
    window.removeEventListener('pagehide', this.stop);
    window.removeEventListener('pageshow', this.onShow);
    this.stop();
  }

  private start(): void {
    if (this.live || !this.place.as) return;
    this.backend = new Backend(this.place.as);
    this.live = new Live(
      this.backend,
      (state) => (this.state = { ...state, me: { ...state.me, time_zone: zoneHere() } }),
      (link) => (this.link = link),
    );
    this.live.start();
    // Until others hear it they see the zone of the last visit, and the next visit tells it again.
    this.backend.settle(zoneHere()).catch(() => undefined);
  }

  private readonly stop = (): void => {
    this.live?.stop();
    this.live = null;
  };

  /** A page that comes back from the browser's history cache has lost its stream. */
  private readonly onShow = (event: PageTransitionEvent): void => {
    if (event.persisted) this.start();
  };

  private readonly onPlace = (): void => {
    this.place = placeOf(location.search);
  };

  private openThread({ detail }: CustomEvent<OpenThread>): void {
    this.place = { ...this.place, thread: detail.thread };
    this.arriving = detail;
    history.pushState(null, '', addressOf(this.place));
  }

  override updated(): void {
    this.arrive();
    document.title = this.state ? pageTitle(appName, this.state.threads, this.state.me.id) : appName;
  }

  /** What was pressed is gone from the page, so the keyboard is taken along; a new thread comes a moment later. */
  private arrive(): void {
    if (!this.arriving) return;
    const { thread, write } = this.arriving;
    if (thread && !this.state?.threads.some((one) => one.id === thread)) return;
    this.arriving = null;
    if (thread) void this.renderRoot.querySelector('demo-thread')?.enter(write);
    else this.renderRoot.querySelector('main')?.focus();
  }

  protected override render() {
    if (!this.place.as) return html`<demo-landing></demo-landing>`;
    return html`
      <header>
        <a href="/">${appName}</a>
        ${this.state ? html`<p>You are <b>${this.state.me.name}</b>, the ${this.state.me.side}</p>` : nothing}
      </header>
      <p class="away" role="status">${this.linkText()}</p>
      <main tabindex="-1" @open-thread=${this.openThread}>${this.renderMain()}</main>
    `;
  }

  private linkText(): string {
    switch (this.link.is) {
      case 'away':
        return this.state
          ? 'The server cannot be reached. What you see may be out of date; trying again by itself.'
          : 'The server cannot be reached. Trying again by itself.';
      case 'refused':
        return this.link.why;
      default:
        return '';
    }
  }

  private renderMain() {
    const { backend, state } = this;
    if (!backend || !state) {
      if (this.link.is === 'refused') return html`<p><a href="/">Choose who you are</a></p>`;
      return this.link.is === 'connecting' ? html`<p class="muted">Loading…</p>` : nothing;
    }
    const chosen = state.threads.find((thread) => thread.id === this.place.thread);
    // A wide screen has room for a thread at all times; a narrow one shows it when it is asked for.
    const shown = chosen ?? (state.threads.length === 1 ? state.threads[0] : undefined);
    return html`
      <h1 class="hidden">Messages</h1>
      <div class="columns ${chosen ? 'chosen' : ''}">
        <demo-job .backend=${backend} .state=${state} .thread=${shown?.id ?? ''}></demo-job>
        <div class="side">${this.renderThread(state, shown, backend)}</div>
      </div>
    `;
  }

  private renderThread(state: State, thread: Thread | undefined, backend: Backend) {
    if (!thread) {
      return html`<p class="muted">${this.place.thread
        ? 'This thread is not here. It may belong to somebody else.'
        : state.me.side === 'client'
          ? 'Send a message to one of the freelancers to open a thread.'
          : 'A thread opens when the client writes to you.'}</p>`;
    }
    return html`<demo-thread .backend=${backend} .me=${state.me} .thread=${thread} .modes=${state.modes}
      back=${addressOf({ as: this.place.as, thread: '' })}></demo-thread>`;
  }

  static override styles = [look, css`
    :host { display: grid; grid-template-rows: auto auto 1fr; min-height: 100dvh }
    header {
      display: flex; flex-wrap: wrap; gap: var(--s1) var(--s4); align-items: center; justify-content: space-between;
      padding: var(--s2) var(--s4); border-block-end: 1px solid var(--line); background: var(--surface);
    }
    header a { padding-block: var(--s2); color: var(--ink); font-weight: 700; text-decoration: none }
    header a:hover { text-decoration: underline }
    .away { margin: 0 }
    .away:not(:empty) { padding: var(--s3) var(--s4); border-inline-start: 6px solid var(--warn); background: var(--sunken); color: var(--ink) }
    main:focus { outline: none }
    main { min-width: 0; padding: var(--s4) }
    .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
    .chosen demo-job { display: none }
    .columns:not(.chosen) .side { display: none }
    demo-thread { min-height: calc(100dvh - 9rem) }
    @media (min-width: 60rem) {
      main { max-width: 90rem; width: 100%; margin: 0 auto; padding: var(--s5); min-height: 0 }
      .columns { display: grid; grid-template-columns: minmax(20rem, 26rem) minmax(0, 1fr); gap: var(--s6) }
      .chosen demo-job { display: grid }
      .columns:not(.chosen) .side { display: block }
      .side { position: sticky; top: var(--s4); align-self: start; height: calc(100dvh - 8rem) }
      demo-thread { height: 100%; min-height: 0 }
    }
  `];
}
