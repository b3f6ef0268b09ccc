import type { ServerMessage, Welcome, WireError } from '../signal/wire.js';
import { entering, set } from './own.js';
import type { Effect, Event, State, Step } from './state.js';

/** What a welcome says of Zoom. */
export function zoomOf(welcome: Welcome): State['zoom'] {
  const { zoom } = welcome;
  // An interviewer who may only paste a link has nothing to offer or choose: the server makes no meetings.
  return zoom && { available: zoom.may_choose || !zoom.may_paste, mayChoose: zoom.may_choose, mayPaste: zoom.may_paste, way: zoom.way, refused: '' };
}

/** Where the meeting stands from now on. */
export function zoomed(state: State, message: Extract<ServerMessage, { type: 'zoom' }>): Step {
  if (!state.interview) return [state, []];
  const zoom = { available: false, mayChoose: false, mayPaste: false, ...state.zoom, way: message.way, refused: '' };
  return [{ ...state, zoom, interview: { ...state.interview, zoom: message.status } }, []];
}

/** What the person wants of Zoom: to offer it, to choose it, or to choose a meeting of their own. */
export function wishing(state: State, { action, reason, url }: Extract<Event, { type: 'zoom' }>): Step {
  const zoom = state.zoom && { ...state.zoom, refused: '' };
  return [{ ...state, zoom }, [{ do: 'send', message: { type: 'zoom', action, reason, ...(url && { url }) } }]];
}

/** The server did not do what was asked, and says why in words for people. */
export function zoomRefused(state: State, error: WireError): Step {
  return [state.zoom ? { ...state, zoom: { ...state.zoom, refused: error.message } } : state, []];
}

/** Says once to everybody that this network lets no call through, when Zoom could help. Nothing is switched. */
export function offering(state: State): Effect[] {
  const before = state.interview?.zoom?.state;
  const open = before !== undefined && before !== 'ended' && before !== 'failed';
  if (!state.zoom?.available || open || state.transport.failures !== 2 || state.link.state !== 'open' || state.may.length === 0) return [];
  return [{ do: 'send', message: { type: 'zoom', action: 'offer', reason: 'cannot_connect' } }];
}

/** The person opens Zoom, which needs the devices: they are off here, and the person stays in the room. */
export function toZoom(state: State): Step {
  let next = state;
  const effects: Effect[] = [];
  for (const kind of ['mic', 'camera'] as const) {
    const [after, more] = set(next, kind, false);
    next = after;
    effects.push(...more);
  }
  if (next.wanted) return [next, effects];
  next = { ...next, wanted: true };
  return [next, [...effects, ...entering(next)]];
}
