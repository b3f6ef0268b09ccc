import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { entriesOf, type Listed, placeOf, sizeText, standing, threadWords, timeText } from './thread-words.js';

const now = new Date(2026, 2, 2, 12, 0);

describe('the thread', () => {
  it.each([
    [{ state: 'live' }, 'Live'],
    [{ state: 'ringing' }, 'Ringing'],
    [{ state: 'scheduled' }, 'Scheduled'],
    [{ state: 'scheduled', starts_at: 'soon' }, 'Scheduled'],
    [{ state: 'scheduled', starts_at: new Date(2026, 2, 2, 14, 30).toISOString() }, 'Scheduled · 14:30'],
    [{ state: 'ended', duration_s: 1980 }, 'Ended · 33 mins'],
    [{ state: 'ended', duration_s: 20 }, 'Ended'],
    [{ state: 'missed', duration_s: 1980 }, 'Missed'],
  ] as [Pick<Listed, 'state' | 'starts_at' | 'duration_s'>, string][])('says how an interview stands: %j', (interview, words) => {
    expect(standing(interview, threadWords, 'en-GB', now)).toBe(words);
  });

  it('has the host’s own words', () => {
    expect(standing({ state: 'missed' }, { ...threadWords, missed: 'Verpasst' })).toBe('Verpasst');
  });

  it('leads to web pages and nowhere else', () => {
    expect(placeOf('/f/1', 'https://app.example/')).toBe('https://app.example/f/1');
    for (const link of ['javascript:alert(1)', 'data:text/html,x', 'http://']) expect(placeOf(link, 'https://app.example/')).toBeUndefined();
  });

  it('loads without a DOM and defines nothing', async () => {
    await expect(import('./thread.js')).resolves.toBeDefined();
  });

  it('has every text of its in docs/embedding.md', () => {
    const page = readFileSync(new URL('../../../docs/embedding.md', import.meta.url), 'utf8');
    expect(Object.keys(threadWords).filter((name) => !new RegExp(`\\b${name}\\b`).test(page))).toEqual([]);
  });
});

describe('moments and sizes', () => {
  it('have the day on other days only, and nothing that is no moment', () => {
    expect(timeText(new Date(2026, 2, 2, 9, 5).toISOString(), 'en-GB', now)).toBe('09:05');
    expect(timeText(new Date(2026, 1, 27, 9, 5).toISOString(), 'en-GB', now)).toBe('27 Feb, 09:05');
    expect(timeText('yesterday', 'en-GB', now)).toBe('');
    expect(timeText(undefined, 'en-GB', now)).toBe('');
  });

  it.each([[0, '0 bytes'], [17, '17 bytes'], [1000, '1 kB'], [1234, '1.2 kB'], [482_113, '482 kB'], [104_857_600, '105 MB'], [4e12, '4,000 GB']])('have %i bytes as %s', (bytes, words) => {
    expect(sizeText(bytes, 'en-GB')).toBe(words);
  });
});

describe('the entries', () => {
  const message = (id: string, at: string) => ({ id, at, from: { id: 'client', name: 'Clara Novak' }, text: id });

  it('are in the order of their times, each once, whatever their zones', () => {
    const keys = entriesOf(
      [message('b', '2026-03-02T11:30:00+02:00'), message('a', '2026-03-02T08:00:00Z'), message('a', '2026-03-02T08:00:00Z')],
      [{ id: 'iv_1', mode: 'video', state: 'ended', created_at: '2026-03-02T09:00:00Z' }],
    ).map(({ key }) => key);
    expect(keys).toEqual(['m a', 'i iv_1', 'm b']);
  });

  it('without a time come first instead of losing the order of the others', () => {
    expect(entriesOf([message('b', '2026-03-02T09:00:00Z'), message('?', 'never'), message('a', '2026-03-02T08:00:00Z')], []).map(({ key }) => key)).toEqual(['m ?', 'm a', 'm b']);
  });
});
