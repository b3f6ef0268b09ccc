import type { LayeredCodec, Source } from '../signal/wire.js';

/** A source that can be sent as one stream which holds its layers. */
export type LayeredSource = 'camera' | 'screen';

export const LAYERED: readonly LayeredSource[] = ['camera', 'screen'];

/** What is asked about a source: the modes in which the server may wish it, at its usual size. */
const USUAL = {
  camera: { scalabilityMode: 'L3T3_KEY', width: 1280, height: 720, framerate: 30, bitrate: 1_400_000 },
  screen: { scalabilityMode: 'L1T3', width: 1920, height: 1080, framerate: 15, bitrate: 2_500_000 },
} as const;

/** A computer with fewer processors has none to spare for a camera in a costlier codec. */
const PROCESSORS = 4;
/** So many reports in a row that the computer is busy, two seconds apart, and it is not a moment's load. */
const BUSY_REPORTS = 3;

/**
 * Says to the server with which codecs this browser can send its pictures as one stream that holds all layers (SVC), and
 * takes it back when that turns out too much. What was taken back is not said again: one lasts as long as the room.
 */
export class Layered {
  readonly #say: (source: LayeredSource, codecs: LayeredCodec[]) => void;
  readonly #over = new Set<Source>();
  #busy = 0;

  constructor(say: (source: LayeredSource, codecs: LayeredCodec[]) => void) {
    this.#say = say;
  }

  /** Says what there is to say of some sources. A browser that cannot do it is not heard of. */
  async tell(sources: readonly LayeredSource[]): Promise<void> {
    for (const source of sources) {
      const codecs = await able(source);
      if (codecs.length > 0 && !this.#over.has(source)) this.#say(source, codecs);
    }
  }

  /** Takes in whether the computer kept up with what it sends since the last report, and says whether that is to end. */
  tired(busy: boolean): boolean {
    this.#busy = busy ? this.#busy + 1 : 0;
    return this.#busy >= BUSY_REPORTS;
  }

  /** Takes a source back for good. */
  end(source: LayeredSource): void {
    if (this.#over.has(source)) return;
    this.#over.add(source);
    this.#say(source, []);
  }
}

async function able(source: LayeredSource): Promise<LayeredCodec[]> {
  if (source === 'camera' && !(navigator.hardwareConcurrency >= PROCESSORS)) return [];
  const codecs: LayeredCodec[] = [];
  for (const codec of ['vp9', 'av1'] as const) {
    const video = { ...USUAL[source], contentType: `video/${codec.toUpperCase()}` };
    // Firefox refuses the question.
    const answer = await navigator.mediaCapabilities?.encodingInfo({ type: 'webrtc', video }).catch(() => undefined);
    if (answer?.supported && answer.smooth) codecs.push(codec);
  }
  return codecs;
}

/** What Chromium knows beside the type library: which header extensions a line is to negotiate. */
type Extended = RTCRtpTransceiver & {
  getHeaderExtensionsToNegotiate(): { uri: string; direction: string }[];
  setHeaderExtensionsToNegotiate(extensions: { uri: string; direction: string }[]): void;
};

/**
 * Has a line carry the dependency descriptor, by which layers are told apart and AV1 is decoded without some of them. A
 * browser offers it by itself only beside simulcast.
 */
export function describe(line: RTCRtpTransceiver): void {
  if (!('setHeaderExtensionsToNegotiate' in line)) return;
  const extended = line as Extended;
  const extensions = extended.getHeaderExtensionsToNegotiate();
  for (const extension of extensions) if (extension.uri.includes('#dependency-descriptor')) extension.direction = 'sendrecv';
  extended.setHeaderExtensionsToNegotiate(extensions);
}
