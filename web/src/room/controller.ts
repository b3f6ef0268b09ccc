import { BetterWay } from '../media/better.js';
import { Connection } from '../media/connection.js';
import type { Kind } from '../media/devices.js';
import { chime } from '../media/chime.js';
import { Layered } from '../media/layered.js';
import { onNetwork, onWake, Pulse } from '../media/pulse.js';
import { Reporter } from '../media/report.js';
import { Speakers } from '../media/speakers.js';
import { SignalClient } from '../signal/client.js';
import type { IceServer, RecordingChange } from '../signal/wire.js';
import { en } from '../i18n/en.js';
import { Awake } from './awake.js';
import { due, RESTART_MS } from './healing.js';
import { LayoutWatch, type Place as Shown } from './layout.js';
import type { Keep } from './link.js';
import { Places, type At, type Streams } from './places.js';
import { reduce } from './reduce.js';
import { INITIAL, seatOf, type Effect, type Event, type State } from './state.js';
import { Tracks } from './tracks.js';
import { refuseDrops, Uploads } from './uploads.js';

/** The changes of a recording that are heard and not only read. */
const SOUNDS: ReadonlySet<RecordingChange> = new Set(['started', 'resumed', 'paused', 'stopped', 'failed']);

export interface ControllerOptions {
  url: string;
  token: string;
  device: string;
  /** Remembers the chosen devices. */
  kept: Keep;
  /** Media go over a relay, whatever else there is. */
  relayed?: boolean;
  /** Called after every change, with something to say aloud when there is. */
  onChange(say?: string): void;
}

/**
 * Carries out what the reducer asks for: it owns the socket, the connection, the devices and what plays, each in a part of
 * its own, and feeds what happens to them back as events. One controller lives from opening the page, or Rejoin, to an end.
 */
export class Controller {
  state: State = INITIAL;
  /** The microphone's level from 0 to 1, for the meter. */
  onLevel: (level: number) => void = () => undefined;

  /** The files that this person shares. */
  readonly uploads = new Uploads((event) => this.dispatch(event));

  readonly #options: ControllerOptions;
  readonly #signal: SignalClient;
  readonly #speakers: Speakers;
  readonly #tracks: Tracks;
  readonly #places: Places;
  readonly #layered = new Layered((source, codecs) => this.#signal.send({ type: 'encodes', source, codecs }));
  readonly #awake = new Awake(() => this.state.phase === 'room');
  readonly #stop = new AbortController();
  #connection: Connection | undefined;
  #reporter: Reporter | undefined;
  #layout: LayoutWatch | undefined;
  #pulse: Pulse | undefined;
  readonly #better: BetterWay;
  #iceServers: IceServer[] = [];
  #offers = 0;
  #offerTimer: ReturnType<typeof setTimeout> | undefined;
  #openingTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#speakers = new Speakers((blocked) => this.dispatch({ type: 'sound', blocked }));
    this.#speakers.choose(options.kept.get('parley.speaker') ?? '');
    this.#places = new Places(this.#stop.signal, () => options.onChange());
    this.#tracks = new Tracks({
      kept: options.kept,
      stop: this.#stop.signal,
      state: () => this.state,
      dispatch: (event) => this.dispatch(event),
      onLevel: (level) => this.onLevel(level),
      onSay: (words) => options.onChange(words),
    });
    this.#better = new BetterWay({ iceServers: () => this.#iceServers, onFound: () => this.dispatch({ type: 'better' }) });
    this.#signal = new SignalClient({
      url: options.url,
      token: options.token,
      device: options.device,
      onMessage: (message) => {
        if (message.type === 'welcome') this.#iceServers = message.ice_servers;
        this.dispatch({ type: 'server', message, at: performance.now(), now: Date.now() });
        if (message.type === 'welcome' || message.type === 'entered') this.#layout?.again();
        if (message.type === 'jam') this.#reporter?.jam(message.on, message.kbps);
        if (message.type === 'media' && message.state === 'disconnected') this.dispatch({ type: 'shaken', now: Date.now(), by: 'server' });
      },
      onLink: (link) => this.dispatch({ type: 'link', link }),
      onOver: (code) => this.dispatch({ type: 'over', code }),
    });
  }

  /** The PeerConnection in use, if any. */
  get pc(): RTCPeerConnection | undefined {
    return this.#connection?.pc;
  }

  /** One's own picture, as long as there is one. */
  get preview(): MediaStream | undefined {
    return this.#tracks.preview;
  }

  start(): void {
    const { signal } = this.#stop;
    onNetwork(() => this.dispatch({ type: 'shaken', now: Date.now(), by: 'network' }), signal);
    onWake(() => this.dispatch({ type: 'shaken', now: Date.now(), by: 'network' }), signal);
    window.addEventListener('offline', () => this.#signal.hurry(), { signal });
    refuseDrops(signal);
    document.addEventListener('visibilitychange', () => void this.#awake.follow(), { signal });
    this.#tracks.start();
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

  streams(at: At): Streams | undefined {
    return this.#places.at(at);
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
      case 'await':
        this.#await(effect.at);
        return;
      case 'say-moved':
        return en.early.moved(this.state.interview);
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
        void this.#tracks.capture(effect.kinds);
        return;
      case 'capture-screen':
        void this.#tracks.captureScreen();
        return;
      case 'stop-screen':
        this.#tracks.stopScreen();
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
      case 'say-recording':
        if (SOUNDS.has(effect.change)) chime(effect.change === 'started' || effect.change === 'resumed');
        return en.recording.news(effect.change, effect.who, effect.reason);
      case 'say-message':
        return en.chat.wrote(effect.who, effect.text);
      case 'say-guard':
        return effect.active ? en.chat.guarded : en.chat.lifted;
      case 'say-appeal':
        this.#sayLater(import('../i18n/appeal.js').then(({ appeal }) => appeal.state(effect.state)));
        return;
      case 'bring':
        this.uploads.bring(effect.ref, effect.upload);
        return;
      case 'let-go':
        this.uploads.letGo(effect.ref, !this.state.files.sharing.some((f) => f.ref === effect.ref));
        return;
      case 'say-file':
        this.#sayLater(import('../i18n/files.js').then(({ files }) => `${files.failed(effect.name)} ${files.why(effect.code, effect.reason, effect.found, this.state.files.limits)}`));
        return;
      case 'say-held-back':
        return en.chat.blocked;
      case 'say-held':
        return effect.on ? `${en.quality.held}.` : en.quality.heldAgain;
      case 'hold':
        void this.#connection?.hold('camera', effect.on);
        return;
      case 'ice-servers':
        this.#iceServers = effect.servers;
        this.#connection?.relays(effect.servers);
        return;
      case 'layers':
        void this.#connection?.layers(effect.wish);
        return;
      case 'finish':
        this.#finish(effect.leave);
        return;
    }
  }

  /** Says what is worded in a part of the page that was not loaded with it. */
  #sayLater(words: Promise<string>): void {
    words.then(
      (say) => this.#stop.signal.aborted || this.#options.onChange(say),
      (error: unknown) => console.warn('words were not loaded', error),
    );
  }

  /** Says hello again when a moment has come. A machine that slept keeps no timer, so the clock is looked at now and then. */
  #await(at: number): void {
    clearTimeout(this.#openingTimer);
    const left = at - Date.now();
    if (left <= 0) this.#signal.again();
    else this.#openingTimer = setTimeout(() => this.#await(at), Math.min(left, 10_000));
  }

  async #offer(fallback: boolean): Promise<void> {
    const { may, seats } = this.state;
    const id = ++this.#offers;
    this.#connection?.close();
    this.#reporter?.close();
    this.#pulse?.close();
    this.dispatch({ type: 'narrow', on: false });
    const connection = new Connection({
      iceServers: this.#iceServers,
      sources: may,
      seats,
      fallback,
      relayed: this.#options.relayed ?? false,
      everything: this.state.transport.failures > 0,
      layered: this.#layered,
      onState: (state) => {
        if (this.#connection !== connection) return;
        this.dispatch({ type: 'transport', state });
        if (state === 'connected') this.#layout?.again();
        if (state === 'interrupted') this.dispatch({ type: 'shaken', now: Date.now(), by: 'ice' });
      },
      // Another connection may have taken the place of the one that found out.
      onBlocked: (tried) => this.dispatch({ type: 'blocked', tried }),
    });
    this.#connection = connection;
    this.#places.of(connection, this.state.transport.worked);
    this.#pulse = new Pulse(connection.pc, {
      due: () => due(this.state),
      onSilence: (ms) => {
        if (this.#connection === connection && (ms >= RESTART_MS || this.state.lost)) this.dispatch({ type: 'silence', ms, now: Date.now() });
      },
      onWay: (way) => {
        if (this.#connection !== connection) return;
        this.dispatch({ type: 'way', way });
        if (!this.#options.relayed) this.#better.goes(way.over);
      },
    });
    this.#reporter = new Reporter(connection.pc, {
      onReport: (report) => {
        connection.busy(report.cpu_limited);
        this.#signal.send(report);
      },
      onSaving: (saving) => {
        void connection.spare(saving.thin, saving.once);
        if (this.#connection === connection) this.dispatch({ type: 'narrow', on: saving.held });
      },
      onSize: (scale) => void connection.resize(scale),
      onFloor: (kbps) => void connection.believe(kbps),
      camera: () => connection.camera,
    });
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

  /** Brings devices and sound in line with the state, and keeps the screen awake in the room. */
  #follow(): void {
    const { phase, seating } = this.state;
    if (this.#tracks.follow()) this.#put();
    const sounds = new Map<string, MediaStream>();
    if (phase === 'room') {
      seating.seats.forEach((id, seat) => {
        const streams = id ? this.streams(seat) : undefined;
        if (streams) sounds.set(`seat ${seat}`, streams.sound);
      });
      const screen = seating.screen ? this.streams('screen') : undefined;
      if (screen) sounds.set('screen', screen.sound);
      void this.#awake.follow();
    }
    this.#speakers.play(sounds);
  }

  #finish(leave: boolean): void {
    this.#stop.abort();
    clearTimeout(this.#offerTimer);
    clearTimeout(this.#openingTimer);
    this.#signal.close(leave);
    this.#tracks.close();
    this.uploads.close();
    this.#reporter?.close();
    this.#layout?.close();
    this.#pulse?.close();
    this.#better.close();
    this.#connection?.close();
    this.#speakers.close();
    this.#awake.close();
  }
}
