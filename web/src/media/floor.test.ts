import { describe, expect, it } from 'vitest';
import { Floor } from './floor.js';
import type { Room } from './thrift.js';

/** Looks every two seconds, hears of jams at some, and gives the seconds at which the floor changed. */
function play(seconds: number, way: (s: number, floor: number) => Partial<Room>, jams: number[] = []): string[] {
  const floor = new Floor();
  const turns: string[] = [];
  let before = 0;
  for (let s = 0; s <= seconds; s += 2) {
    let now = floor.look({ at: s * 1000, available: 1_000_000, sound: 40_000, loss: 0, rtt: 40, ...way(s, before) });
    if (jams.includes(s)) now = floor.jam(s * 1000);
    if (now !== before) turns.push(`${s} ${now}`);
    before = now;
  }
  return turns;
}

/** A way that loses so much from the first second on, of which the browser believes in less and less. */
const falls = (s: number): number => Math.max(100_000, 1_500_000 * 0.5 ** (s / 2));
const lossy = (s: number): Partial<Room> => ({ loss: 0.3, available: falls(s) });
const then = (floor: number, kept: Partial<Room>) => (s: number): Partial<Room> => (floor ? kept : lossy(s));

describe('a floor', () => {
  it.each<[string, (s: number, floor: number) => Partial<Room>, string[]]>([
    ['is none on a good way', () => ({}), []],
    ['is none where a browser does not fall for losses', () => ({ loss: 0.3 }), []],
    ['is none on a narrow way without losses', () => ({ available: 100_000 }), []],
    ['is none where a browser does not tell', () => ({ loss: 0.3, available: undefined }), []],
    ['is there where as much is lost of less and less', lossy, ['6 300']],
    ['is none where less is lost of less', (s) => ({ loss: Math.max(0, 1 - 200_000 / falls(s)), available: falls(s) }), []],
    ['is none for one bad look in two', (s) => (s % 4 ? lossy(s) : { loss: 0.02, available: falls(s) }), []],
    ['does not mind that chance is not even', (s) => ({ ...lossy(s), loss: s % 4 ? 0.45 : 0.15 }), ['6 300']],
    ['is none where there is a queue as well', (s) => ({ ...lossy(s), rtt: s === 0 ? 40 : 200 }), []],
    ['stays while as much is lost', (s, floor) => then(floor, { loss: 0.35, available: 300_000 })(s), ['6 300']],
    ['minds no look at which the browser does not tell', (s) => ({ ...lossy(s), ...(s === 4 && { available: undefined }) }), ['8 300']],
    ['ends when the losses have', (s, floor) => (s < 20 ? then(floor, { loss: 0.3, available: 300_000 })(s) : { loss: 0.02 }), ['6 300', '26 0']],
    ['ends where more is lost for it, and is tried again ever more seldom', (s, floor) => then(floor, { loss: 0.8 })(s % 70), ['6 300', '10 0', '74 300', '78 0', '198 300', '202 0']],
    ['ends where it makes a queue', (s, floor) => then(floor, { loss: 0.3, rtt: 400 })(s), ['6 300', '10 0']],
  ])('%s', (_, way, want) => expect(play(300, way)).toEqual(want));

  it('ends at once when the server sees a queue, and is not where it has lately', () => {
    expect(play(30, lossy, [10])).toEqual(['6 300', '10 0']);
    expect(play(40, lossy, [0])).toEqual(['20 300']);
  });
});
