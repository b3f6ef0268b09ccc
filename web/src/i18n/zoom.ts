import type { ZoomProblem, ZoomReason } from '../signal/wire.js';

/** Why there is no meeting in Zoom. */
const ZOOM_PROBLEMS: Record<ZoomProblem, string> = {
  not_set_up: 'Zoom is not set up here.',
  refused: 'Zoom does not take this server’s request.',
  no_host: 'Zoom does not know who is to host the meeting.',
  quota: 'No more meetings can be made in Zoom today.',
  busy: 'All meetings in Zoom that are possible at a time are taken.',
  unavailable: 'Zoom does not answer.',
};

/** The words of Zoom in the room. An interview's card says some of them too. */
export const en = {
  choose: 'Go on in Zoom',
  ask: 'Ask for Zoom',
  decides: 'An interviewer decides.',
  somebody: 'Somebody',
  /** The name of who offers it, or '' for oneself. */
  offered: (reason: ZoomReason, who: string) => {
    if (reason === 'chosen') return who ? `${who} would like to go on in Zoom.` : 'You asked to go on in Zoom.';
    const whose = who ? `${who}’s` : 'Your';
    return reason === 'cannot_connect' ? `${whose} network lets no call through. Zoom may work.` : `${whose} connection is no good here. Zoom may do better.`;
  },
  pending: 'A meeting in Zoom is being made…',
  ready: 'There is a meeting in Zoom. The others have the same link.',
  started: 'The meeting in Zoom has begun. The others have the same link.',
  ended: 'The meeting in Zoom has ended. You can go on here.',
  failed: (problem: ZoomProblem | undefined) => `${ZOOM_PROBLEMS[problem ?? 'unavailable'] ?? ZOOM_PROBLEMS.unavailable} The interview goes on here.`,
  open: 'Open Zoom',
  openHint: 'Opening it turns your microphone and camera off here, and this room stays open. What you agreed to about recording does not hold in Zoom.',
  passcode: (code: string) => `Passcode: ${code}`,
  own: 'Use a Zoom link of my own',
  link: 'Invitation link of your meeting in Zoom',
  use: 'Use this link',
  cancel: 'Cancel',
};
