import { describe, expect, it } from 'vitest';
import { cramped, Sharpness } from './sharp.js';

const source = { type: 'media-source', kind: 'video', id: 's', width: 1280, height: 720 };
const out = (over: object) => ({ type: 'outbound-rtp', kind: 'video', mediaSourceId: 's', active: true, qualityLimitationReason: 'bandwidth', frameHeight: 360, targetBitrate: 1_500_000, ...over });

describe('a picture', () => {
  it.each<[string, object, boolean]>([
    ['is cramped where it is small and there is room', {}, true],
    ['is not where it is whole', { frameHeight: 720 }, false],
    ['is not where there is little room', { targetBitrate: 600_000 }, false],
    ['is not where the computer is what limits it', { qualityLimitationReason: 'cpu' }, false],
    ['is not where it is small by design', { rid: 'q' }, false],
    ['is not where it is not sent', { active: false }, false],
    ['is not before its first frame', { frameHeight: undefined }, false],
  ])('%s', (_, over, want) => expect(cramped([out(over), source])).toBe(want));

  it('is not where the browser does not tell how large its camera is', () => expect(cramped([out({})])).toBe(false));
});

/** Looks every two seconds, and names the seconds at which the browser is told. */
function told(looks: boolean[]): number[] {
  const sharpness = new Sharpness();
  return looks.flatMap((cramped, n) => (sharpness.look(2000 * n, cramped) ? [2 * n] : []));
}

describe('sharpness', () => {
  it('tells the browser when there has been room for a while', () => expect(told([false, true, true, true, false])).toEqual([6]));
  it('waits where the room comes and goes', () => expect(told([true, true, false, true, true, false])).toEqual([]));
  it('tells it ever more seldom where it does not help', () => expect(told(Array.from({ length: 80 }, () => true))).toEqual([4, 24, 64, 144]));
});
