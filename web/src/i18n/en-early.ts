import type { Interview } from '../signal/wire.js';
import { momentText } from '../time/words.js';
import { zoneHere } from '../time/zone.js';

/** What is said of an interview's time outside of the page that waits for it. */
export const early = {
  was: 'It was planned for',
  title: (interview: Interview | undefined) => (interview?.starts_at ? `${momentText(new Date(interview.starts_at), zoneHere())} · Interview` : 'Interview'),
  moved: (interview: Interview | undefined) =>
    interview?.starts_at ? `The interview was moved. It is on ${momentText(new Date(interview.starts_at), zoneHere())} now, your time.` : undefined,
};
