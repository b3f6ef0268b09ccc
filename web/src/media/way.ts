/** How sound and picture travel: straight to the server, or over a relay, and what carries them to it. */
export interface Way {
  over: 'direct' | 'udp' | 'tcp' | 'tls';
  /** Milliseconds there and back, in steps of ten, where the browser tells. */
  rtt: number | undefined;
}

type Entry = Record<string, unknown>;

/** Finds the way of the pair in use in a report of statistics. */
export function way(report: Iterable<Entry>): Way | undefined {
  const entries = [...report];
  const used = entries.find((entry) => entry['type'] === 'transport')?.['selectedCandidatePairId'];
  const pair = entries.find((entry) => entry['type'] === 'candidate-pair' && (used === undefined ? entry['selected'] === true : entry['id'] === used));
  const local = pair && entries.find((entry) => entry['id'] === pair['localCandidateId']);
  if (!pair || !local) return undefined;
  const rtt = pair['currentRoundTripTime'];
  return { over: over(local), rtt: typeof rtt === 'number' ? Math.max(10, Math.round(rtt * 100) * 10) : undefined };
}

function over(local: Entry): Way['over'] {
  // A path found while checking a relay's has another type, and still says how the relay is reached.
  const relay = local['relayProtocol'];
  if (relay === 'udp' || relay === 'tcp' || relay === 'tls') return relay;
  return local['candidateType'] === 'relay' ? 'udp' : 'direct';
}
