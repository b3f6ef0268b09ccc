import { way, type Way } from './way.js';

/** How often the connection is looked at. */
const LOOK_MS = 250;
const LATE_MS = 1500;
/** Timers that are this late were not running: the machine slept. */
const SLEPT_MS = 4000;

/**
 * All that shows that something arrived, in one number: media, reports about one's own media, answers to ICE checks of
 * the pair in use. Another pair, such as one over a relay, may answer while this one is dead.
 */
export function signs(report: Iterable<Record<string, unknown>>): number {
  const entries = [...report];
  const used = entries.find((entry) => entry['type'] === 'transport')?.['selectedCandidatePairId'];
  let sum = 0;
  const add = (value: unknown): void => {
    if (typeof value === 'number' && Number.isFinite(value)) sum += value;
  };
  for (const entry of entries) {
    switch (entry['type']) {
      case 'inbound-rtp':
        add(entry['packetsReceived']);
        break;
      case 'remote-inbound-rtp':
        add(entry['timestamp']); // of the last report
        break;
      case 'transport':
        add(entry['packetsReceived']);
        break;
      case 'candidate-pair':
        // Firefox marks the pair itself.
        if (used === undefined ? entry['selected'] !== false : entry['id'] === used) add(entry['responsesReceived']);
        break;
    }
  }
  return sum;
}

/** For how long nothing has arrived. Pure: it is told the time. */
export class Silence {
  #seen: number | undefined;
  #lasts = 0;
  #looked = 0;

  /**
   * Takes a look, and tells for how long nothing came. While nothing is due, it is not silence; and a look that comes
   * late says little about the time before it, in which the machine may have slept.
   */
  look(seen: number, due: boolean, now: number): number {
    this.#lasts = due && seen === this.#seen ? this.#lasts + Math.min(now - this.#looked, LATE_MS) : 0;
    this.#seen = seen;
    this.#looked = now;
    return this.#lasts;
  }
}

export interface PulseOptions {
  /** Whether anything should be arriving now. */
  due(): boolean;
  onSilence(ms: number): void;
  /** How media travel, when that has changed. */
  onWay(way: Way): void;
}

/** Watches whether anything arrives on a connection: ICE takes many seconds to say that it does not. */
export class Pulse {
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #silence = new Silence();
  #way = '';

  constructor(pc: RTCPeerConnection, options: PulseOptions) {
    this.#timer = setInterval(() => {
      void pc.getStats().then(
        (report) => {
          const entries = [...(report.values() as Iterable<Record<string, unknown>>)];
          const seen = signs(entries);
          options.onSilence(this.#silence.look(seen, options.due(), performance.now()));
          const found = way(entries);
          if (!found || JSON.stringify(found) === this.#way) return;
          this.#way = JSON.stringify(found);
          options.onWay(found);
        },
        () => undefined,
      );
    }, LOOK_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

/** Tells when the machine has slept: what was connected then is looked at once, and not when a timer comes round. */
export function onWake(woke: () => void, signal: AbortSignal): void {
  let last = Date.now();
  const timer = setInterval(() => {
    const now = Date.now();
    if (now - last > SLEPT_MS) woke();
    last = now;
  }, 1000);
  signal.addEventListener('abort', () => clearInterval(timer));
}

/** Tells when the browser says that the network is another one. */
export function onNetwork(changed: () => void, signal: AbortSignal): void {
  window.addEventListener('online', changed, { signal });
  const connection = (navigator as { connection?: EventTarget & { type?: string } }).connection;
  if (!connection) return;
  let kind = connection.type;
  connection.addEventListener('change', () => {
    // It also tells of every new estimate of the speed.
    if (connection.type === kind) return;
    kind = connection.type;
    if (kind !== 'none') changed();
  }, { signal });
}
