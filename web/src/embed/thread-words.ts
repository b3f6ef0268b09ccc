import type { Interview } from './interview.js';

/** Every text of the thread. A host that speaks another language sets the ones it wants in the `texts` property. */
export interface ThreadWords {
  label: string;
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
  label: 'Messages',
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

/** The line of an interview in the thread. */
export function cardText(iv: Pick<Interview, 'mode' | 'state'>, words: ThreadWords): string {
  return `${words[iv.mode]} · ${words[iv.state]}`;
}

/** Where a file leads, or nothing when that is no place a page may lead to. The module is one file, so it shares nothing with the room's. */
export function placeOf(link: string, base: string): string | undefined {
  if (!URL.canParse(link, base)) return undefined;
  const { protocol, href } = new URL(link, base);
  return protocol === 'https:' || protocol === 'http:' ? href : undefined;
}
