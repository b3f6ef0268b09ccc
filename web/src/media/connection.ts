import type { IceServer, Layers, Lines, Offer, Source } from '../signal/wire.js';
import { answered, ways, type Tried } from './blocked.js';
import { encodings, rest, spare, Tuning } from './encodings.js';
import { describe, LAYERED, type Layered } from './layered.js';
import { apart } from './relays.js';
import { floored, lean, spoken } from './sdp.js';

/** What became of the connection, in words the page acts on. */
export type MediaState = 'connecting' | 'connected' | 'interrupted' | 'failed';

export interface ConnectionOptions {
  iceServers: IceServer[];
  /** What this person may publish; each gets a line of its own, empty at first. */
  sources: Source[];
  seats: number;
  /** Asks the server for its second transport recipe. */
  fallback: boolean;
  /** Goes over a relay, whatever else there is: for tests, and to find out what is wrong. */
  relayed?: boolean;
  /** Tries the relays over UDP as well: see apart. */
  everything?: boolean;
  /** Says which pictures can be sent as one stream that holds all layers, where several people watch. */
  layered?: Layered;
  onState(state: MediaState): void;
  /** No way to the server has worked so far. Trying goes on. */
  onBlocked(tried: Tried[]): void;
}

/** Where one other participant is heard and seen. */
export interface Place {
  audio: MediaStreamTrack;
  video: MediaStreamTrack;
}

interface Pair {
  audio: RTCRtpTransceiver;
  video: RTCRtpTransceiver;
}

/** How long a transport may take to connect once the server has answered. */
const CONNECT_WITHIN_MS = 12_000;
/** The same until it is said that the network seems to block it: TLS over a slow link takes some seconds. */
const BLOCKED_AFTER_MS = 8_000;

/**
 * The one PeerConnection of a participant. All lines there will ever be are offered at once: a line per source, a pair
 * per seat, a pair for the screen. People and sources then come and go without another offer. The sources' lines are
 * empty until `put` gives them a track.
 */
export class Connection {
  readonly pc: RTCPeerConnection;
  readonly fallback: boolean;
  readonly #sources = new Map<Source, RTCRtpTransceiver>();
  readonly #tunings = new Map<Source, Tuning>();
  readonly #seats: Pair[] = [];
  readonly #screen: Pair;
  readonly #everything: boolean;
  readonly #layered: Layered | undefined;
  readonly #onState: (state: MediaState) => void;
  readonly #onBlocked: (tried: Tried[]) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #blockedTimer: ReturnType<typeof setTimeout> | undefined;
  #answer = '';
  /** One's sound is not sent twice. */
  #once = false;
  /** What the browser believes in at least, kbit/s. */
  #floor = 0;
  /** Descriptions are changed one after the other: each change begins where the one before it has ended. */
  #last: Promise<unknown> = Promise.resolve();
  /** The relays of the next path, where they are others than those of the one that stands. */
  #others: IceServer[] | undefined;
  /** Some pair of addresses has worked: what fails now is not a network that blocks calls. */
  #reached = false;
  #state: MediaState = 'connecting';
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.fallback = options.fallback;
    this.#everything = options.everything || options.relayed || false;
    this.#layered = options.layered;
    this.#onState = options.onState;
    this.#onBlocked = options.onBlocked;
    this.pc = new RTCPeerConnection({
      bundlePolicy: 'max-bundle',
      iceServers: this.#relays(options.iceServers),
      iceTransportPolicy: options.relayed ? 'relay' : 'all',
    });
    this.pc.addEventListener('connectionstatechange', () => this.#follow());
    this.pc.addEventListener('iceconnectionstatechange', () => {
      this.#reached ||= this.pc.iceConnectionState === 'connected' || this.pc.iceConnectionState === 'completed';
    });
    // One stream for what one person says and shows, so that the far end keeps them in step.
    const self = new MediaStream();
    const shared = new MediaStream();
    for (const source of options.sources) {
      const streams = [source === 'mic' || source === 'camera' ? self : shared];
      const picture = LAYERED.find((one) => one === source);
      const line = picture
        ? this.pc.addTransceiver('video', { direction: 'sendonly', streams, sendEncodings: encodings(picture, options.seats) })
        : this.pc.addTransceiver('audio', { direction: 'sendonly', streams, sendEncodings: encodings(source, options.seats) });
      this.#sources.set(source, line);
      if (picture) this.#tunings.set(source, new Tuning(source, line.sender, () => this.#closed || this.#layered?.end(picture)));
    }
    for (let seat = 0; seat < options.seats; seat++) this.#seats.push(this.#pair());
    this.#screen = this.#pair();
    for (const line of this.pc.getTransceivers()) {
      prefer(line);
      if (line.receiver.track.kind === 'video') describe(line);
    }
  }

  /** Makes the offer. It does not wait for candidates: the server finds the browser's address by itself. */
  offer(): Promise<Offer> {
    return this.#turn(() => this.#offer());
  }

  /** Makes an offer that looks for a path anew. Media go on over the old one meanwhile. */
  restart(): Promise<Offer> {
    return this.#turn(() => {
      if (this.#others) this.pc.setConfiguration({ ...this.pc.getConfiguration(), iceServers: this.#relays(this.#others) });
      this.#others = undefined;
      this.pc.restartIce();
      return this.#offer();
    });
  }

  async #offer(): Promise<Offer> {
    await this.pc.setLocalDescription();
    const sources: Offer['sources'] = {};
    for (const [source, line] of this.#sources) sources[source] = mid(line);
    const offer: Offer = {
      sdp: lean(this.pc.localDescription?.sdp ?? ''),
      sources,
      seats: this.#seats.map(lines),
      screen: lines(this.#screen),
    };
    if (this.fallback) offer.fallback = true;
    return offer;
  }

  /** Takes the server's answer. From here on a transport that does not connect in time counts as failed. */
  async accept(sdp: string): Promise<void> {
    if (this.#closed) return;
    await this.#turn(async () => {
      await this.pc.setRemoteDescription({ type: 'answer', sdp: this.#said(sdp) });
      this.#answer = sdp;
    });
    if (this.#closed) return;
    for (const tuning of this.#tunings.values()) void tuning.apply();
    if (this.#state !== 'connecting') return;
    if (this.#seats.length > 1) void this.#layered?.tell(LAYERED.filter((source) => this.#sources.has(source)));
    this.#timer = setTimeout(() => this.#become('failed'), CONNECT_WITHIN_MS);
    this.#blockedTimer = setTimeout(() => void this.#tellBlocked(), BLOCKED_AFTER_MS);
  }

  /** Sends a track on a source's line, or nothing. */
  async put(source: Source, track: MediaStreamTrack | null): Promise<void> {
    const line = this.#sources.get(source);
    if (!line || this.#closed || line.sender.track === track) return;
    // What is on a screen is read: sharp and slow is better than fluid and blurred.
    if (track && source === 'screen' && 'contentHint' in track) track.contentHint = 'detail';
    await line.sender.replaceTrack(track);
    if (source === 'screen-audio') await this.#rest(line.sender, track === null);
    await this.#tunings.get(source)?.apply(); // another camera may have another size
  }

  /** Sends only the layers of a source that somebody watches, or one stream that holds them. */
  async layers(wish: Layers): Promise<void> {
    if (!this.#closed) await this.#tunings.get(wish.source)?.layers(wish);
  }

  /** Takes in whether the computer kept up since the last report. One that is busy for a while goes back to plain layers. */
  busy(on: boolean): void {
    const layered = [...this.#tunings.values()].filter((tuning) => tuning.layered);
    if (this.#layered?.tired(on && layered.length > 0)) for (const tuning of layered) void tuning.plain();
  }

  /** Sends nothing of a source for the time being, or again what is wanted of it. */
  async hold(source: Source, on: boolean): Promise<void> {
    if (!this.#closed) await this.#tunings.get(source)?.hold(on);
  }

  /** Sends the camera so many times smaller than it is, where it is sent in one size. */
  async resize(scale: number): Promise<void> {
    if (!this.#closed) await this.#tunings.get('camera')?.resize(scale);
  }

  /** The id of the camera's track, if it is sent. */
  get camera(): string | undefined {
    return this.#sources.get('camera')?.sender.track?.id;
  }

  /** Makes one's own voice take as little as it can, or its usual share again. */
  async spare(thin: boolean, once: boolean): Promise<void> {
    const sender = this.#sources.get('mic')?.sender;
    if (this.#closed || !sender) return;
    const turn = this.#turn(async () => {
      const parameters = sender.getParameters();
      if (spare(parameters, thin)) await sender.setParameters(parameters);
      await this.#say(once, this.#floor);
    });
    await turn.catch((error: unknown) => console.warn('the sound could not be tuned', error));
  }

  /** Has the browser believe in so many kbit/s at least, or with 0 in whatever it finds. */
  async believe(kbps: number): Promise<void> {
    const turn = this.#turn(() => (this.#closed ? Promise.resolve() : this.#say(this.#once, kbps)));
    await turn.catch((error: unknown) => console.warn('the browser could not be told what to believe in', error));
  }

  /**
   * Says what only an answer can: that one's sound is sent once or twice, and what the browser believes in at least. It is given the last
   * answer again, of which the server need not know. What goes twice is a codec of its own, and Chromium takes the first of the
   * answer; it takes no codec for sound in parameters that is not sent in silence.
   */
  async #say(once: boolean, floor: number): Promise<void> {
    const before = this.#said(this.#answer);
    [this.#once, this.#floor] = [once, floor];
    if (this.#answer === '' || this.pc.signalingState !== 'stable' || this.#said(this.#answer) === before) return;
    await this.pc.setLocalDescription();
    await this.pc.setRemoteDescription({ type: 'answer', sdp: this.#said(this.#answer) });
  }

  async #rest(sender: RTCRtpSender, empty: boolean): Promise<void> {
    const turn = this.#turn(async () => {
      const parameters = sender.getParameters();
      if (!this.#closed && rest(parameters, empty)) await sender.setParameters(parameters);
    });
    await turn.catch((error: unknown) => console.warn('a line could not be made to rest or wake', error));
  }

  #turn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(change);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  #said(sdp: string): string {
    const mic = this.#sources.get('mic')?.mid;
    return floored(mic ? spoken(sdp, mic, this.#once) : sdp, this.#floor);
  }

  /**
   * Takes other relays, or new credentials for the same, for the next path. The one that stands is not touched: once Chromium
   * has been told of them, each offer is for another path, and not all offers go to the server.
   */
  relays(iceServers: IceServer[]): void {
    this.#others = iceServers;
  }

  /** The tracks of a seat, or of the screen with `'screen'`. They are there from the start, silent until somebody sits. */
  place(at: number | 'screen'): Place | undefined {
    const pair = at === 'screen' ? this.#screen : this.#seats[at];
    return pair && { audio: pair.audio.receiver.track, video: pair.video.receiver.track };
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#blockedTimer);
    this.pc.close();
  }

  #relays(iceServers: IceServer[]): IceServer[] {
    return this.#everything ? iceServers : apart(iceServers);
  }

  #pair(): Pair {
    return {
      audio: this.pc.addTransceiver('audio', { direction: 'recvonly' }),
      video: this.pc.addTransceiver('video', { direction: 'recvonly' }),
    };
  }

  #follow(): void {
    switch (this.pc.connectionState) {
      case 'connected':
        this.#become('connected');
        break;
      case 'disconnected':
        this.#become('interrupted');
        break;
      case 'failed':
        this.#become('failed');
        break;
    }
  }

  async #tellBlocked(): Promise<void> {
    if (this.#reached || this.#answer === '') return;
    const all = ways(this.pc.getConfiguration().iceServers as IceServer[] ?? [], this.#answer);
    const report = await this.pc.getStats().then((stats) => [...(stats.values() as Iterable<Record<string, unknown>>)], () => []);
    if (!this.#reached) this.#onBlocked(answered(all, report));
  }

  #become(state: MediaState): void {
    if (this.#closed || this.#state === state || this.#state === 'failed') return;
    this.#state = state;
    clearTimeout(this.#timer);
    clearTimeout(this.#blockedTimer);
    if (state === 'failed') void this.#tellBlocked();
    this.#onState(state);
  }
}

function mid(line: RTCRtpTransceiver): string {
  if (line.mid === null) throw new Error('the line was not offered');
  return line.mid;
}

function lines(pair: Pair): Lines {
  return { audio: mid(pair.audio), video: mid(pair.video) };
}

/** Every other codec would only make the offer long: the server forwards these. */
function wanted(codec: RTCRtpCodec): boolean {
  switch (codec.mimeType.toLowerCase()) {
    case 'audio/opus':
    case 'audio/red':
    case 'video/vp8':
    case 'video/rtx':
      return true;
    // The profile that every browser has: it is 0, said or not.
    case 'video/vp9':
    case 'video/av1':
      return !/profile(-id)?=[1-9]/.test(codec.sdpFmtpLine ?? '');
    case 'video/h264':
      return /profile-level-id=42(e0|c0|00)/i.test(codec.sdpFmtpLine ?? '') && /packetization-mode=1/.test(codec.sdpFmtpLine ?? '');
    default:
      return false;
  }
}

function prefer(line: RTCRtpTransceiver): void {
  const codecs = RTCRtpReceiver.getCapabilities(line.receiver.track.kind)?.codecs;
  if (!codecs || !('setCodecPreferences' in line)) return;
  const first = codecs.filter(wanted);
  const rest = codecs.filter((codec) => !wanted(codec));
  // Firefox leaves feedback lines of dropped codecs behind, which is not a valid description; there they only go last.
  const firefox = navigator.userAgent.includes('Firefox/');
  try {
    line.setCodecPreferences(firefox ? [...first, ...rest] : first);
  } catch {
    // A browser that refuses the order offers its own, which has VP8 and Opus as well.
  }
}
