import { KINDS, type Choices, type Kind, type Problem } from '../media/devices.js';
import type { MediaState } from '../media/connection.js';
import { relinked, shaken, silence, type Lost } from './healing.js';
import type { Link } from '../signal/client.js';
import { steady, type Shown } from './steady.js';
import { isFinal, type Cause, type ClientMessage, type Interview, type Person, type Presence, type Quality, type Seated, type ServerMessage, type Source } from '../signal/wire.js';

/** A device of one's own. `on` is the person's wish; it publishes only while it is `ready` too. */
export interface Own {
  on: boolean;
  ready: boolean;
  asking: boolean;
  problem: Problem | undefined;
}

/** What became of the media connection. `none` before the first offer, `refused` when the server carries no media. */
export interface Transport {
  state: MediaState | 'none' | 'refused';
  answered: boolean;
  /** The recipe of the last offer that went out. */
  fallback: boolean;
  failures: number;
  /** It has carried something: what fails now is the path, not the handshake. */
  worked: boolean;
  /** ICE is to restart, or does: the answer has not come. */
  restarting: boolean;
}

export interface End {
  /** 'left', 'ended', or an error code of the protocol. */
  code: string;
  canReturn: boolean;
}

/** Everything the page shows. It changes only through `reduce`. */
export interface State {
  phase: 'opening' | 'lobby' | 'room' | 'end';
  link: Link;
  transport: Transport;
  lost: Lost | undefined;
  /** How everybody's connection does, one's own among them, by participant. */
  qualities: ReadonlyMap<string, Shown>;
  /** The places whose picture one's own connection does not carry. */
  paused: ReadonlySet<number | 'screen'>;
  /** Who is shown before others, or ''. */
  pinned: string;
  interview: Interview | undefined;
  you: Person | undefined;
  may: Source[];
  seats: number;
  people: Presence[];
  /** Who sits where: participant ids by seat, '' for an empty one. */
  seating: { seats: string[]; screen: string };
  own: Record<Kind, Own>;
  /** The devices there are to choose from. */
  devices: Choices;
  share: 'off' | 'asking' | 'picture' | 'picture+sound';
  shareFailed: boolean;
  /** The person pressed Join: from now on the page brings them back into the room by itself. */
  wanted: boolean;
  soundBlocked: boolean;
  end: End | undefined;
}

export type Event =
  | { type: 'server'; message: ServerMessage; at?: number }
  | { type: 'link'; link: Link }
  | { type: 'over'; code: string }
  | { type: 'offered'; fallback: boolean }
  | { type: 'transport'; state: MediaState }
  | { type: 'silence'; ms: number; now: number }
  | { type: 'shaken'; now: number; network: boolean }
  | { type: 'pin'; participant: string }
  | { type: 'asking'; kind: Kind }
  | { type: 'captured'; kind: Kind; problem?: Problem }
  | { type: 'set'; kind: Kind; on: boolean }
  | { type: 'devices'; devices: Choices }
  | { type: 'share' }
  | { type: 'shared'; sound: boolean }
  | { type: 'unshared'; failed?: boolean }
  | { type: 'sound'; blocked: boolean }
  | { type: 'join' }
  | { type: 'leave' };

export type News = 'joined' | 'left' | 'reconnecting' | 'back' | 'sharing' | 'stopped-sharing';

/** What the page does because of an event. */
export type Effect =
  | { do: 'offer'; fallback: boolean; after: number }
  | { do: 'restart' }
  | { do: 'probe' }
  | { do: 'reconnect' }
  | { do: 'accept'; id: number; sdp: string }
  | { do: 'send'; message: ClientMessage }
  | { do: 'capture'; kinds: Kind[] }
  | { do: 'capture-screen' }
  | { do: 'stop-screen' }
  | { do: 'put' }
  | { do: 'say'; news: News; who: string }
  | { do: 'say-cause'; cause: Cause; who: string }
  | { do: 'say-paused' }
  | { do: 'layers'; source: Source; rids: string[] }
  | { do: 'finish'; leave: boolean };

const device: Own = { on: true, ready: false, asking: false, problem: undefined };

export const INITIAL: State = {
  phase: 'opening',
  link: { state: 'connecting' },
  transport: { state: 'none', answered: false, fallback: false, failures: 0, worked: false, restarting: false },
  lost: undefined,
  qualities: new Map(),
  paused: new Set(),
  pinned: '',
  interview: undefined,
  you: undefined,
  may: [],
  seats: 0,
  people: [],
  seating: { seats: [], screen: '' },
  own: { mic: device, camera: device },
  devices: { mic: [], camera: [], speaker: [] },
  share: 'off',
  shareFailed: false,
  wanted: false,
  soundBlocked: false,
  end: undefined,
};

type Step = [State, Effect[]];

/** The whole behaviour of the page: what an event makes of the state, and what has to be done about it. */
export function reduce(state: State, event: Event): Step {
  if (state.phase === 'end') return [state, []];
  switch (event.type) {
    case 'server':
      return heard(state, event.message, event.at ?? 0);
    case 'link':
      return [{ ...state, link: event.link }, []];
    case 'over':
      return finish(state, event.code, false);
    case 'offered': {
      const { fallback } = event;
      return [{ ...state, transport: { ...state.transport, state: 'connecting', answered: false, restarting: false, fallback }, paused: new Set() }, []];
    }
    case 'transport':
      return transported(state, event.state);
    case 'silence':
      return silence(state, event.ms, event.now);
    case 'shaken':
      return shaken(state, event.now, event.network);
    case 'pin':
      return [{ ...state, pinned: state.pinned === event.participant ? '' : event.participant }, []];
    case 'asking': {
      const own = { ...state.own[event.kind], asking: true, problem: undefined };
      return [{ ...state, own: { ...state.own, [event.kind]: own } }, [{ do: 'capture', kinds: [event.kind] }]];
    }
    case 'captured':
      return captured(state, event.kind, event.problem);
    case 'set':
      return set(state, event.kind, event.on);
    case 'devices':
      return [{ ...state, devices: event.devices }, []];
    case 'share':
      if (state.share === 'asking') return [state, []];
      if (state.share !== 'off') return [state, [{ do: 'stop-screen' }]];
      return [{ ...state, share: 'asking', shareFailed: false }, [{ do: 'capture-screen' }]];
    case 'shared': {
      const next: State = { ...state, share: event.sound && state.may.includes('screen-audio') ? 'picture+sound' : 'picture' };
      return [next, [{ do: 'put' }, publish('screen', true), publish('screen-audio', next.share === 'picture+sound')]];
    }
    case 'unshared': {
      const was = state.share;
      const next: State = { ...state, share: 'off', shareFailed: event.failed ?? false };
      if (was === 'off' || was === 'asking') return [next, []];
      return [next, [{ do: 'put' }, publish('screen', false), publish('screen-audio', false)]];
    }
    case 'sound':
      return [{ ...state, soundBlocked: event.blocked }, []];
    case 'join':
      if (state.wanted) return [state, []];
      return [{ ...state, wanted: true }, entering(state)];
    case 'leave':
      return finish(state, 'left', true);
  }
}

function heard(state: State, message: ServerMessage, at: number): Step {
  switch (message.type) {
    case 'welcome':
      return welcomed(state, message);
    case 'answer':
      return [{ ...state, transport: { ...state.transport, answered: true, restarting: false } }, [{ do: 'accept', id: message.id, sdp: message.sdp }]];
    case 'entered': {
      const { participants, interview } = message;
      const next = { ...state, people: participants, interview, seating: seated(EMPTY, message.seating) };
      return [state.wanted ? { ...next, phase: 'room' } : next, []];
    }
    case 'participant':
      return changed(state, message.change, message.participant);
    case 'seat':
      return [{ ...state, seating: seated(state.seating, [message]) }, []];
    case 'publish':
      return published(state, message.participant, message.source, message.on);
    case 'speaking':
      return [person(state, message.participant, (p) => ({ ...p, speaking: message.on })), []];
    case 'layers':
      return [state, [{ do: 'layers', source: message.source, rids: message.rids }]];
    case 'paused':
      return paused(state, message.place === 'screen' ? 'screen' : message.seat, message.on);
    case 'quality':
      return measured(state, message, at);
    case 'media':
      return message.state === 'failed' && state.transport.answered ? transported(state, 'failed') : [state, []];
    case 'interview':
      return [{ ...state, interview: message.interview }, []];
    case 'ended':
      return finish({ ...state, interview: message.interview }, 'ended', false);
    case 'error':
      return message.re === 'offer' ? offerRefused(state, message.code) : [state, []];
    default:
      return [state, []];
  }
}

function welcomed(state: State, welcome: Extract<ServerMessage, { type: 'welcome' }>): Step {
  const { interview, you, may, seats, participants } = welcome;
  const own = interview.mode === 'audio' ? { ...state.own, camera: { ...state.own.camera, on: false } } : state.own;
  const next: State = {
    ...state,
    phase: state.phase === 'opening' ? 'lobby' : state.phase,
    interview,
    you,
    may,
    seats,
    own,
    people: participants,
    seating: seated(EMPTY, welcome.seating),
  };
  const effects: Effect[] = [];
  const { transport } = state;
  if (!welcome.resumed || transport.state === 'none') {
    // A new session knows nothing of the connection before it.
    effects.push({ do: 'offer', fallback: transport.fallback, after: 0 });
  } else if (transport.state !== 'refused' && (transport.state === 'failed' || !transport.answered)) {
    effects.push(otherOffer(transport, 0));
  } else {
    effects.push(...relinked(next));
  }
  if (state.wanted) effects.push(...entering(next, welcome.entered));
  if (state.phase === 'opening') {
    const kinds = KINDS.filter((kind) => may.includes(kind));
    if (kinds.length > 0) effects.push({ do: 'capture', kinds });
    next.own = { mic: { ...own.mic, asking: may.includes('mic') }, camera: { ...own.camera, asking: may.includes('camera') } };
  }
  return [next, effects];
}

/** Says what is published, then enters: the others see both at once. */
function entering(state: State, entered = false): Effect[] {
  const on = publishing(state);
  const effects: Effect[] = [{ do: 'put' }, ...state.may.map((source) => publish(source, on.includes(source)))];
  if (!entered || state.phase !== 'room') effects.push({ do: 'send', message: { type: 'enter' } });
  return effects;
}

function transported(state: State, to: MediaState): Step {
  const { transport } = state;
  if (transport.state === 'refused') return [state, []];
  if (to !== 'failed') {
    if (to !== 'connected') return [{ ...state, transport: { ...transport, state: to } }, []];
    return [{ ...state, lost: undefined, transport: { ...transport, state: to, failures: 0, worked: true } }, []];
  }
  if (transport.state === 'failed') return [state, []];
  const failures = transport.failures + 1;
  const next: State = { ...state, transport: { ...transport, state: 'failed', answered: false, failures } };
  // Without a link the next welcome sees to it.
  return [next, state.link.state === 'open' ? [otherOffer(transport, again(failures))] : []];
}

/** What failed may have been the handshake: each new try begins it from the other side, unless it has gone well before. */
function otherOffer(transport: Transport, after: number): Effect {
  return { do: 'offer', fallback: transport.worked && transport.failures < 2 ? transport.fallback : !transport.fallback, after };
}

function offerRefused(state: State, code: string): Step {
  if (code === 'busy') return [state, []]; // the one before it is being answered
  if (code === 'no_media') return [{ ...state, transport: { ...state.transport, state: 'refused' } }, []];
  return transported(state, 'failed');
}

/** The first new try goes at once, later ones wait. */
function again(failures: number): number {
  return failures <= 1 ? 0 : Math.min(10_000, 1000 * 2 ** (failures - 2));
}

function captured(state: State, kind: Kind, problem: Problem | undefined): Step {
  const own = state.own[kind];
  const next: State = {
    ...state,
    own: { ...state.own, [kind]: { ...own, asking: false, ready: problem === undefined, problem } },
  };
  if (!state.wanted) return [next, []];
  return [next, [{ do: 'put' }, publish(kind, publishing(next).includes(kind))]];
}

function set(state: State, kind: Kind, on: boolean): Step {
  const own = state.own[kind];
  if (own.asking || !state.may.includes(kind)) return [state, []];
  const next: State = { ...state, own: { ...state.own, [kind]: { ...own, on } } };
  // A camera that is off is given back, so that its light goes out; a microphone is only muted, and is back at once.
  const release = kind === 'camera' && !on;
  if (release) next.own.camera.ready = false;
  if (on && !own.ready) return reduce(next, { type: 'asking', kind });
  return [next, state.wanted ? [{ do: 'put' }, publish(kind, publishing(next).includes(kind))] : [{ do: 'put' }]];
}

function changed(state: State, change: 'joined' | 'left' | 'changed', who: Presence): Step {
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

function paused(state: State, place: number | 'screen', on: boolean): Step {
  if (state.paused.has(place) === on) return [state, []];
  const places = new Set(state.paused);
  if (on) places.add(place);
  else places.delete(place);
  // Said once, for however many places: the reason is the same.
  return [{ ...state, paused: places }, on && state.paused.size === 0 ? [{ do: 'say-paused' }] : []];
}

function measured(state: State, quality: Quality, at: number): Step {
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

function published(state: State, id: string, source: Source, on: boolean): Step {
  const next = person(state, id, (p) => {
    const rest = p.publishing.filter((s) => s !== source);
    return { ...p, publishing: on ? [...rest, source] : rest };
  });
  const who = state.people.find((p) => p.id === id);
  if (source !== 'screen' || !who || id === state.you?.id || who.publishing.includes('screen') === on) return [next, []];
  return [next, [{ do: 'say', news: on ? 'sharing' : 'stopped-sharing', who: who.name }]];
}

function person(state: State, id: string, change: (p: Presence) => Presence): State {
  return { ...state, people: state.people.map((p) => (p.id === id ? change(p) : p)) };
}

const EMPTY: State['seating'] = { seats: [], screen: '' };

function seated(seating: State['seating'], changes: readonly Seated[]): State['seating'] {
  const seats = [...seating.seats];
  let screen = seating.screen;
  for (const { place, seat, participant } of changes) {
    if (place === 'screen') screen = participant;
    else seats[seat] = participant;
  }
  return { seats: Array.from(seats, (id) => id ?? ''), screen };
}

function finish(state: State, code: string, leave: boolean): Step {
  const final = state.interview !== undefined && isFinal(state.interview.state);
  const end: End = { code, canReturn: !final && RETURNABLE.has(code) };
  return [{ ...state, phase: 'end', end, wanted: false }, [{ do: 'finish', leave }]];
}

/** Ends after which the same link may well open the room again. */
const RETURNABLE = new Set(['left', 'replaced', 'token_reused', 'token_not_yet_valid', 'room_full', 'too_early', 'removed']);

function publish(source: Source, on: boolean): Effect {
  return { do: 'send', message: { type: 'publish', source, on } };
}

/** What this person publishes, or will from the moment they enter. */
export function publishing(state: State): Source[] {
  const on: Source[] = [];
  if (state.own.mic.on && state.own.mic.ready) on.push('mic');
  if (state.own.camera.on && state.own.camera.ready) on.push('camera');
  if (state.share === 'picture' || state.share === 'picture+sound') on.push('screen');
  if (state.share === 'picture+sound') on.push('screen-audio');
  return on.filter((source) => state.may.includes(source));
}

/** Everybody in the room but oneself. */
export function others(state: State): Presence[] {
  return state.people.filter((p) => p.id !== state.you?.id);
}

/** Whose screen is shown, if anybody's. */
export function sharer(state: State): Presence | undefined {
  const id = state.seating.screen;
  return id === '' ? undefined : others(state).find((p) => p.id === id && p.publishing.includes('screen'));
}

/** The seat somebody is shown at, or undefined while they have none. */
export function seatOf(state: State, id: string): number | undefined {
  const seat = state.seating.seats.indexOf(id);
  return seat < 0 ? undefined : seat;
}
