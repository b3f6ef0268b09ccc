import type { Upload } from '../signal/wire.js';
import { newRef } from './chat.js';
import type { Event } from './state.js';

/** A file that is let go beside the messages is not taken: a browser would show it in place of the call. */
export function refuseDrops(signal: AbortSignal): void {
  window.addEventListener(
    'dragover',
    (event) => {
      if (event.defaultPrevented || !event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'none';
    },
    { signal },
  );
}

/** The files of this page that are on their way, and the requests that take them to the host app. */
export class Uploads {
  readonly #dispatch: (event: Event) => void;
  readonly #files = new Map<string, File>();
  readonly #requests = new Map<string, XMLHttpRequest>();

  constructor(dispatch: (event: Event) => void) {
    this.#dispatch = dispatch;
  }

  /** Offers a file to the thread. */
  give(file: File): void {
    const ref = newRef();
    this.#files.set(ref, file);
    this.#dispatch({ type: 'give', ref, name: file.name, size: file.size, media: file.type });
  }

  /** Offers a file that did not arrive once more, as a new one: the old offer is closed. */
  again(ref: string): void {
    const file = this.#files.get(ref);
    this.#dispatch({ type: 'take-back', ref });
    if (file) this.give(file);
  }

  /** Takes a file where the host app said. A fetch could not tell how far it is. */
  bring(ref: string, upload: Upload): void {
    const file = this.#files.get(ref);
    if (!file) return;
    const request = new XMLHttpRequest();
    const over = (how: 'done' | 'network' | 'rejected'): void => {
      this.#requests.delete(ref);
      this.#dispatch({ type: 'brought', ref, how });
    };
    this.#requests.set(ref, request);
    request.open(upload.method, new URL(upload.url, location.href));
    for (const { name, value } of upload.headers) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => this.#dispatch({ type: 'sent', ref, part: file.size > 0 ? Math.min(1, loaded / file.size) : 0 });
    request.onload = () => over(request.status >= 200 && request.status < 300 ? 'done' : 'rejected');
    request.onerror = () => over('network');
    request.send(file);
  }

  /** Forgets a file whose request is over, and stops one that is not. A file that may be offered again is kept. */
  letGo(ref: string, forget: boolean): void {
    this.#requests.get(ref)?.abort();
    this.#requests.delete(ref);
    if (forget) this.#files.delete(ref);
  }

  close(): void {
    for (const ref of [...this.#files.keys()]) this.letGo(ref, true);
  }
}
