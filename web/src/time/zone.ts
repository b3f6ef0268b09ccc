/** Moments as clocks in time zones show them. Zones are IANA names; daylight saving comes from the browser's own rules. */

/** What a clock and a calendar show. Months count from 1. */
export interface Wall {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

/** The zone this browser's clock is in. */
export function zoneHere(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

/** Whether the browser has rules for a zone. Zones come from host apps, and an old browser may not know a new one. */
export function knows(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return zone !== '';
  } catch {
    return false;
  }
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  let clock = clocks.get(zone);
  if (!clock) {
    const digits = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
    clock = new Intl.DateTimeFormat('en-US', { ...digits, timeZone: zone, hourCycle: 'h23', calendar: 'gregory', numberingSystem: 'latn' });
    clocks.set(zone, clock);
  }
  return clock;
}

/** What the clock of a zone shows at a moment. */
export function wallOf(at: Date, zone: string): Wall {
  const wall: Wall = { year: 0, month: 0, day: 0, hour: 0, minute: 0 };
  for (const { type, value } of clockOf(zone).formatToParts(at)) {
    if (Object.hasOwn(wall, type)) wall[type as keyof Wall] = Number(value);
  }
  return wall;
}

function asUTC(wall: Wall): number {
  return Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute);
}

/** How far a zone's clock is ahead of UTC at a moment, in milliseconds. */
function offset(at: number, zone: string): number {
  return asUTC(wallOf(new Date(at), zone)) - Math.floor(at / 60_000) * 60_000;
}

/**
 * The moments at which the clock of a zone shows a time, the earliest first: one; none in the night in which clocks go
 * forward over it; two in the night in which they go back over it.
 */
export function momentsOf(wall: Wall, zone: string): Date[] {
  const around = asUTC(wall);
  const day = 24 * 60 * 60 * 1000;
  const offsets = new Set([offset(around - day, zone), offset(around + day, zone)]);
  return [...offsets]
    .map((ahead) => new Date(around - ahead))
    .filter((at) => asUTC(wallOf(at, zone)) === around)
    .sort((a, b) => a.getTime() - b.getTime());
}

/** Reads what a date field and a time field hold, such as 2026-03-29 and 02:30. */
export function wallFrom(date: string, time: string): Wall | undefined {
  const found = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d)/.exec(`${date} ${time}`);
  if (!found) return undefined;
  const [year, month, day, hour, minute] = found.slice(1).map(Number) as [number, number, number, number, number];
  return { year, month, day, hour, minute };
}

/** The same the other way round. */
export function fieldsOf(wall: Wall): { date: string; time: string } {
  const two = (n: number): string => String(n).padStart(2, '0');
  return { date: `${wall.year}-${two(wall.month)}-${two(wall.day)}`, time: `${two(wall.hour)}:${two(wall.minute)}` };
}

/** How many days later it is by the calendar of one zone than by that of another: -1, 0 or 1. */
export function daysBetween(at: Date, from: string, to: string): number {
  const noon = (zone: string): number => {
    const { year, month, day } = wallOf(at, zone);
    return Date.UTC(year, month - 1, day);
  };
  return Math.round((noon(to) - noon(from)) / 86_400_000);
}

/** Whether clocks in two zones show the same at a moment, whatever the zones are called. */
export function sameClock(at: Date, a: string, b: string): boolean {
  return asUTC(wallOf(at, a)) === asUTC(wallOf(at, b));
}
