import { appendFileSync } from 'node:fs';
import { type Browser, type BrowserContext, expect, type LaunchOptions, type Page, test as base } from '@playwright/test';
import { chromiums, firefoxPreferences } from '../e2e/fixtures.js';
import { received, way } from '../e2e/media.js';
import { Room } from '../e2e/people.js';
import { enter, Internet, NETWORKS, type Proxy, trusted } from './lab.js';

export type Engine = 'Chromium' | 'Firefox';

export interface PerWorker {
  internet: Internet;
  /** The browser of one of the two people: in a single one, each would wait for the other's window to lose the focus. */
  browsers(engine: Engine, person: number, proxy?: Proxy): Promise<Browser>;
}

export const test = base.extend<object, PerWorker>({
  internet: [
    async ({}, use) => {
      enter(NETWORKS[0]!);
      const internet = new Internet();
      await internet.start();
      await use(internet);
      internet.stop();
    },
    { scope: 'worker' },
  ],
  browsers: [
    async ({ playwright }, use) => {
      const running = new Map<string, Promise<Browser>>();
      const launch = (engine: Engine, proxy?: Proxy): Promise<Browser> =>
        engine === 'Chromium'
          ? playwright.chromium.launch({
              ...through(proxy),
              executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
              args: [...chromiums.granting, `--ignore-certificate-errors-spki-list=${trusted()}`],
            })
          : playwright.firefox.launch({
              channel: 'moz-firefox',
              executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
              firefoxUserPrefs: { ...firefoxPreferences, 'media.peerconnection.ice.loopback': false, ...(proxy && throughPreferences(proxy)) },
            });
      await use((engine, person, proxy) => {
        const name = `${engine} ${person} ${proxy?.port ?? ''}`;
        if (!running.has(name)) running.set(name, launch(engine, proxy));
        return running.get(name)!;
      });
      for (const browser of running.values()) await (await browser).close();
    },
    { scope: 'worker' },
  ],
});

/** The same for Firefox, which asks the person for the password, and is answered by the context. */
function throughPreferences({ host, port }: Proxy): Record<string, string | number> {
  return { 'network.proxy.type': 1, 'network.proxy.ssl': host, 'network.proxy.ssl_port': port, 'network.proxy.http': host, 'network.proxy.http_port': port };
}

function through(proxy?: Proxy): LaunchOptions {
  return proxy ? { proxy: { server: `http://${proxy.host}:${proxy.port}`, ...proxy.login } } : {};
}

/** Every pair of browsers, or in the short form the one that mixes them. */
export const pairs: [Engine, Engine][] = process.env.NETWORKS_SHORT
  ? [['Chromium', 'Firefox']]
  : [
      ['Chromium', 'Firefox'],
      ['Chromium', 'Chromium'],
      ['Firefox', 'Firefox'],
    ];

/** Two people in a call, each at a browser of their own, behind the same gateway. */
export class Call {
  readonly #contexts: BrowserContext[] = [];
  readonly rooms: Room[] = [];

  /** Comes as far as the lobby. */
  async arrive(browser: Browser, link: string, proxy?: Proxy): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1100, height: 720 }, ...(proxy?.login && { httpCredentials: proxy.login }) });
    this.#contexts.push(context);
    await context.addInitScript(watch);
    const page = await context.newPage();
    await page.goto(link);
    this.rooms.push(new Room(page));
    return page;
  }

  /** Goes in, and waits until both hear and see each other. */
  async meet(): Promise<void> {
    for (const room of this.rooms) await room.enter();
    await this.flows();
  }

  /** Waits until both hear and see each other. */
  async flows(): Promise<void> {
    for (const { page } of this.rooms) {
      await expect
        .poll(async () => { const got = await received(page, 500); return got.fps > 0 && got.audioPackets > 0 && got.videoFramesSent > 0; }, { timeout: 60_000 })
        .toBe(true);
    }
  }

  /** Waits until both go a certain way. */
  async takes(way: RegExp, timeout = 40_000): Promise<void> {
    for (const { page } of this.rooms) await expect.poll(async () => (await path(page)).way, { timeout }).toMatch(way);
  }

  async end(): Promise<void> {
    for (const context of this.#contexts) await context.close();
  }
}

/** Prints a row, and adds it to the table that was asked for. */
export function tell(row: string): void {
  console.log(row);
  if (process.env.NETWORKS_TABLE) appendFileSync(process.env.NETWORKS_TABLE, `${row}\n`);
}

/** Runs in the page before its scripts: notes when the connection was asked for, and when it stood. */
function watch(): void {
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(config?: RTCConfiguration) {
      super(config);
      const began = performance.now();
      this.addEventListener('connectionstatechange', () => {
        if (this.connectionState === 'connected') Object.assign(window, { took: Math.round(performance.now() - began) });
      });
    }
  };
}

/** How the media of a page travel, and how many milliseconds it took until they could. */
export async function path(page: Page): Promise<{ way: string; ms: number }> {
  const taken = await way(page);
  const over = !taken ? '' : taken.protocol ? `relay/${taken.protocol}` : taken.type === 'relay' ? 'relay/udp' : 'direct';
  return { way: over, ms: await page.evaluate(() => (window as unknown as { took: number }).took) };
}

/** How long a page had neither, in milliseconds. */
export interface Gap {
  picture: number;
  sound: number;
}

/** Looks for gaps in what a page receives from now on, until the returned function is called. */
export async function watchGaps(page: Page): Promise<() => Promise<Gap>> {
  await page.evaluate(() => {
    let last = performance.now();
    const lasts = { picture: 0, sound: 0 };
    const had = { picture: -1, sound: -1 };
    const gaps = { picture: 0, sound: 0 };
    const look = async (): Promise<void> => {
      const now = { picture: 0, sound: 0 };
      (await window.parley.pc.getStats()).forEach((report) => {
        if (report.type !== 'inbound-rtp') return;
        if (report.kind === 'video') now.picture += report.framesDecoded ?? 0;
        else now.sound += report.packetsReceived ?? 0;
      });
      // A page that does not get to look, on a busy machine, has seen no gap.
      const passed = Math.min(performance.now() - last, 200);
      last = performance.now();
      for (const kind of ['picture', 'sound'] as const) {
        lasts[kind] += passed;
        gaps[kind] = Math.max(gaps[kind], lasts[kind]);
        if (now[kind] !== had[kind] && now[kind] > 0) lasts[kind] = 0;
        had[kind] = now[kind];
      }
    };
    const timer = setInterval(() => void look(), 50);
    Object.assign(window, { gaps: () => (clearInterval(timer), gaps) });
  });
  return () => page.evaluate(() => (window as unknown as { gaps(): Gap }).gaps());
}
