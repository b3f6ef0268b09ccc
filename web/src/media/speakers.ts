/**
 * Plays what the others say. Sound has elements of its own, apart from the pictures: an element with both would hold the
 * sound back until the first picture arrives, and there may never be one.
 */
export class Speakers {
  readonly #elements = new Map<string, HTMLAudioElement>();
  readonly #onBlocked: (blocked: boolean) => void;
  #sink = '';

  constructor(onBlocked: (blocked: boolean) => void) {
    this.#onBlocked = onBlocked;
  }

  /** Plays exactly these streams, by name. */
  play(streams: ReadonlyMap<string, MediaStream>): void {
    for (const [name, element] of this.#elements) {
      if (streams.has(name)) continue;
      element.pause();
      element.srcObject = null;
      this.#elements.delete(name);
    }
    for (const [name, stream] of streams) {
      let element = this.#elements.get(name);
      if (!element) {
        element = new Audio();
        this.#elements.set(name, element);
        this.#route(element);
      }
      if (element.srcObject === stream) continue;
      element.srcObject = stream;
      this.#start(element);
    }
  }

  /** Starts what the browser held back. Call it from a press of a button. */
  unblock(): void {
    this.#onBlocked(false);
    for (const element of this.#elements.values()) this.#start(element);
  }

  /** Sends the sound to a chosen device, where the browser can. */
  choose(sink: string): void {
    this.#sink = sink;
    for (const element of this.#elements.values()) this.#route(element);
  }

  close(): void {
    this.play(new Map());
  }

  #start(element: HTMLAudioElement): void {
    element.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') this.#onBlocked(true);
    });
  }

  #route(element: HTMLAudioElement): void {
    // A device that is gone leaves the sound where it is, which is what the person would want.
    if (canChooseSpeaker()) void element.setSinkId(this.#sink).catch(() => undefined);
  }
}

export function canChooseSpeaker(): boolean {
  return 'setSinkId' in HTMLMediaElement.prototype;
}
