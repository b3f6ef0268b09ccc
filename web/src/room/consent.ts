import { en } from '../i18n/en.js';
import type { Consent, Recording, RecordingChanged } from '../signal/wire.js';
import type { Effect, State, Step } from './state.js';

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

/** What somebody answered to the question whether what they say may be put into writing. */
export function transcriptionOf(recording: Recording, id: string): Consent['state'] | undefined {
  return recording.transcription?.find((c) => c.participant === id)?.state;
}

/** Whether this person may agree to it, or take it back: those who are recorded may. */
export function mayBeTranscribed(state: State): boolean {
  const recording = recordingOf(state);
  if (!recording?.transcripts || recording.state === 'none' || !state.you) return false;
  return answerOf(recording, state.you.id) === 'granted';
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
  const next: State = { ...state, interview, proposing, reading: state.reading && interview.recording?.state !== 'none' };
  const said: Effect = { do: 'say-recording', change, who, reason };
  if (interview.recording?.state === 'none') return [{ ...next, willing: false }, [said]];
  if (!next.willing || !mayBeTranscribed(next)) return [next, [said]];
  const [after, effects] = transcribe(next, true);
  return [after, [said, ...effects]];
}

/** Tells whether what this person says may be put into writing. */
export function transcribe(state: State, granted: boolean): Step {
  const next: State = { ...state, willing: false, reading: false };
  const id = recordingOf(state)?.id;
  if (!id) return [next, []];
  const { version, language } = en.recording.transcript.terms;
  return [
    next,
    [{ do: 'send', message: { type: 'consent', recording: id, kind: 'transcription', state: granted ? 'granted' : 'declined', text: version, language } }],
  ];
}

export function record(state: State, action: 'start' | 'pause' | 'resume' | 'stop' | 'mark', willing = false): Step {
  if (action !== 'start') return [state, [{ do: 'send', message: { type: 'recording', action } }]];
  const { version, language } = en.recording.terms;
  return [{ ...state, proposing: false, willing }, [{ do: 'send', message: { type: 'recording', action, text: version, language } }]];
}

export function consent(state: State, granted: boolean, transcribed = false): Step {
  const id = recordingOf(state)?.id;
  if (!id) return [state, []];
  const { version, language } = en.recording.terms;
  return [{ ...state, willing: granted && transcribed }, [{ do: 'send', message: { type: 'consent', recording: id, state: granted ? 'granted' : 'declined', text: version, language } }]];
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
