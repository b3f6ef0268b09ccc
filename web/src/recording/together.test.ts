import { describe, expect, it } from 'vitest';
import { Together, type Player } from './together.js';

/** A media element that plays when it is told to, as far as somebody lets time pass. */
class Element implements Player {
  currentTime = 0;
  playbackRate = 1;
  paused = true;
  readyState = 4;
  seeking = false;
  play(): Promise<void> {
    this.paused = false;
    return Promise.resolve();
  }
  pause(): void {
    this.paused = true;
  }
  pass(seconds: number): void {
    if (!this.paused) this.currentTime += seconds * this.playbackRate;
  }
}

function together(...starts: number[]): { all: Together; elements: Element[]; run(from: number, to: number, drift?: number): void } {
  const elements = starts.map(() => new Element());
  const all = new Together(starts.map((start, n) => ({ player: elements[n]!, start, duration: 10 })), Math.max(...starts) + 10);
  return {
    all,
    elements,
    run(from, to, drift = 0) {
      for (let now = from; now < to; now += 0.1) {
        all.tick(now);
        elements.forEach((element, n) => element.pass(0.1 * (n === 1 ? 1 + drift : 1)));
      }
      all.tick(to);
    },
  };
}

describe('playing together', () => {
  it('starts each part when it is due, and ends it', () => {
    const { all, elements, run } = together(0, 4);
    all.play(0);
    run(0, 3);
    expect(elements.map((e) => e.paused)).toEqual([false, true]);
    run(3, 6);
    expect(elements.map((e) => e.paused)).toEqual([false, false]);
    expect(elements[1]!.currentTime).toBeCloseTo(2, 0);
    run(6, 11);
    expect(elements.map((e) => e.paused)).toEqual([true, false]);
    run(11, 15);
    expect(all.playing).toBe(false);
    expect(all.position).toBe(14);
  });

  it('keeps a part that runs fast to the common time', () => {
    const { all, elements, run } = together(0, 0);
    all.play(0);
    run(0, 8, 0.03);
    expect(Math.abs(elements[1]!.currentTime - elements[0]!.currentTime)).toBeLessThan(0.15);
  });

  it('waits for one that has nothing to play, with all', () => {
    const { all, elements, run } = together(0, 0);
    all.play(0);
    run(0, 2);
    elements[1]!.readyState = 1;
    run(2, 5);
    expect(all.waiting).toBe(true);
    expect(elements.map((e) => e.paused)).toEqual([true, true]);
    expect(all.position).toBeCloseTo(2, 0);
    elements[1]!.readyState = 4;
    run(5, 6);
    expect(elements.map((e) => e.paused)).toEqual([false, false]);
    expect(all.position).toBeCloseTo(3, 0);
  });

  it('goes where one seeks, before the beginning of a part too', () => {
    const { all, elements } = together(0, 4);
    all.seek(2, 0);
    expect(elements.map((e) => e.currentTime)).toEqual([2, 0]);
    all.seek(7, 0);
    expect(elements.map((e) => e.currentTime)).toEqual([7, 3]);
    all.seek(99, 0);
    expect(all.position).toBe(14);
    all.play(0);
    expect(all.position).toBe(0);
  });
});
