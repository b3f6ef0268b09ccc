import type { Choices, Kind, Problem } from '../media/devices.js';
import type { Tried } from '../media/blocked.js';
import type { MediaState } from '../media/connection.js';
import type { Way } from '../media/way.js';
import { NO_CHAT, type Chat, type ChatEvent, type Complaint } from './chat.js';
import type { Lost, Teller } from './healing.js';
import { NO_FILES, type FileEffect, type FileEvent, type Files } from './files.js';
import type { Link } from '../signal/client.js';
import type { Shown } from './steady.js';
import type { Appeal, Cause, ClientMessage, IceServer, Interview, Layers, Person, Presence, RecordingChange, ServerMessage, Source, Timing, ZoomReason, ZoomWay } from '../signal/wire.js';

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

/** Everything the page shows. It changes only through `reduce` of reduce.ts. */
export interface State {
  phase: 'opening' | 'early' | 'lobby' | 'room' | 'end';
  link: Link;
  transport: Transport;
  lost: Lost | undefined;
  /** The ways that were tried in vain while no call gets through this network; empty otherwise. */
  blocked: readonly Tried[];
  /** How media travel, once they do. */
  way: Way | undefined;
  /** How everybody's connection does, one's own among them, by participant. */
  qualities: ReadonlyMap<string, Shown>;
  /** The places whose picture one's own connection does not carry. */
  paused: ReadonlySet<number | 'screen'>;
  /** Who is shown before others, or ''. */
  pinned: string;
  interview: Interview | undefined;
  /** When it is, or was to be, where one came at another time. */
  timing: { people: Timing['people']; /** of the server's clock before one's own, in ms */ ahead: number } | undefined;
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
  /** The recording whose deletion was offered and answered. */
  settled: string;
  /** The person is about to ask whether the interview may be recorded. */
  proposing: boolean;
  /** They agreed as well that what they say is put into writing, which is told as soon as they may be recorded. */
  willing: boolean;
  /** They read what that means, to agree to it later. */
  reading: boolean;
  /** The way up is too narrow for one's own picture: it is not sent, so that the sound is. */
  held: boolean;
  /** Whether the interview may go on in Zoom, at this person's word or when they ask for it, and the way in. */
  zoom: { available: boolean; mayChoose: boolean; mayPaste: boolean; way: ZoomWay | undefined; refused: string } | undefined;
  end: End | undefined;
  chat: Chat;
  files: Files;
  complaint: Complaint;
}

export type Event =
  | { type: 'server'; message: ServerMessage; at?: number; now?: number }
  | { type: 'link'; link: Link }
  | { type: 'over'; code: string }
  | { type: 'offered'; fallback: boolean }
  | { type: 'transport'; state: MediaState }
  | { type: 'way'; way: Way }
  | { type: 'blocked'; tried: readonly Tried[] }
  | { type: 'silence'; ms: number; now: number }
  | { type: 'better' }
  | { type: 'shaken'; now: number; by: Teller }
  | { type: 'pin'; participant: string }
  | { type: 'asking'; kind: Kind }
  | { type: 'captured'; kind: Kind; problem?: Problem }
  | { type: 'set'; kind: Kind; on: boolean }
  | { type: 'devices'; devices: Choices }
  | { type: 'share' }
  | { type: 'shared'; sound: boolean }
  | { type: 'unshared'; failed?: boolean }
  | { type: 'sound'; blocked: boolean }
  | { type: 'narrow'; on: boolean }
  | { type: 'propose'; on: boolean }
  | { type: 'record'; action: 'start' | 'pause' | 'resume' | 'stop' | 'mark'; transcribed?: boolean }
  | { type: 'consent'; granted: boolean; transcribed?: boolean }
  | { type: 'read-terms'; on: boolean }
  | { type: 'transcribe'; granted: boolean }
  | { type: 'discard'; wanted: boolean }
  | { type: 'zoom'; action: 'offer' | 'choose'; reason: ZoomReason; url?: string }
  | { type: 'to-zoom' }
  | { type: 'join' }
  | ChatEvent
  | FileEvent
  | { type: 'leave' };

export type News = 'joined' | 'left' | 'reconnecting' | 'back' | 'sharing' | 'stopped-sharing' | 'picture-paused' | 'picture-back';

/** What the page does because of an event. */
export type Effect =
  | { do: 'offer'; fallback: boolean; after: number }
  | { do: 'restart' }
  | { do: 'await'; at: number }
  | { do: 'say-moved' }
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
  | { do: 'say-recording'; change: RecordingChange; who: string; reason: string }
  | { do: 'hold'; on: boolean }
  | { do: 'say-held'; on: boolean }
  | { do: 'ice-servers'; servers: IceServer[] }
  | { do: 'layers'; wish: Layers }
  | { do: 'say-message'; who: string; text: string }
  | { do: 'say-guard'; active: boolean }
  | { do: 'say-held-back' }
  | FileEffect
  | { do: 'say-appeal'; state: Appeal['state'] }
  | { do: 'finish'; leave: boolean };

const device: Own = { on: true, ready: false, asking: false, problem: undefined };

export const INITIAL: State = {
  phase: 'opening',
  link: { state: 'connecting' },
  transport: { state: 'none', answered: false, fallback: false, failures: 0, worked: false, restarting: false },
  lost: undefined,
  blocked: [],
  way: undefined,
  qualities: new Map(),
  paused: new Set(),
  pinned: '',
  interview: undefined,
  timing: undefined,
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
  proposing: false,
  willing: false,
  reading: false,
  settled: '',
  held: false,
  zoom: undefined,
  end: undefined,
  chat: NO_CHAT,
  files: NO_FILES,
  complaint: 'none',
};

/** What follows from an event: the next state, and what there is to do. */
export type Step = [State, Effect[]];

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
