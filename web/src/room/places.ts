import type { Connection } from '../media/connection.js';

export type At = number | 'screen';

/** The streams of a place: sound and picture are played by elements of their own. */
export interface Streams {
  sound: MediaStream;
  picture: MediaStream;
}

/** What is played at each place. When the connection is made anew, its last pictures stand until there are others. */
export class Places {
  #connection: Connection | undefined;
  #streams = new Map<At, Streams>();
  /** The last pictures of the connection before. */
  #last = new Map<At, Streams>();
  readonly #stop: AbortSignal;
  readonly #onChange: () => void;

  constructor(stop: AbortSignal, onChange: () => void) {
    this.#stop = stop;
    this.#onChange = onChange;
  }

  /** Takes another connection; `keep` says whether the one before has shown anything. */
  of(connection: Connection, keep: boolean): void {
    this.#last = keep ? new Map([...this.#last, ...this.#streams]) : new Map();
    this.#streams.clear();
    this.#connection = connection;
  }

  at(at: At): Streams | undefined {
    const held = this.#streams.get(at);
    if (held) return held;
    const place = this.#connection?.place(at);
    if (!place) return undefined;
    const made = { sound: new MediaStream([place.audio]), picture: new MediaStream([place.video]) };
    const last = this.#last.get(at);
    if (!last) {
      this.#streams.set(at, made);
      return made;
    }
    const standing = { sound: made.sound, picture: last.picture };
    this.#streams.set(at, standing);
    firstFrame(made.picture, this.#stop, () => {
      if (this.#streams.get(at) !== standing) return;
      this.#last.delete(at);
      this.#streams.set(at, made);
      this.#onChange();
    });
    return standing;
  }
}

/** Calls back once a picture has a frame to show. */
function firstFrame(picture: MediaStream, stop: AbortSignal, shown: () => void): void {
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = picture;
  video.addEventListener('loadeddata', () => {
    video.srcObject = null;
    shown();
  }, { once: true, signal: stop });
  stop.addEventListener('abort', () => (video.srcObject = null), { once: true });
  void video.play().catch(() => undefined);
}
