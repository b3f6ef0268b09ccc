import type { IceServer } from '../signal/wire.js';

/** A way to the server that was tried in vain, for the time being. */
export interface Tried {
  over: 'direct' | 'udp' | 'tcp' | 'tls';
  host: string;
  port: number;
  /** The relay answered, so that it is not this way that is blocked, but what comes after it. */
  answered: boolean;
}

type Entry = Record<string, unknown>;

const RELAY = /^(turns?):(\[[^\]]+\]|[^:?]+)(?::(\d+))?(?:\?transport=(udp|tcp))?$/i;
const CANDIDATE = /^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host/gim;

/** Every way to the server there is: its own addresses, of its answer, and its relays, each once. */
export function ways(iceServers: readonly IceServer[], answer: string): Tried[] {
  const all: Tried[] = [];
  const add = (over: Tried['over'], host: string, port: number): void => {
    if (!all.some((one) => one.over === over && one.host === host && one.port === port)) all.push({ over, host, port, answered: false });
  };
  for (const [, host, port] of answer.matchAll(CANDIDATE)) add('direct', host!, Number(port));
  for (const { urls } of iceServers) {
    for (const url of urls) {
      const [, scheme, host, port, transport] = RELAY.exec(url) ?? [];
      if (!scheme || !host) continue;
      const tls = scheme.toLowerCase() === 'turns';
      add(tls ? 'tls' : transport?.toLowerCase() === 'tcp' ? 'tcp' : 'udp', host.replace(/^\[|\]$/g, ''), Number(port ?? (tls ? 5349 : 3478)));
    }
  }
  return all;
}

/** Marks the relays that gave an address, as a report of statistics has it. */
export function answered(all: readonly Tried[], report: Iterable<Entry>): Tried[] {
  const heard = new Set<unknown>();
  for (const entry of report) {
    if (entry['type'] === 'local-candidate' && entry['candidateType'] === 'relay') heard.add(entry['relayProtocol'] ?? 'udp');
  }
  return all.map((one) => ({ ...one, answered: heard.has(one.over) }));
}

/** What a network would have to let through, each once: any of them is enough for a call. */
export function openings(all: readonly Tried[]): { protocol: 'UDP' | 'TCP'; host: string; port: number }[] {
  const relayed = all.some((one) => one.over === 'udp');
  const found: ReturnType<typeof openings> = [];
  for (const { over, host, port } of all) {
    // Where UDP is relayed, that is one of the server's own addresses, and the one people reach it by.
    if (over === 'direct' && relayed) continue;
    const protocol = over === 'direct' || over === 'udp' ? 'UDP' : 'TCP';
    if (!found.some((one) => one.protocol === protocol && one.host === host && one.port === port)) found.push({ protocol, host, port });
  }
  return found;
}
