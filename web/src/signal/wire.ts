/**
 * The messages of the Parley WebSocket, one type each. docs/protocol.md is their specification; the golden files in
 * signaling/wire/testdata are read by this module's tests and by the server's. What comes from the server is read by decode.ts.
 */

export const SUBPROTOCOL = 'parley.v1';

export const SOURCES = ['mic', 'camera', 'screen', 'screen-audio'] as const;
/** Something a participant publishes. */
export type Source = (typeof SOURCES)[number];

export type Mode = 'audio' | 'video' | 'zoom';
export type InterviewState = 'scheduled' | 'ringing' | 'live' | 'ended' | 'missed' | 'declined' | 'cancelled';

export interface Person {
  id: string;
  name: string;
  role: string;
}

/** A participant who is in the room, as the others see them. */
export interface Presence extends Person {
  reconnecting: boolean;
  publishing: Source[];
  /** Those of them that their own connection does not carry at present. */
  paused?: Source[];
  speaking: boolean;
}

/** Who is shown at a place of this client's connection; an empty participant is an empty place. */
export interface Seated {
  place: 'seat' | 'screen';
  seat: number;
  participant: string;
}

export interface Stay extends Person {
  joined_at: string;
  left_at?: string;
}

export type RecordingState = 'none' | 'asking' | 'starting' | 'recording' | 'waiting' | 'paused';

/** Somebody's answer to being recorded: to which text, in which language. */
export interface Consent {
  participant: string;
  state: 'granted' | 'declined' | 'withdrawn';
  text: string;
  language: string;
  at: string;
}

/** Where the recording of an interview stands. Only in `recording` anything is kept. */
export interface Recording {
  mode: 'all' | 'per_track';
  state: RecordingState;
  id?: string;
  asked_by?: string;
  starts_at?: string;
  started_at?: string;
  consents: Consent[];
  /** Those present who have not agreed. */
  awaited: string[];
  /** Whether whoever is recorded is asked as well if what they say may be put into writing, and what they answered. */
  transcripts?: boolean;
  transcription?: Consent[];
}

export interface Interview {
  id: string;
  thread: string;
  mode: Mode;
  state: InterviewState;
  created_by: string;
  created_at: string;
  /** When it takes place, and from when on people can come to it, when it is scheduled. */
  starts_at?: string;
  opens_at?: string;
  /** How long it is meant to last. */
  duration_min?: number;
  /** The time zone it was planned in. */
  time_zone?: string;
  /** How often it was moved. */
  sequence?: number;
  rings_until?: string;
  started_at?: string;
  ended_at?: string;
  end_reason?: string;
  duration_s: number;
  participants: Stay[];
  present: string[];
  /** Where the meeting in Zoom stands, when there is or was to be one. */
  zoom?: ZoomStatus;
  /** There when the interview may be recorded. */
  recording?: Recording;
}

export type ZoomReason = 'chosen' | 'cannot_connect' | 'poor_connection';
export type ZoomProblem = 'not_set_up' | 'refused' | 'no_host' | 'quota' | 'busy' | 'unavailable';

export interface ZoomStatus {
  state: 'offered' | 'pending' | 'ready' | 'started' | 'ended' | 'failed';
  reason: ZoomReason;
  by?: string;
  /** Of who offered or chose it: who is in the lobby is in no list. */
  name?: string;
  problem?: ZoomProblem;
  at: string;
}

/** The way into a meeting: for the one who is told it alone. */
export interface ZoomWay {
  url: string;
  passcode?: string;
}

export interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

/** The identification tags (mids) of the two lines of a place. */
export interface Lines {
  audio: string;
  video: string;
}

export interface Offer {
  sdp: string;
  sources: Partial<Record<Source, string>>;
  seats: Lines[];
  screen?: Lines;
  fallback?: boolean;
}

/** How a place is shown: its size in device pixels, 0 when not known. */
export interface Shown {
  width: number;
  height: number;
  hidden: boolean;
}

/** How the places are shown on the page. Those that are not listed keep what was said of them last. */
export interface Layout {
  type: 'layout';
  seats: ({ seat: number; pinned: boolean } & Shown)[];
  screen?: Shown;
}

/** What only the browser knows of the last two seconds. */
export interface Report {
  type: 'report';
  cpu_limited: boolean;
  up_limited: boolean;
  freezes: number;
  /** The share of the sound that was made up. */
  concealed: number;
  decoded_fps: number;
}

/** One direction of a participant's connection over the last two seconds. */
export interface Path {
  loss: number;
  rtt_ms: number;
  jitter_ms: number;
  kbps: number;
  /** Estimated mean opinion of the sound, 1 to 4.5; 0 is not known. */
  score: number;
}

export const CAUSES = ['your_upload', 'your_download', 'their_connection', 'their_device', 'this_computer_is_busy', 'server'] as const;
/** What a connection suffers from; '' when all is well. */
export type Cause = (typeof CAUSES)[number] | '';

/** How a participant's connection does; `up` is from them to the server. */
export interface Quality {
  type: 'quality';
  participant: string;
  up: Path;
  down: Path;
  cause: Cause;
  limited: ('cpu' | 'upload')[];
}

/** Something that somebody wrote, as it was delivered. `n` grows in the thread. */
export interface ChatMessage {
  n: number;
  id: string;
  from: Person;
  at: string;
  text: string;
  /** Contact details were taken out. */
  masked?: boolean;
  /** Something is offered for winning the contract. */
  reward?: boolean;
  /** The file that it brings; the text is the file's name. */
  file?: SharedFile;
}

/** A file of the thread. The link is the host app's: an address, or a path on this page's own origin. */
export interface SharedFile {
  id: string;
  size: number;
  media_type: string;
  link: string;
}

/** Which files may be offered. */
export interface FileLimits {
  /** In bytes. */
  max_size: number;
  /** Such as application/pdf or image/*; none: all. */
  types: string[];
}

/** The one request by which a file reaches the host app: its body is the file. */
export interface Upload {
  method: string;
  url: string;
  headers: { name: string; value: string }[];
  expires_at: string;
}

/** How far a file of one's own is. */
export interface FileStanding {
  type: 'file';
  ref: string;
  state: 'offered' | 'blocked' | 'granted' | 'declined' | 'unanswered' | 'expired' | 'withdrawn' | 'uploaded';
  /** As others will see it. */
  name?: string;
  upload?: Upload;
  reason?: string;
  findings?: Finding[];
  decision?: string;
}

/** One stretch of a text that a rule objects to, counted in characters (Unicode code points). */
export interface Finding {
  category: string;
  start: number;
  end: number;
}

/** What became of one's own message. */
export interface Receipt {
  type: 'receipt';
  ref: string;
  action: 'allow' | 'nudge' | 'mask' | 'block';
  message?: ChatMessage;
  findings: Finding[];
  decision?: string;
}

/** How an appeal of one's own against a decision of the contact guard stands, and since when. */
export interface Appeal {
  decision: string;
  state: 'open' | 'upheld' | 'dismissed';
  at: string;
}

export const COMPLAINTS = ['harassment', 'discrimination', 'fraud', 'impersonation', 'recording', 'contact_details', 'reward', 'other'] as const;
/** Why somebody is reported. */
export type ComplaintReason = (typeof COMPLAINTS)[number];

/** A codec that can hold several layers in one stream (SVC). */
export type LayeredCodec = 'vp9' | 'av1';

/** Which layers of one's own source are wished; with a codec as one stream that holds them, on the encoding that is named. */
export interface Layers {
  type: 'layers';
  source: Source;
  rids: string[];
  codec?: LayeredCodec;
  /** Its scalability mode. */
  mode?: string;
}

export type ClientMessage =
  | { type: 'hello'; token: string; device: string; resume?: string }
  | ({ type: 'offer'; id: number } & Offer)
  | { type: 'enter' }
  | { type: 'publish'; source: Source; on: boolean; paused?: true }
  | Layout
  | { type: 'encodes'; source: 'camera' | 'screen'; codecs: LayeredCodec[] }
  | Report
  | { type: 'recording'; action: 'start'; text: string; language: string }
  | { type: 'recording'; action: 'pause' | 'resume' | 'stop' | 'delete' }
  | { type: 'recording'; action: 'mark'; label?: string }
  | { type: 'consent'; recording: string; kind?: 'recording' | 'transcription'; state: 'granted' | 'declined'; text: string; language: string }
  | { type: 'chat'; ref: string; text: string }
  | { type: 'file'; action: 'offer'; ref: string; name: string; size: number; media_type?: string }
  | { type: 'file'; action: 'uploaded' | 'withdraw'; ref: string }
  | { type: 'history'; before: number }
  | { type: 'appeal'; decision: string; words: string }
  | { type: 'complaint'; ref: string; about?: string; reason: ComplaintReason; words?: string }
  | { type: 'zoom'; action: 'offer' | 'choose'; reason: ZoomReason; url?: string }
  | { type: 'leave' }
  | { type: 'ping'; n: number };

export interface Welcome {
  type: 'welcome';
  session: string;
  resume: string;
  resumed: boolean;
  entered: boolean;
  interview: Interview;
  you: Person;
  may: Source[];
  seats: number;
  participants: Presence[];
  seating: Seated[];
  ice_servers: IceServer[];
  ping_ms: number;
  /** There when the interview may move to Zoom: at this person's word, or when they ask for it. */
  zoom?: { may_choose: boolean; may_paste: boolean; way?: ZoomWay };
  /** There when files may be offered. */
  files?: FileLimits;
}

export const RECORDING_CHANGES = ['asked', 'starting', 'started', 'paused', 'resumed', 'marked', 'stopped', 'failed', 'consent'] as const;
export type RecordingChange = (typeof RECORDING_CHANGES)[number];

export interface RecordingChanged {
  type: 'recording';
  change: RecordingChange;
  by?: string;
  /** Why it is interrupted or over, or the label of a mark. */
  reason?: string;
  interview: Interview;
}

/** When an interview is, or was to be, for somebody who cannot come in now. */
export interface Timing {
  interview: Interview;
  you: Person;
  /** Those of the thread, with the zones they live in where these are known. */
  people: (Person & { time_zone?: string })[];
  /** The server's time, by which the interview opens. */
  now: string;
}

export interface WireError {
  type: 'error';
  code: string;
  message: string;
  fatal: boolean;
  re?: string;
  id?: number;
  ref?: string;
  /** With `too_early`, and with `interview_over` where it is known. */
  timing?: Timing;
}

export type ServerMessage =
  | Welcome
  | { type: 'ice_servers'; ice_servers: IceServer[] }
  | { type: 'answer'; id: number; sdp: string }
  | { type: 'entered'; participants: Presence[]; seating: Seated[]; interview: Interview }
  | { type: 'participant'; change: 'joined' | 'left' | 'changed'; cause?: string; participant: Presence }
  | ({ type: 'seat' } & Seated)
  | { type: 'publish'; participant: string; source: Source; on: boolean; paused?: boolean }
  | { type: 'speaking'; participant: string; on: boolean }
  | Layers
  | { type: 'paused'; place: 'seat' | 'screen'; seat: number; on: boolean }
  | { type: 'jam'; on: boolean; kbps: number }
  | Quality
  | { type: 'chat'; message: ChatMessage }
  | Receipt
  | FileStanding
  | { type: 'history'; before: number; messages: ChatMessage[]; more: boolean; guarded: boolean; may_write: boolean; appeals: Appeal[] }
  | { type: 'guard'; active: boolean }
  | ({ type: 'appeal' } & Appeal)
  | { type: 'complaint'; ref: string; id: string }
  | { type: 'media'; state: 'connected' | 'disconnected' | 'failed'; reason?: string }
  | { type: 'zoom'; status: ZoomStatus; way?: ZoomWay }
  | { type: 'interview'; interview: Interview }
  | RecordingChanged
  | { type: 'ended'; interview: Interview }
  | { type: 'going_away'; retry_ms: number }
  | { type: 'pong'; n: number }
  | WireError;

/** Interviews in one of these states are over for good. */
export function isFinal(state: InterviewState): boolean {
  return state === 'ended' || state === 'missed' || state === 'declined' || state === 'cancelled';
}
