const ROOMY_FOR_MS = 3500;
const AGAIN_AFTER_MS = 20_000;
const AGAIN_AT_MOST_MS = 160_000;

/**
 * Decides when a browser is to be told to send its whole picture again. It begins a call with a small one, for the little
 * that it dares to send at first, and makes that larger one step after many frames: half a minute, however much there is
 * room for. Pure: it is told the time.
 */
export class Sharpness {
  #since: number | undefined;
  #told = -Infinity;
  #wait = AGAIN_AFTER_MS;

  /** Takes a look: whether the picture is smaller than the camera's with room for all of it. Says whether to tell the browser now. */
  look(at: number, cramped: boolean): boolean {
    this.#since = cramped ? (this.#since ?? at) : undefined;
    if (this.#since === undefined || at - this.#since < ROOMY_FOR_MS || at - this.#told < this.#wait) return false;
    // One that has made itself small again had its reasons: it is left to them for longer.
    if (this.#told > -Infinity) this.#wait = Math.min(2 * this.#wait, AGAIN_AT_MOST_MS);
    this.#told = at;
    this.#since = undefined;
    return true;
  }
}

/** What a picture of moderate motion needs to be whole, in bit/s for each pixel of the camera: 1 Mbit/s at 720p. */
const PER_PIXEL = 1.1;

type Entry = Record<string, unknown>;

/** Whether a report of statistics has a picture of one size that is sent smaller than it could be. */
export function cramped(report: readonly Entry[]): boolean {
  const number = (entry: Entry | undefined, name: string): number => (typeof entry?.[name] === 'number' ? entry[name] : 0);
  return report.some((entry) => {
    if (entry['type'] !== 'outbound-rtp' || entry['rid'] || entry['active'] === false || entry['qualityLimitationReason'] !== 'bandwidth') return false;
    const source = report.find((one) => one['type'] === 'media-source' && one['id'] === entry['mediaSourceId']);
    const [width, height, sent] = [number(source, 'width'), number(source, 'height'), number(entry, 'frameHeight')];
    return sent > 0 && sent < height && number(entry, 'targetBitrate') >= width * height * PER_PIXEL;
  });
}
