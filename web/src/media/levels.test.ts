import { describe, expect, it } from 'vitest';
import { level } from './levels.js';

describe('level', () => {
  it.each([
    ['silence', 0, 0],
    ['a whisper', 0.01, 1 / 3],
    ['a voice', 0.1, 2 / 3],
    ['all there is', 1, 1],
  ])('of %s', (_, amplitude, want) => expect(level(new Float32Array(64).fill(amplitude))).toBeCloseTo(want, 5));

  it('of no samples is silence', () => expect(level(new Float32Array())).toBe(0));
});
