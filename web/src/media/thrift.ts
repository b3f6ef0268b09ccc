/** What one look at the connection tells, all in bit/s but the loss. */
export interface Room {
  at: number;
  /** What the browser believes that the way to the server carries; undefined where it does not tell. */
  available: number | undefined;
  /** What the sound takes, headers included. */
  sound: number;
  /** The share of packets that the server missed. */
  loss: number;
}

/** With less than this beside the sound there is no picture worth having, and with this much there is one again. */
export const TOO_LITTLE = 60_000;
export const ENOUGH = 90_000;

const PAUSE_AFTER_MS = 2000;
const RESUME_AFTER_MS = 2000;
/** An estimate hardly grows while there is little to send: after this long the picture is tried again. */
const TRY_AFTER_MS = 10_000;
const TRY_AT_MOST_MS = 80_000;
/** A try that ends within this time has failed, and the next one waits twice as long. */
const FAILED_WITHIN_MS = 20_000;
const CLEAN = 0.02;

/** Decides whether one's own picture is sent: sound goes before it. Pure: it is told the time. */
export class Thrift {
  #held = false;
  /** Since when it has been as it was seen last, or undefined while that agrees with what is done. */
  #since: number | undefined;
  #turned = -Infinity;
  #wait = TRY_AFTER_MS;

  /** Takes a look, and says whether the picture is to be held back. */
  look({ at, available, sound, loss }: Room): boolean {
    if (available === undefined) return this.#held;
    const room = available - sound;
    if (this.#held) {
      this.#since = room >= ENOUGH ? (this.#since ?? at) : undefined;
      const wide = this.#since !== undefined && at - this.#since >= RESUME_AFTER_MS;
      if (wide || (at - this.#turned >= this.#wait && loss < CLEAN)) this.#turn(false, at);
      return this.#held;
    }
    this.#since = room < TOO_LITTLE ? (this.#since ?? at) : undefined;
    if (this.#since !== undefined && at - this.#since >= PAUSE_AFTER_MS) {
      const failed = at - this.#turned < FAILED_WITHIN_MS;
      this.#wait = failed ? Math.min(this.#wait * 2, TRY_AT_MOST_MS) : TRY_AFTER_MS;
      this.#turn(true, at);
    }
    return this.#held;
  }

  #turn(held: boolean, at: number): void {
    this.#held = held;
    this.#since = undefined;
    this.#turned = at;
  }
}
