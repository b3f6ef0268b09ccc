import { clock } from './en.js';

export { clock };

/** Why a recording cannot be opened, by the code of the refusal. */
const REFUSED: Record<string, [string, string]> = {
  unauthorized: ['This link has expired', 'Links to recordings last an hour and are for one person. Open it again from your messages.'],
  not_found: ['There is no such recording', 'It may have been deleted. Your messages show when.'],
  recording_deleted: ['This recording was deleted', 'Its files were destroyed, and nobody can open them any more.'],
  recording_open: ['This recording is not finished', 'It can be opened once it has stopped.'],
  unreachable: ['The server does not answer', 'Check your connection, then load this page again.'],
};

/** Every word of the page of a recording. */
export const en = {
  title: 'Recording',
  opening: 'Opening the recording…',
  refused: (code: string): [string, string] =>
    Object.hasOwn(REFUSED, code) ? REFUSED[code]! : ['The recording cannot be opened', `Something unexpected happened (${code}). Try again in a moment.`],
  of: (names: string[]) => (names.length > 0 ? `Interview with ${new Intl.ListFormat('en').format(names)}` : 'Interview'),
  when: (at: string, seconds: number) => `${new Date(at).toLocaleString('en', { dateStyle: 'long', timeStyle: 'short' })}, ${clock(seconds)}`,
  player: 'Player',
  play: 'Play',
  pause: 'Pause',
  position: 'Position',
  at: (position: number, length: number) => `${clock(position)} of ${clock(length)}`,
  loading: 'Loading…',
  marks: 'Marked moments',
  captions: 'Captions',
  transcript: {
    heading: 'What was said',
    of: (who: string) => `What ${who} said`,
    all: 'What was said, by everybody who agreed to it',
    takeBack: 'Delete what was written of me',
    means: 'What you said is deleted as a text, for everybody and for good. The recording stays.',
    yes: 'Delete it',
    no: 'Keep it',
    taken: 'What was written of you is deleted.',
    failed: 'It could not be deleted. Try again in a moment.',
  },
  files: 'Files',
  whole: 'The whole conversation in one file',
  sources: { mic: 'sound', camera: 'camera', screen: 'screen', 'screen-audio': 'sound of the screen' },
  size: (bytes: number) => (bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`),
  deletion: {
    ask: 'Ask for deletion',
    sure: 'Ask for this recording to be deleted?',
    means: 'Whoever keeps it is told that you ask. Once it is deleted, nobody can open it any more.',
    yes: 'Ask for deletion',
    no: 'Keep it',
    asked: 'Your wish was passed on.',
    failed: 'Your wish could not be passed on. Try again in a moment.',
  },
};
