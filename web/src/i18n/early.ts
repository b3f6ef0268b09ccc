import type { Mode } from '../signal/wire.js';

const what: Record<Mode, string> = { audio: 'audio interview', video: 'video interview', zoom: 'interview in Zoom' };

/** The words for somebody whose link is right and whose time is not, loaded when there is such a person. */
export const early = {
  heading: (moved: boolean) => (moved ? 'The interview was moved' : 'You are early'),
  what: (mode: Mode, names: string) => (names ? `Your ${what[mode]} with ${names} is on` : `Your ${what[mode]} is on`),
  yours: (place: string) => `your time (${place})`,
  theirs: (name: string, place: string) => `for ${name} (${place})`,
  sameTime: (name: string) => `The same time for ${name}.`,
  starts: 'Starts in',
  opens: (time: string) => `You can come in from ${time}. Leave this page open: it lets you in by itself.`,
  opening: 'It opens in a moment…',
  calendar: 'Add to calendar',
  calendarFails: 'The calendar file could not be read. Try again.',
  check: 'Check your connection',
  offline: 'The server does not answer at present. This page keeps trying; the time shown may be out of date.',
};
