import type { Log, Tick } from './watch.js';

/** What one person saw and heard in an interval. Shares are of 1. */
export interface Figures {
  frozen: number;
  concealed: number;
  paused: number;
  /** Frames a second, while there was a picture. */
  fps: number;
  /** Media that came in, kbit/s, with their headers. */
  kbits: number;
  /** Longest time without a new picture, and without a packet of sound, in seconds. */
  still: number;
  silent: number;
  /** Of the time, how long the own encoder was held back by the machine. */
  busy: number;
  keys: number;
  height: number;
}

/** Reads them out of what a page has seen between two moments. */
export function figures(log: Log, from: number, to: number): Figures {
  const ticks = log.ticks.filter((tick) => tick.at > from && tick.at <= to);
  const sum = (of: (tick: Tick) => number): number => ticks.reduce((all, tick) => all + of(tick), 0);
  const seconds = (to - from) / 1000;
  const pauses = spans(log.ticks, from, to, (tick) => tick.paused);
  const paused = length(pauses) / (to - from);
  const samples = sum((tick) => tick.samples);
  // What the browser did not even play was not heard either.
  const due = Math.max(samples, 0.95 * 48 * (to - from));
  return {
    frozen: Math.min(1, frozen(log, pauses, from, to) / (to - from)),
    concealed: due > 0 ? (sum((tick) => tick.concealed) + due - samples) / due : 1,
    paused,
    fps: sum((tick) => (tick.paused ? 0 : tick.frames)) / Math.max(0.1, seconds * (1 - paused)),
    kbits: (sum((tick) => tick.bytes) * 8) / (to - from),
    still: longest(ticks.filter((tick) => tick.frames > 0).map((tick) => tick.at), from, to) / 1000,
    silent: longest(ticks.filter((tick) => tick.packets > 0).map((tick) => tick.at), from, to) / 1000,
    busy: ticks.filter((tick) => tick.limit === 'cpu').length / Math.max(1, ticks.length),
    keys: sum((tick) => tick.keys),
    height: Math.max(0, ...ticks.map((tick) => tick.height)),
  };
}

type Span = [from: number, to: number];

/** The parts of an interval in which something was so. */
function spans(ticks: Tick[], from: number, to: number, so: (tick: Tick) => boolean): Span[] {
  const all: Span[] = [];
  for (const [i, tick] of ticks.entries()) {
    if (!so(tick)) continue;
    const [a, b] = [Math.max(from, ticks[i - 1]?.at ?? from), Math.min(to, tick.at)];
    if (b > a) all.push([a, b]);
  }
  return all;
}

function length(all: Span[]): number {
  return all.reduce((sum, [a, b]) => sum + b - a, 0);
}

/** What goes on at the end is no freeze yet to the browser, which counts those that have ended. */
const UNENDED_MS = 1000;

/**
 * The time in freezes as the browser counts them, when they end, with what goes on at the end, and without what the page
 * said was a pause. A browser that does not count is read from the frames that came to be seen.
 */
function frozen(log: Log, pauses: Span[], from: number, to: number): number {
  const ticks = log.ticks.filter((tick) => tick.at > from && tick.at <= to);
  const freezes = ticks.some((tick) => tick.freezes !== undefined)
    ? ticks.filter((tick) => tick.freezes).map((tick): Span => [Math.max(from, tick.at - tick.freezes!), tick.at])
    : gaps(log.frames, from, to);
  const last = log.ticks.findLast((tick) => tick.at <= to && tick.frames > 0)?.at ?? from;
  if (to - last > UNENDED_MS) freezes.push([Math.max(from, last), to]);
  return length(freezes.flatMap((freeze) => without(freeze, pauses)));
}

/** Freezes as WebRTC's statistics define them: no frame for at least three times the usual, and at least 150 ms more. */
function gaps(frames: number[], from: number, to: number): Span[] {
  const all: Span[] = [];
  const usual: number[] = [];
  for (const [i, at] of frames.filter((frame) => frame <= to).entries()) {
    const last = frames[i - 1] ?? at;
    const mean = usual.length > 0 ? usual.reduce((sum, one) => sum + one, 0) / usual.length : 50;
    if (at > from && at - last >= Math.max(3 * mean, mean + 150)) all.push([Math.max(last, from), at]);
    usual.push(at - last);
    if (usual.length > 30) usual.shift();
  }
  return all;
}

/** What is left of a span without others. */
function without(span: Span, others: Span[]): Span[] {
  return others.reduce(
    (left: Span[], [c, d]) => left.flatMap(([a, b]): Span[] => (d <= a || c >= b ? [[a, b]] : ([[a, c], [d, b]] as Span[]).filter(([x, y]) => y > x))),
    [span],
  );
}

/** The longest time without any of some moments. */
function longest(moments: number[], from: number, to: number): number {
  let [most, last] = [0, from];
  for (const at of [...moments, to]) {
    most = Math.max(most, at - last);
    last = at;
  }
  return most;
}

const NUMBER = /\d+(\.\d+)?/g;

/** Puts texts of one form together: each number becomes the range of the numbers at its place. */
export function ranges(texts: string[]): string {
  const forms = new Map<string, string[]>();
  for (const text of texts) {
    const form = text.replace(NUMBER, '#');
    forms.set(form, [...(forms.get(form) ?? []), text]);
  }
  return [...forms.values()].map(merge).join('; or ');
}

function merge(texts: string[]): string {
  const all = texts.map((text) => text.match(NUMBER) ?? []);
  let n = 0;
  return texts[0]!.replace(NUMBER, () => {
    const here = all.map((numbers) => numbers[n]!).sort((a, b) => Number(a) - Number(b));
    n++;
    return here[0] === here.at(-1) ? here[0]! : `${here[0]}–${here.at(-1)}`;
  });
}
