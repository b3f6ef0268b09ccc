import type { FileLimits } from '../signal/wire.js';
import { found } from './messages.js';

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** A size as people read it, in steps of a thousand. */
export function size(bytes: number): string {
  let unit = 0;
  let n = bytes;
  for (; n >= 999.5 && unit < UNITS.length - 1; unit++) n /= 1000;
  return `${n >= 10 || unit === 0 ? Math.round(n) : n.toFixed(1)} ${UNITS[unit]}`;
}

/** What people call the commonest types; others are named as they are. */
const KINDS: Record<string, string> = {
  'image/*': 'pictures',
  'audio/*': 'sound',
  'video/*': 'videos',
  'text/*': 'texts',
  'text/plain': 'plain text',
  'application/pdf': 'PDF',
  'application/zip': 'ZIP archives',
};

const kinds = (types: readonly string[]): string => types.map((type) => KINDS[type] ?? type).join(', ');

/** The words of files in the room, loaded with the messages that they are shared beside. */
export const files = {
  attach: 'Share a file',
  drop: 'Drop files here to share them',
  limit: ({ max_size, types }: FileLimits) =>
    `Files of up to ${size(max_size)}${types.length > 0 ? `: ${kinds(types)}` : ''}. They go to your messaging app, and everybody in the thread can open them.`,
  asking: 'Asking your messaging app for a place…',
  uploading: (part: number) => `Sending… ${Math.floor(part * 100)} %`,
  progress: (name: string) => `Sending ${name}`,
  telling: 'Almost there…',
  cancel: 'Cancel',
  again: 'Try again',
  dismiss: 'Dismiss',
  of: (action: string, name: string) => `${action}: ${name}`,
  size,
  failed: (name: string) => `${name} was not shared.`,
  why: (code: string, reason: string, categories: readonly string[], limits?: FileLimits) => {
    switch (code) {
      case 'blocked':
        return `Not shared: its name has ${found(categories)}. Rename it, or share contact details once there is a contract.`;
      case 'declined':
        return reason ? `Not shared. Your messaging app says: ${reason}` : 'Not shared: your messaging app does not take this file.';
      case 'unanswered':
        return 'Not shared: your messaging app did not answer. It may not take files at all, or be down for a moment.';
      case 'expired':
        return 'Not shared: it took too long.';
      case 'network':
        return 'Not shared: it could not be sent. Check your connection and try again.';
      case 'rejected':
        return 'Not shared: the place it was sent to did not take it.';
      case 'file_too_large':
        return limits ? `Not shared: it is larger than ${size(limits.max_size)}, the most that is taken here.` : 'Not shared: it is too large.';
      case 'file_type':
        return `Not shared: files of this kind are not taken here.${limits?.types.length ? ` What is: ${kinds(limits.types)}.` : ''}`;
      case 'invalid_file':
        return 'Not shared: it is empty, or its name cannot be used. Rename it and try again.';
      case 'too_many_files':
        return 'Not shared: too many files are under way. Wait until one has arrived.';
      case 'too_fast':
        return 'Not shared: that was a lot at once. Wait a moment and try again.';
      case 'thread_full':
        return 'Not shared: this thread holds as much as it can.';
      default:
        return 'Not shared: something went wrong.';
    }
  },
};
