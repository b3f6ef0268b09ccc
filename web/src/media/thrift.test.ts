import { describe, expect, it } from 'vitest';
import { Thrift, type Room, type Saving } from './thrift.js';

/** Looks every second for as long as told, and gives the seconds at which the decision changed. */
function play(seconds: number, way: (s: number) => Partial<Room>): string[] {
  return watch(seconds, way, 'held', ['held', 'sent']);
}

function watch(seconds: number, way: (s: number) => Partial<Room>, what: keyof Saving, [on, off]: [string, string]): string[] {
  const thrift = new Thrift();
  const turns: string[] = [];
  let before = false;
  for (let s = 0; s <= seconds; s++) {
    const now = thrift.look({ at: s * 1000, available: 1_000_000, sound: 40_000, loss: 0, ...way(s) })[what];
    if (now !== before) turns.push(`${s} ${now ? on : off}`);
    before = now;
  }
  return turns;
}

describe('Thrift', () => {
  it.each<[string, Partial<Room>, string[]]>([
    ['a wide way', {}, []],
    ['a browser that does not tell', { available: undefined }, []],
    ['a way that carries a small picture', { available: 96_000 }, []],
    ['a way that carries the sound alone', { available: 94_000 }, ['2 held']],
  ])('looks at %s', (_, way, want) => {
    expect(play(9, () => way)).toEqual(want);
  });

  it('does not mind a dip', () => {
    expect(play(20, (s) => ({ available: s % 3 === 0 ? 50_000 : 400_000 }))).toEqual([]);
  });

  it('sends the picture again when there is room for it', () => {
    expect(play(9, (s) => ({ available: s < 5 ? 60_000 : 126_000 }))).toEqual(['2 held', '7 sent']);
  });

  it('does not send it again for a little more than too little', () => {
    expect(play(9, (s) => ({ available: s < 5 ? 60_000 : 120_000 }))).toEqual(['2 held']);
  });

  it('tries again by itself, less often each time it fails', () => {
    expect(play(60, () => ({ available: 60_000 }))).toEqual(['2 held', '12 sent', '22 held', '42 sent', '52 held']);
  });

  it('does not try while packets are lost', () => {
    expect(play(60, () => ({ available: 60_000, loss: 0.1 }))).toEqual(['2 held']);
  });

  it.each<[string, (s: number) => Partial<Room>, string[]]>([
    ['whatever the browser believes', (s) => ({ rtt: s < 5 ? 40 : 900 }), ['7 held']],
    ['in a browser that does not tell what is available', (s) => ({ available: undefined, rtt: s < 5 ? 40 : 900 }), ['7 held']],
    ['unless it goes', (s) => ({ rtt: s % 3 === 1 ? 900 : 40 }), []],
    ['not on a path that is long', () => ({ rtt: 700 }), []],
    ['until it goes', (s) => ({ rtt: s >= 5 && s < 12 ? 900 : 40 }), ['7 held', '14 sent']],
    ['and a try ends at once, and is not repeated soon', (s) => ({ available: undefined, rtt: s >= 5 && s < 12 || s === 18 ? 900 : 40 }), ['7 held', '17 sent', '18 held', '58 sent']],
  ])('takes a long queue for too little: %s', (_, way, want) => {
    expect(play(60, way)).toEqual(want);
  });

  it('does not let a try go on that makes a queue', () => {
    expect(play(22, (s) => ({ available: 60_000, rtt: s === 15 ? 900 : 40 }))).toEqual(['2 held', '12 sent', '15 held']);
  });

  it('begins anew after a try that went well', () => {
    const well = (s: number): boolean => s >= 12 && s < 50;
    expect(play(75, (s) => ({ available: well(s) ? 500_000 : 60_000 }))).toEqual(['2 held', '12 sent', '52 held', '62 sent', '72 held']);
  });

  it.each<[string, (s: number) => Partial<Room>, string[]]>([
    ['a narrow way without loss', () => ({ available: 190_000 }), ['0 once']],
    ['a narrow way that loses now and then', (s) => ({ available: 190_000, loss: s % 10 === 0 ? 0.05 : 0 }), []],
    ['a narrow way that has lost', (s) => ({ available: 190_000, loss: s < 10 ? 0.05 : 0 }), ['29 once']],
    ['a way with room for nothing else', (s) => ({ available: 40_000, loss: 0.05, rtt: s < 5 ? 40 : 900 }), ['5 once']],
    ['a browser that believes in no more without a picture', () => ({ available: 40_000, loss: 0.05 }), []],
    ['a way that widens', (s) => ({ available: s < 5 ? 190_000 : 300_000 }), ['0 once', '9 twice']],
  ])('sends thin sound twice where it gets lost: %s', (_, way, want) => {
    expect(watch(40, way, 'once', ['once', 'twice'])).toEqual(want);
  });

  it.each<[string, (s: number) => Partial<Room>, string[]]>([
    ['a wide way', () => ({}), []],
    ['a narrow way', () => ({ available: 190_000 }), ['0 thin']],
    ['a way that loses much, for which sound is sent twice', () => ({ available: 190_000, loss: 0.2 }), []],
    ['a way that loses much and carries next to nothing', () => ({ available: 90_000, loss: 0.2 }), ['0 thin']],
    ['a way that widens a little', (s) => ({ available: s < 5 ? 190_000 : 250_000 }), ['0 thin']],
    ['a way that widens', (s) => ({ available: s < 5 ? 190_000 : 300_000 }), ['0 thin', '9 whole']],
    ['a way that widens for a moment', (s) => ({ available: s % 4 === 0 ? 190_000 : 900_000 }), ['0 thin']],
  ])('makes the sound thin before the picture goes: %s', (_, way, want) => {
    expect(watch(20, way, 'thin', ['thin', 'whole'])).toEqual(want);
  });

  describe('told of a jam by the server', () => {
    /** Looks every second at a way that the browser believes to be wide, and hears what the server says at some of them. */
    function hear(seconds: number, said: Record<number, number>, way: Partial<Room> = {}): string[] {
      const thrift = new Thrift();
      const turns: string[] = [];
      let before = 'sent';
      for (let s = 0; s <= seconds; s++) {
        let now = thrift.look({ at: s * 1000, available: 1_000_000, sound: 40_000, loss: 0, ...way });
        const kbps = said[s];
        if (kbps !== undefined) now = thrift.jam(s * 1000 + 300, kbps > 0, kbps * 1000);
        const what = `${now.held ? 'held' : 'sent'}${now.thin ? ' thin' : ''}${now.once ? ' once' : ''}`;
        if (what !== before) turns.push(`${s} ${what}`);
        before = what;
      }
      return turns;
    }

    it.each<[string, Record<number, number>, string[]]>([
      ['gives up the picture at once where none gets through', { 3: 41 }, ['3 held thin once']],
      ['makes the sound thin where a small one does', { 3: 150, 4: 0 }, ['3 sent thin once', '18 sent']],
      ['leaves everything as it is where a good one does', { 3: 900, 4: 0 }, []],
      ['tries again after a while, whatever the browser believes', { 3: 41, 6: 0 }, ['3 held thin once', '14 sent thin once', '18 sent']],
      ['does not try while the jam lasts', { 3: 41, 30: 0 }, ['3 held thin once', '31 sent thin once', '35 sent']],
      ['gives it back where that was too little, for others had the way', { 3: 41, 4: 200, 6: 0 }, ['3 held thin once', '4 sent thin once', '19 sent']],
      ['and waits longer after a try that fails', { 3: 41, 6: 0, 14: 41, 16: 0 }, ['3 held thin once', '29 held', '55 sent']],
    ])('%s', (_, said, want) => {
      expect(hear(60, said)).toEqual(want);
    });

    it('sends nothing twice for a while where there is no room, though sound gets lost', () => {
      expect(hear(30, { 3: 41, 6: 0 }, { available: 60_000, loss: 0.05 })).toEqual(['0 sent thin', '2 held thin', '3 held thin once', '8 held thin']);
    });
  });
});
