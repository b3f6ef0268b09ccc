import { describe, expect, it } from 'vitest';
import { Thrift, type Room } from './thrift.js';

/** Looks every second for as long as told, and gives the seconds at which the decision changed. */
function play(seconds: number, way: (s: number, held: boolean) => Partial<Room>, thrift = new Thrift()): string[] {
  const turns: string[] = [];
  let held = false;
  for (let s = 0; s <= seconds; s++) {
    const now = thrift.look({ at: s * 1000, available: 1_000_000, sound: 40_000, loss: 0, ...way(s, held) });
    if (now !== held) turns.push(`${s} ${now ? 'held' : 'sent'}`);
    held = now;
  }
  return turns;
}

describe('Thrift', () => {
  it.each<[string, Partial<Room>, string[]]>([
    ['a wide way', {}, []],
    ['a browser that does not tell', { available: undefined }, []],
    ['a way that carries a small picture', { available: 101_000 }, []],
    ['a way that carries the sound alone', { available: 99_000 }, ['2 held']],
  ])('looks at %s', (_, way, want) => {
    expect(play(9, () => way)).toEqual(want);
  });

  it('does not mind a dip', () => {
    expect(play(20, (s) => ({ available: s % 3 === 0 ? 50_000 : 400_000 }))).toEqual([]);
  });

  it('sends the picture again when there is room for it', () => {
    expect(play(9, (s) => ({ available: s < 5 ? 60_000 : 131_000 }))).toEqual(['2 held', '7 sent']);
  });

  it('does not send it again for a little more than too little', () => {
    expect(play(9, (s) => ({ available: s < 5 ? 60_000 : 120_000 }))).toEqual(['2 held']);
  });

  it('tries again by itself, less often each time it fails', () => {
    expect(play(60, () => ({ available: 60_000 }))).toEqual(['2 held', '12 sent', '15 held', '35 sent', '38 held']);
  });

  it('does not try while packets are lost', () => {
    expect(play(60, () => ({ available: 60_000, loss: 0.1 }))).toEqual(['2 held']);
  });

  it('begins anew after a try that went well', () => {
    const well = (s: number): boolean => s >= 12 && s < 50;
    expect(play(65, (s) => ({ available: well(s) ? 500_000 : 60_000 }))).toEqual(['2 held', '12 sent', '52 held', '62 sent', '65 held']);
  });
});
