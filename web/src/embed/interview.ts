/** The parts of Parley's interview object that the button reads. Anything else in it is ignored. */

/** How people meet: with cameras, by voice only, or in Zoom. */
export type Mode = 'audio' | 'video' | 'zoom';

/** Where an interview is in its life. The button offers to join while it is `ringing` or `live`. */
export type State =
  | 'scheduled'
  | 'ringing'
  | 'live'
  | 'ended'
  | 'missed'
  | 'declined'
  | 'cancelled';

/** An interview as the REST interface returns it. */
export interface Interview {
  id: string;
  thread?: string;
  /** One in Zoom is joined like any other: its room shows the way. */
  mode: Mode;
  state: State;
  /** Who started it. */
  created_by?: string;
  participants?: { id: string; name: string }[];
  /** Ids of the people who are in the room now. */
  present?: string[];
}

/** The host's answer to a press: where this person's room is, and the interview it belongs to. */
export interface Call {
  url: string;
  interview: Interview;
}

/** Every mode there is. */
export const allModes: readonly Mode[] = ['video', 'audio', 'zoom'];

/** Those that are offered when the host names none: not every server makes meetings in Zoom. */
const usualModes: readonly Mode[] = ['video', 'audio'];

/**
 * Reads the `modes` attribute: known modes in the order given, each once. An attribute that is absent or names none
 * of them means video and audio, so that a typing mistake does not leave a thread without a button.
 */
export function readModes(attribute: string): Mode[] {
  const named = attribute.split(/[\s,]+/);
  const modes = [...new Set(named)].filter((name): name is Mode => (allModes as readonly string[]).includes(name));
  return modes.length > 0 ? modes : [...usualModes];
}

/** What the button shows: an offer to start, or an open interview to join. */
export type View =
  | { kind: 'start' }
  | { kind: 'join'; mode: Mode | undefined; state: 'ringing' | 'live'; inside: boolean; names: string[] };

/** What the host told the button, by attributes or by the `interview` property. */
export interface Told {
  interview: Interview | null;
  state: string;
  waitingName: string;
  user: string;
}

/** Decides what to show. The `interview` property wins over `state`; `waiting-name` wins over the names in it. */
export function viewOf(told: Told): View {
  const state = told.interview ? told.interview.state : told.state;
  if (state !== 'ringing' && state !== 'live') return { kind: 'start' };
  const present = told.interview?.present ?? [];
  const inside = told.user !== '' && (present.includes(told.user) || isCaller(told));
  const names = told.waitingName ? [told.waitingName] : namesOf(told.interview, present, told.user);
  return { kind: 'join', mode: told.interview?.mode, state, inside, names };
}

/** Whether the reader started what still rings: they are on their way into the room, or have just left it. */
function isCaller(told: Told): boolean {
  return told.interview?.state === 'ringing' && told.interview.created_by === told.user;
}

function namesOf(interview: Interview | null, present: string[], user: string): string[] {
  return (interview?.participants ?? [])
    .filter((person, index, all) => all.findIndex((other) => other.id === person.id) === index)
    .filter((person) => present.includes(person.id) && person.id !== user)
    .map((person) => person.name);
}
