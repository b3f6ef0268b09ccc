import type { Layout, Shown } from '../signal/wire.js';

/** A place on the page: how large it is, in CSS pixels, and whether it can be seen. */
export interface Tile {
  width: number;
  height: number;
  visible: boolean;
  pinned: boolean;
}

export type Place = number | 'screen';

const MOST = 8192;

/** What there is to say about the places: those without a tile are shown nowhere. */
export function layoutOf(places: readonly Place[], tiles: ReadonlyMap<Place, Tile>, page: { hidden: boolean; ratio: number }): Layout {
  const layout: Layout = { type: 'layout', seats: [] };
  for (const place of places) {
    const tile = tiles.get(place);
    const pixels = (n: number): number => Math.min(MOST, Math.max(0, Math.round(n * page.ratio)));
    const shown: Shown = {
      width: pixels(tile?.width ?? 0),
      height: pixels(tile?.height ?? 0),
      hidden: page.hidden || !tile?.visible,
    };
    if (place === 'screen') layout.screen = shown;
    else layout.seats.push({ seat: place, ...shown, pinned: tile?.pinned ?? false });
  }
  return layout;
}

/** Changes come in flurries, as while a window is dragged larger: at most four messages go out in a second. */
const SETTLE_MS = 250;

/** Watches the tiles of the page and says how the places are shown, whenever that changes. */
export class LayoutWatch {
  readonly #send: (layout: Layout) => boolean;
  readonly #resized = new ResizeObserver(() => this.#soon());
  readonly #seen = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) this.#visible.set(target, isIntersecting);
    this.#soon();
  });
  readonly #visible = new WeakMap<Element, boolean>();
  readonly #stop = new AbortController();
  #elements = new Map<Place, Element>();
  #places: readonly Place[] = [];
  #pinned: Place | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #said = '';

  constructor(send: (layout: Layout) => boolean) {
    this.#send = send;
    document.addEventListener('visibilitychange', () => this.#soon(), { signal: this.#stop.signal });
  }

  /** Takes in which places there are, which element shows each, and which one is pinned. */
  show(places: readonly Place[], elements: ReadonlyMap<Place, Element>, pinned: Place | undefined): void {
    const before = new Set(this.#elements.values());
    const now = new Set(elements.values());
    for (const element of before) {
      if (now.has(element)) continue;
      this.#resized.unobserve(element);
      this.#seen.unobserve(element);
    }
    for (const element of now) {
      if (before.has(element)) continue;
      this.#resized.observe(element);
      this.#seen.observe(element);
    }
    this.#elements = new Map(elements);
    this.#places = places;
    this.#pinned = pinned;
    this.#soon();
  }

  /** Says everything again: the server may know nothing of it, as after a new connection. */
  again(): void {
    this.#said = '';
    this.#soon();
  }

  close(): void {
    this.#stop.abort();
    clearTimeout(this.#timer);
    this.#resized.disconnect();
    this.#seen.disconnect();
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#say();
    }, SETTLE_MS);
  }

  #say(): void {
    if (this.#stop.signal.aborted || this.#places.length === 0) return;
    const tiles = new Map<Place, Tile>();
    for (const [place, element] of this.#elements) {
      const { width, height } = element.getBoundingClientRect();
      const visible = (this.#visible.get(element) ?? true) && element.isConnected;
      tiles.set(place, { width, height, visible, pinned: place === this.#pinned });
    }
    const layout = layoutOf(this.#places, tiles, { hidden: document.visibilityState === 'hidden', ratio: window.devicePixelRatio || 1 });
    const said = JSON.stringify(layout);
    if (said === this.#said) return;
    if (this.#send(layout)) this.#said = said;
  }
}
