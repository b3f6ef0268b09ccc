import { mkdirSync, writeFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Browser, type BrowserContext, expect, type Page } from '@playwright/test';
import { Impairment, type Path } from '../e2e/impair.js';
import { Room } from '../e2e/people.js';
import { Server } from '../e2e/server.js';
import { type Figures, figures } from './figures.js';
import { type Log, watch } from './watch.js';

/** To the server, in ms: 40 for the round trip. */
export const ONE_WAY = 20;
/** Without impairment, until the estimates have grown; then under it, before it is measured. */
const WARM_UP_MS = 8000;
export const SETTLE_MS = 5000;
export const MEASURE_MS = 1000 * Number(process.env.MEASURE || 30);

export const clean: Path = { delay_ms: ONE_WAY };

/** A link of so many bit/s each way, for everybody behind it. */
export function narrow(rate: number): Path {
  return { delay_ms: ONE_WAY, rate, queue_ms: 1000 };
}

const PEOPLE = ['Ana', 'Ben', 'Cleo', 'Dan'];

/** A call of real browsers behind one router, in a server of its own. */
export class Call {
  readonly people: Person[] = [];
  readonly server: Server;
  /** All that everybody sends and receives goes through its two directions. */
  readonly link: Impairment;
  readonly #media: string;
  readonly #links: string[];

  private constructor(server: Server, link: Impairment, media: string, links: string[]) {
    this.server = server;
    this.link = link;
    this.#media = media;
    this.#links = links;
  }

  /**
   * Makes an interview of so many. The server listens for media on another address than the one that it tells browsers,
   * which is the link's: its relay takes that one for its own as well.
   */
  static async make(people: number, seed: number): Promise<Call> {
    const port = await freePort();
    const server = await Server.start('--media-listen', '127.0.0.2', '--media-announce', '127.0.0.1', '--media-port', String(port), '--media-shards', '1');
    const link = await Impairment.start(`127.0.0.2:${port}`, { listen: `127.0.0.1:${port}`, seed });
    await link.set(clean);
    return new Call(server, link, `127.0.0.2:${port}`, await server.invite(...PEOPLE.slice(0, people)));
  }

  /** A link of somebody's own beside the others'. */
  ownLink(seed: number): Promise<Impairment> {
    return Impairment.start(this.#media, { seed });
  }

  /** Brings the next person in, who may be led somewhere else before. */
  async enter(browser: Browser, lead?: (context: BrowserContext) => Promise<void>): Promise<Person> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    await context.addInitScript(watch);
    await lead?.(context);
    const person = new Person(PEOPLE[this.people.length]!, context, await context.newPage());
    await person.page.goto(this.#links[this.people.length]!);
    this.people.push(person);
    await person.room.enter();
    return person;
  }

  /** Waits until all see and hear each other, and then until the estimates have grown. */
  async warm(): Promise<void> {
    for (const person of this.people) await person.sees();
    await wait(WARM_UP_MS);
  }

  /** Lets an interval pass, and tells what everybody saw of it and how long the queues were: every 100 ms the longest wait. */
  async watch(ms: number): Promise<{ all: Figures[]; queues: number[] }> {
    const from = Date.now();
    const queues = await this.queues(ms);
    const to = Date.now();
    return { all: await this.figures(from, to), queues };
  }

  async queues(ms: number): Promise<number[]> {
    const queues: number[] = [];
    await this.link.counts();
    for (const end = Date.now() + ms; Date.now() < end; ) {
      await wait(100);
      const { up, down } = await this.link.counts();
      queues.push(Math.max(up.MaxQueue, down.MaxQueue) / 1e6);
    }
    return queues;
  }

  async figures(from: number, to: number): Promise<Figures[]> {
    const all: Figures[] = [];
    for (const person of this.people) {
      const seen = figures(await person.log(), from, to);
      all.push(seen);
      if (process.env.VERBOSE) console.log(person.name, JSON.stringify(seen, (_, value) => (typeof value === 'number' ? Number(value.toFixed(3)) : value)), `load ${loadavg()[0]!.toFixed(1)}`);
    }
    return all;
  }

  /** Ends it. With TRACES, what the pages have seen and what the server said are kept there. */
  async end(name: string): Promise<void> {
    if (process.env.TRACES) {
      mkdirSync(process.env.TRACES, { recursive: true });
      const file = join(process.env.TRACES, name.replaceAll(/[^\w.]+/g, '-'));
      const logs: Record<string, Log | undefined> = {};
      for (const person of this.people) logs[person.name] = await person.log().catch(() => undefined);
      writeFileSync(`${file}.json`, JSON.stringify(logs));
      writeFileSync(`${file}.log`, this.server.log);
    }
    for (const person of this.people) await person.context.close();
    await this.link.close();
    await this.server.remove();
  }
}

/** One of them. */
export class Person {
  readonly name: string;
  readonly context: BrowserContext;
  readonly page: Page;
  readonly room: Room;

  constructor(name: string, context: BrowserContext, page: Page) {
    this.name = name;
    this.context = context;
    this.page = page;
    this.room = new Room(page);
  }

  log(): Promise<Log> {
    return this.page.evaluate(() => window.watched);
  }

  /** Waits for a picture and sound of somebody, which may take a while on a bad link. */
  async sees(since = 0, timeout = 60_000): Promise<void> {
    const flows = (after: number): boolean => window.watched.ticks.some((t) => t.at > after && t.frames > 0) && window.watched.ticks.some((t) => t.at > after && t.packets > 0);
    await expect.poll(() => this.page.evaluate(flows, since), { timeout, intervals: [50, 100, 250] }).toBe(true);
  }
}

/** A UDP port that is free at the link's address, and as good as certainly at the server's. */
async function freePort(): Promise<number> {
  const probe = createSocket('udp4');
  await new Promise<void>((done) => probe.bind(0, '127.0.0.1', done));
  const { port } = probe.address();
  await new Promise<void>((done) => probe.close(done));
  return port;
}
