import type { MediaState } from '../media/connection.js';
import type { Effect, State, Step, Transport } from './state.js';

export function transported(state: State, to: MediaState): Step {
  const { transport } = state;
  if (transport.state === 'refused') return [state, []];
  if (to !== 'failed') {
    if (to !== 'connected') return [{ ...state, transport: { ...transport, state: to } }, []];
    return [{ ...state, lost: undefined, blocked: [], transport: { ...transport, state: to, failures: 0, worked: true } }, []];
  }
  if (transport.state === 'failed') return [state, []];
  const failures = transport.failures + 1;
  const next: State = { ...state, transport: { ...transport, state: 'failed', answered: false, failures } };
  // Without a link the next welcome sees to it.
  return [next, state.link.state === 'open' ? [otherOffer(transport, again(failures))] : []];
}

/** What failed may have been the handshake: each new try begins it from the other side, unless it has gone well before. */
export function otherOffer(transport: Transport, after: number): Effect {
  return { do: 'offer', fallback: transport.worked && transport.failures < 2 ? transport.fallback : !transport.fallback, after };
}

export function offerRefused(state: State, code: string): Step {
  if (code === 'busy') return [state, []]; // the one before it is being answered
  if (code === 'no_media') return [{ ...state, transport: { ...state.transport, state: 'refused' } }, []];
  return transported(state, 'failed');
}

/** The first new try goes at once, later ones wait. */
function again(failures: number): number {
  return failures <= 1 ? 0 : Math.min(10_000, 1000 * 2 ** (failures - 2));
}

export function paused(state: State, place: number | 'screen', on: boolean): Step {
  if (state.paused.has(place) === on) return [state, []];
  const places = new Set(state.paused);
  if (on) places.add(place);
  else places.delete(place);
  // Said once, for however many places: the reason is the same.
  return [{ ...state, paused: places }, on && state.paused.size === 0 ? [{ do: 'say-paused' }] : []];
}
