/** Moments and stretches of time in words, as people in other time zones have to be told them. */
import { daysBetween, sameClock, wallOf } from './zone.js';

const formats = new Map<string, Intl.DateTimeFormat>();

function format(at: Date, zone: string, options: Intl.DateTimeFormatOptions): string {
  const key = zone + JSON.stringify(options);
  let made = formats.get(key);
  if (!made) formats.set(key, (made = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone })));
  return made.format(at);
}

/** 23:30 */
export function timeText(at: Date, zone: string): string {
  return format(at, zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

/** Tuesday 1 December, with the year when it is not the present one. */
export function dayText(at: Date, zone: string, now = new Date()): string {
  const year = wallOf(at, zone).year === wallOf(now, zone).year ? {} : { year: 'numeric' as const };
  return format(at, zone, { weekday: 'long', day: 'numeric', month: 'long', ...year }).replace(',', '');
}

/** Tue 1 Dec */
export function shortDay(at: Date, zone: string): string {
  return format(at, zone, { weekday: 'short', day: 'numeric', month: 'short' }).replace(',', '');
}

/** Tue 1 Dec, 23:30 */
export function momentText(at: Date, zone: string): string {
  return `${shortDay(at, zone)}, ${timeText(at, zone)}`;
}

/** 23:30–00:15, and 23:30 where it is not known how long it lasts. */
export function spanText(at: Date, minutes: number, zone: string): string {
  if (minutes <= 0) return timeText(at, zone);
  return `${timeText(at, zone)}–${timeText(new Date(at.getTime() + minutes * 60_000), zone)}`;
}

/** The place a zone is named after: Buenos Aires. */
export function placeOf(zone: string): string {
  return (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ');
}

/**
 * When it is for somebody else, beside one's own time: the time alone on the same day, and the weekday where the calendars
 * differ; empty where their clocks show the same.
 */
export function beside(at: Date, own: string, other: string): string {
  if (sameClock(at, own, other)) return '';
  const time = timeText(at, other);
  return daysBetween(at, own, other) === 0 ? time : `${format(at, other, { weekday: 'short' })} ${time}`;
}

/** How long until then, in the two largest units that say something: 2 days 4 hours, 3 hours 5 minutes, 12:34. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const unit = (n: number, name: string): string => (n > 0 ? `${n} ${name}${n === 1 ? '' : 's'}` : '');
  const of = (...parts: string[]): string => parts.filter(Boolean).join(' ');
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 24 * 60) return of(unit(Math.floor(minutes / 1440), 'day'), unit(Math.floor(minutes / 60) % 24, 'hour'));
  if (minutes >= 60) return of(unit(Math.floor(minutes / 60), 'hour'), unit(minutes % 60, 'minute'));
  return `${minutes}:${String(seconds % 60).padStart(2, '0')}`;
}
