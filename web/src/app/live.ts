import { BackendError, type Backend } from './backend.js';
import type { State } from './state.js';

/** How the page stands with its server. `refused` is final, with the server's sentence. */
export type Link = { is: 'connecting' } | { is: 'live' } | { is: 'away' } | { is: 'refused'; why: string };

/** The server refuses these for good; asking again would not help. */
const final = new Set(['unknown_person', 'invalid_request']);

const pauses = [1_000, 2_000, 4_000, 8_000];

/**
 * Keeps one event stream open for a page. An EventSource comes back by itself after a broken connection, but gives up
 * for good when a proxy answers in the server's place; here it comes back from that too.
 */
export class Live {
  readonly #backend: Backend;
  readonly #onState: (state: State) => void;
  readonly #onLink: (link: Link) => void;
  readonly #stop = new AbortController();
  #source: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;

  constructor(backend: Backend, onState: (state: State) => void, onLink: (link: Link) => void) {
    this.#backend = backend;
    this.#onState = onState;
    this.#onLink = onLink;
  }

  start(): void {
    this.#onLink({ is: 'connecting' });
    window.addEventListener('online', () => this.#open(), { signal: this.#stop.signal });
    window.addEventListener('offline', () => this.#onLink({ is: 'away' }), { signal: this.#stop.signal });
    this.#open();
  }

  stop(): void {
    this.#stop.abort();
    this.#close();
  }

  #open(): void {
    this.#close();
    const source = new EventSource(this.#backend.events);
    this.#source = source;
    source.addEventListener('state', (event) => {
      this.#tries = 0;
      this.#onState(JSON.parse(event.data as string) as State);
      this.#onLink({ is: 'live' });
    });
    source.addEventListener('error', () => void this.#lost(source));
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  /** An EventSource never says why it failed, so the server is asked for it. */
  async #lost(source: EventSource): Promise<void> {
    if (this.#source !== source) return;
    this.#onLink({ is: 'away' });
    if (source.readyState !== EventSource.CLOSED) return;
    this.#close();
    const why = await this.#backend.check().catch((error: unknown) => error);
    if (this.#stop.signal.aborted || this.#source) return;
    if (why instanceof BackendError && final.has(why.code)) {
      this.#onLink({ is: 'refused', why: why.message });
      return;
    }
    const pause = pauses[Math.min(this.#tries++, pauses.length - 1)] ?? 8_000;
    this.#timer = setTimeout(() => this.#open(), pause);
  }
}
