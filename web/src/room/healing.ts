import { others, publishing, type Effect, type State } from './state.js';

/** The connection carries nothing at present. */
export interface Lost {
  /** Since when, of `Date.now()`. */
  since: number;
  /** When the server was first seen to have answered the restart, of `Date.now()`. */
  answered: number | undefined;
  /** A new connection takes the place of the old one. */
  renewed: boolean;
}

/** Silence for which ICE restarts. */
export const RESTART_MS = 2000;
/**
 * A restart that the server has answered gets so long, and as many round trips as a relay over TCP takes. The network is
 * there, then, and media find no way over it: Chromium does not check a way of lower priority, such as a relay, while it
 * believes in the old one, and believes for seconds.
 */
const GRACE_MS = 250;
const GRACE_TRIPS = 4;
const USUAL_RTT_MS = 100;
/** Silence after which the connection is made anew though the restart has no answer. */
export const RENEW_MS = 5000;

/** Who says that the path is lost, or another: the browser or a machine that woke up, ICE, the server. */
export type Teller = 'network' | 'ice' | 'server';

type Step = [State, Effect[]];

/** What is done about a silence: nothing, an ICE restart, a new connection. */
export function silence(state: State, ms: number, now: number): Step {
  const { lost, transport } = state;
  if (transport.state === 'refused' || transport.state === 'failed' || !transport.answered) return [state, []];
  if (ms < RESTART_MS) return lost && !lost.renewed ? [{ ...state, lost: undefined }, []] : [state, []];
  if (!lost) return restart({ ...state, lost: { since: now - ms, answered: undefined, renewed: false } }, [{ do: 'probe' }]);
  // Without a socket nothing can be offered, and who has none has no network: the old path may be the first to be back.
  if (lost.renewed || state.link.state !== 'open') return [state, []];
  if (transport.restarting) return ms < RENEW_MS ? [state, []] : renew(state, lost);
  if (lost.answered === undefined) return [{ ...state, lost: { ...lost, answered: now } }, []];
  const grace = GRACE_MS + GRACE_TRIPS * (state.way?.rtt ?? USUAL_RTT_MS);
  return now - lost.answered < grace ? [state, []] : renew(state, lost);
}

/** Something says that the path is lost, or another. */
export function shaken(state: State, now: number, by: Teller): Step {
  const { lost, transport } = state;
  const effects: Effect[] = [by === 'network' ? { do: 'reconnect' } : { do: 'probe' }];
  if (transport.state !== 'connected' && transport.state !== 'interrupted') return [state, by === 'network' ? effects : []];
  if (lost && (lost.renewed || by !== 'network')) return [state, effects];
  const next = { ...state, lost: lost ?? { since: now, answered: undefined, renewed: false } };
  // The socket is opened anew first: the welcome brings the restart.
  if (by === 'network') return [{ ...next, transport: { ...transport, restarting: true } }, effects];
  // What the server sends arrives, or has just begun to again: a restart would not find another way, or has not.
  if (by === 'server') return renew(state, next.lost);
  return restart(next, effects);
}

/** A better way than the one in use has opened. Media stay on the old one until a check has come over the new. */
export function better(state: State): Step {
  const { lost, transport, link } = state;
  if (lost || transport.state !== 'connected' || transport.restarting || link.state !== 'open') return [state, []];
  return restart(state, []);
}

/** Whether anything should be arriving: the server reports on what one sends, and others send. */
export function due(state: State): boolean {
  if (state.phase !== 'room' || state.transport.state === 'none') return false;
  return publishing(state).length > 0 || others(state).some((p) => !p.reconnecting && p.publishing.length > 0);
}

/** The link is open again, on the same session. */
export function relinked(state: State): Effect[] {
  return state.transport.restarting && !state.lost?.renewed ? [{ do: 'restart' }] : [];
}

function restart(state: State, effects: Effect[]): Step {
  const next = { ...state, transport: { ...state.transport, restarting: true } };
  return [next, state.link.state === 'open' ? [...effects, { do: 'restart' }] : effects];
}

function renew(state: State, lost: Lost): Step {
  return [{ ...state, lost: { ...lost, renewed: true } }, [{ do: 'offer', fallback: state.transport.fallback, after: 0 }]];
}
