/** What the app's backend tells a page. The shapes are those of internal/demo/state.go. */
import type { Mode, State as InterviewState } from '../embed/interview.js';
import type { Appeal, ZoomStatus } from '../signal/wire.js';

export type Side = 'client' | 'freelancer';

export interface Name {
  id: string;
  name: string;
}

export interface Person extends Name {
  side: Side;
  /** The IANA name of their time zone: one's own is the browser's, that of others what theirs told last. */
  time_zone: string;
}

/** Everything one person sees. */
export interface State {
  me: Person;
  job: { title: string; description: string };
  /** In which an interview can be started. */
  modes: Mode[];
  proposals: Proposal[];
  threads: Thread[];
}

export interface Proposal {
  id: string;
  freelancer: Name;
  cover: string;
  rate: string;
  stage: 'proposed' | 'messaged';
  thread?: string;
}

export interface Thread {
  id: string;
  title: string;
  with: Name;
  /** The other person's. */
  time_zone: string;
  items: Item[];
}

/** An entry of a thread: a message, an appeal of one's own, or the card of an interview. */
export type Item =
  | { id: string; kind: 'message'; from: string; text: string; at: string; room?: boolean; file?: { size: number; link: string } }
  | { id: string; kind: 'times'; from: string; times: Times; at: string }
  | { id: string; kind: 'reminder'; reminder: Reminder; at: string }
  | { id: string; kind: 'appeal'; from: string; appeal: Appeal; at: string }
  | { id: string; kind: 'card'; interview: Interview; at: string };

/** A message as it was delivered; when something was taken out of it, what, and the decision that can be contested. */
export interface Sent {
  text: string;
  masked?: string;
  decision?: string;
}

/** How an appeal of one's own stands in a thread. */
export function appealOf(thread: Thread, decision: string): Appeal | undefined {
  const item = thread.items.find((one) => one.kind === 'appeal' && one.appeal.decision === decision);
  return item?.kind === 'appeal' ? item.appeal : undefined;
}

/** Parley's interview, as its REST interface gives it. Times are RFC 3339, absent when there is none. */
export interface Interview {
  id: string;
  thread: string;
  mode: Mode;
  state: InterviewState;
  created_by: string;
  created_at: string;
  starts_at?: string;
  opens_at?: string;
  duration_min?: number;
  sequence?: number;
  started_at?: string;
  ended_at?: string;
  duration_s: number;
  participants: { id: string; name: string; joined_at: string; left_at?: string }[];
  present: string[];
  /** There when it may be recorded; it was when there is a started_at. */
  recording?: { id?: string; state: string; started_at?: string };
  /** Where its meeting in Zoom stands, when there is or was to be one. */
  zoom?: ZoomStatus;
  /** Who has tried their network and devices. */
  ready?: { id: string; at: string }[];
}

/** Says that an interview is near. */
export interface Reminder {
  mode: Mode;
  starts_at: string;
  minutes_ahead: number;
}

/** Times that somebody proposed for an interview. */
export interface Times {
  id: string;
  by: string;
  mode: Mode;
  slots: string[];
  duration_min: number;
  note?: string;
  state: 'open' | 'accepted' | 'declined' | 'withdrawn' | 'expired';
  chosen?: string;
  /** The interview that is to be moved. */
  moves?: string;
}

/** The thread's interviews, in the order of their cards. */
export function interviewsOf(thread: Thread): Interview[] {
  return thread.items.flatMap((item) => (item.kind === 'card' ? [item.interview] : []));
}

/** The thread's interview that can be joined now, if there is one. */
export function openInterview(thread: Thread): Interview | null {
  return interviewsOf(thread).find(isOpen) ?? null;
}

/** Whether an interview can be joined. */
export function isOpen(interview: Interview): boolean {
  return interview.state === 'ringing' || interview.state === 'live';
}

/** The thread's latest message, for a list of threads. */
export function lastMessage(thread: Thread): string {
  const message = thread.items.findLast((item) => item.kind === 'message');
  return message?.kind === 'message' ? message.text : '';
}
