import { en } from '../i18n/en.js';
import type { Consent, Recording, RecordingChanged } from '../signal/wire.js';
import type { State, Step } from './state.js';

/** The recording of the interview, where there can be one. */
export function recordingOf(state: State): Recording | undefined {
  return state.interview?.recording;
}

/** Whether this person is being asked, and has not answered. */
export function asked(state: State): boolean {
  const recording = recordingOf(state);
  if (!recording || recording.state === 'none' || !state.you) return false;
  return answerOf(recording, state.you.id) === undefined;
}

export function answerOf(recording: Recording, id: string): Consent['state'] | undefined {
  return recording.consents.find((c) => c.participant === id)?.state;
}

/** What the server decided about the recording: shown, and said aloud to everybody in the same words. */
export function recordingChanged(state: State, message: RecordingChanged): Step {
  const { change, by = '', reason = '', interview } = message;
  const mine = by === state.you?.id;
  const who = mine ? '' : (state.people.find((p) => p.id === by)?.name ?? interview.participants.findLast((p) => p.id === by)?.name ?? '');
  const proposing = state.proposing && interview.recording?.state === 'none';
  return [{ ...state, interview, proposing }, [{ do: 'say-recording', change, who, reason }]];
}

export function record(state: State, action: 'start' | 'pause' | 'resume' | 'stop' | 'mark'): Step {
  if (action !== 'start') return [state, [{ do: 'send', message: { type: 'recording', action } }]];
  const { version, language } = en.recording.terms;
  return [{ ...state, proposing: false }, [{ do: 'send', message: { type: 'recording', action, text: version, language } }]];
}

export function consent(state: State, granted: boolean): Step {
  const id = recordingOf(state)?.id;
  if (!id) return [state, []];
  const { version, language } = en.recording.terms;
  return [state, [{ do: 'send', message: { type: 'consent', recording: id, state: granted ? 'granted' : 'declined', text: version, language } }]];
}

/**
 * Whether this person took their agreement back, and may have what was recorded deleted: of everybody once it has ended, or of them
 * alone, also while it goes on.
 */
export function mayDiscard(state: State): boolean {
  const recording = recordingOf(state);
  if (!recording?.started_at || !state.you || recording.id === state.settled) return false;
  if (recording.state !== 'none' && recording.mode !== 'per_track') return false;
  return answerOf(recording, state.you.id) === 'withdrawn';
}

export function discard(state: State, wanted: boolean): Step {
  const settled = recordingOf(state)?.id ?? '';
  return [{ ...state, settled }, wanted ? [{ do: 'send', message: { type: 'recording', action: 'delete' } }] : []];
}
