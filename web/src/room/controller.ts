import { Connection, type Place } from '../media/connection.js';
import { onNetwork, onWake, Pulse } from '../media/pulse.js';
import { captureAll, captureScreen, choices, KINDS, onGranted, type Kind } from '../media/devices.js';
import { LevelMeter } from '../media/levels.js';
import { Speakers } from '../media/speakers.js';
import { Reporter } from '../media/report.js';
import { SignalClient } from '../signal/client.js';
import type { IceServer, Source } from '../signal/wire.js';
import { en } from '../i18n/en.js';
import { due, RESTART_MS } from './healing.js';
import { LayoutWatch, type Place as Shown } from './layout.js';
import type { Keep } from './link.js';
import { INITIAL, reduce, seatOf, type Effect, type Event, type State } from './state.js';

export interface ControllerOptions {
  url: string;
  token: string;
  device: string;
  /** Remembers the chosen devices. */
  kept: Keep;
  /** Called after every change, with something to say aloud when there is. */
  onChange(say?: string): void;
}

/** A device that ends twice within this time is broken, not unplugged. */
const SETTLE_MS = 10_000;

/** The streams of a place: sound and picture are played by elements of their own. */
export interface Streams {
  sound: MediaStream;
  picture: MediaStream;
}

/**
 * Carries out what the reducer asks for: it owns the socket, the connection, the tracks and the elements that play, and
 * feeds what happens to them back as events. One controller lives from opening the page, or Rejoin, to an end.
 */
export class Controller {
  state: State = INITIAL;
  /** One's own picture, as long as there is one. */
  preview: MediaStream | undefined;
  screenPreview: MediaStream | undefined;
  /** The microphone's level from 0 to 1, for the meter. */
  onLevel: (level: number) => void = () => undefined;

  readonly #options: ControllerOptions;
  readonly #signal: SignalClient;
  readonly #speakers: Speakers;
  readonly #tracks = new Map<Source, MediaStreamTrack>();
  readonly #asked: Record<Kind, number> = { mic: 0, camera: 0 };
  /** When a device that ended was last replaced by another. */
  readonly #replaced: Record<Kind, number> = { mic: -Infinity, camera: -Infinity };
  readonly #stop = new AbortController();
  #connection: Connection | undefined;
  #streams = new Map<number | 'screen', Streams>();
  #reporter: Reporter | undefined;
  #layout: LayoutWatch | undefined;
  #pulse: Pulse | undefined;
  /** The last pictures of the connection before. */
  #last = new Map<number | 'screen', Streams>();
  #meter: LevelMeter | undefined;
  #iceServers: IceServer[] = [];
  #offers = 0;
  #offerTimer: ReturnType<typeof setTimeout> | undefined;
  #wakeLock: WakeLockSentinel | undefined;
  #waking = false;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#speakers = new Speakers((blocked) => this.dispatch({ type: 'sound', blocked }));
    this.#speakers.choose(options.kept.get('parley.speaker') ?? '');
    this.#signal = new SignalClient({
      url: options.url,
      token: options.token,
      device: options.device,
      onMessage: (message) => {
        if (message.type === 'welcome') this.#iceServers = message.ice_servers;
        this.dispatch({ type: 'server', message, at: performance.now() });
        if (message.type === 'welcome' || message.type === 'entered') this.#layout?.again();
        if (message.type === 'media' && message.state === 'disconnected') this.dispatch({ type: 'shaken', now: Date.now(), network: false });
      },
      onLink: (link) => this.dispatch({ type: 'link', link }),
      onOver: (code) => this.dispatch({ type: 'over', code }),
    });
  }

  /** The PeerConnection in use, if any. */
  get pc(): RTCPeerConnection | undefined {
    return this.#connection?.pc;
  }

  start(): void {
    const { signal } = this.#stop;
    onNetwork(() => this.dispatch({ type: 'shaken', now: Date.now(), network: true }), signal);
    onWake(() => this.dispatch({ type: 'shaken', now: Date.now(), network: true }), signal);
    window.addEventListener('offline', () => this.#signal.hurry(), { signal });
    document.addEventListener('visibilitychange', () => void this.#stayAwake(), { signal });
    document.addEventListener('pointerdown', () => this.#meter?.wake(), { signal });
    document.addEventListener('keydown', () => this.#meter?.wake(), { signal });
    navigator.mediaDevices?.addEventListener('devicechange', () => void this.#devicesChanged(), { signal });
    for (const kind of KINDS) {
      void onGranted(kind, () => {
        const { problem } = this.state.own[kind];
        if (problem === 'denied' || problem === 'dismissed') this.retry(kind);
      });
    }
    this.#signal.connect();
  }

  dispatch(event: Event): void {
    if (this.#stop.signal.aborted) return;
    const [state, effects] = reduce(this.state, event);
    this.state = state;
    let say: string | undefined;
    for (const effect of effects) say = this.#carryOut(effect) ?? say;
    this.#follow();
    this.#options.onChange(say);
  }

  streams(at: number | 'screen'): Streams | undefined {
    const held = this.#streams.get(at);
    if (held) return held;
    const place: Place | undefined = this.#connection?.place(at);
    if (!place) return undefined;
    const made = { sound: new MediaStream([place.audio]), picture: new MediaStream([place.video]) };
    const last = this.#last.get(at);
    if (!last) {
      this.#streams.set(at, made);
      return made;
    }
    // The last picture of the connection before stands until there is another.
    const standing = { sound: made.sound, picture: last.picture };
    this.#streams.set(at, standing);
    firstFrame(made.picture, this.#stop.signal, () => {
      if (this.#streams.get(at) !== standing) return;
      this.#last.delete(at);
      this.#streams.set(at, made);
      this.#options.onChange();
    });
    return standing;
  }

  /** Takes in which element shows each place, so that the server sends no more than can be seen. */
  shows(elements: ReadonlyMap<Shown, Element>): void {
    const { seating, pinned } = this.state;
    if (this.#stop.signal.aborted) return;
    this.#layout ??= new LayoutWatch((layout) => this.state.phase === 'room' && this.#signal.send(layout));
    const places: Shown[] = [...seating.seats.keys()].filter((seat) => seating.seats[seat] !== '');
    const at = pinned === '' ? undefined : seatOf(this.state, pinned);
    this.#layout.show(seating.screen === '' ? places : [...places, 'screen'], elements, at);
  }

  chosen(kind: Kind | 'speaker'): string {
    const track = kind === 'speaker' ? undefined : this.#tracks.get(kind);
    return track?.getSettings().deviceId ?? this.#options.kept.get(`parley.${kind}`) ?? '';
  }

  choose(kind: Kind | 'speaker', id: string): void {
    this.#options.kept.set(`parley.${kind}`, id);
    if (kind === 'speaker') {
      this.#speakers.choose(id);
    } else if (this.state.own[kind].on) {
      this.retry(kind);
    }
  }

  /** Asks for a device again. */
  retry(kind: Kind): void {
    this.dispatch({ type: 'asking', kind });
  }

  hurry(): void {
    this.#signal.hurry();
  }

  playSound(): void {
    this.#speakers.unblock();
  }

  /** Lets go of everything without a word to the server, which sees the socket close. */
  close(): void {
    if (this.#stop.signal.aborted) return;
    this.#finish(false);
  }

  #carryOut(effect: Effect): string | undefined {
    switch (effect.do) {
      case 'offer':
        clearTimeout(this.#offerTimer);
        this.#offerTimer = setTimeout(() => void this.#offer(effect.fallback), effect.after);
        return;
      case 'restart':
        void this.#restart();
        return;
      case 'probe':
        this.#signal.probe();
        return;
      case 'reconnect':
        this.#signal.reconnect();
        return;
      case 'accept':
        if (effect.id === this.#offers) this.#accept(effect.sdp);
        return;
      case 'send':
        this.#signal.send(effect.message);
        return;
      case 'capture':
        void this.#capture(effect.kinds);
        return;
      case 'capture-screen':
        void this.#captureScreen();
        return;
      case 'stop-screen':
        this.#stopScreen();
        queueMicrotask(() => this.dispatch({ type: 'unshared' }));
        return;
      case 'put':
        this.#put();
        return;
      case 'say':
        return en.news[effect.news](effect.who);
      case 'say-cause':
        return effect.cause === '' ? en.quality.well(effect.who) : `${en.quality.cause(effect.cause, effect.who)}.`;
      case 'say-paused':
        return `${en.quality.paused}.`;
      case 'layers':
        void this.#connection?.layers(effect.source, effect.rids);
        return;
      case 'finish':
        this.#finish(effect.leave);
        return;
    }
  }

  async #offer(fallback: boolean): Promise<void> {
    const { may, seats } = this.state;
    const id = ++this.#offers;
    this.#connection?.close();
    this.#reporter?.close();
    this.#pulse?.close();
    this.#last = this.state.transport.worked ? new Map([...this.#last, ...this.#streams]) : new Map();
    this.#streams.clear();
    const connection = new Connection({
      iceServers: this.#iceServers,
      sources: may,
      seats,
      fallback,
      onState: (state) => {
        if (this.#connection !== connection) return;
        this.dispatch({ type: 'transport', state });
        if (state === 'connected') this.#layout?.again();
        if (state === 'interrupted') this.dispatch({ type: 'shaken', now: Date.now(), network: false });
      },
    });
    this.#connection = connection;
    this.#pulse = new Pulse(connection.pc, {
      due: () => due(this.state),
      onSilence: (ms) => {
        if (this.#connection === connection && (ms >= RESTART_MS || this.state.lost)) this.dispatch({ type: 'silence', ms, now: Date.now() });
      },
    });
    this.#reporter = new Reporter(connection.pc, (report) => this.#signal.send(report));
    this.#put();
    try {
      const offer = await connection.offer();
      if (this.#connection !== connection || this.#stop.signal.aborted) return;
      if (this.#signal.send({ type: 'offer', id, ...offer })) this.dispatch({ type: 'offered', fallback });
      else this.dispatch({ type: 'transport', state: 'failed' });
    } catch (error) {
      console.warn('the offer could not be made', error);
      if (this.#connection === connection) this.dispatch({ type: 'transport', state: 'failed' });
    }
  }

  async #restart(): Promise<void> {
    const connection = this.#connection;
    if (!connection) return;
    const id = ++this.#offers;
    try {
      const offer = await connection.restart();
      if (this.#connection === connection && this.#offers === id) this.#signal.send({ type: 'offer', id, ...offer });
    } catch (error) {
      console.warn('the connection could not be restarted', error);
    }
  }

  #accept(sdp: string): void {
    const connection = this.#connection;
    connection?.accept(sdp).catch((error: unknown) => {
      console.warn('the answer could not be used', error);
      if (this.#connection === connection) this.dispatch({ type: 'transport', state: 'failed' });
    });
  }

  /** Puts on each line what belongs there now: nothing of anybody leaves the machine before they press Join now. */
  #put(): void {
    const { may, wanted } = this.state;
    for (const source of may) {
      const track = wanted ? (this.#tracks.get(source) ?? null) : null;
      this.#connection?.put(source, track).catch((error: unknown) => console.warn(`the ${source} could not be sent`, error));
    }
  }

  async #capture(kinds: Kind[]): Promise<void> {
    const wanted: Partial<Record<Kind, string>> = {};
    const turn = new Map<Kind, number>();
    for (const kind of kinds) {
      wanted[kind] = this.#options.kept.get(`parley.${kind}`) ?? '';
      turn.set(kind, ++this.#asked[kind]);
      // Some cameras open only once, and some microphones share a device with the one chosen now.
      this.#drop(kind);
    }
    const got = await captureAll(wanted);
    for (const kind of kinds) {
      const one = got[kind] ?? { problem: 'failed' as const };
      const stale = this.#asked[kind] !== turn.get(kind) || this.#stop.signal.aborted;
      if (stale) {
        if ('track' in one) one.track.stop();
      } else if ('track' in one) {
        this.#adopt(kind, one.track);
        this.dispatch({ type: 'captured', kind });
      } else {
        this.dispatch({ type: 'captured', kind, problem: one.problem });
      }
    }
    this.dispatch({ type: 'devices', devices: await choices() });
  }

  #adopt(kind: Kind, track: MediaStreamTrack): void {
    this.#tracks.set(kind, track);
    // Heard only when the device is pulled out or its permission taken back, not after stop().
    track.addEventListener('ended', () => void this.#unplugged(kind, track));
    if (kind === 'camera') {
      this.preview = new MediaStream([track]);
    } else {
      this.#meter = new LevelMeter(track, (level) => this.onLevel(level));
    }
  }

  #drop(source: Source): void {
    const track = this.#tracks.get(source);
    this.#tracks.delete(source);
    track?.stop();
    if (source === 'camera') this.preview = undefined;
    if (source === 'mic') {
      this.#meter?.close();
      this.#meter = undefined;
      this.onLevel(0);
    }
  }

  async #unplugged(kind: Kind, track: MediaStreamTrack): Promise<void> {
    if (this.#tracks.get(kind) !== track) return;
    const device = kind === 'mic' ? 'microphone' : 'camera';
    const now = performance.now();
    if (now - this.#replaced[kind] < SETTLE_MS) {
      // What took its place did not last either: from here on it is the person's decision.
      this.#drop(kind);
      this.dispatch({ type: 'captured', kind, problem: 'failed' });
      return;
    }
    this.#replaced[kind] = now;
    await this.#capture([kind]);
    const instead = this.#tracks.get(kind);
    this.#options.onChange(instead ? en.room.instead(device, instead.label) : en.room.lost(device));
  }

  async #devicesChanged(): Promise<void> {
    this.dispatch({ type: 'devices', devices: await choices() });
    for (const kind of KINDS) {
      const { on, problem } = this.state.own[kind];
      if (on && problem === 'missing') this.retry(kind);
    }
  }

  async #captureScreen(): Promise<void> {
    try {
      const stream = await captureScreen();
      const picture = stream.getVideoTracks()[0];
      const sound = stream.getAudioTracks()[0];
      if (!picture || this.#stop.signal.aborted) {
        for (const track of stream.getTracks()) track.stop();
        this.dispatch({ type: 'unshared', failed: true });
        return;
      }
      this.#tracks.set('screen', picture);
      if (sound) this.#tracks.set('screen-audio', sound);
      this.screenPreview = new MediaStream([picture]);
      picture.addEventListener('ended', () => {
        this.#stopScreen();
        this.dispatch({ type: 'unshared' });
      });
      this.dispatch({ type: 'shared', sound: sound !== undefined });
    } catch (error) {
      // Closing the picker is an answer, not a failure; a system that forbids it says so in the message.
      const chosen = error instanceof DOMException && error.name === 'NotAllowedError' && !/system/i.test(error.message);
      this.dispatch({ type: 'unshared', failed: !chosen });
    }
  }

  #stopScreen(): void {
    this.#drop('screen');
    this.#drop('screen-audio');
    this.screenPreview = undefined;
  }

  /** Brings tracks and sound in line with the state, and keeps the screen awake in the room. */
  #follow(): void {
    const { own, phase, seating } = this.state;
    const mic = this.#tracks.get('mic');
    if (mic) mic.enabled = own.mic.on;
    if (!own.camera.on && this.#tracks.has('camera')) {
      this.#asked.camera++;
      this.#drop('camera');
      this.#put();
    }
    const sounds = new Map<string, MediaStream>();
    if (phase === 'room') {
      seating.seats.forEach((id, seat) => {
        const streams = id ? this.streams(seat) : undefined;
        if (streams) sounds.set(`seat ${seat}`, streams.sound);
      });
      const screen = seating.screen ? this.streams('screen') : undefined;
      if (screen) sounds.set('screen', screen.sound);
      if (!this.#wakeLock) void this.#stayAwake();
    }
    this.#speakers.play(sounds);
  }

  async #stayAwake(): Promise<void> {
    if (this.state.phase !== 'room' || document.visibilityState !== 'visible' || !navigator.wakeLock) return;
    if (this.#waking || (this.#wakeLock && !this.#wakeLock.released)) return;
    this.#waking = true;
    const lock = await navigator.wakeLock.request('screen').catch(() => undefined);
    this.#waking = false;
    if (this.#stop.signal.aborted) void lock?.release();
    else this.#wakeLock = lock;
  }

  #finish(leave: boolean): void {
    this.#stop.abort();
    clearTimeout(this.#offerTimer);
    this.#signal.close(leave);
    for (const source of [...this.#tracks.keys()]) this.#drop(source);
    this.screenPreview = undefined;
    this.#reporter?.close();
    this.#layout?.close();
    this.#pulse?.close();
    this.#connection?.close();
    this.#speakers.close();
    void this.#wakeLock?.release();
  }
}

/** Calls back once a picture has a frame to show. */
function firstFrame(picture: MediaStream, stop: AbortSignal, shown: () => void): void {
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = picture;
  video.addEventListener('loadeddata', () => {
    video.srcObject = null;
    shown();
  }, { once: true, signal: stop });
  stop.addEventListener('abort', () => (video.srcObject = null), { once: true });
  void video.play().catch(() => undefined);
}
