/** A media element, as far as playing it together with others needs it. */
export interface Player {
  currentTime: number;
  playbackRate: number;
  readonly paused: boolean;
  readonly readyState: number;
  readonly seeking: boolean;
  play(): Promise<void>;
  pause(): void;
}

/** One file on the common time line; times are seconds. */
export interface Part {
  player: Player;
  start: number;
  duration: number;
}

const ENOUGH_DATA = 3; // HTMLMediaElement.HAVE_FUTURE_DATA
const APART = 0.3; // beyond this a part is put where it belongs
const SLIGHTLY = 0.04; // beyond this it is played a little faster or slower
const NUDGE = 0.05;

/**
 * Plays several files as one: the position is a clock of its own, and every part is kept to it. While a part that is due
 * has nothing to play, all wait for it.
 */
export class Together {
  readonly #parts: Part[];
  readonly #length: number;
  #position = 0;
  #at: number | undefined; // when the position was taken, while it runs
  #waiting = false;

  constructor(parts: Part[], length: number) {
    this.#parts = parts;
    this.#length = length;
  }

  get playing(): boolean {
    return this.#at !== undefined;
  }

  /** Whether all wait for one that loads. */
  get waiting(): boolean {
    return this.#waiting;
  }

  get position(): number {
    return this.#position;
  }

  play(now: number): void {
    if (this.#position >= this.#length) this.#position = 0;
    this.#at = now;
    this.tick(now);
  }

  pause(): void {
    this.#at = undefined;
    this.#waiting = false;
    for (const { player } of this.#parts) if (!player.paused) player.pause();
  }

  seek(position: number, now: number): void {
    this.#position = Math.min(Math.max(position, 0), this.#length);
    if (this.#at !== undefined) this.#at = now;
    for (const part of this.#parts) this.#place(part);
    if (this.playing) this.tick(now);
  }

  /** Takes the clock forward and brings every part in line. It is called several times a second; now is in seconds. */
  tick(now: number): void {
    if (this.#at === undefined) return;
    const due = this.#parts.filter((part) => this.#due(part));
    this.#waiting = due.some(({ player }) => player.seeking || player.readyState < ENOUGH_DATA);
    if (!this.#waiting) this.#position = Math.min(this.#position + now - this.#at, this.#length);
    this.#at = now;
    if (this.#position >= this.#length) {
      this.pause();
      return;
    }
    for (const part of this.#parts) this.#follow(part);
  }

  #due({ start, duration }: Part): boolean {
    return this.#position >= start && this.#position < start + duration;
  }

  #place(part: Part): void {
    part.player.currentTime = Math.min(Math.max(this.#position - part.start, 0), part.duration);
  }

  #follow(part: Part): void {
    const { player } = part;
    if (!this.#due(part)) {
      if (!player.paused) player.pause();
      return;
    }
    const ahead = player.currentTime - (this.#position - part.start);
    if (Math.abs(ahead) > APART && !player.seeking) this.#place(part);
    const correction = Math.abs(ahead) > SLIGHTLY && Math.abs(ahead) <= APART ? -Math.sign(ahead) * NUDGE : 0;
    player.playbackRate = 1 + correction;
    if (this.#waiting) {
      if (!player.paused) player.pause();
    } else if (player.paused) {
      player.play().catch(() => undefined); // it is tried again with the next tick
    }
  }
}
