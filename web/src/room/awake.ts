/** Keeps the screen of a phone from going dark while `wanted`. */
export class Awake {
  readonly #wanted: () => boolean;
  #lock: WakeLockSentinel | undefined;
  #asking = false;
  #closed = false;

  constructor(wanted: () => boolean) {
    this.#wanted = wanted;
  }

  /** Brings it in line: call it when something changed. Browsers take the lock back while the page is hidden. */
  async follow(): Promise<void> {
    if (this.#closed || !this.#wanted() || document.visibilityState !== 'visible' || !navigator.wakeLock) return;
    if (this.#asking || (this.#lock && !this.#lock.released)) return;
    this.#asking = true;
    const lock = await navigator.wakeLock.request('screen').catch(() => undefined);
    this.#asking = false;
    if (this.#closed) void lock?.release();
    else this.#lock = lock;
  }

  close(): void {
    this.#closed = true;
    void this.#lock?.release();
  }
}
