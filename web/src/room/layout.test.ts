import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Layout } from '../signal/wire.js';
import { layoutOf, LayoutWatch, type Place, type Tile } from './layout.js';

const tile = (over: Partial<Tile> = {}): Tile => ({ width: 320, height: 180, visible: true, pinned: false, ...over });
const page = { hidden: false, ratio: 2 };

describe('layoutOf', () => {
  it('gives sizes in the pixels of the screen', () => {
    expect(layoutOf([0], new Map([[0, tile()]]), page)).toEqual({
      type: 'layout', seats: [{ seat: 0, width: 640, height: 360, hidden: false, pinned: false }],
    });
  });

  it.each<[string, Map<Place, Tile>, typeof page]>([
    ['a place without a tile', new Map(), page],
    ['a tile that is scrolled away', new Map<Place, Tile>([[0, tile({ visible: false })]]), page],
    ['a page in the background', new Map<Place, Tile>([[0, tile()]]), { ...page, hidden: true }],
  ])('calls %s hidden', (_, tiles, how) => expect(layoutOf([0], tiles, how).seats[0]?.hidden).toBe(true));

  it('says which one is pinned, and keeps the screen apart', () => {
    const layout = layoutOf([0, 1, 'screen'], new Map<Place, Tile>([[1, tile({ pinned: true })], ['screen', tile({ width: 9000, height: 600.4 })]]), page);
    expect(layout.seats.map(({ pinned }) => pinned)).toEqual([false, true]);
    expect(layout.screen).toEqual({ width: 8192, height: 1201, hidden: false });
  });
});

describe('LayoutWatch', () => {
  let resized: () => void;
  let sent: Layout[];
  let listens = true;
  const element = { getBoundingClientRect: () => size, isConnected: true } as unknown as Element;
  let size = { width: 100, height: 50 };

  beforeEach(() => {
    vi.useFakeTimers();
    sent = [];
    listens = true;
    size = { width: 100, height: 50 };
    vi.stubGlobal('ResizeObserver', class {
      constructor(changed: () => void) {
        resized = changed;
      }
      observe() {}
      unobserve() {}
      disconnect() {}
    });
    vi.stubGlobal('IntersectionObserver', class {
      observe() {}
      unobserve() {}
      disconnect() {}
    });
    vi.stubGlobal('document', Object.assign(new EventTarget(), { visibilityState: 'visible' }));
    vi.stubGlobal('window', { devicePixelRatio: 1 });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  function watch(): LayoutWatch {
    const watch = new LayoutWatch((layout) => {
      if (listens) sent.push(layout);
      return listens;
    });
    watch.show([0], new Map([[0, element]]), undefined);
    return watch;
  }

  it('says it four times a second at the most, and nothing twice', () => {
    watch();
    for (let n = 0; n < 100; n++) {
      size = { width: 100 + n, height: 50 };
      resized();
      vi.advanceTimersByTime(10);
    }
    expect(sent.length).toBeLessThanOrEqual(4);
    vi.advanceTimersByTime(1000);
    expect(sent.at(-1)?.seats[0]?.width).toBe(199);
    const said = sent.length;
    resized();
    vi.advanceTimersByTime(1000);
    expect(sent.length).toBe(said);
  });

  it('says everything again when asked to, and what could not be sent', () => {
    const one = watch();
    vi.advanceTimersByTime(1000);
    one.again();
    vi.advanceTimersByTime(1000);
    expect(sent).toHaveLength(2);
    listens = false;
    one.again();
    vi.advanceTimersByTime(1000);
    listens = true;
    resized();
    vi.advanceTimersByTime(1000);
    expect(sent).toHaveLength(3);
    one.close();
    resized();
    vi.advanceTimersByTime(1000);
    expect(sent).toHaveLength(3);
  });
});
