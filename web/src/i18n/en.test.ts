import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Interview } from '../signal/wire.js';
import { clock, en, initials } from './en.js';

const source = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

const interview = (over: Partial<Interview>): Interview => ({
  id: 'iv_1', thread: 't', mode: 'video', state: 'ended', created_by: 'c', created_at: '', duration_s: 0, participants: [], present: [], ...over,
});

describe('the end of an interview', () => {
  const refusals = source('signaling/wire/codes.go').split('// Codes of refusals')[1]!.split(')')[0]!;

  it.each([...refusals.matchAll(/Code = "(\w+)"/g)].map((match) => match[1]!))('has a sentence for the refusal %s', (code) => {
    expect(en.end.of(code, undefined)[1]).not.toContain(code);
  });

  it.each([...source('internal/interview/interview.go').matchAll(/\tReason\w+ += "(\w+)"/g)].map((match) => match[1]!))(
    'says more than that it ended when the reason is %s',
    (reason) => {
      expect(en.end.of('ended', interview({ end_reason: reason }))[1]).not.toBe(en.end.of('ended', interview({}))[1]);
    },
  );

  it.each([
    ['missed', 'Nobody joined'],
    ['declined', 'The interview was declined'],
    ['cancelled', 'The interview was cancelled'],
  ] as const)('is called by its state when it was %s', (state, heading) => {
    expect(en.end.of('ended', interview({ state }))[0]).toBe(heading);
  });

  it('names a code it does not know, and no more than that', () => {
    expect(en.end.of('toString', undefined)).toEqual(['The interview cannot go on here', expect.stringContaining('(toString)')]);
  });
});

describe('durations', () => {
  it.each([
    [0, 'less than a minute'],
    [59, 'less than a minute'],
    [60, '1 minute'],
    [185, '3 minutes'],
    [3600, '1 h'],
    [3725, '1 h 2 min'],
  ])('%i s', (seconds, want) => expect(en.end.lasted(seconds)).toBe(`It lasted ${want}.`));

  it.each([
    [-3, '0:00'],
    [7.9, '0:07'],
    [247, '4:07'],
    [3750, '1:02:30'],
  ])('%f s on a clock', (seconds, want) => expect(clock(seconds)).toBe(want));
});

describe('initials', () => {
  it.each([
    ['Clara Novak', 'CN'],
    ['Jean-Baptiste Emmanuel Zorg', 'JZ'],
    ['madonna', 'M'],
    ['  李 小龙 ', '李小'],
    ['👩🏽‍💻 Ada', '👩A'],
    ['', '?'],
  ])('of %s', (name, want) => expect(initials(name)).toBe(want));
});

describe('who is there', () => {
  it.each([
    [['Clara Novak'], 'Clara Novak is waiting'],
    [['Clara Novak', 'Femi Adeyemi'], 'Clara Novak and Femi Adeyemi are waiting'],
  ])('%j', (names, want) => expect(en.lobby.waiting(names)).toBe(want));
});
