/** What the connection carried up to one moment. Counters only ever grow. */
export interface Sample {
  at: number;
  received: number;
  lost: number;
  /** Seconds from here to the server and back, when known. */
  roundTrip: number | undefined;
  /** The share of our own packets that did not arrive, when known. */
  lostUp: number | undefined;
}

export type Quality = 'good' | 'weak';

/** Reads a sample from a statistics report. */
export function sample(report: Iterable<Record<string, unknown>>, at: number): Sample {
  let received = 0;
  let lost = 0;
  let roundTrip: number | undefined;
  let lostUp: number | undefined;
  const most = (so: number | undefined, value: unknown): number | undefined =>
    typeof value === 'number' && Number.isFinite(value) ? Math.max(so ?? 0, value) : so;
  for (const entry of report) {
    if (entry['type'] === 'inbound-rtp') {
      received += Number(entry['packetsReceived'] ?? 0);
      lost += Math.max(0, Number(entry['packetsLost'] ?? 0));
    } else if (entry['type'] === 'remote-inbound-rtp') {
      roundTrip = most(roundTrip, entry['roundTripTime']);
      lostUp = most(lostUp, entry['fractionLost']);
    }
  }
  return { at, received, lost, roundTrip, lostUp };
}

const LOSS = 0.1;
const ROUND_TRIP_S = 0.6;
/** Fewer packets than this between two samples say nothing about loss. */
const ENOUGH = 50;

/** Judges the time between two samples: weak is what a person would notice. */
export function quality(before: Sample, now: Sample): Quality {
  const arrived = now.received - before.received;
  const missing = Math.max(0, now.lost - before.lost);
  const lossy = arrived + missing >= ENOUGH && missing / (arrived + missing) > LOSS;
  const slow = (now.roundTrip ?? 0) > ROUND_TRIP_S;
  return lossy || slow || (now.lostUp ?? 0) > LOSS ? 'weak' : 'good';
}

/** Watches a connection every two seconds and tells when its quality changes for two samples in a row. */
export class QualityWatch {
  readonly #timer: ReturnType<typeof setInterval>;
  #before: Sample | undefined;
  #said: Quality = 'good';
  #streak = 0;

  constructor(pc: RTCPeerConnection, onQuality: (quality: Quality) => void) {
    this.#timer = setInterval(() => {
      void pc.getStats().then(
        (report) => this.#judge(sample(report.values() as Iterable<Record<string, unknown>>, performance.now()), onQuality),
        () => undefined,
      );
    }, 2000);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #judge(now: Sample, onQuality: (quality: Quality) => void): void {
    const before = this.#before;
    this.#before = now;
    if (!before) return;
    const seen = quality(before, now);
    this.#streak = seen === this.#said ? 0 : this.#streak + 1;
    if (this.#streak < 2) return;
    this.#streak = 0;
    this.#said = seen;
    onQuality(seen);
  }
}
