import type { Tried } from '../media/blocked.js';
import type { Way } from '../media/way.js';
import type { Problem } from '../media/devices.js';
import type { News } from '../room/state.js';
import { isFinal, type Cause, type Interview, type Mode, type Path, type Recording, type RecordingChange } from '../signal/wire.js';
import { chat } from './en-chat.js';
import { early } from './en-early.js';
import { en as zoom } from './zoom.js';

type Device = 'microphone' | 'camera';

const DEVICE_PROBLEMS: Record<Problem, (device: Device) => string> = {
  denied: (d) => `This page may not use your ${d}. Allow it beside the address in the address bar, then try again.`,
  dismissed: (d) => `The question about your ${d} was closed without an answer. Try again to be asked once more.`,
  missing: (d) => `No ${d} was found. Plug one in, then try again.`,
  busy: (d) => `Your ${d} cannot be opened. Another program may be using it; close that, then try again.`,
  insecure: (d) => `Browsers give a page your ${d} only over https, or from the same machine. This address is neither.`,
  unsupported: (d) => `This browser has no way to use a ${d}.`,
  failed: (d) => `Your ${d} did not start. Try again, or choose another one.`,
};

/** What an ending is called, and one sentence about it, by its code. */
const ENDS: Record<string, [string, string]> = {
  left: ['You left the interview', 'The others can go on without you.'],
  ended: ['The interview has ended', 'Thank you for taking part.'],
  interview_over: ['This interview is over', 'It cannot be joined any more. The thread shows when it took place.'],
  replaced: ['You joined in another window', 'This window has left the interview, so that you are not in it twice.'],
  removed: ['You are no longer in this interview', 'Ask whoever invited you if you think that this is a mistake.'],
  session_over: ['You were away for too long', 'Your place was given up. You can join again.'],
  token_expired: ['This link has expired', 'Open the thread in your messages again and press Join there.'],
  token_not_yet_valid: ['This link is not valid yet', 'Check that the clock of this device is right, or try again in a moment.'],
  token_reused: ['This link is in use on another device', 'Leave there first, or open the thread here and press Join for a link of your own.'],
  token_malformed: ['This link is damaged', 'Part of it may have been lost on the way. Open the thread and press Join again.'],
  token_signature: ['This link was not made by this server', 'Open the thread in your messages and press Join again.'],
  token_audience: ['This link is meant for something else', 'Open the thread in your messages and press Join again.'],
  token_no_room: ['This link leads to no interview', 'Open the thread in your messages and press Join again.'],
  no_token: ['This link is incomplete', 'The part after # is missing. Open the thread in your messages and press Join again.'],
  not_found: ['There is no such interview', 'It may have been removed. Open the thread in your messages again.'],
  room_full: ['The room is full', 'Nobody else fits in at the moment. Try again when somebody has left.'],
  too_early: ['It is too early', 'The room opens shortly before the interview starts. Try again then.'],
  not_a_participant: ['You are not part of this interview', 'The thread has other participants now. Ask whoever invited you.'],
  invalid_participant: ['This link names you in a way that cannot be shown', 'Open the thread in your messages and press Join again.'],
  not_allowed: ['You may not join this interview', 'Ask whoever invited you.'],
  unsupported: ['This browser cannot take part', 'It has no WebRTC. Please use a current Firefox, Chrome, Edge or Safari.'],
};

/** Why an interview is over, where that says more than "ended". */
const END_REASONS: Record<string, string> = {
  left: 'Everybody has left.',
  ended_by_host: 'It was ended for everybody.',
  empty: 'Nobody was left in the room.',
  no_answer: 'Nobody joined in time.',
  no_show: 'Nobody came.',
  failed: 'The server could not go on with it.',
  declined: 'It was declined.',
  cancelled: 'It was cancelled.',
  shutdown: 'The server was stopped.',
};

/** What a connection suffers from, in words. */
const CAUSES: Record<Exclude<Cause, ''>, (who: string) => string> = {
  your_upload: () => 'Your upload is weak',
  your_download: () => 'Your download is weak',
  their_connection: (who) => `${who}’s connection is weak`,
  their_device: (who) => `${who}’s computer is busy`,
  this_computer_is_busy: () => 'This computer is busy',
  server: () => 'The server is struggling',
};

/** Why a recording is over, said to everybody. */
const RECORDING_OVER: Record<string, (who: string) => string> = {
  consent_declined: (who) => `${who || 'You'} prefer${who ? 's' : ''} not to be recorded. The interview goes on without a recording.`,
  consent_withdrawn: (who) => `The recording has stopped: ${who ? `${who} took` : 'you took'} the agreement back.`,
  stopped: (who) => `${who || 'You'} stopped the recording.`,
};

/** Every word the room page shows or speaks from the start, in English; those of a part that is loaded later are beside. Another language is another value of this type. */
export const en = {
  title: (kind: Mode | undefined) => ({ audio: 'Audio interview', video: 'Video interview', zoom: 'Zoom interview', none: 'Interview' })[kind ?? 'none'],

  opening: 'Opening the interview…',
  openingFails: 'The server does not answer yet.',

  /** In the place of a part of the page that is not loaded yet. */
  part: {
    loading: 'Loading…',
    failed: 'This could not be loaded. It is tried again as long as you wait.',
    updated: 'The server was updated while this page was open, and no longer has what is missing here. Load the page again to get it; if you are in the interview, you join it once more.',
    again: 'Try again',
    reload: 'Load the page again',
  },

  lobby: {
    heading: (kind: Mode) => ({ audio: 'Join the audio interview', video: 'Join the video interview', zoom: 'Join the interview in Zoom' })[kind],
    name: 'Your name',
    nameHint: 'This is how others see you. It comes from your messages.',
    join: 'Join now',
    joining: 'Joining…',
    nothingYet: 'Nobody hears or sees you before you join.',
    listenOnly: 'You can join anyway: you will hear the others, but they will not hear you.',
    heardNotSeen: 'You can join anyway: the others will hear you, but not see you.',
    observer: 'You join as an observer: you hear and see the others, they neither hear nor see you.',
    preview: 'Your picture',
    cameraOff: 'Your camera is off',
    cameraStarting: 'Starting your camera…',
    noCamera: 'No picture',
    level: 'Microphone level',
    heard: 'Your microphone works.',
    microphone: 'Microphone',
    camera: 'Camera',
    speaker: 'Speaker',
    retry: 'Try again',
    allow: 'Your browser asks whether this page may use your microphone and camera.',
    allowMic: 'Your browser asks whether this page may use your microphone.',
    nobody: 'Nobody else is here yet.',
    waiting: (names: string[]) => `${list(names)} ${names.length === 1 ? 'is' : 'are'} waiting`,
    here: (names: string[]) => `${list(names)} ${names.length === 1 ? 'is' : 'are'} in the interview`,
  },

  problem: (problem: Problem, device: Device) => DEVICE_PROBLEMS[problem](device),

  connection: {
    connecting: 'Connecting sound and picture…',
    ready: 'Your network lets calls through.',
    relayed: 'Your network blocks direct calls. We are using a relay; quality may be a little lower.',
    details: 'Details',
    way: ({ over, rtt }: Way) =>
      `${over === 'direct' ? 'Directly to the server, over UDP' : `Over a relay, by ${over.toUpperCase()}`}${rtt === undefined ? '' : `; ${rtt} ms there and back`}.`,
    lost: 'Your connection was lost. Reconnecting…',
    lostFor: (seconds: number) => `For ${seconds} s now. You stay in the conversation.`,
    interrupted: 'Sound and picture are interrupted. Waiting for the network…',
    failed: 'Sound and picture could not be connected. Trying again…',
    stillFailing: 'Sound and picture still cannot be connected. This network may block them; another one, such as a phone’s, may work. Trying again…',
    refused: 'This server carries no sound and picture at the moment.',
    weak: 'Your connection is weak. Turning your camera off may help.',
    reconnecting: 'Reconnecting…',
    noServer: 'The server does not answer. This page keeps trying.',
    retryIn: (seconds: number) => `The server does not answer. Trying again in ${seconds} s.`,
    stays: 'You stay in the conversation.',
    retryNow: 'Try now',
    noMic: 'The others cannot hear you.',
  },

  blocked: {
    what: 'Your network blocks calls entirely.',
    others: 'Another network may let them through: a phone’s hotspot, or this one without a VPN.',
    ask: 'Or ask whoever looks after this network to allow one of these:',
    opening: (protocol: string, host: string, port: number) => `${protocol} to ${host}, port ${port}`,
    goesOn: 'This page keeps trying, and says so when it gets through.',
    tried: ({ over, host, port, answered }: Tried) =>
      `${over === 'direct' ? 'Directly, by UDP' : `Over the relay, by ${over.toUpperCase()}`}, to ${host}, port ${port}: ${answered ? 'the relay answers, and no media come through' : 'no answer'}.`,
    short: 'Your network blocks calls entirely. Another one, such as a phone’s hotspot, may let them through. Trying again…',
  },

  room: {
    alone: (mode: 'ringing' | 'live') => (mode === 'ringing' ? 'Waiting for the other person to join' : 'Nobody else is here'),
    aloneHint: 'They see in their messages that you are waiting.',
    aloneHintLive: 'They can come back until the interview ends.',
    you: 'You',
    self: (name: string) => `${name} (you)`,
    muted: 'Muted',
    speaking: 'Speaking',
    away: 'Reconnecting…',
    noPlace: (names: string[]) => `Also here: ${list(names)}`,
    stage: 'Interview',
    screenOf: (name: string) => `${name}’s screen`,
    youShare: 'You are sharing your screen.',
    shareFailed: 'Your screen could not be shared. The system may not allow it for this browser.',
    playSound: 'Play sound',
    soundBlocked: 'Your browser holds the sound back until you press a button.',
    elapsed: 'Elapsed time',
    mute: 'Mute microphone',
    unmute: 'Unmute microphone',
    cameraOff: 'Turn camera off',
    cameraOn: 'Turn camera on',
    share: 'Share screen',
    unshare: 'Stop sharing',
    leave: 'Leave',
    controls: 'Call controls',
    devices: 'Devices',
    close: 'Close',
    hide: 'Hide',
    short: { mic: 'Microphone', camera: 'Camera', share: 'Share', stop: 'Stop', leave: 'Leave', devices: 'Devices' },
    lost: (device: Device) => `Your ${device} was unplugged.`,
    instead: (device: Device, label: string) => `Your ${device} was unplugged. “${label}” is used instead.`,
  },

  zoom,
  chat,
  report: { button: 'Report', title: 'Report a problem', close: 'Close' },
  early,

  quality: {
    /** The name of somebody, or '' for oneself. */
    good: (who: string) => (who ? `${who}’s connection: good` : 'Your connection: good'),
    cause: (cause: Exclude<Cause, ''>, who: string) => (Object.hasOwn(CAUSES, cause) ? CAUSES[cause] : CAUSES.server)(who),
    well: (who: string) => (who ? `${who}’s connection is good again.` : 'Your connection is good again.'),
    paused: 'Video paused: your connection is slow',
    held: 'Your picture is paused: your connection is slow',
    heldAgain: 'Your picture is sent again.',
    heldOf: (who: string) => `${who}’s picture is paused: their connection is slow`,
    details: 'Connection',
    sends: 'Sends',
    receives: 'Receives',
    path: ({ kbps, loss, rtt_ms, score }: Path) =>
      [
        `${kbps} kbit/s`,
        `${Math.round(loss * 100)} % lost`,
        ...(rtt_ms > 0 ? [`${rtt_ms} ms`] : []),
        ...(score > 0 ? [`sound ${score.toFixed(1)} of 4.5`] : []),
      ].join(' · '),
    pin: (who: string) => `Pin ${who}`,
  },

  news: {
    joined: (who) => `${who} joined.`,
    left: (who) => `${who} left.`,
    reconnecting: (who) => `${who} lost the connection and is reconnecting.`,
    back: (who) => `${who} is back.`,
    sharing: (who) => `${who} is sharing a screen.`,
    'stopped-sharing': (who) => `${who} stopped sharing.`,
    'picture-paused': (who) => `${who}’s picture is paused: their connection is slow.`,
    'picture-back': (who) => `${who}’s picture is back.`,
  } satisfies Record<News, (who: string) => string> as Record<News, (who: string) => string>,

  recording: {
    record: 'Record',
    ask: 'Ask to record',
    proposal: 'Ask to record this interview?',
    propose: 'Ask, and agree myself',
    notNow: 'Not now',
    question: (who: string) => (who ? `${who} asks to record this interview` : 'May this interview be recorded?'),
    agree: 'I agree to be recorded',
    decline: 'Do not record me',
    /** What people agree to. Whoever changes a word of it gives it another version: answers name the one that was read. */
    terms: {
      version: '2026-11',
      language: 'en',
      text: {
        all: 'Your sound and picture would be kept, together with everybody else’s. It starts only when everybody agrees. Nothing happens if you decline: the interview goes on without a recording. You can take your agreement back at any time, and ask for the recording to be deleted.',
        per_track: 'Your sound and picture would be kept. Only those who agree are recorded. Nothing happens if you decline: the interview goes on, and nothing of you is kept. You can take your agreement back at any time, and ask for the recording to be deleted.',
      },
      own: {
        all: 'Everybody here is asked. It starts only when all have agreed, and waits for those who come later. By asking you agree to be recorded yourself. Anybody can stop it.',
        per_track: 'Everybody here is asked, and only those who agree are recorded. By asking you agree to be recorded yourself. Anybody can stop it.',
      },
    },
    state: ({ state }: Recording, waiting: string[], left: number): string => {
      switch (state) {
        case 'asking':
          return waiting.length > 0 ? `Waiting for ${list(waiting)} to answer about recording` : 'Waiting for your answer about recording';
        case 'starting':
          return `Recording starts in ${left} s`;
        case 'recording':
          return 'Recording';
        case 'waiting':
          return waiting.length > 0 ? `Recording interrupted: ${list(waiting)} ${waiting.length === 1 ? 'has' : 'have'} not agreed` : 'Recording interrupted: you have not agreed';
        default:
          return 'Recording paused';
      }
    },
    stop: 'Stop recording',
    undo: 'Do not record',
    pause: 'Pause',
    resume: 'Resume',
    mark: 'Mark this moment',
    withdraw: 'Take back my agreement',
    transcript: {
      also: 'Also put what I say into writing',
      ask: 'Put what I say into writing',
      withdraw: 'Stop putting me into writing',
      question: 'May what you say be put into writing?',
      agree: 'I agree to be put into writing',
      /** As with the terms of a recording, other words are another version. */
      terms: {
        version: '2026-12',
        language: 'en',
        text: 'After the recording, your own voice is sent to a transcription service that whoever runs this site has chosen. What you say from now on becomes a text beside the recording, which does not depend on it. You can take this back at any time, and the text is deleted.',
      },
    },
    discard: {
      heading: 'Delete what was recorded?',
      text: {
        all: 'You took your agreement back, and the recording has stopped. What was recorded until then can be deleted now, for everybody and for good.',
        per_track: 'You took your agreement back, and are recorded no more. What was recorded of you until then can be deleted now, for good.',
      },
      yes: 'Delete it',
      no: 'Keep it',
    },
    /** Said aloud to everybody. who is '' for oneself. */
    news: (change: RecordingChange, who: string, reason: string): string | undefined => {
      switch (change) {
        case 'asked':
          return who ? `${who} asks to record this interview.` : 'The others are asked whether they agree to be recorded.';
        case 'starting':
          return 'The recording starts in five seconds.';
        case 'started':
          return 'Recording has started.';
        case 'paused':
          return reason === 'awaiting_consent' ? 'The recording is interrupted until everybody has agreed.' : 'The recording is paused.';
        case 'resumed':
          return 'Recording goes on.';
        case 'marked':
          return 'This moment is marked.';
        case 'stopped':
          return Object.hasOwn(RECORDING_OVER, reason) ? RECORDING_OVER[reason]!(who) : 'The recording is over.';
        case 'failed':
          return reason === 'disk_full' ? 'The recording has stopped: the server has no room left. The interview goes on.' : 'The recording has stopped: the server could not go on with it. The interview goes on.';
        default:
          return undefined;
      }
    },
  },

  end: {
    rejoin: 'Rejoin',
    retry: 'Try again',
    closeHint: 'You can close this window.',
    lasted: (seconds: number) => `It lasted ${duration(seconds)}.`,
    of: (code: string, interview: Interview | undefined): [string, string] => {
      const over = code === 'ended' || code === 'interview_over';
      if (over && interview && isFinal(interview.state)) {
        const reason = END_REASONS[interview.end_reason ?? ''];
        if (interview.state === 'missed') return ['Nobody joined', interview.starts_at ? 'The time to join is over. You can agree on another one in your messages.' : 'The time to join is over. You can call again from the thread.'];
        if (interview.state === 'declined') return ['The interview was declined', 'The thread shows it.'];
        if (interview.state === 'cancelled') return ['The interview was cancelled', interview.starts_at ? 'You can agree on another time in your messages.' : 'You can call again from the thread.'];
        return [ENDS['ended']![0], reason ?? ENDS['ended']![1]];
      }
      return Object.hasOwn(ENDS, code) ? ENDS[code]! : ['The interview cannot go on here', `Something unexpected happened (${code}). Open the thread and press Join again.`];
    },
  },
};

export type Texts = typeof en;

function list(names: string[]): string {
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(names);
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return 'less than a minute';
  if (minutes < 60) return minutes === 1 ? '1 minute' : `${minutes} minutes`;
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return `${hours} h${rest ? ` ${rest} min` : ''}`;
}

/** A running time as a clock shows it: 4:07, 1:02:30. */
export function clock(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const two = (n: number): string => String(n).padStart(2, '0');
  const hours = Math.floor(s / 3600);
  return hours > 0 ? `${hours}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

/** One or two letters to stand for somebody without a picture. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const first = [...(words[0] ?? '?')][0] ?? '?';
  const last = words.length > 1 ? ([...words.at(-1)!][0] ?? '') : '';
  return (first + last).toLocaleUpperCase();
}
