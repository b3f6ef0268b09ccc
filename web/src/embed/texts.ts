import type { Mode, View } from './interview.js';

/** Every text of the button. A host that speaks another language sets the ones it wants in the `texts` property. */
export interface Texts {
  startVideo: string;
  startAudio: string;
  startZoom: string;
  starting: string;
  join: string;
  /** `{names}` is replaced by who is in the room. */
  joinWaiting: string;
  joinLive: string;
  joining: string;
  rejoin: string;
  opening: string;
  open: string;
  blocked: string;
  network: string;
  timeout: string;
  refused: string;
  unusable: string;
  unset: string;
}

/** The texts a button has when its host sets none. */
export const english: Readonly<Texts> = {
  startVideo: 'Start video interview',
  startAudio: 'Start audio interview',
  startZoom: 'Start interview in Zoom',
  starting: 'Starting…',
  join: 'Join the interview',
  joinWaiting: 'Join — {names} is waiting',
  joinLive: 'Join — {names} in the room',
  joining: 'Joining…',
  rejoin: 'Return to the interview',
  opening: 'Opening the interview…',
  open: 'Open the interview',
  blocked: 'Your browser blocked the new tab. Use the link to open the interview.',
  network: 'The interview could not be started: the server did not answer. Check your connection and try again.',
  timeout: 'The interview could not be started: the server took too long to answer. Try again.',
  refused: 'The interview could not be started: the server refused it. Try again in a moment.',
  unusable: 'The interview could not be started: the answer of the server was not understood.',
  unset: 'This call button has no address to call. The page needs to set its call-url.',
};

/** The text of the button for `mode` in a view. `label` is the host's own word for starting. */
export function labelOf(view: View, mode: Mode, busy: boolean, label: string, texts: Texts): string {
  if (view.kind === 'start') {
    if (busy) return texts.starting;
    return label || { video: texts.startVideo, audio: texts.startAudio, zoom: texts.startZoom }[mode];
  }
  if (busy) return texts.joining;
  if (view.inside) return texts.rejoin;
  if (view.names.length === 0) return texts.join;
  const waiting = view.state === 'ringing' && view.names.length === 1;
  return (waiting ? texts.joinWaiting : texts.joinLive).replace('{names}', view.names.join(', '));
}
