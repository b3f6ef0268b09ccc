import type { Interview, Timing } from '../signal/wire.js';
import type { Effect, State, Step } from './state.js';

/** A page that was wrong about the time asks again no sooner than after this. */
const PATIENCE_MS = 2000;

/** One came too early, or too late: when the interview is, or was to be. */
export function timed(state: State, timing: Timing, early: boolean, now: number): Step {
  const { interview, people, you } = timing;
  const next: State = { ...state, interview, you, timing: { people, ahead: Date.parse(timing.now) - now } };
  if (!early) return [next, []];
  return [{ ...next, phase: 'early' }, opening(next, now)];
}

/** The interview is at another time now, while somebody waits for it. */
export function moved(state: State, interview: Interview, now: number): Step {
  const next: State = { ...state, interview };
  return [next, [...opening(next, now), { do: 'say-moved' }]];
}

/** The moment of one's own clock at which the interview opens by the server's. */
export function opensAt({ interview, timing }: Pick<State, 'interview' | 'timing'>): number {
  return Date.parse(interview?.opens_at ?? '') - (timing?.ahead ?? 0);
}

function opening(state: State, now: number): Effect[] {
  const at = opensAt(state);
  return Number.isNaN(at) ? [] : [{ do: 'await', at: Math.max(at, now + PATIENCE_MS) }];
}

/** Who else is to come, in a list: nobody who only watches or interprets. */
export function expected({ timing, you }: Pick<State, 'timing' | 'you'>): string {
  const names = (timing?.people ?? []).filter((p) => p.id !== you?.id && p.name && (p.role === 'interviewer' || p.role === 'interviewee')).map((p) => p.name);
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(names);
}
