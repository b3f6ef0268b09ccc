import { describe, expect, it } from 'vitest';
import { level } from './levels.js';
import { quality, sample, type Sample } from './stats.js';

const at = (over: Partial<Sample>): Sample => ({ at: 0, received: 0, lost: 0, roundTrip: undefined, lostUp: undefined, ...over });

describe('quality', () => {
  it.each<[string, Partial<Sample>, Partial<Sample>, string]>([
    ['nothing arriving, as before anybody came', {}, {}, 'good'],
    ['a little loss', {}, { received: 950, lost: 50 }, 'good'],
    ['much loss', {}, { received: 800, lost: 200 }, 'weak'],
    ['loss among a handful of packets', {}, { received: 10, lost: 5 }, 'good'],
    ['loss long ago', { received: 500, lost: 500 }, { received: 1500, lost: 500 }, 'good'],
    ['counters that start over with a new connection', { received: 9000, lost: 900 }, { received: 300, lost: 0 }, 'good'],
    ['a long way', {}, { received: 900, roundTrip: 0.8 }, 'weak'],
    ['our own packets lost', {}, { received: 900, lostUp: 0.2 }, 'weak'],
  ])('of %s', (_, before, now, want) => expect(quality(at(before), at(now))).toBe(want));
});

describe('sample', () => {
  it('adds what arrives and takes the worst of what leaves', () => {
    const got = sample(
      [
        { type: 'inbound-rtp', packetsReceived: 100, packetsLost: 2 },
        { type: 'inbound-rtp', packetsReceived: 50, packetsLost: -1 },
        { type: 'remote-inbound-rtp', roundTripTime: 0.05, fractionLost: 0 },
        { type: 'remote-inbound-rtp', roundTripTime: 0.08, fractionLost: 0.02 },
        { type: 'codec' },
      ],
      7,
    );
    expect(got).toEqual({ at: 7, received: 150, lost: 2, roundTrip: 0.08, lostUp: 0.02 });
  });
});

describe('level', () => {
  it.each([
    ['silence', 0, 0],
    ['a whisper', 0.01, 1 / 3],
    ['a voice', 0.1, 2 / 3],
    ['all there is', 1, 1],
  ])('of %s', (_, amplitude, want) => expect(level(new Float32Array(64).fill(amplitude))).toBeCloseTo(want, 5));

  it('of no samples is silence', () => expect(level(new Float32Array())).toBe(0));
});
