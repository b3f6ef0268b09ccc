import { en } from '../i18n/en.js';
import { captureAll, captureScreen, choices, KINDS, onGranted, type Kind } from '../media/devices.js';
import { LevelMeter } from '../media/levels.js';
import type { Source } from '../signal/wire.js';
import type { Keep } from './link.js';
import type { Event, State } from './state.js';

/** A device that ends twice within this time is broken, not unplugged. */
const SETTLE_MS = 10_000;

export interface TracksOptions {
  /** Remembers the chosen devices. */
  kept: Keep;
  stop: AbortSignal;
  state(): State;
  dispatch(event: Event): void;
  onLevel(level: number): void;
  /** Something to say aloud. */
  onSay(words: string): void;
}

/** The person's own devices and screen: it opens them, replaces one that is pulled out, and gives them back. */
export class Tracks {
  /** One's own picture, as long as there is one. */
  preview: MediaStream | undefined;
  readonly #options: TracksOptions;
  readonly #tracks = new Map<Source, MediaStreamTrack>();
  readonly #asked: Record<Kind, number> = { mic: 0, camera: 0 };
  /** When a device that ended was last replaced by another. */
  readonly #replaced: Record<Kind, number> = { mic: -Infinity, camera: -Infinity };
  #meter: LevelMeter | undefined;

  constructor(options: TracksOptions) {
    this.#options = options;
  }

  /** Listens for devices that come and go, and for permissions. */
  start(): void {
    const { stop: signal, dispatch, state } = this.#options;
    document.addEventListener('pointerdown', () => this.#meter?.wake(), { signal });
    document.addEventListener('keydown', () => this.#meter?.wake(), { signal });
    navigator.mediaDevices?.addEventListener('devicechange', () => void this.#devicesChanged(), { signal });
    for (const kind of KINDS) {
      void onGranted(kind, () => {
        const { problem } = state().own[kind];
        if (problem === 'denied' || problem === 'dismissed') dispatch({ type: 'asking', kind });
      });
    }
  }

  get(source: Source): MediaStreamTrack | undefined {
    return this.#tracks.get(source);
  }

  /** Opens devices, the chosen ones where they are there. What became of it comes as events. */
  async capture(kinds: Kind[]): Promise<void> {
    const { kept, stop, dispatch } = this.#options;
    const wanted: Partial<Record<Kind, string>> = {};
    const turn = new Map<Kind, number>();
    for (const kind of kinds) {
      wanted[kind] = kept.get(`parley.${kind}`) ?? '';
      turn.set(kind, ++this.#asked[kind]);
      // Some cameras open only once, and some microphones share a device with the one chosen now.
      this.#drop(kind);
    }
    const got = await captureAll(wanted);
    for (const kind of kinds) {
      const one = got[kind] ?? { problem: 'failed' as const };
      const stale = this.#asked[kind] !== turn.get(kind) || stop.aborted;
      if (stale) {
        if ('track' in one) one.track.stop();
      } else if ('track' in one) {
        this.#adopt(kind, one.track);
        dispatch({ type: 'captured', kind });
      } else {
        dispatch({ type: 'captured', kind, problem: one.problem });
      }
    }
    dispatch({ type: 'devices', devices: await choices() });
  }

  async captureScreen(): Promise<void> {
    const { stop, dispatch } = this.#options;
    try {
      const stream = await captureScreen();
      const picture = stream.getVideoTracks()[0];
      const sound = stream.getAudioTracks()[0];
      if (!picture || stop.aborted) {
        for (const track of stream.getTracks()) track.stop();
        dispatch({ type: 'unshared', failed: true });
        return;
      }
      this.#tracks.set('screen', picture);
      if (sound) this.#tracks.set('screen-audio', sound);
      picture.addEventListener('ended', () => {
        this.stopScreen();
        dispatch({ type: 'unshared' });
      });
      dispatch({ type: 'shared', sound: sound !== undefined });
    } catch (error) {
      // Closing the picker is an answer, not a failure; a system that forbids it says so in the message.
      const chosen = error instanceof DOMException && error.name === 'NotAllowedError' && !/system/i.test(error.message);
      dispatch({ type: 'unshared', failed: !chosen });
    }
  }

  stopScreen(): void {
    this.#drop('screen');
    this.#drop('screen-audio');
  }

  /** Brings the devices in line with what is wanted, and says whether one was given back. */
  follow(): boolean {
    const { own } = this.#options.state();
    const mic = this.#tracks.get('mic');
    if (mic) mic.enabled = own.mic.on;
    if (own.camera.on || !this.#tracks.has('camera')) return false;
    this.#asked.camera++;
    this.#drop('camera');
    return true;
  }

  close(): void {
    for (const source of [...this.#tracks.keys()]) this.#drop(source);
  }

  #adopt(kind: Kind, track: MediaStreamTrack): void {
    this.#tracks.set(kind, track);
    // Heard only when the device is pulled out or its permission taken back, not after stop().
    track.addEventListener('ended', () => void this.#unplugged(kind, track));
    if (kind === 'camera') this.preview = new MediaStream([track]);
    else this.#meter = new LevelMeter(track, (level) => this.#options.onLevel(level));
  }

  #drop(source: Source): void {
    const track = this.#tracks.get(source);
    this.#tracks.delete(source);
    track?.stop();
    if (source === 'camera') this.preview = undefined;
    if (source === 'mic') {
      this.#meter?.close();
      this.#meter = undefined;
      this.#options.onLevel(0);
    }
  }

  async #unplugged(kind: Kind, track: MediaStreamTrack): Promise<void> {
    if (this.#tracks.get(kind) !== track) return;
    const device = kind === 'mic' ? 'microphone' : 'camera';
    const now = performance.now();
    if (now - this.#replaced[kind] < SETTLE_MS) {
      // What took its place did not last either: from here on it is the person's decision.
      this.#drop(kind);
      this.#options.dispatch({ type: 'captured', kind, problem: 'failed' });
      return;
    }
    this.#replaced[kind] = now;
    await this.capture([kind]);
    const instead = this.#tracks.get(kind);
    this.#options.onSay(instead ? en.room.instead(device, instead.label) : en.room.lost(device));
  }

  async #devicesChanged(): Promise<void> {
    const { dispatch, state } = this.#options;
    dispatch({ type: 'devices', devices: await choices() });
    for (const kind of KINDS) {
      const { on, problem } = state().own[kind];
      if (on && problem === 'missing') dispatch({ type: 'asking', kind });
    }
  }
}
