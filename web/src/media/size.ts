type Entry = Record<string, unknown>;

/** A camera that is sent in one size, as a report of statistics tells of it. */
export interface Picture {
  /** The camera's own size, in pixels. */
  width: number;
  height: number;
  /** How high it is sent, in pixels; 0 before the first frame. */
  sent: number;
  /** What the encoder aims for, bit/s. */
  target: number;
  /** What makes the browser send less than it could. */
  limit: string;
}

/** So many times smaller than the camera's a picture may be sent, while there are as many lines as make a face. */
const SCALES = [1, 1.5, 2, 3, 4];
const LEAST_LINES = 160;

/** What a picture of moderate motion needs to be whole, in bit/s for each pixel that is sent: 1 Mbit/s at 720p. */
const WHOLE = 1.1;
/** With less than this a smaller one shows more, and with less than the other it does not move any more: one look is enough. */
const COARSE = 0.4;
const STUCK = 0.2;

/** A browser finds out what there is room for in the beginning. */
const BEGINS_FOR_MS = 3000;
/** There must be room for more for so long: for a larger picture, and for one that the browser has reduced itself. */
const GROWS_AFTER_MS = 1500;
const RESTORED_AFTER_MS = 3500;
const AGAIN_AFTER_MS = 20_000;
const AGAIN_AT_MOST_MS = 160_000;

/**
 * Decides how many times smaller than the camera's a picture is sent. Browsers do that themselves, one step after many
 * frames: after a fall of the way a large picture stands still for half a minute, and when there is room again a tiny one
 * stays tiny for as long. How many bits there are for each pixel tells it at once. Pure: it is told the time.
 */
export class Size {
  #picture: Picture | undefined;
  #scale = 1;
  #began: number | undefined;
  /** There were too few bits at the last look. */
  #coarse = false;
  /** Since when there has been room for more, and the least room since. */
  #since: number | undefined;
  #least = 0;
  readonly #grown = new Patience();
  readonly #restored = new Patience();

  /**
   * Takes a look. Says how many times smaller the picture is to be sent from now on, and what the browser has reduced of it
   * by itself to be forgotten; or nothing.
   */
  look(at: number, picture: Picture): number | undefined {
    this.#picture = picture;
    this.#began ??= at;
    const { target, limit } = picture;
    const share = target / pixels(picture, this.#scale);
    if (share < COARSE && this.#scale < smallest(picture)) {
      const long = this.#coarse || share < STUCK;
      this.#coarse = true;
      this.#since = undefined;
      return long && at - this.#began >= BEGINS_FOR_MS ? this.least(at, target) : undefined;
    }
    this.#coarse = false;
    const reduced = limit === 'bandwidth' && share >= WHOLE && picture.sent > 0 && picture.sent < Math.floor(picture.height / this.#scale) * 0.9;
    if (limit === 'cpu' || (!reduced && fitting(picture, target) >= this.#scale)) {
      this.#since = undefined;
      return undefined;
    }
    this.#least = this.#since === undefined ? target : Math.min(this.#least, target);
    this.#since ??= at;
    const scale = Math.min(fitting(picture, this.#least), this.#scale);
    const [patience, after] = scale < this.#scale ? [this.#grown, GROWS_AFTER_MS] : [this.#restored, RESTORED_AFTER_MS];
    if (at - this.#since < after || !patience.over(at)) return undefined;
    patience.spend(at);
    // A browser that reduces it again has its reasons: it is left to them for longer.
    if (patience === this.#restored) patience.wait();
    this.#since = undefined;
    this.#scale = scale;
    return scale;
  }

  /** There is only so much room from now on, in bit/s, whatever the encoder still aims for. Answers as `look` does. */
  least(at: number, room: number): number | undefined {
    const scale = this.#picture && fitting(this.#picture, room);
    if (scale === undefined || scale <= this.#scale) return undefined;
    // One that has grown in vain is left small for longer.
    if (this.#grown.lately(at)) this.#grown.wait();
    else this.#grown.forget();
    this.#coarse = false;
    this.#since = undefined;
    this.#scale = scale;
    return scale;
  }
}

/** How long it is until something is tried again, longer after each time that it was in vain. */
class Patience {
  #last = -Infinity;
  #wait = 0;

  over(at: number): boolean {
    return at - this.#last >= this.#wait;
  }

  spend(at: number): void {
    this.#last = at;
  }

  lately(at: number): boolean {
    return at - this.#last < AGAIN_AFTER_MS;
  }

  wait(): void {
    this.#wait = Math.min(Math.max(2 * this.#wait, AGAIN_AFTER_MS), AGAIN_AT_MOST_MS);
  }

  forget(): void {
    this.#wait = 0;
  }
}

function pixels({ width, height }: Picture, scale: number): number {
  return (width * height) / scale ** 2;
}

function smallest({ height }: Picture): number {
  return SCALES.findLast((scale) => height / scale >= LEAST_LINES) ?? 1;
}

/** The largest picture that is whole with so much, or the smallest there is. */
function fitting(picture: Picture, room: number): number {
  const most = smallest(picture);
  return SCALES.find((scale) => scale === most || room >= WHOLE * pixels(picture, scale)) ?? most;
}

/** What a report of statistics tells of the camera with a track's id, if it is sent in one size. */
export function picture(report: readonly Entry[], track: string): Picture | undefined {
  const source = report.find((entry) => entry['type'] === 'media-source' && entry['trackIdentifier'] === track);
  const sent = report.find((entry) => entry['type'] === 'outbound-rtp' && source && entry['mediaSourceId'] === source['id'] && !entry['rid'] && entry['active'] !== false);
  const number = (entry: Entry | undefined, name: string): number => (typeof entry?.[name] === 'number' ? entry[name] : 0);
  const [width, height, target] = [number(source, 'width'), number(source, 'height'), number(sent, 'targetBitrate')];
  if (!sent || width === 0 || height === 0 || target === 0) return undefined;
  return { width, height, sent: number(sent, 'frameHeight'), target, limit: String(sent['qualityLimitationReason'] ?? 'none') };
}
