/** What one look at the connection tells, all in bit/s but the loss. */
export interface Room {
  at: number;
  /** What the browser believes that the way to the server carries; undefined where it does not tell. */
  available: number | undefined;
  /** What the sound takes, headers included. */
  sound: number;
  /** The share of packets that the server missed. */
  loss: number;
  /** The round trip in milliseconds, as measured since the last look; undefined where it was not. */
  rtt?: number | undefined;
}

/** With less than this beside the sound there is no picture worth having, and with this much there is one again. */
export const TOO_LITTLE = 60_000;
export const ENOUGH = 90_000;

const PAUSE_AFTER_MS = 2000;
const RESUME_AFTER_MS = 2000;
/** An estimate hardly grows while there is little to send: after this long the picture is tried again, if nothing was lost for as long. */
const TRY_AFTER_MS = 10_000;
const TRY_AT_MOST_MS = 80_000;
/** A try goes on for so long without a queue, whatever the browser believes. */
const TRY_FOR_MS = 8000;
/** A try that ends within this time has failed, and the next one waits longer. */
const FAILED_WITHIN_MS = 20_000;
const CLEAN = 0.02;

/** Below this, sound and all, the sound takes as little as it can; above the other it takes its usual share again. */
const THIN_BELOW = 200_000;
const THIN_UNTIL = 300_000;
/** Sound that is sent twice survives loss: with more than this it goes on, unless there is no room for it at all. */
const THIN_LOSS = 0.1;
/** A round trip so much longer than the quickest stands in a queue. A browser never believes in less than it is set to send, which may be more than the way carries: then this alone tells. */
const QUEUE_MS = 400;
/** What the server says of a jam is right after so long. */
const CORRECTED_WITHIN_MS = 2000;
/** Round trips tell of a queue for so long after the server has, who sees it sooner. */
const LATE_MS = 4000;
const THIN_WHATEVER = 100_000;
const THICKER_AFTER_MS = 4000;
/** What thin sound takes, headers included, and what more it takes when it goes twice. */
export const THIN_SOUND = 35_000;
const THIN_COPIES = 20_000;
/** With less than this there is no room to send thin sound twice. */
const ONCE_BELOW = 45_000;
/** For so long after a loss it is sent twice, and not for so long after there was no room for it. */
const LOSSY_FOR_MS = 20_000;
const TIGHT_FOR_MS = 4000;

/** What is given up for the sound's sake. */
export interface Saving {
  /** One's own picture is not sent. */
  held: boolean;
  /** The sound itself takes less: longer packets, of fewer bits. */
  thin: boolean;
  /** And nothing of it is sent twice. */
  once: boolean;
}

/** Decides what is given up so that the sound is carried: first its redundancy, then the picture. Pure: it is told the time. */
export class Thrift {
  #held = false;
  #thin = false;
  /** Since when there has been room or none for a picture, or undefined while that agrees with what is done. */
  #since: number | undefined;
  /** Since when there has been room for sound that is not thin. */
  #wideSince: number | undefined;
  #lost = -Infinity;
  /** When there was no room for the sound to go twice. */
  #tight = -Infinity;
  /** The server sees a queue on the way up, and when it last said so. */
  #jam = false;
  #jammed = -Infinity;
  /** How much arrived through the last one. */
  #arrives = 0;
  /** When it said last that a queue stands or has gone. */
  #said = -Infinity;
  #turned = -Infinity;
  #wait = TRY_AFTER_MS;
  #quickest = Infinity;

  /** Takes a look, and says what is to be given up. A browser that does not tell what is available tells of queues at least. */
  look({ at, available = Infinity, sound, loss, rtt }: Room): Saving {
    if (rtt !== undefined) this.#quickest = Math.min(this.#quickest, rtt);
    const queue = rtt !== undefined && rtt > this.#quickest + QUEUE_MS && at - this.#said >= LATE_MS;
    if (loss >= CLEAN) this.#lost = at;
    if (queue && available < ONCE_BELOW) this.#tight = at;
    this.#thin = this.#thinner(at, available, loss, queue);
    // In a jam a browser comes to believe in next to nothing, and takes seconds to believe in what arrives.
    const carried = at - this.#jammed < TRY_AFTER_MS ? this.#arrives : 0;
    const room = Math.max(available, carried) - (this.#thin ? Math.min(sound, this.#least(at)) : sound);
    this.#held = this.#without(at, queue ? 0 : room, queue);
    return this.#saving(at);
  }

  /** Takes the server's word for a queue on the way up, and for how much of it arrives. It knows before the browser does. */
  jam(at: number, on: boolean, arrives: number): Saving {
    this.#jam = on;
    this.#said = at;
    if (on) {
      this.#jammed = at;
      this.#arrives = arrives;
      this.#wideSince = undefined;
      if (arrives < ONCE_BELOW) this.#tight = at;
      if (arrives < THIN_UNTIL) this.#thin = true;
      const room = arrives - this.#least(at);
      if (!this.#held && room < TOO_LITTLE) this.#held = this.#giveUp(at, 4);
      // It said too little at first, while others had the way.
      else if (this.#held && room >= ENOUGH && at - this.#turned < CORRECTED_WITHIN_MS) [this.#held, this.#turned] = [false, -Infinity];
    }
    return this.#saving(at);
  }

  #saving(at: number): Saving {
    return { held: this.#held, thin: this.#thin, once: this.#thin && this.#once(at) };
  }

  /** Nothing gets lost, or a queue has told that there is no room. What a browser believes in without a picture is only the least it ever does. */
  #once(at: number): boolean {
    return at - this.#lost >= LOSSY_FOR_MS || this.#jam || at - this.#tight < TIGHT_FOR_MS;
  }

  #least(at: number): number {
    return this.#once(at) ? THIN_SOUND : THIN_SOUND + THIN_COPIES;
  }

  #thinner(at: number, available: number, loss: number, queue: boolean): boolean {
    if (!this.#thin) {
      this.#wideSince = undefined;
      return queue || available < THIN_WHATEVER || (available < THIN_BELOW && loss < THIN_LOSS);
    }
    const jam = queue || this.#jam || at - this.#jammed < TRY_AFTER_MS;
    this.#wideSince = available >= THIN_UNTIL && !jam ? (this.#wideSince ?? at) : undefined;
    return this.#wideSince === undefined || at - this.#wideSince < THICKER_AFTER_MS;
  }

  #without(at: number, room: number, queue: boolean): boolean {
    if (this.#held) {
      this.#since = room >= ENOUGH && room < Infinity ? (this.#since ?? at) : undefined;
      const wide = this.#since !== undefined && at - this.#since >= RESUME_AFTER_MS && at - this.#jammed >= this.#wait;
      return !this.#jam && (wide || (at - this.#turned >= this.#wait && at - this.#lost >= TRY_AFTER_MS && room > 0)) ? this.#turn(false, at) : true;
    }
    const failed = this.#failed(at);
    // Without a picture a browser comes to believe in little more than the sound. Whether there is more, a try has to show.
    const trying = at - this.#turned < TRY_FOR_MS && !queue;
    this.#since = room < TOO_LITTLE && !trying ? (this.#since ?? at) : undefined;
    // A try that has filled the queue does not go on for the sake of certainty, and is not repeated soon.
    if (this.#since === undefined || (!(failed && queue) && at - this.#since < PAUSE_AFTER_MS)) return false;
    return this.#giveUp(at, queue ? 4 : 2);
  }

  #failed(at: number): boolean {
    return at - this.#turned < FAILED_WITHIN_MS;
  }

  /** Holds the picture. After a try that has failed the next one waits longer. */
  #giveUp(at: number, longer: number): boolean {
    this.#wait = this.#failed(at) ? Math.min(this.#wait * longer, TRY_AT_MOST_MS) : TRY_AFTER_MS;
    return this.#turn(true, at);
  }

  #turn(held: boolean, at: number): boolean {
    this.#since = undefined;
    this.#turned = at;
    return held;
  }
}
