import type { IceServer } from '../signal/wire.js';
import { udp } from './relays.js';
import type { Way } from './way.js';

/** When it is looked for a better way first, and at most how long after the last look, which is twice as long each time. */
const FIRST_MS = 10_000;
const LONGEST_MS = 120_000;
/** How long a look takes where nothing answers. */
const ANSWER_WITHIN_MS = 3000;

export interface BetterOptions {
  iceServers(): readonly IceServer[];
  /** UDP gets through: there is a better way than the one in use. */
  onFound(): void;
  /** Finds out whether UDP gets through; tests pass their own. */
  passes?: (iceServers: readonly IceServer[]) => Promise<boolean>;
}

/**
 * Looks from time to time whether a way has opened that is better than a relay. It asks the relay over UDP, which is on the
 * port of the media, with a connection of its own that never carries anything: the call is not touched, and an ICE restart
 * in vain would touch it.
 */
export class BetterWay {
  readonly #options: BetterOptions;
  #over: Way['over'] = 'direct';
  #wait = FIRST_MS;
  #round = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: BetterOptions) {
    this.#options = options;
  }

  /** Takes the way that media go now. */
  goes(over: Way['over']): void {
    if (this.#closed) return;
    const was = this.#over;
    this.#over = over;
    if ((over === 'direct') === (was === 'direct')) return;
    this.#round++;
    if (over === 'direct') {
      this.#wait = FIRST_MS;
      clearTimeout(this.#timer);
    } else {
      this.#next();
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #next(): void {
    this.#timer = setTimeout(() => void this.#look(), this.#wait);
    this.#wait = Math.min(2 * this.#wait, LONGEST_MS);
  }

  async #look(): Promise<void> {
    const round = this.#round;
    const passes = await (this.#options.passes ?? udpPasses)(this.#options.iceServers());
    if (this.#closed || this.#round !== round) return;
    if (passes) this.#options.onFound();
    this.#next();
  }
}

/** Whether a relay over UDP gives an address. */
async function udpPasses(iceServers: readonly IceServer[]): Promise<boolean> {
  const relays = udp(iceServers);
  if (relays.length === 0) return false;
  const pc = new RTCPeerConnection({ iceServers: relays, iceTransportPolicy: 'relay' });
  try {
    const gathered = new Promise<boolean>((done) => {
      pc.addEventListener('icecandidate', ({ candidate }) => candidate?.candidate && done(true));
      setTimeout(() => done(false), ANSWER_WITHIN_MS);
    });
    pc.addTransceiver('audio', { direction: 'recvonly' });
    await pc.setLocalDescription();
    return await gathered;
  } catch {
    return false;
  } finally {
    pc.close();
  }
}
