import { Connection } from '../media/connection.js';
import type { Tried } from '../media/blocked.js';
import { Pulse } from '../media/pulse.js';
import type { Way } from '../media/way.js';
import type { IceServer } from '../signal/wire.js';

/** What a check has found out about the network. */
export type Verdict =
  | { state: 'checking' }
  | { state: 'through'; way: Way }
  | { state: 'blocked'; tried: readonly Tried[] }
  | { state: 'busy' }
  | { state: 'unreachable' };

interface Begun {
  id: string;
  ice_servers: IceServer[];
}

/** How long to wait for a way that is better than the first, and for its time there and back. */
const SETTLE_MS = 1500;

/**
 * Connects as an interview's page does, to a place on the server where nobody is, and says how it went. It ends by itself;
 * abort the signal to end it sooner.
 */
export async function probe(signal: AbortSignal, relayed: boolean, onVerdict: (verdict: Verdict) => void): Promise<void> {
  // What fails first may have been the handshake: the second try begins it from the other side.
  for (const fallback of [false, true]) {
    const verdict = await tried(signal, relayed, fallback, onVerdict);
    if (signal.aborted) return;
    if (verdict.state !== 'blocked' || fallback) {
      onVerdict(verdict);
      return;
    }
  }
}

async function tried(signal: AbortSignal, relayed: boolean, fallback: boolean, onVerdict: (verdict: Verdict) => void): Promise<Verdict> {
  let begun: Begun;
  try {
    const response = await fetch('/v1/checks', { method: 'POST', signal });
    if (response.status === 429) return { state: 'busy' };
    if (!response.ok) return { state: 'unreachable' };
    begun = (await response.json()) as Begun;
  } catch {
    return { state: 'unreachable' };
  }
  let found: readonly Tried[] = [];
  let way: Way | undefined;
  let settle: (through: boolean) => void = () => undefined;
  const connected = new Promise<boolean>((done) => (settle = done));
  const connection = new Connection({
    iceServers: begun.ice_servers,
    sources: ['mic'],
    seats: 0,
    fallback,
    relayed,
    everything: fallback,
    onState: (state) => {
      if (state === 'connected') settle(true);
      if (state === 'failed') settle(false);
    },
    onBlocked: (ways) => {
      found = ways;
      if (!signal.aborted) onVerdict({ state: 'blocked', tried: ways });
    },
  });
  const pulse = new Pulse(connection.pc, { due: () => false, onSilence: () => undefined, onWay: (found) => (way = found) });
  signal.addEventListener('abort', () => settle(false));
  try {
    const offer = await connection.offer();
    const response = await fetch(`/v1/checks/${begun.id}/offer`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ sdp: offer.sdp, mic: offer.sources.mic, screen_audio: offer.screen?.audio, screen_video: offer.screen?.video, fallback }),
      signal,
    });
    if (!response.ok) return { state: 'unreachable' };
    await connection.accept(((await response.json()) as { sdp: string }).sdp);
    if (!(await connected)) return { state: 'blocked', tried: found };
    await new Promise((done) => setTimeout(done, SETTLE_MS));
    return way ? { state: 'through', way } : { state: 'through', way: { over: 'direct', rtt: undefined } };
  } catch {
    return { state: 'unreachable' };
  } finally {
    pulse.close();
    connection.close();
    void fetch(`/v1/checks/${begun.id}`, { method: 'DELETE', keepalive: true }).catch(() => undefined);
  }
}
