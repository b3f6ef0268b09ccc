import type { Room } from './thrift.js';

/** What a browser is to believe in at least, in kbit/s, where losses say nothing of the room: a small picture beside the sound. */
export const FLOOR_KBPS = 300;

/** So much is lost by chance, and with less than this the browser's own belief is as good. */
const LOSSY = 0.1;
const HEALED = 0.05;
const HEALED_FOR_MS = 6000;
/** They are chance where as good as the same share is lost of half of what was sent at first, and of so little; of two looks at least. */
const HALF = 0.5;
const SAME = 0.7;
const FALLEN = 400_000;
const LOOKS = 2;
const MOST_LOOKS = 20;
/** A round trip so much longer than the quickest stands in a queue. */
const QUEUE_MS = 100;
/** What is sent for the floor's sake is too much where clearly more gets lost of it, and is tried again later each time. */
const WORSE = 0.1;
const AGAIN_AFTER_MS = 60_000;
const AGAIN_AT_MOST_MS = 960_000;
const JAMMED_FOR_MS = 20_000;

/**
 * Decides whether a browser is to believe in a small picture's worth of room, whatever gets lost. Libwebrtc takes losses of more than a
 * tenth for a way that is too narrow, and sends less as long as they last; where they are chance they last for ever, and there is
 * no picture in the end. Losses that stay as they are when less is sent, without a queue, are chance. Pure: it is told the time.
 */
export class Floor {
  #kbps = 0;
  #quickest = Infinity;
  /** Since much gets lost: what, look by look, and what the browser believed in at the most. */
  #losses: number[] = [];
  #high = 0;
  #before = 0;
  #worse = 0;
  #healed: number | undefined;
  #jammed = -Infinity;
  #failed = -Infinity;
  #wait = 0;

  /** Takes a look, and says what the browser is to believe in at least: 0 is whatever it finds. */
  look({ at, available, loss, rtt }: Room): number {
    if (rtt !== undefined) this.#quickest = Math.min(this.#quickest, rtt);
    const queue = rtt !== undefined && rtt > this.#quickest + QUEUE_MS;
    if (this.#kbps > 0) return this.#keep(at, loss, queue);
    const chance = this.#chance(available, loss);
    if (!chance || queue || at - this.#jammed < JAMMED_FOR_MS || at - this.#failed < this.#wait) return 0;
    [this.#before, this.#worse, this.#healed] = [chance, 0, undefined];
    return (this.#kbps = FLOOR_KBPS);
  }

  /** The server sees a queue on the way up: there is no room. */
  jam(at: number): number {
    this.#jammed = at;
    return this.#kbps > 0 ? this.#fail(at) : 0;
  }

  /** The share that is lost by chance, or 0. */
  #chance(available: number | undefined, loss: number): number {
    if (loss < HEALED) [this.#losses, this.#high] = [[], 0];
    if (available === undefined || (loss < LOSSY && this.#losses.length === 0)) return 0;
    if (this.#losses.push(loss) > MOST_LOOKS) this.#losses.splice(LOOKS, 1);
    this.#high = Math.max(this.#high, available);
    const [first, last] = [mean(this.#losses.slice(0, LOOKS)), mean(this.#losses.slice(-LOOKS))];
    const same = this.#losses.length >= 2 * LOOKS && last >= LOSSY && last >= SAME * first;
    return same && available < FALLEN && available <= HALF * this.#high ? Math.max(first, last) : 0;
  }

  #keep(at: number, loss: number, queue: boolean): number {
    this.#worse = queue || loss > this.#before + WORSE ? this.#worse + 1 : 0;
    if (this.#worse >= LOOKS) return this.#fail(at);
    this.#healed = loss < HEALED ? (this.#healed ?? at) : undefined;
    if (this.#healed === undefined || at - this.#healed < HEALED_FOR_MS) return this.#kbps;
    this.#wait = 0;
    return this.#end();
  }

  #fail(at: number): number {
    this.#failed = at;
    this.#wait = Math.min(Math.max(2 * this.#wait, AGAIN_AFTER_MS), AGAIN_AT_MOST_MS);
    return this.#end();
  }

  #end(): number {
    [this.#losses, this.#high] = [[], 0];
    return (this.#kbps = 0);
  }
}

function mean(of: number[]): number {
  return of.reduce((sum, one) => sum + one, 0) / of.length;
}
