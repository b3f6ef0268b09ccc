import { describe, expect, it } from 'vitest';
import { beside, countdown, dayText, momentText, placeOf, spanText } from './words.js';
import { daysBetween, fieldsOf, knows, momentsOf, sameClock, wallFrom, wallOf, zoneHere } from './zone.js';

const at = (text: string): Date => new Date(text);
const moments = (date: string, time: string, zone: string): string[] =>
  momentsOf(wallFrom(date, time)!, zone).map((moment) => moment.toISOString().replace(':00.000Z', 'Z'));

describe('a time that somebody writes into a field', () => {
  it.each([
    ['2026-12-01', '23:30', 'Europe/Prague', ['2026-12-01T22:30Z']],
    ['2026-07-01', '09:00', 'Europe/Prague', ['2026-07-01T07:00Z']],
    ['2026-12-01', '12:00', 'Africa/Lagos', ['2026-12-01T11:00Z']],
    ['2026-12-01', '00:15', 'Asia/Kathmandu', ['2026-11-30T18:30Z']],
    ['2026-12-01', '09:00', 'America/St_Johns', ['2026-12-01T12:30Z']],
    ['2027-01-01', '00:00', 'Pacific/Kiritimati', ['2026-12-31T10:00Z']],
    ['2026-12-01', '09:00', 'UTC', ['2026-12-01T09:00Z']],
  ])('%s %s in %s is one moment', (date, time, zone, expected) => {
    expect(moments(date, time, zone)).toEqual(expected);
  });

  it.each([
    ['2027-03-28', '02:30', 'Europe/Prague'],
    ['2027-03-14', '02:00', 'America/New_York'],
    ['2026-10-04', '02:15', 'Australia/Lord_Howe'], // by half an hour
    ['2026-09-06', '00:30', 'America/Santiago'], // at midnight
  ])('%s %s in %s is none: clocks go forward over it', (date, time, zone) => {
    expect(moments(date, time, zone)).toEqual([]);
  });

  it.each([
    ['2026-10-25', '02:30', 'Europe/Prague', ['2026-10-25T00:30Z', '2026-10-25T01:30Z']],
    ['2026-11-01', '01:00', 'America/New_York', ['2026-11-01T05:00Z', '2026-11-01T06:00Z']],
    ['2027-04-04', '01:45', 'Australia/Lord_Howe', ['2027-04-03T14:45Z', '2027-04-03T15:15Z']],
  ])('%s %s in %s is two: clocks go back over it', (date, time, zone, expected) => {
    expect(moments(date, time, zone)).toEqual(expected);
  });

  it.each([
    ['2027-03-28', '01:59', 'Europe/Prague', ['2027-03-28T00:59Z']],
    ['2027-03-28', '03:00', 'Europe/Prague', ['2027-03-28T01:00Z']],
    ['2026-10-25', '03:00', 'Europe/Prague', ['2026-10-25T02:00Z']],
  ])('%s %s in %s, beside the change, is one', (date, time, zone, expected) => {
    expect(moments(date, time, zone)).toEqual(expected);
  });

  it('is read back as it was written', () => {
    for (const zone of ['Europe/Prague', 'Asia/Kolkata', 'Pacific/Apia', 'America/Caracas']) {
      const wall = wallFrom('2027-02-28', '23:59')!;
      expect(wallOf(momentsOf(wall, zone)[0]!, zone)).toEqual(wall);
      expect(fieldsOf(wall)).toEqual({ date: '2027-02-28', time: '23:59' });
    }
    expect(wallFrom('', '10:00')).toBeUndefined();
    expect(wallFrom('2026-12-01', '')).toBeUndefined();
  });
});

describe('the same moment for two people', () => {
  it.each([
    ['2026-12-01T22:30:00Z', 'Europe/Prague', 'Asia/Singapore', 'Wed 06:30'],
    ['2026-12-02T02:30:00Z', 'Europe/Prague', 'America/Los_Angeles', 'Tue 18:30'],
    ['2026-12-02T12:00:00Z', 'Europe/Prague', 'America/New_York', '07:00'],
    ['2026-12-02T12:00:00Z', 'Europe/Prague', 'Africa/Lagos', ''], // the same clock in winter
    ['2026-07-02T12:00:00Z', 'Europe/Prague', 'Africa/Lagos', '13:00'], // and another in summer
    ['2026-11-01T00:00:00Z', 'Pacific/Kiritimati', 'Pacific/Midway', 'Sat 13:00'],
  ])('%s beside that of %s is for %s: %s', (moment, own, other, text) => {
    expect(beside(at(moment), own, other)).toBe(text);
    expect(sameClock(at(moment), own, other)).toBe(text === '');
  });

  it('may be on different days', () => {
    expect(daysBetween(at('2026-12-01T22:30:00Z'), 'Europe/Prague', 'Asia/Singapore')).toBe(1);
    expect(daysBetween(at('2026-12-31T22:30:00Z'), 'Asia/Singapore', 'Europe/Prague')).toBe(-1);
    expect(daysBetween(at('2026-12-01T12:00:00Z'), 'Asia/Singapore', 'Europe/Prague')).toBe(0);
  });
});

describe('words for a time', () => {
  const moment = at('2026-12-01T22:30:00Z');
  const now = at('2026-11-30T10:00:00Z');

  it('has the year only where it is another one', () => {
    expect(dayText(moment, 'Europe/Prague', now)).toBe('Tuesday 1 December');
    expect(dayText(at('2026-12-31T23:30:00Z'), 'Europe/Prague', now)).toBe('Friday 1 January 2027');
    expect(dayText(at('2026-12-31T23:30:00Z'), 'UTC', now)).toBe('Thursday 31 December');
  });

  it('says when it ends, also on the next day and over a change of clocks', () => {
    expect(momentText(moment, 'Europe/Prague')).toBe('Tue 1 Dec, 23:30');
    expect(spanText(moment, 45, 'Europe/Prague')).toBe('23:30–00:15');
    expect(spanText(moment, 0, 'Europe/Prague')).toBe('23:30');
    expect(spanText(at('2026-10-25T00:30:00Z'), 60, 'Europe/Prague')).toBe('02:30–02:30');
  });

  it.each([
    ['America/Argentina/Buenos_Aires', 'Buenos Aires'],
    ['Europe/Prague', 'Prague'],
    ['UTC', 'UTC'],
  ])('names the place of %s', (zone, place) => {
    expect(placeOf(zone)).toBe(place);
  });

  it.each([
    [0, '0:00'],
    [-5000, '0:00'],
    [999, '0:01'],
    [61_000, '1:01'],
    [59 * 60_000 + 59_000, '59:59'],
    [60 * 60_000, '1 hour'],
    [95 * 60_000, '1 hour 35 minutes'],
    [24 * 3_600_000, '1 day'],
    [53 * 3_600_000 + 60_000, '2 days 5 hours'],
  ])('%d ms from now is %s', (ms, text) => {
    expect(countdown(ms)).toBe(text);
  });
});

it('knows which zones the browser has rules for', () => {
  expect(knows(zoneHere())).toBe(true);
  expect(knows('Africa/Lagos')).toBe(true);
  expect(knows('Mars/Olympus')).toBe(false);
  expect(knows('')).toBe(false);
});
