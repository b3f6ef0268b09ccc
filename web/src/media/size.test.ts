import { describe, expect, it } from 'vitest';
import { picture, Size, type Picture } from './size.js';

const HD: Picture = { width: 1280, height: 720, sent: 720, target: 1_700_000, limit: 'none' };

/** Looks every two seconds, and gives the seconds at which the picture is sent in another size, and in which. */
function play(seconds: number, way: (s: number) => Partial<Picture>): string[] {
  const size = new Size();
  const turns: string[] = [];
  for (let s = 0; s <= seconds; s += 2) {
    const scale = size.look(s * 1000, { ...HD, ...way(s) });
    if (scale !== undefined) turns.push(`${s}: 1/${scale}`);
  }
  return turns;
}

const after = (s: number, target: number) => (now: number): Partial<Picture> => ({ target: now < s ? 1_700_000 : target });
const reduced = { sent: 360, limit: 'bandwidth' };

describe('a picture’s size', () => {
  it.each<[string, (s: number) => Partial<Picture>, string[]]>([
    ['is the camera’s where there is room', () => ({}), []],
    ['stays where there is some room', () => ({ target: 400_000 }), []],
    ['shrinks after two looks at few bits', after(10, 300_000), ['12: 1/2']],
    ['shrinks at once where it would stand still', after(10, 100_000), ['10: 1/4']],
    ['is never less than a face', after(10, 20_000), ['10: 1/4']],
    ['is at least half of a camera that is small itself', (s) => ({ width: 640, height: 360, sent: 360, ...after(10, 20_000)(s) }), ['10: 1/2']],
    ['does not mind a dip', (s) => ({ target: s === 10 ? 300_000 : 1_700_000 }), []],
    ['waits in the beginning, when no browser knows the way', (s) => ({ target: s < 4 ? 90_000 : 1_700_000 }), []],
    ['grows to what there has been room for', (s) => ({ target: s < 10 ? 60_000 : s === 12 ? 600_000 : 1_700_000 }), ['4: 1/4', '12: 1/1.5', '16: 1/1']],
    ['does not grow where the computer is what limits it', (s) => ({ target: s < 10 ? 60_000 : 1_700_000, limit: s < 20 ? 'cpu' : 'none' }), ['4: 1/4', '22: 1/1']],
    ['grows ever more seldom where it falls back', (s) => ({ target: s % 10 < 4 ? 100_000 : 500_000 }), ['10: 1/4', '16: 1/1.5', '22: 1/4', '36: 1/1.5', '42: 1/4', '76: 1/1.5']],
    ['is told anew where the browser has reduced it and there is room', (s) => (s < 20 ? reduced : {}), ['4: 1/1']],
    ['but not where there is little room', () => ({ ...reduced, target: 600_000 }), []],
    ['nor where the computer is what limits it', () => ({ ...reduced, limit: 'cpu' }), []],
    ['nor before the first frame', () => ({ ...reduced, sent: 0 }), []],
    ['grows however often it was restored before', (s) => (s < 20 ? reduced : s < 30 ? { target: 60_000 } : {}), ['4: 1/1', '20: 1/4', '32: 1/1']],
    ['and ever more seldom where that does not help', () => reduced, ['4: 1/1', '24: 1/1', '64: 1/1', '144: 1/1']],
  ])('%s', (_, way, want) => {
    const seconds = want.at(-1)?.startsWith('144') ? 160 : 80;
    expect(play(seconds, way)).toEqual(want);
  });

  it('is at once what the server says there is room for, and no larger for it', () => {
    const size = new Size();
    expect(size.least(0, 100_000)).toBeUndefined(); // nothing is sent yet
    size.look(0, HD);
    expect(size.least(100, 130_000)).toBe(3);
    expect(size.least(200, 1_000_000)).toBeUndefined();
    expect(size.least(300, 0)).toBe(4);
  });
});

describe('picture', () => {
  const source = { type: 'media-source', kind: 'video', id: 's', width: 1280, height: 720, trackIdentifier: 'camera' };
  const out = { type: 'outbound-rtp', kind: 'video', mediaSourceId: 's', active: true, qualityLimitationReason: 'bandwidth', frameHeight: 360, targetBitrate: 1_500_000 };

  it('is what the report tells of the camera', () =>
    expect(picture([out, source], 'camera')).toEqual({ width: 1280, height: 720, sent: 360, target: 1_500_000, limit: 'bandwidth' }));

  it.each<[string, object[]]>([
    ['another track', [out, { ...source, trackIdentifier: 'screen' }]],
    ['several sizes', [{ ...out, rid: 'q' }, source]],
    ['a picture that is held', [{ ...out, active: false }, source]],
    ['a camera of no size yet', [out, { ...source, width: 0 }]],
    ['a browser that does not tell what it aims for', [{ ...out, targetBitrate: undefined }, source]],
    ['no picture', [source]],
  ])('is not there for %s', (_, report) => expect(picture(report as Record<string, unknown>[], 'camera')).toBeUndefined());
});
