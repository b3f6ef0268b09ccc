/** Where this page keeps what a reload must not lose. Storage may be forbidden or partitioned; then it lasts as long as the page. */
export class Keep {
  readonly #storage: () => Storage;
  readonly #memory = new Map<string, string>();

  constructor(storage: () => Storage) {
    this.#storage = storage;
  }

  get(name: string): string | undefined {
    try {
      return this.#storage().getItem(name) ?? this.#memory.get(name);
    } catch {
      return this.#memory.get(name);
    }
  }

  set(name: string, value: string): void {
    this.#memory.set(name, value);
    try {
      this.#storage().setItem(name, value);
    } catch {
      // The memory has it.
    }
  }
}

export interface Pass {
  interview: string;
  token: string | undefined;
}

/**
 * Reads the interview from the address and the token from its fragment, which no server and no log ever sees. The token
 * is then kept for this tab and taken out of the address, so that it ends up in no screenshot and no bookmark.
 */
export function takePass(location: Pick<Location, 'pathname' | 'search' | 'hash'>, history: Pick<History, 'state' | 'replaceState'>, tab: Keep): Pass {
  const interview = /^\/r\/([^/]+)/.exec(location.pathname)?.[1] ?? '';
  const name = `parley.token.${interview}`;
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token) {
    tab.set(name, token);
    history.replaceState(history.state, '', location.pathname + location.search);
  }
  return { interview, token: token || tab.get(name) };
}

/** Whether the address asks for a path over a relay, as `?relay=1`: for tests, and for support. */
export function relayed(location: Pick<Location, 'search'>): boolean {
  return new URLSearchParams(location.search).get('relay') === '1';
}

/** The name of this browser towards the server: the same in every tab, and made up by chance. */
export function deviceName(kept: Keep): string {
  const before = kept.get('parley.device');
  if (before && /^[A-Za-z0-9_-]{8,64}$/.test(before)) return before;
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  const made = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  kept.set('parley.device', made);
  return made;
}

/** The address of the WebSocket, on the same host as the page. */
export function signalURL(location: Pick<Location, 'protocol' | 'host'>): string {
  return `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/v1/signal`;
}
