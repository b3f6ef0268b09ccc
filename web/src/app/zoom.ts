/** The sentences of an interview's card about Zoom. */
import { en } from '../i18n/zoom.js';
import type { Interview, Name } from './state.js';
import { isOpen } from './state.js';

/** How its meeting in Zoom stands, while the interview is open; or nothing. */
export function zoomText(interview: Interview, me: string, other: Name): string {
  const { zoom } = interview;
  if (!zoom || !isOpen(interview)) return '';
  switch (zoom.state) {
    case 'offered':
      return en.offered(zoom.reason, zoom.by === me ? '' : other.name);
    case 'pending':
      return en.pending;
    case 'ready':
      return en.waits;
    case 'started':
      return en.begun;
    case 'ended':
      return en.over;
    case 'failed':
      return en.failed(zoom.problem);
  }
}
