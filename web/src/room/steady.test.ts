import { describe, expect, it } from 'vitest';
import type { Cause, Quality } from '../signal/wire.js';
import { steady, type Shown } from './steady.js';

const path = { loss: 0, rtt_ms: 20, jitter_ms: 1, kbps: 900, score: 4.4 };
const measured = (cause: Cause): Quality => ({ type: 'quality', participant: 'ana', up: path, down: path, cause, limited: [] });

/** What is shown after each of a row of measurements, two seconds apart. */
function shown(...causes: Cause[]): Cause[] {
  let state: Shown | undefined;
  return causes.map((cause, n) => (state = steady(state, measured(cause), 10_000 + n * 2000)).cause);
}

const bad: Cause = 'your_upload';
const other: Cause = 'server';

describe('what is shown of a connection', () => {
  it.each<[string, Cause[], Cause[]]>([
    ['nothing at first', ['', ''], ['', '']],
    ['a cause after four seconds', [bad, bad, bad], ['', '', bad]],
    ['nothing of a moment', [bad, '', bad, '', bad], ['', '', '', '', '']],
    ['a cause until there was none for eight seconds', [bad, bad, bad, '', '', '', '', ''], ['', '', bad, bad, bad, bad, bad, '']],
    ['a cause through a good moment', [bad, bad, bad, '', bad, '', bad], ['', '', bad, bad, bad, bad, bad]],
    ['another cause once it has lasted', [bad, bad, bad, other, other, other], ['', '', bad, bad, bad, other]],
  ])('is %s', (_, causes, want) => expect(shown(...causes)).toEqual(want));

  it('has the newest figures all the time', () => {
    const later = { ...measured(''), up: { ...path, rtt_ms: 99 } };
    expect(steady(steady(undefined, measured(''), 0), later, 2000).quality.up.rtt_ms).toBe(99);
  });
});
