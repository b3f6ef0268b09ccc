import type { Kind, Problem } from '../media/devices.js';
import type { Source } from '../signal/wire.js';
import { publishing, type Effect, type State, type Step } from './state.js';

export function captured(state: State, kind: Kind, problem: Problem | undefined): Step {
  const own = state.own[kind];
  const next: State = {
    ...state,
    own: { ...state.own, [kind]: { ...own, asking: false, ready: problem === undefined, problem } },
  };
  if (!state.wanted) return [next, []];
  return [next, [{ do: 'put' }, publish(next, kind, publishing(next).includes(kind))]];
}

export function set(state: State, kind: Kind, on: boolean): Step {
  const own = state.own[kind];
  if (own.asking || !state.may.includes(kind)) return [state, []];
  const next: State = { ...state, own: { ...state.own, [kind]: { ...own, on } } };
  // A camera that is off is given back, so that its light goes out; a microphone is only muted, and is back at once.
  const release = kind === 'camera' && !on;
  if (release) next.own.camera.ready = false;
  if (on && !own.ready) return asking(next, kind);
  return [next, state.wanted ? [{ do: 'put' }, publish(next, kind, publishing(next).includes(kind))] : [{ do: 'put' }]];
}

/** Says what a source does. A camera that is held back is on, and paused. */
export function publish(state: State, source: Source, on: boolean): Effect {
  const paused = on && source === 'camera' && state.held;
  return { do: 'send', message: { type: 'publish', source, on, ...(paused ? { paused } : {}) } };
}

/** The way up became too narrow for a picture beside the sound, or is wide enough again. */
export function narrow(state: State, on: boolean): Step {
  if (state.held === on) return [state, []];
  const next = { ...state, held: on };
  const effects: Effect[] = [{ do: 'hold', on }];
  if (!state.wanted || !publishing(state).includes('camera')) return [next, effects];
  return [next, [...effects, publish(next, 'camera', true), { do: 'say-held', on }]];
}

/** Says what is published, then enters: the others see both at once. */
export function entering(state: State, entered = false): Effect[] {
  const on = publishing(state);
  const effects: Effect[] = [{ do: 'put' }, ...state.may.map((source) => publish(state, source, on.includes(source)))];
  if (!entered || state.phase !== 'room') effects.push({ do: 'send', message: { type: 'enter' } });
  return effects;
}

/** Asks for a device, again or for the first time. */
export function asking(state: State, kind: Kind): Step {
  const own = { ...state.own[kind], asking: true, problem: undefined };
  return [{ ...state, own: { ...state.own, [kind]: own } }, [{ do: 'capture', kinds: [kind] }]];
}
