/** The sentences of an interview's card about Zoom. */
import { en } from '../i18n/zoom.js';
import type { Interview, Name } from './state.js';
import { isOpen } from './state.js';

/** What a card says in words of its own: the way in is the room's. */
const CARD = {
  ready: 'There is a meeting in Zoom. The room has the way in.',
  started: 'The meeting in Zoom has begun. The room has the way in.',
  ended: 'The meeting in Zoom has ended.',
};

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
    case 'started':
    case 'ended':
      return CARD[zoom.state];
    case 'failed':
      return en.failed(zoom.problem);
  }
}
