import { others, publishing, type Effect, type State } from './state.js';

/** The connection carries nothing at present. */
export interface Lost {
  /** Since when, of `Date.now()`. */
  since: number;
  /** A new connection takes the place of the old one. */
  renewed: boolean;
}

/** Silence for which ICE restarts, and after which the connection is made anew. */
export const RESTART_MS = 2000;
export const RENEW_MS = 5000;

type Step = [State, Effect[]];

/** What is done about a silence: nothing, an ICE restart, a new connection. */
export function silence(state: State, ms: number, now: number): Step {
  const { lost, transport } = state;
  if (transport.state === 'refused' || transport.state === 'failed' || !transport.answered) return [state, []];
  if (ms < RESTART_MS) return lost && !lost.renewed ? [{ ...state, lost: undefined }, []] : [state, []];
  if (!lost) return restart({ ...state, lost: { since: now - ms, renewed: false } }, [{ do: 'probe' }]);
  // Without a socket nothing can be offered, and who has none has no network: the old path may be the first to be back.
  if (ms < RENEW_MS || lost.renewed || state.link.state !== 'open') return [state, []];
  return [{ ...state, lost: { ...lost, renewed: true } }, [{ do: 'offer', fallback: transport.fallback, after: 0 }]];
}

/** Something says that the path is lost, or another: ICE, the server, the browser, a machine that woke up. */
export function shaken(state: State, now: number, network: boolean): Step {
  const { lost, transport } = state;
  const effects: Effect[] = [network ? { do: 'reconnect' } : { do: 'probe' }];
  if (transport.state !== 'connected' && transport.state !== 'interrupted') return [state, network ? effects : []];
  if (lost && (lost.renewed || !network)) return [state, effects];
  // The socket is opened anew first: the welcome brings the restart.
  if (network) return [{ ...state, lost: lost ?? { since: now, renewed: false }, transport: { ...transport, restarting: true } }, effects];
  return restart({ ...state, lost: { since: now, renewed: false } }, effects);
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
