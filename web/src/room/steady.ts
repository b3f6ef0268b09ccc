import type { Cause, Quality } from '../signal/wire.js';

/** What the page shows of a participant's connection: the newest figures, and a cause that has lasted. */
export interface Shown {
  quality: Quality;
  /** What is shown. '' is that all is well. */
  cause: Cause;
  /** What was measured last, and since when it is the same. */
  seen: Cause;
  since: number;
}

/** A cause is shown once it has lasted this long, and taken back once there was none for longer. */
export const SHOW_AFTER_MS = 4000;
export const HIDE_AFTER_MS = 8000;

/**
 * Takes a measurement in. Connections come and go by the second; what is shown and read out must not. A cause that takes
 * another's place has to last as well.
 */
export function steady(before: Shown | undefined, quality: Quality, now: number): Shown {
  const seen = quality.cause;
  const since = before?.seen === seen ? before.since : now;
  const shown = before?.cause ?? '';
  const lasted = now - since >= (seen === '' ? HIDE_AFTER_MS : SHOW_AFTER_MS);
  return { quality, cause: lasted ? seen : shown, seen, since };
}
