import { KINDS } from '../media/devices.js';
import { isFinal, type ServerMessage } from '../signal/wire.js';
import { catchUpFiles, filed, fileRefused, filing } from './files.js';
import { catchUp, chatting, refused, written } from './chat.js';
import { better, relinked, shaken, silence } from './healing.js';
import { asking, captured, entering, narrow, publish, set } from './own.js';
import { changed, EMPTY, measured, person, published, seated } from './people.js';
import { consent, discard, record, recordingChanged, transcribe } from './consent.js';
import type { Effect, End, Event, State, Step } from './state.js';
import { offering, toZoom, wishing, zoomed, zoomOf, zoomRefused } from './zooming.js';
import { moved, timed } from './timing.js';
import { offerRefused, otherOffer, paused, transported } from './transport.js';

/** The whole behaviour of the page: what an event makes of the state, and what has to be done about it. */
export function reduce(state: State, event: Event): Step {
  if (state.phase === 'end') return [state, []];
  switch (event.type) {
    case 'server':
      return heard(state, event.message, event.at ?? 0, event.now ?? 0);
    case 'link':
      return [{ ...state, link: event.link }, []];
    case 'over':
      return finish(state, event.code, false);
    case 'offered': {
      const { fallback } = event;
      return [{ ...state, transport: { ...state.transport, state: 'connecting', answered: false, restarting: false, fallback }, paused: new Set() }, []];
    }
    case 'way':
      return [{ ...state, way: event.way }, []];
    case 'blocked':
      return [state.transport.state === 'connected' ? state : { ...state, blocked: event.tried }, []];
    case 'transport': {
      const [next, effects] = transported(state, event.state);
      return [next, next.transport.failures === state.transport.failures ? effects : [...effects, ...offering(next)]];
    }
    case 'silence':
      return silence(state, event.ms, event.now);
    case 'better':
      return better(state);
    case 'shaken':
      return shaken(state, event.now, event.by);
    case 'zoom':
      return wishing(state, event);
    case 'to-zoom':
      return toZoom(state);
    case 'pin':
      return [{ ...state, pinned: state.pinned === event.participant ? '' : event.participant }, []];
    case 'asking':
      return asking(state, event.kind);
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
      return [next, [{ do: 'put' }, publish(next, 'screen', true), publish(next, 'screen-audio', next.share === 'picture+sound')]];
    }
    case 'unshared': {
      const was = state.share;
      const next: State = { ...state, share: 'off', shareFailed: event.failed ?? false };
      if (was === 'off' || was === 'asking') return [next, []];
      return [next, [{ do: 'put' }, publish(next, 'screen', false), publish(next, 'screen-audio', false)]];
    }
    case 'sound':
      return [{ ...state, soundBlocked: event.blocked }, []];
    case 'narrow':
      return narrow(state, event.on);
    case 'propose':
      return [{ ...state, proposing: event.on }, []];
    case 'record':
      return record(state, event.action, event.transcribed);
    case 'consent':
      return consent(state, event.granted, event.transcribed);
    case 'read-terms':
      return [{ ...state, reading: event.on }, []];
    case 'transcribe':
      return transcribe(state, event.granted);
    case 'discard':
      return discard(state, event.wanted);
    case 'chat':
    case 'say':
    case 'older':
    case 'edit':
    case 'drop':
    case 'contest':
    case 'complain':
    case 'complained':
      return chatting(state, event);
    case 'give':
    case 'sent':
    case 'brought':
    case 'take-back':
      return filing(state, event);
    case 'join':
      if (state.wanted) return [state, []];
      return [{ ...state, wanted: true }, entering(state)];
    case 'leave':
      return finish(state, 'left', true);
  }
}

function heard(state: State, message: ServerMessage, at: number, now: number): Step {
  switch (message.type) {
    case 'welcome':
      return welcomed(state, message);
    case 'ice_servers':
      return [state, [{ do: 'ice-servers', servers: message.ice_servers }]];
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
      return published(state, message.participant, message.source, message.on, message.paused ?? false);
    case 'speaking':
      return [person(state, message.participant, (p) => ({ ...p, speaking: message.on })), []];
    case 'layers':
      return [state, [{ do: 'layers', wish: message }]];
    case 'paused':
      return paused(state, message.place === 'screen' ? 'screen' : message.seat, message.on);
    case 'quality':
      return measured(state, message, at);
    case 'media':
      return message.state === 'failed' && state.transport.answered ? transported(state, 'failed') : [state, []];
    case 'zoom':
      return zoomed(state, message);
    case 'interview':
      if (state.phase === 'early') return moved(state, message.interview, now);
      // Who sat in the lobby of an interview that was moved to later waits like anybody else, with camera and microphone off.
      if (state.phase === 'lobby' && (message.interview.sequence ?? 0) > (state.interview?.sequence ?? 0)) return finish(state, 'moved', true);
      return [{ ...state, interview: message.interview }, []];
    case 'recording':
      return recordingChanged(state, message);
    case 'ended':
      return finish({ ...state, interview: message.interview }, 'ended', false);
    case 'chat':
    case 'receipt':
    case 'history':
    case 'guard':
    case 'appeal':
    case 'complaint':
      return written(state, message);
    case 'file':
      return filed(state, message);
    case 'error':
      if (message.timing) return timed(state, message.timing, !message.fatal, now);
      if (message.re === 'chat' || message.re === 'appeal' || message.re === 'complaint') return refused(state, message);
      if (message.re === 'zoom') return zoomRefused(state, message);
      if (message.re === 'file') return fileRefused(state, message);
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
    phase: state.phase === 'opening' || state.phase === 'early' ? 'lobby' : state.phase,
    interview,
    zoom: zoomOf(welcome),
    you,
    may,
    files: { ...state.files, limits: welcome.files },
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
  if (next.phase !== state.phase) {
    const kinds = KINDS.filter((kind) => may.includes(kind));
    if (kinds.length > 0) effects.push({ do: 'capture', kinds });
    next.own = { mic: { ...own.mic, asking: may.includes('mic') }, camera: { ...own.camera, asking: may.includes('camera') } };
  }
  effects.push(...catchUp(state), ...catchUpFiles(state.files)); // after what concerns sound and picture
  return [next, effects];
}

function finish(state: State, code: string, leave: boolean): Step {
  const final = state.interview !== undefined && isFinal(state.interview.state);
  const end: End = { code, canReturn: !final && RETURNABLE.has(code) };
  return [{ ...state, phase: 'end', end, wanted: false }, [{ do: 'finish', leave }]];
}

/** Ends after which the same link may well open the room again. */
const RETURNABLE = new Set(['left', 'replaced', 'token_reused', 'token_not_yet_valid', 'room_full', 'too_early', 'removed']);
