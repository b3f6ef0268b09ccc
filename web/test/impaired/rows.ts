import { setTimeout as wait } from 'node:timers/promises';
import type { Browser, WebSocketRoute } from '@playwright/test';
import type { Path } from '../e2e/impair.js';
import { Call, clean, MEASURE_MS, narrow, SETTLE_MS } from './call.js';
import type { Figures } from './figures.js';

/** A line of the table. What is measured is one text for each person, or one for all. */
export interface Row {
  name: string;
  livekit: string;
  reach: string;
  measure(browsers: Browser[], seed: number): Promise<string[]>;
}

export const ROWS: Row[] = [
  steady('no impairment', '–', '–', clean),
  steady('5 % loss each way', 'frozen 15–25 %, concealed 0.8–1.0 %', '≤ 5 %, ≤ 0.3 %', { ...clean, loss: 0.05 }),
  steady('10 % loss each way', '38–41 %, 2.9–3.2 %', '≤ 15 %, ≤ 1 %', { ...clean, loss: 0.1 }),
  steady('30 % loss each way', '36–45 % at 2.4–3.4 fps, 20–24 %', '≤ 25 % at ≥ 8 fps, ≤ 8 %', { ...clean, loss: 0.3 }),
  steady('bursts, 10 %, mean length 5', '22–28 %, 9–12 %', '≤ 12 %, ≤ 5 %', { ...clean, loss: 0.1, burst: 5 }),
  steady('100 ± 100 ms with reordering', '17–22 %, 2–4 %', '≤ 8 %, ≤ 1.5 %', { jitter_ms: 200, reorder: true }),
  steady('500 kbit/s', '1–3 %, 0–0.7 %', '≤ 1 %, ≥ 20 fps, queue < 300 ms', narrow(500_000)),
  steady('150 kbit/s, 400 ms RTT, 5 % loss', '–', 'concealed < 5 %; video off or ≥ 5 fps', { delay_ms: 200, loss: 0.05, rate: 150_000, queue_ms: 1000 }),
  steady('40 kbit/s per person', '–', 'audio only, still a conversation', narrow(80_000)),
  starting('start on 500 kbit/s', narrow(500_000)),
  starting('start on 150 kbit/s per person', narrow(300_000)),
  row('2.5 Mbit/s → 400 kbit/s → 2.5 Mbit/s', '–', 'down ≤ 2 s, queue < 300 ms; ≥ 90 % within 10 s', dip),
  blackout('1 s blackout', '1.1–1.7 s frozen', '≤ 1.2 s', 1000),
  blackout('5 s blackout', '8.5–8.7 s frozen', '≤ 5.5 s', 5000),
  healed('UDP blocked in mid-call', '17.5 s', '≤ 5 s', (call) => call.link.block(true)),
  healed('NAT rebinding', '1.7–2.4 s, once > 15 s', '≤ 0.5 s', (call) => call.link.rebind()),
  healed('network switch without an event', '15.5 s', '≤ 5 s', (call) => call.link.strand()),
  healed('network switch with an event', '–', '≤ 1 s', async (call) => {
    await call.link.strand();
    for (const { page } of call.people) await page.evaluate(() => window.dispatchEvent(new Event('online')));
  }),
  row('socket cut for 5 s, media up', '0.8 s gap, back 3–5 s after', 'no gap, back ≤ 1 s after', socketCut),
  row('server killed and restarted', '2.1 s', '≤ 2 s, 50 of 50 times', restarts),
  row('three viewers, one on 300 kbit/s', '–', 'the other two untouched', threeViewers),
];

type Play = (call: Call, browsers: Browser[], seed: number) => Promise<string[]>;

function row(name: string, livekit: string, reach: string, play: Play, people = play === threeViewers ? 4 : 2): Row {
  return {
    name,
    livekit,
    reach,
    async measure(browsers, seed) {
      const call = await Call.make(people, seed);
      try {
        return await play(call, browsers, seed);
      } finally {
        await call.end(`${name} ${seed}`);
      }
    },
  };
}

/** Two people who have met on a clean link. */
async function couple(call: Call, browsers: Browser[]): Promise<void> {
  for (const n of [0, 1]) await call.enter(browsers[n % browsers.length]!);
  await call.warm();
}

const share = (of: number, digits = 1): string => `${(100 * of).toFixed(digits)} %`;
const p95 = (queues: number[]): string => `${Math.round(queues.toSorted((a, b) => a - b)[Math.floor(queues.length * 0.95)] ?? 0)} ms`;

function seen({ frozen, paused, concealed, fps }: Figures): string {
  return `frozen ${share(frozen)}, ${paused > 0 ? `paused ${share(paused, 0)}, ` : ''}concealed ${share(concealed, 2)}, ${fps.toFixed(0)} fps`;
}

/** Two people behind an impairment that stays. */
function steady(name: string, livekit: string, reach: string, path: Path): Row {
  return row(name, livekit, reach, async (call, browsers) => {
    await couple(call, browsers);
    await call.link.set(path);
    await wait(SETTLE_MS);
    const { all, queues } = await call.watch(MEASURE_MS);
    return all.map((one) => seen(one) + `, ${one.kbits.toFixed(0)} kbit/s` + (path.rate ? `, queue ${p95(queues)}` : ''));
  });
}

/** Two people who meet on a link that is narrow from the beginning. */
function starting(name: string, path: Path): Row {
  return row(name, '–', 'queue < 300 ms', async (call, browsers) => {
    await call.link.set(path);
    await call.enter(browsers[0]!);
    await call.enter(browsers[1 % browsers.length]!);
    const from = Date.now();
    const queues = await call.queues(MEASURE_MS);
    const to = Date.now();
    const all = await call.figures(from, to);
    return Promise.all(call.people.map(async (person, n) => {
      const { ticks } = await person.log();
      const first = ticks.find((tick) => tick.frames > 0);
      return `first picture after ${first ? `${(Math.max(0, first.at - from) / 1000).toFixed(1)} s` : 'never'}, ${seen(all[n]!)}, queue at most ${Math.round(Math.max(...queues))} ms`;
    }));
  });
}

/** How a call follows a link down and up again. */
async function dip(call: Call, browsers: Browser[]): Promise<string[]> {
  await couple(call, browsers);
  await call.link.set(narrow(2_500_000));
  await wait(12_000);
  const rate = async (ms: number): Promise<number> => (await call.watch(ms)).all.reduce((sum, one) => sum + one.kbits, 0);
  const before = await rate(5000);
  await call.link.set(narrow(400_000));
  const queues = await call.queues(15_000);
  const step = 15 / queues.length;
  const down = (queues.findLastIndex((queue) => queue > 300) + 1) * step;
  const later = queues.slice(Math.round(2 / step));
  const low = await rate(5000);
  await call.link.set(narrow(2_500_000));
  const start = Date.now();
  let back = '';
  while (!back && Date.now() - start < 40_000) {
    if ((await rate(1000)) >= 0.9 * before) back = `${((Date.now() - start) / 1000).toFixed(1)} s`;
  }
  return [
    `${before.toFixed(0)} → ${low.toFixed(0)} kbit/s; queue under 300 ms after ${down.toFixed(1)} s, after two seconds at most ${Math.round(Math.max(...later))} ms; 90 % after ${back || 'never'}`,
  ];
}

function blackout(name: string, livekit: string, reach: string, ms: number): Row {
  return row(name, livekit, reach, async (call, browsers) => {
    await couple(call, browsers);
    await call.link.blackout(ms);
    const { all } = await call.watch(ms + 15_000);
    return all.map(gaps);
  });
}

function gaps({ still, silent }: Figures): string {
  return `frozen ${still.toFixed(1)} s, sound ${silent.toFixed(1)} s`;
}

/** How long a fault of the network of both is seen by both. */
function healed(name: string, livekit: string, reach: string, fault: (call: Call) => Promise<unknown>): Row {
  return row(name, livekit, reach, async (call, browsers) => {
    await couple(call, browsers);
    const from = Date.now();
    await fault(call);
    await wait(20_000);
    const to = Date.now();
    const all = await call.figures(from, to);
    return Promise.all(call.people.map(async (person, n) => {
      const { ticks } = await person.log();
      return ticks.some((tick) => tick.at > to - 1000 && tick.frames > 0) ? gaps(all[n]!) : 'not healed';
    }));
  });
}

/** Both sockets are cut, and nobody gets a new one for five seconds. */
async function socketCut(call: Call, browsers: Browser[]): Promise<string[]> {
  const open = new Set<WebSocketRoute>();
  let down = false;
  let welcomes = 0;
  for (const n of [0, 1]) {
    await call.enter(browsers[n % browsers.length]!, (context) =>
      context.routeWebSocket(/\/v1\/signal/, (page) => {
        if (down) {
          void page.close({ code: 1011 });
          return;
        }
        const server = page.connectToServer();
        open.add(page).add(server);
        server.onMessage((text) => {
          if (String(text).startsWith('{"type":"welcome"')) welcomes++;
          page.send(text);
        });
      }),
    );
  }
  await call.warm();
  const from = Date.now();
  down = true;
  for (const socket of open) void socket.close({ code: 1011 });
  await wait(5000);
  down = false;
  welcomes = 0;
  const mended = Date.now();
  while (welcomes < 2 && Date.now() - mended < 30_000) await wait(10);
  const back = (Date.now() - mended) / 1000;
  await wait(5000);
  return (await call.figures(from, Date.now())).map((one) => `${gaps(one)}, both back ${back.toFixed(1)} s after`);
}

/** From when the server listens again until everybody sees and hears. */
async function restarts(call: Call, browsers: Browser[]): Promise<string[]> {
  const times = Number(process.env.RESTARTS || 5);
  await couple(call, browsers);
  const took: number[] = [];
  for (let n = 0; n < times; n++) {
    await call.server.stop('SIGKILL');
    await call.server.restart();
    const listening = Date.now();
    for (const person of call.people) await person.sees(listening);
    took.push(Date.now() - listening);
    await wait(3000);
  }
  if (process.env.VERBOSE) console.log(`restarts, ms: ${took.join(' ')}`);
  return took.map((ms) => `media after ${(ms / 1000).toFixed(1)} s`).concat(`${took.filter((ms) => ms <= 2000).length} of ${times} within 2 s`);
}

/** Whether one slow viewer is felt by two others. Viewers have no camera on. */
async function threeViewers(call: Call, browsers: Browser[], seed: number): Promise<string[]> {
  const own = await call.ownLink(seed);
  try {
    await own.set(clean);
    for (let n = 0; n < 4; n++) {
      const person = await call.enter(browsers[n % browsers.length]!, (context) => (n === 1 ? own.lead(context) : Promise.resolve()));
      if (n > 0) await person.room.button('Turn camera off').click();
    }
    const [, ...viewers] = call.people;
    for (const viewer of viewers) await viewer.sees();
    await own.down(narrow(300_000));
    await wait(10_000);
    const from = Date.now();
    await wait(MEASURE_MS);
    const all = (await call.figures(from, Date.now())).slice(1);
    return [all.map((one, n) => `${n === 0 ? 'slow' : n === 1 ? 'second' : 'third'}: ${seen(one)}, ${one.kbits.toFixed(0)} kbit/s`).join('; ')];
  } finally {
    await own.close();
  }
}
