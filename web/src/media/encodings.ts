import type { Layers, Source } from '../signal/wire.js';

/** A camera's sizes, small to large: what they are called, by how much smaller than the source, and what each may take. */
const LAYERS = [
  { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 120_000 },
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 350_000 },
  { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 1_400_000 },
] as const;

/** Of a picture with fewer pixels than these, libwebrtc encodes only the first two layers of three, or the first alone. */
const FOR_THREE = 960 * 540;
const FOR_TWO = 480 * 270;

/** The layers of a camera of so many pixels: the last of those that are encoded is the whole picture. */
function layersOf(pixels: number | undefined): { rid: string; scaleResolutionDownBy: number; maxBitrate: number; none?: boolean }[] {
  const encoded = pixels === undefined || pixels >= FOR_THREE ? 3 : pixels >= FOR_TWO ? 2 : 1;
  return LAYERS.map((layer, n) => (n < encoded ? { ...layer, scaleResolutionDownBy: 2 ** (encoded - 1 - n) } : { ...layer, none: true }));
}

const ALONE = { camera: 1_700_000, screen: 2_500_000 } as const;

/**
 * What a source is sent as. A camera that several people watch is encoded in three sizes at once, so that each gets the
 * one that fits; one that a single person watches is encoded once, and follows what that person can receive. A screen's
 * sound rests until there is some.
 */
export function encodings(source: Source, seats: number): RTCRtpEncodingParameters[] {
  if (source === 'camera' && seats > 1) return LAYERS.map((layer) => ({ ...layer, active: true }));
  if (source === 'camera' || source === 'screen') return [{ maxBitrate: ALONE[source] }];
  return [{ active: source === 'mic' }];
}

type Preference = NonNullable<RTCRtpSendParameters['degradationPreference']>;

/** Of what a sender gives up first when it cannot send everything: a face stays fluid, a screen stays sharp. */
const DEGRADATION: Partial<Record<Source, Preference>> = { camera: 'maintain-framerate', screen: 'maintain-resolution' };

/** What is wished of a sender. Without a codec that is plain layers, in VP8 or H.264. */
export type Wish = Pick<Layers, 'rids' | 'codec' | 'mode'>;

/**
 * Tunes one sender. Changes are made one after the other: a browser refuses parameters that another change has made stale.
 * What it refuses of a stream that holds its layers it is not asked for again.
 */
export class Tuning {
  readonly #sender: RTCRtpSender;
  readonly #preference: Preference | undefined;
  readonly #onPlain: () => void;
  #wish: Wish | undefined;
  #held = false;
  #scale = 1;
  #onlyPlain = false;
  #last: Promise<void> = Promise.resolve();

  /** `onPlain` is told when nothing but plain layers is to be had of this sender any more. */
  constructor(source: Source, sender: RTCRtpSender, onPlain: () => void = () => undefined) {
    this.#sender = sender;
    this.#preference = DEGRADATION[source];
    this.#onPlain = onPlain;
  }

  /** Whether one stream that holds its layers is wished, and not refused. */
  get layered(): boolean {
    return this.#wish?.codec !== undefined;
  }

  /** Sends only these layers from now on, or one stream that holds them. A source of one layer has no names and is always sent. */
  layers(wish: Wish): Promise<void> {
    // What was wished before it was known that it cannot be had.
    this.#wish = wish.codec && this.#onlyPlain ? undefined : wish;
    return this.apply();
  }

  /** Sends nothing at all from now on, or again what is wanted. */
  hold(on: boolean): Promise<void> {
    this.#held = on;
    return this.apply();
  }

  /** Sends plain layers from now on, all of them until it is told which, and never again anything else. */
  plain(): Promise<void> {
    this.#giveUp();
    return this.apply();
  }

  /**
   * Sends a source of one layer so many times smaller than it is. The browser forgets what it has reduced of it by itself:
   * libwebrtc does when it is told, if only for a moment, to keep the size whatever happens.
   */
  resize(scale: number): Promise<void> {
    this.#scale = scale;
    this.#last = this.#last
      .then(async () => {
        const parameters = this.#sender.getParameters();
        if (!this.#tune(parameters, 'maintain-resolution')) return;
        await this.#sender.setParameters(parameters);
        await this.#apply();
      })
      .catch((error: unknown) => console.warn('the picture could not be made another size', error));
    return this.#last;
  }

  /** Brings the browser in line with what is wanted. Before an offer was made it may know of nothing to tune. */
  apply(): Promise<void> {
    this.#last = this.#last.then(() => this.#apply()).catch((error: unknown) => console.warn('an encoding could not be tuned', error));
    return this.#last;
  }

  async #apply(): Promise<void> {
    const wish = this.#wish;
    try {
      const parameters = this.#sender.getParameters();
      if (!this.#tune(parameters, this.#preference)) return;
      await this.#sender.setParameters(parameters);
      // A browser that does not know of codecs in parameters passes over them without a word.
      const [taken] = this.#sender.getParameters().encodings as Encoding[];
      if (wish?.codec && parameters.codecs?.length && !taken?.codec) throw new Error('the codec was not taken');
    } catch (error) {
      if (!wish?.codec) throw error;
      console.warn('layers in one stream were refused', error);
      if (this.#wish?.codec) this.#giveUp();
      await this.#apply();
    }
  }

  #tune(parameters: RTCRtpSendParameters, preference: Preference | undefined): boolean {
    const { width, height } = this.#sender.track?.getSettings() ?? {};
    return tune(parameters, this.#wish, preference, { held: this.#held, scale: this.#scale, pixels: width && height && width * height });
  }

  #giveUp(): void {
    this.#wish = undefined;
    this.#onlyPlain = true;
    this.#onPlain();
  }
}

/** What thin sound may take, without headers: speech is still good. */
const THIN_BITRATE = 20_000;

/**
 * Makes sound take less, or does again what is usual. Says whether anything is different. What a browser sets aside for sound
 * goes by what it may take, not by what it does: the picture gets the rest.
 */
export function spare(parameters: RTCRtpSendParameters, thin: boolean): boolean {
  const encoding = parameters.encodings?.[0];
  return encoding !== undefined && change(encoding, 'maxBitrate', thin ? THIN_BITRATE : undefined);
}

/**
 * Has a line of sound rest while nothing is on it, or not. Says whether anything is different. Libwebrtc sets aside what
 * sound takes for a line that is empty too, 60 kbit/s, and the picture does without.
 */
export function rest(parameters: RTCRtpSendParameters, empty: boolean): boolean {
  const encoding = parameters.encodings?.[0];
  return encoding !== undefined && change(encoding, 'active', !empty, true);
}

/** What browsers know beside the type library: the codec of an encoding, and the layers that it holds. */
type Encoding = RTCRtpEncodingParameters & { codec?: RTCRtpCodec; scalabilityMode?: string };

/** Nothing is to be sent for now, of how many pixels the camera is, and how many times smaller it is sent. */
interface How {
  held?: boolean;
  pixels?: number | undefined;
  scale?: number;
}

/**
 * Changes parameters to what is wanted, and says whether anything is different. All encodings of a sender are of one codec.
 * Throws when that was not negotiated; before anything is, plain layers are all there is. Of a camera with few `pixels` there
 * are fewer layers, and the largest of them stands for those there are not; one of a single layer is sent `scale` times smaller.
 */
export function tune(parameters: RTCRtpSendParameters, wish: Wish | undefined, preference: Preference | undefined, { held = false, pixels, scale = 1 }: How = {}): boolean {
  let changed = false;
  const codecs = parameters.codecs ?? [];
  const mode = codecs.length > 0 ? wish?.codec && wish.mode : undefined;
  // Chromium lists the codec that it sends first, whichever both sides like best.
  const codec = codecs.find((one) => (mode ? named(one, `video/${wish!.codec}`) : !/\/(vp9|av1|rtx)$/i.test(one.mimeType)));
  if (mode && !codec) throw new Error(`${wish!.codec} was not negotiated`);
  const layers = layersOf(pixels);
  const largest = layers.findLast((layer) => !layer.none)!;
  const beyond = wish?.rids.some((rid) => layers.find((layer) => layer.rid === rid)?.none);
  for (const encoding of (parameters.encodings ?? []) as Encoding[]) {
    const layer = layers.find(({ rid }) => rid === encoding.rid);
    const wanted = !encoding.rid || !wish || wish.rids.includes(encoding.rid) || (beyond && layer === largest);
    changed = change(encoding, 'active', !held && wanted && (!layer?.none || mode !== undefined), true) || changed;
    // Nothing to take back where nothing but plain layers was ever wished.
    if (codec && (mode || encoding.codec || encoding.scalabilityMode)) {
      if (!named(encoding.codec, codec.mimeType)) changed = change(encoding, 'codec', codec) || changed;
      changed = change(encoding, 'scalabilityMode', wanted ? mode : undefined) || changed;
    }
    if (!layer) {
      if (!encoding.rid) changed = change(encoding, 'scaleResolutionDownBy', scale, 1) || changed;
      continue;
    }
    const size = mode && wanted ? LAYERS[LAYERS.length - 1]! : layer;
    changed = change(encoding, 'scaleResolutionDownBy', size.scaleResolutionDownBy) || changed;
    changed = change(encoding, 'maxBitrate', size.maxBitrate) || changed;
  }
  if (preference && parameters.encodings?.length && parameters.degradationPreference !== preference) {
    parameters.degradationPreference = preference;
    changed = true;
  }
  return changed;
}

function named(codec: RTCRtpCodec | undefined, mimeType: string): boolean {
  return codec?.mimeType.toLowerCase() === mimeType.toLowerCase();
}

function change<K extends keyof Encoding>(encoding: Encoding, key: K, value: Encoding[K] | undefined, usual?: Encoding[K]): boolean {
  if ((encoding[key] ?? usual) === value) return false;
  if (value === undefined) delete encoding[key];
  else encoding[key] = value;
  return true;
}
