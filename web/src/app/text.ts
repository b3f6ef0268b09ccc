/** The sentences of the app that depend on what is going on, and its dates. */
import { type Interview, interviewsOf, type Name, type Thread } from './state.js';

/** Who reads the page, and whom they share the thread with. */
export interface Readers {
  me: string;
  other: Name;
}

/** The line of an interview's card: what it is, and how it stands. */
export function cardText(interview: Interview, readers: Readers): string {
  return `${modeText(interview)} · ${standing(interview, readers)}`;
}

export function modeText(interview: Pick<Interview, 'mode'>): string {
  return { video: 'Video interview', audio: 'Audio interview', zoom: 'Zoom interview' }[interview.mode];
}

function standing(interview: Interview, { me, other }: Readers): string {
  const waiting = waitingName(interview, { me, other });
  switch (interview.state) {
    case 'ringing':
      return waiting ? `${waiting} is waiting` : `Waiting for ${other.name}`;
    case 'live':
      return waiting && !interview.present.includes(me) ? `Live, with ${waiting} in the room` : 'Live';
    case 'scheduled':
      return 'Scheduled';
    case 'ended':
      return `Ended · ${durationText(interview.duration_s)}`;
    case 'missed':
      return 'Missed';
    case 'declined':
      return 'Declined';
    case 'cancelled':
      return 'Cancelled';
  }
}

/** Who has said that they are ready for an interview that has not begun, in a line, or nothing. */
export function readyText(interview: Interview, { me, other }: Readers): string {
  if (interview.state !== 'scheduled' && interview.state !== 'ringing') return '';
  const ready = (interview.ready ?? []).map((one) => one.id);
  if (!ready.includes(other.id)) return ready.includes(me) ? 'You are ready' : '';
  return ready.includes(me) ? `${other.name} and you are ready` : `${other.name} is ready`;
}

/** The line of a proposal whose thread has an open interview. */
export function callText(interview: Interview, readers: Readers): string {
  const waiting = waitingName(interview, readers);
  if (!waiting) return 'There is an open interview.';
  if (interview.present.includes(readers.me)) return `You are in an interview with ${waiting}.`;
  return `${waiting} is waiting for you in an interview.`;
}

/** The name of the other person, when they are in an open interview or have just asked for one; otherwise empty. */
export function waitingName(interview: Interview, { other }: Readers): string {
  if (interview.present.includes(other.id)) return other.name;
  const asked = interview.state === 'ringing' && interview.created_by === other.id;
  return asked && interview.present.length === 0 ? other.name : '';
}

/** How long an interview took, as people say it. */
export function durationText(seconds: number): string {
  if (seconds < 60) return 'under a minute';
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/** A moment, short: the time today, the day as well on other days. */
export function dateText(instant: string, now = new Date()): string {
  const at = new Date(instant);
  const today = at.toDateString() === now.toDateString();
  const format = new Intl.DateTimeFormat('en-GB', {
    ...(today ? {} : { day: 'numeric', month: 'short' }),
    hour: '2-digit',
    minute: '2-digit',
  });
  return format.format(at);
}

/** The page's title: somebody who waits comes first, because it is all that can be read on a tab. */
export function pageTitle(name: string, threads: Thread[], me: string): string {
  for (const thread of threads) {
    for (const interview of interviewsOf(thread)) {
      if (interview.state !== 'ringing') continue;
      const waiting = waitingName(interview, { me, other: thread.with });
      if (waiting) return `${waiting} is waiting · ${name}`;
    }
  }
  return name;
}
