import type { Presence, Quality, Seated, Source } from '../signal/wire.js';
import type { Effect, News, State, Step } from './state.js';
import { steady } from './steady.js';

export const EMPTY: State['seating'] = { seats: [], screen: '' };

export function changed(state: State, change: 'joined' | 'left' | 'changed', who: Presence): Step {
  const before = state.people.find((p) => p.id === who.id);
  const mine = who.id === state.you?.id;
  const say = (news: News): Effect[] => (mine ? [] : [{ do: 'say', news, who: (before ?? who).name || who.name }]);
  if (change === 'left') {
    const people = state.people.filter((p) => p.id !== who.id);
    const pinned = state.pinned === who.id ? '' : state.pinned;
    return [{ ...state, people, pinned, qualities: unmeasured(state, who.id) }, before ? say('left') : []];
  }
  const people = before ? state.people.map((p) => (p.id === who.id ? who : p)) : [...state.people, who];
  if (!before) return [{ ...state, people }, say('joined')];
  if (before.reconnecting !== who.reconnecting) return [{ ...state, people, qualities: unmeasured(state, who.id) }, say(who.reconnecting ? 'reconnecting' : 'back')];
  return [{ ...state, people }, []];
}

export function measured(state: State, quality: Quality, at: number): Step {
  const id = quality.participant;
  const mine = id === state.you?.id;
  const who = mine ? '' : state.people.find((p) => p.id === id)?.name;
  if (who === undefined) return [state, []];
  const before = state.qualities.get(id);
  const now = steady(before, quality, at);
  const next: State = { ...state, qualities: new Map(state.qualities).set(id, now) };
  return [next, now.cause === (before?.cause ?? '') ? [] : [{ do: 'say-cause', cause: now.cause, who }]];
}

/** Forgets how somebody's connection was: it is gone. */
function unmeasured(state: State, id: string): State['qualities'] {
  const rest = new Map(state.qualities);
  rest.delete(id);
  return rest;
}

export function published(state: State, id: string, source: Source, on: boolean, paused: boolean): Step {
  const next = person(state, id, (p) => {
    const without = (list: Source[] = []): Source[] => list.filter((s) => s !== source);
    return {
      ...p,
      publishing: on ? [...without(p.publishing), source] : without(p.publishing),
      paused: paused ? [...without(p.paused), source] : without(p.paused),
    };
  });
  const who = state.people.find((p) => p.id === id);
  if (source === 'camera' && who && id !== state.you?.id && on && (who.paused?.includes('camera') ?? false) !== paused) {
    return [next, [{ do: 'say', news: paused ? 'picture-paused' : 'picture-back', who: who.name }]];
  }
  if (source !== 'screen' || !who || id === state.you?.id || who.publishing.includes('screen') === on) return [next, []];
  return [next, [{ do: 'say', news: on ? 'sharing' : 'stopped-sharing', who: who.name }]];
}

export function person(state: State, id: string, change: (p: Presence) => Presence): State {
  return { ...state, people: state.people.map((p) => (p.id === id ? change(p) : p)) };
}

export function seated(seating: State['seating'], changes: readonly Seated[]): State['seating'] {
  const seats = [...seating.seats];
  let screen = seating.screen;
  for (const { place, seat, participant } of changes) {
    if (place === 'screen') screen = participant;
    else seats[seat] = participant;
  }
  return { seats: Array.from(seats, (id) => id ?? ''), screen };
}
