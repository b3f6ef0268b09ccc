import type { Report } from '../signal/wire.js';
import { Floor } from './floor.js';
import { picture, Size } from './size.js';
import { THIN_SOUND, Thrift, type Room, type Saving } from './thrift.js';

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
  /** What the way up carries as the browser believes, in bit/s. */
  available: number | undefined;
  /** Bytes of sound sent, with the headers of what carries them. */
  soundBytes: number;
  /** The share of packets that the server missed, of the source that lost most. */
  loss: number;
  /** All round trips that were measured, in seconds, and how many they were. */
  trips: { sum: number; n: number };
}

/** Reads the counters out of a statistics report. */
export function count(report: Iterable<Record<string, unknown>>, at: number): Counted {
  const counted: Counted = { at, freezes: 0, samples: 0, concealed: 0, frames: new Map(), cpuLimited: false, upLimited: false, available: undefined, soundBytes: 0, loss: 0, trips: { sum: 0, n: 0 } };
  let newest = 0;
  for (const entry of report) {
    const number = (name: string): number => (typeof entry[name] === 'number' ? entry[name] : 0);
    if (entry['type'] === 'inbound-rtp' && entry['kind'] === 'video') {
      counted.freezes += number('freezeCount');
      counted.frames.set(String(entry['id']), number('framesDecoded'));
    } else if (entry['type'] === 'inbound-rtp' && entry['kind'] === 'audio') {
      counted.samples += number('totalSamplesReceived');
      // What was made up in silence is what the sender left out: nobody misses it.
      counted.concealed += Math.max(0, number('concealedSamples') - number('silentConcealedSamples'));
    } else if (entry['type'] === 'candidate-pair' && typeof entry['availableOutgoingBitrate'] === 'number') {
      // Only the pair in use has it, whose checks may be under way again.
      counted.available = Math.max(counted.available ?? 0, entry['availableOutgoingBitrate']);
    } else if (entry['type'] === 'remote-inbound-rtp') {
      // Of a picture that is held nothing is reported any more: what was lost before says nothing of the way.
      if (number('timestamp') > newest + STALE_MS) counted.loss = 0;
      newest = Math.max(newest, number('timestamp'));
      if (number('timestamp') >= newest - STALE_MS) counted.loss = Math.max(counted.loss, number('fractionLost'));
      counted.trips.sum += number('totalRoundTripTime');
      counted.trips.n += number('roundTripTimeMeasurements');
    } else if (entry['type'] === 'outbound-rtp' && entry['kind'] === 'audio') {
      counted.soundBytes += number('bytesSent') + number('headerBytesSent') + number('packetsSent') * BELOW_RTP;
    } else if (entry['type'] === 'outbound-rtp' && entry['active'] !== false) {
      counted.cpuLimited ||= entry['qualityLimitationReason'] === 'cpu';
      counted.upLimited ||= entry['qualityLimitationReason'] === 'bandwidth' && starved(entry);
    }
  }
  return counted;
}

const STALE_MS = 4000;

/** UDP and IP headers, and what encryption adds. */
const BELOW_RTP = 44;

/** Browsers call a stream limited by bandwidth as soon as it is below its best; a person notices it far later. */
const NOTICED = 150_000;

function starved(entry: Record<string, unknown>): boolean {
  const target = entry['targetBitrate'];
  const small = entry['rid'] === 'q' || entry['rid'] === 'h';
  return !small && typeof target === 'number' && target > 0 && target < NOTICED;
}

/** What there was room for between two counts. */
export function room(before: Counted, now: Counted): Room {
  const seconds = Math.max(0.001, (now.at - before.at) / 1000);
  const trips = now.trips.n - before.trips.n;
  const rtt = trips > 0 ? Math.max(0, now.trips.sum - before.trips.sum) * 1000 / trips : undefined;
  return { at: now.at, rtt, available: now.available, sound: Math.max(0, now.soundBytes - before.soundBytes) * 8 / seconds, loss: now.loss };
}

/** What happened between two counts; `held` is that one's own picture is held back. */
export function report(before: Counted, now: Counted, held = false): Report {
  const seconds = Math.max(0.001, (now.at - before.at) / 1000);
  const samples = now.samples - before.samples;
  const fps = [...now.frames].map(([id, frames]) => (frames - (before.frames.get(id) ?? 0)) / seconds);
  return {
    type: 'report',
    cpu_limited: now.cpuLimited,
    up_limited: held || now.upLimited || (pinched(before) && pinched(now)),
    freezes: within(now.freezes - before.freezes, 1000),
    concealed: samples > 0 ? round(within((now.concealed - before.concealed) / samples, 1)) : 0,
    decoded_fps: round(within(Math.max(0, ...fps), 1000)),
  };
}

/** There is less than a picture needs. One look proves nothing: an estimate starts low, and dips. */
function pinched({ available }: Counted): boolean {
  return available !== undefined && available < NOTICED;
}

function within(n: number, most: number): number {
  return Math.min(most, Math.max(0, n));
}

function round(n: number): number {
  return Math.round(n * 1000) / 1000;
}

const EVERY_MS = 2000;

/** What a Reporter tells, and asks. */
export interface Listener {
  onReport(report: Report): void;
  /** Something else is to be given up than before, so that the sound is carried. */
  onSaving(saving: Saving): void;
  /** One's own picture is to be sent so many times smaller than the camera's, and what the browser has reduced of it to be forgotten. */
  onSize(scale: number): void;
  /** The browser is to believe in so many kbit/s at least on the way up, or with 0 in whatever it finds. */
  onFloor(kbps: number): void;
  /** The id of the camera's track, while there is one. */
  camera(): string | undefined;
}

/** Reports every two seconds on what only the browser knows of a connection. */
export class Reporter {
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #listener: Listener;
  readonly #thrift = new Thrift();
  readonly #size = new Size();
  readonly #floor = new Floor();
  #before: Counted | undefined;
  #saving: Saving = { held: false, thin: false, once: false };
  #floored = 0;

  constructor(pc: RTCPeerConnection, listener: Listener) {
    this.#listener = listener;
    this.#timer = setInterval(() => {
      if (pc.connectionState !== 'connected') {
        this.#before = undefined;
        return;
      }
      void pc.getStats().then(
        (stats) => {
          const entries = [...(stats.values() as Iterable<Record<string, unknown>>)];
          const now = count(entries, performance.now());
          const camera = listener.camera();
          const sent = camera === undefined ? undefined : picture(entries, camera);
          if (sent) this.#resize(this.#size.look(now.at, sent));
          if (this.#before) {
            const seen = room(this.#before, now);
            this.#floors(this.#floor.look(seen));
            this.#save(now.at, this.#thrift.look(seen));
            listener.onReport(report(this.#before, now, this.#saving.held));
          }
          this.#before = now;
        },
        () => undefined,
      );
    }, EVERY_MS);
  }

  /** The server sees a queue on the way up, of which so much arrives, or sees it gone. */
  jam(on: boolean, kbps: number): void {
    const at = performance.now();
    if (on) {
      this.#floors(this.#floor.jam(at));
      this.#resize(this.#size.least(at, kbps * 1000 - THIN_SOUND));
    }
    this.#save(at, this.#thrift.jam(at, on, kbps * 1000));
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #save(at: number, saving: Saving): void {
    const { held, thin, once } = this.#saving;
    this.#saving = saving;
    // A picture that comes back begins small.
    if (saving.held && !held) this.#resize(this.#size.least(at, 0));
    if (saving.held !== held || saving.thin !== thin || saving.once !== once) this.#listener.onSaving(saving);
  }

  #floors(kbps: number): void {
    if (kbps !== this.#floored) this.#listener.onFloor(kbps);
    this.#floored = kbps;
  }

  #resize(scale: number | undefined): void {
    if (scale !== undefined) this.#listener.onSize(scale);
  }
}
