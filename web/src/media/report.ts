import type { Report } from '../signal/wire.js';

/** What a statistics report counts, added up. Counters only grow while a connection lasts. */
export interface Counted {
  at: number;
  freezes: number;
  /** Samples of sound, and those of them that were made up. */
  samples: number;
  concealed: number;
  /** Frames decoded, by stream. */
  frames: Map<string, number>;
  cpuLimited: boolean;
  upLimited: boolean;
}

/** Reads the counters out of a statistics report. */
export function count(report: Iterable<Record<string, unknown>>, at: number): Counted {
  const counted: Counted = { at, freezes: 0, samples: 0, concealed: 0, frames: new Map(), cpuLimited: false, upLimited: false };
  for (const entry of report) {
    const number = (name: string): number => (typeof entry[name] === 'number' ? entry[name] : 0);
    if (entry['type'] === 'inbound-rtp' && entry['kind'] === 'video') {
      counted.freezes += number('freezeCount');
      counted.frames.set(String(entry['id']), number('framesDecoded'));
    } else if (entry['type'] === 'inbound-rtp' && entry['kind'] === 'audio') {
      counted.samples += number('totalSamplesReceived');
      // What was made up in silence is what the sender left out: nobody misses it.
      counted.concealed += Math.max(0, number('concealedSamples') - number('silentConcealedSamples'));
    } else if (entry['type'] === 'outbound-rtp' && entry['active'] !== false) {
      counted.cpuLimited ||= entry['qualityLimitationReason'] === 'cpu';
      counted.upLimited ||= entry['qualityLimitationReason'] === 'bandwidth' && starved(entry);
    }
  }
  return counted;
}

/** Browsers call a stream limited by bandwidth as soon as it is below its best; a person notices it far later. */
const NOTICED = 150_000;

function starved(entry: Record<string, unknown>): boolean {
  const target = entry['targetBitrate'];
  const small = Number(entry['scaleResolutionDownBy'] ?? 1) > 1 || entry['rid'] === 'q' || entry['rid'] === 'h';
  return !small && typeof target === 'number' && target > 0 && target < NOTICED;
}

/** What happened between two counts. */
export function report(before: Counted, now: Counted): Report {
  const seconds = Math.max(0.001, (now.at - before.at) / 1000);
  const samples = now.samples - before.samples;
  const fps = [...now.frames].map(([id, frames]) => (frames - (before.frames.get(id) ?? 0)) / seconds);
  return {
    type: 'report',
    cpu_limited: now.cpuLimited,
    up_limited: now.upLimited,
    freezes: within(now.freezes - before.freezes, 1000),
    concealed: samples > 0 ? round(within((now.concealed - before.concealed) / samples, 1)) : 0,
    decoded_fps: round(within(Math.max(0, ...fps), 1000)),
  };
}

function within(n: number, most: number): number {
  return Math.min(most, Math.max(0, n));
}

function round(n: number): number {
  return Math.round(n * 1000) / 1000;
}

const EVERY_MS = 2000;

/** Reports every two seconds on what only the browser knows of a connection. */
export class Reporter {
  readonly #timer: ReturnType<typeof setInterval>;
  #before: Counted | undefined;

  constructor(pc: RTCPeerConnection, onReport: (report: Report) => void) {
    this.#timer = setInterval(() => {
      if (pc.connectionState !== 'connected') {
        this.#before = undefined;
        return;
      }
      void pc.getStats().then(
        (stats) => {
          const now = count(stats.values() as Iterable<Record<string, unknown>>, performance.now());
          if (this.#before) onReport(report(this.#before, now));
          this.#before = now;
        },
        () => undefined,
      );
    }, EVERY_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
