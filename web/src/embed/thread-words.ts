import type { Interview } from './interview.js';
import type { Texts } from './texts.js';

/**
 * Every text of the thread. A host that speaks another language sets the ones it wants in the `texts` property, and those
 * of the call button with them.
 */
export interface ThreadWords {
  messages: string;
  empty: string;
  earlier: string;
  you: string;
  write: string;
  send: string;
  failed: string;
  audio: string;
  video: string;
  zoom: string;
  scheduled: string;
  ringing: string;
  live: string;
  ended: string;
  missed: string;
  declined: string;
  cancelled: string;
}

/** The texts a thread has when its host sets none. */
export const threadWords: Readonly<ThreadWords> = {
  messages: 'Messages',
  empty: 'Nothing has been written yet.',
  earlier: 'Only the newest messages are shown here.',
  you: 'You',
  write: 'Write a message',
  send: 'Send',
  failed: 'Not sent. Check your connection and try again.',
  audio: 'Audio interview',
  video: 'Video interview',
  zoom: 'Zoom interview',
  scheduled: 'Scheduled',
  ringing: 'Ringing',
  live: 'Live',
  ended: 'Ended',
  missed: 'Missed',
  declined: 'Declined',
  cancelled: 'Cancelled',
};

/** What a host may set: words of the thread, and of the button in it. */
export type ThreadTexts = Partial<ThreadWords & Texts>;

/** An interview as the REST interface returns it. */
export type Listed = Interview & { created_at: string; duration_s?: number; starts_at?: string };

/** How an interview stands: when it is to begin, or how long it took, as well. */
export function standing(iv: Pick<Listed, 'state' | 'starts_at' | 'duration_s'>, words: ThreadWords, locale?: string, now = new Date()): string {
  const minutes = iv.state === 'ended' ? Math.round((iv.duration_s ?? 0) / 60) : 0;
  const more = iv.state === 'scheduled' ? timeText(iv.starts_at, locale, now) : minutes > 0 ? amount(minutes, 'minute', locale) : '';
  return more ? `${words[iv.state]} · ${more}` : words[iv.state];
}

/** A moment, short: the time today, the day as well on other days; empty when it is none. */
export function timeText(instant: string | undefined, locale?: string, now = new Date()): string {
  const at = new Date(instant ?? NaN);
  if (Number.isNaN(at.valueOf())) return '';
  const today = at.toDateString() === now.toDateString();
  return at.toLocaleString(locale, { ...(today ? {} : { day: 'numeric', month: 'short' }), hour: '2-digit', minute: '2-digit' });
}

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** The size of a file as people read it, in steps of a thousand. */
export function sizeText(bytes: number, locale?: string): string {
  const step = Math.min(units.length - 1, bytes >= 1000 ? Math.floor(Math.log10(bytes) / 3) : 0);
  const n = bytes / 1000 ** step;
  return amount(n < 10 ? Math.round(n * 10) / 10 : Math.round(n), units[step] ?? 'byte', locale, step === 0 ? 'long' : 'short');
}

function amount(n: number, unit: string, locale: string | undefined, unitDisplay: 'short' | 'long' = 'short'): string {
  return n.toLocaleString(locale, { style: 'unit', unit, unitDisplay });
}

/** A message as the REST interface returns it. */
export interface Message {
  id: string;
  from: { id: string; name: string };
  /** RFC 3339. */
  at: string;
  /** What was written, or the file's name. */
  text: string;
  /** The size is in bytes. */
  file?: { size: number; link: string };
}

/** An entry of a thread: something written, or the card of an interview. */
export type Entry = { key: string; at: string } & ({ message: Message } | { interview: Listed });

/** A narrow thread is no archive: it shows this many entries, the newest. */
export const most = 50;

/** What was written and the interviews, in the order of their times, each once. */
export function entriesOf(messages: readonly Message[], interviews: readonly Listed[]): Entry[] {
  const all: Entry[] = [
    ...messages.map((message) => ({ key: `m ${message.id}`, at: message.at, message })),
    ...interviews.map((interview) => ({ key: `i ${interview.id}`, at: interview.created_at, interview })),
  ];
  const when = ({ at }: Entry): number => Date.parse(at) || 0;
  return [...new Map(all.map((entry) => [entry.key, entry])).values()].sort((a, b) => when(a) - when(b));
}

/** Where a file leads, or nothing when that is no place a page may lead to. The module is one file, so it shares nothing with the room's. */
export function placeOf(link: string, base: string): string | undefined {
  if (!URL.canParse(link, base)) return undefined;
  const { protocol, href } = new URL(link, base);
  return protocol === 'https:' || protocol === 'http:' ? href : undefined;
}
