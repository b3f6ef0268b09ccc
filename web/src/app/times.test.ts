import { describe, expect, it } from 'vitest';
import type { Interview, Item, Person, Thread, Times } from './state.js';
import { bothText, plansText, reminderText, timesText, type Other } from './times.js';

const clara: Person = { id: 'client', name: 'Clara', side: 'client', time_zone: 'Europe/Prague' };
const anna: Other = { id: 'anna', name: 'Anna', time_zone: 'Asia/Singapore' };
const now = Date.parse('2026-11-30T10:00:00Z');

describe('a time for two people', () => {
  it.each([
    ['2026-12-01T22:30:00Z', anna, /Tuesday 1 December.*, 23:30–00:15 for you · Wed 06:30 for Anna$/],
    ['2026-12-02T11:00:00Z', anna, /Wednesday 2 December.*, 12:00–12:45 for you · 19:00 for Anna$/],
    ['2026-12-02T11:00:00Z', { ...anna, time_zone: 'Africa/Lagos' }, /12:00–12:45 for you and for Anna$/],
    ['2026-07-02T11:00:00Z', { ...anna, time_zone: 'Africa/Lagos' }, /13:00–13:45 for you · 12:00 for Anna$/],
  ])('%s', (at, other, text) => {
    expect(bothText(at, 45, clara, other)).toMatch(text);
  });
});

const proposed: Times = { id: 'ps_1', by: 'client', mode: 'video', slots: ['2026-12-01T22:30:00Z'], duration_min: 45, state: 'open' };

describe('proposed times', () => {
  it.each([
    [{}, 'Waiting for Anna to choose'],
    [{ by: 'anna' }, 'Anna proposes times. Choose one.'],
    [{ by: 'anna', moves: 'iv_1' }, 'Anna proposes another time. Choose one.'],
    [{ state: 'accepted', chosen: '2026-12-01T22:30:00Z' }, 'Anna chose Tue 1 Dec, 23:30'],
    [{ by: 'anna', state: 'accepted', chosen: '2026-12-01T22:30:00Z' }, 'You chose Tue 1 Dec, 23:30'],
    [{ state: 'declined' }, 'None of these suits Anna'],
    [{ slots: ['2026-11-30T09:59:00Z'] }, 'Nobody chose before these times had passed'],
  ] as [Partial<Times>, string][])('%j is told as: %s', (change, text) => {
    expect(timesText({ ...proposed, ...change }, clara, anna, now)).toBe(text);
  });
});

it('says in a list what is to be answered, and otherwise what comes next', () => {
  const at = '2026-11-30T10:00:00Z';
  const scheduled = (id: string, starts_at: string): Item =>
    ({ id, kind: 'card', at, interview: { id, mode: 'video', state: 'scheduled', starts_at } as Interview });
  const thread = (...items: Item[]): Thread => ({ id: 'th_1', title: '', with: anna, time_zone: anna.time_zone, items });
  const both = [scheduled('iv_2', '2026-12-03T08:00:00Z'), scheduled('iv_1', '2026-12-01T22:30:00Z')];
  const offer = (by: string): Item => ({ id: 'ps_1', kind: 'times', from: by, at, times: { ...proposed, by } });
  expect(plansText(thread(offer('anna'), ...both), clara, now)).toBe('Anna proposes times for an interview.');
  expect(plansText(thread(offer('client'), ...both), clara, now)).toBe('Video interview on Tue 1 Dec, 23:30.');
  expect(plansText(thread(), clara, now)).toBe('');
});

it('reminds on one’s own clock', () => {
  const reminder = { mode: 'video', starts_at: '2026-12-01T22:30:00Z', minutes_ahead: 60 } as const;
  expect(reminderText(reminder, 'Asia/Singapore')).toBe('Reminder: Video interview in an hour, on Wed 2 Dec, 06:30.');
  expect(reminderText({ ...reminder, minutes_ahead: 1440 }, 'Europe/Prague')).toBe('Reminder: Video interview in 24 hours, on Tue 1 Dec, 23:30.');
});
