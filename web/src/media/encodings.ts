import type { Source } from '../signal/wire.js';

/** A camera's sizes, small to large: what they are called, by how much smaller than the source, and what each may take. */
const LAYERS = [
  { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 120_000 },
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 350_000 },
  { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 1_400_000 },
] as const;

const ALONE = { camera: 1_700_000, screen: 2_500_000 } as const;

/**
 * What a source is sent as. A camera that several people watch is encoded in three sizes at once, so that each gets the
 * one that fits; one that a single person watches is encoded once, and follows what that person can receive.
 */
export function encodings(source: Source, seats: number): RTCRtpEncodingParameters[] {
  if (source === 'camera' && seats > 1) return LAYERS.map((layer) => ({ ...layer, active: true }));
  if (source === 'camera' || source === 'screen') return [{ maxBitrate: ALONE[source] }];
  return [];
}

type Preference = NonNullable<RTCRtpSendParameters['degradationPreference']>;

/** Of what a sender gives up first when it cannot send everything: a face stays fluid, a screen stays sharp. */
const DEGRADATION: Partial<Record<Source, Preference>> = { camera: 'maintain-framerate', screen: 'maintain-resolution' };

/** Tunes one sender. Changes are made one after the other: a browser refuses parameters that another change has made stale. */
export class Tuning {
  readonly #sender: RTCRtpSender;
  readonly #preference: Preference | undefined;
  #wanted: ReadonlySet<string> | undefined;
  #held = false;
  #last: Promise<void> = Promise.resolve();

  constructor(source: Source, sender: RTCRtpSender) {
    this.#sender = sender;
    this.#preference = DEGRADATION[source];
  }

  /** Sends only these layers from now on. A source of one layer has no names and is always sent. */
  layers(rids: readonly string[]): Promise<void> {
    this.#wanted = new Set(rids);
    return this.apply();
  }

  /** Sends nothing at all from now on, or again what is wanted. */
  hold(on: boolean): Promise<void> {
    this.#held = on;
    return this.apply();
  }

  /** Brings the browser in line with what is wanted. Before an offer was made it may know of nothing to tune. */
  apply(): Promise<void> {
    this.#last = this.#last.then(() => this.#apply()).catch((error: unknown) => console.warn('an encoding could not be tuned', error));
    return this.#last;
  }

  async #apply(): Promise<void> {
    const parameters = this.#sender.getParameters();
    if (!tune(parameters, this.#wanted, this.#preference, this.#held)) return;
    await this.#sender.setParameters(parameters);
  }
}

/** What libwebrtc knows beside the standard: fewer, longer packets, and less sound in them, where there is little room. */
type AudioEncoding = RTCRtpEncodingParameters & { adaptivePtime?: boolean; codec?: RTCRtpCodec };

/**
 * Makes sound take less, by fewer and longer packets, and sends nothing of it twice, or does again what is usual. Says
 * whether anything is different. Firefox sends nothing twice and knows neither; it leaves the parameters as they were.
 */
export function spare(parameters: RTCRtpSendParameters, thin: boolean, once: boolean): boolean {
  const encoding = parameters.encodings?.[0] as AudioEncoding | undefined;
  if (!encoding || ((encoding.adaptivePtime ?? false) === thin && (encoding.codec !== undefined) === once)) return false;
  encoding.adaptivePtime = thin;
  const opus = parameters.codecs?.find((codec) => codec.mimeType.toLowerCase() === 'audio/opus');
  if (once && opus) encoding.codec = opus;
  else delete encoding.codec;
  return true;
}

/** Changes parameters to what is wanted, and says whether anything is different. */
export function tune(parameters: RTCRtpSendParameters, wanted: ReadonlySet<string> | undefined, preference: Preference | undefined, held = false): boolean {
  let changed = false;
  for (const encoding of parameters.encodings ?? []) {
    const named = encoding.rid !== undefined && encoding.rid !== '';
    const active = !held && (!named || !wanted || wanted.has(encoding.rid!));
    if ((encoding.active ?? true) === active) continue;
    encoding.active = active;
    changed = true;
  }
  if (preference && parameters.encodings?.length && parameters.degradationPreference !== preference) {
    parameters.degradationPreference = preference;
    changed = true;
  }
  return changed;
}
