import { appendFileSync } from 'node:fs';
import { type Browser, type BrowserContext, expect, type Page, test as base } from '@playwright/test';
import { chromiums, firefoxPreferences } from '../e2e/fixtures.js';
import { received } from '../e2e/media.js';
import { Room } from '../e2e/people.js';
import { enter, Internet, NETWORKS, PROXY, trusted } from './lab.js';

type Engine = 'Chromium' | 'Firefox';

interface PerWorker {
  internet: Internet;
  browsers(engine: Engine, proxied: boolean): Promise<Browser>;
}

const test = base.extend<object, PerWorker>({
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
      const launch = (engine: Engine, proxied: boolean): Promise<Browser> =>
        engine === 'Chromium'
          ? playwright.chromium.launch({
              executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
              args: [...chromiums.granting, `--ignore-certificate-errors-spki-list=${trusted()}`, ...(proxied ? [`--proxy-server=${PROXY}`] : [])],
            })
          : playwright.firefox.launch({
              channel: 'moz-firefox',
              executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
              firefoxUserPrefs: { ...firefoxPreferences, 'media.peerconnection.ice.loopback': false, ...(proxied ? proxyPreferences : {}) },
            });
      await use((engine, proxied) => {
        const name = `${engine} ${proxied}`;
        if (!running.has(name)) running.set(name, launch(engine, proxied));
        return running.get(name)!;
      });
      for (const browser of running.values()) await (await browser).close();
    },
    { scope: 'worker' },
  ],
});

const [proxyHost, proxyPort] = PROXY.split(':');
const proxyPreferences = {
  'network.proxy.type': 1,
  'network.proxy.ssl': proxyHost!,
  'network.proxy.ssl_port': Number(proxyPort),
  'network.proxy.http': proxyHost!,
  'network.proxy.http_port': Number(proxyPort),
};

/** The way that each network leaves, first to last choice; more than one where browsers may differ. */
const WAYS: Record<string, string[]> = {
  'home router': ['direct'],
  'full cone NAT': ['direct'],
  'symmetric NAT': ['direct'],
  'UDP blocked': ['relay/tcp', 'relay/tls'],
  'only TCP 443': ['relay/tcp', 'relay/tls'],
  'only TLS on 443': ['relay/tls'],
  'only a proxy': ['relay/tcp', 'relay/tls'],
};

const pairs: [Engine, Engine][] = process.env.NETWORKS_SHORT
  ? [['Chromium', 'Firefox']]
  : [
      ['Chromium', 'Firefox'],
      ['Chromium', 'Chromium'],
      ['Firefox', 'Firefox'],
    ];

for (const [n, network] of NETWORKS.entries()) {
  for (const pair of pairs) {
    test(`${network.name}: ${pair.join(' with ')}`, async ({ internet, browsers }, info) => {
      enter(NETWORKS[0]!);
      const links = await internet.invite(`t_${n}_${pair.join('_')}_${info.retry}`);
      enter(network);
      const contexts: BrowserContext[] = [];
      try {
        const rooms: Room[] = [];
        for (const [i, engine] of pair.entries()) {
          const context = await (await browsers(engine, network.proxy ?? false)).newContext({ viewport: { width: 1100, height: 720 } });
          contexts.push(context);
          await context.addInitScript(watch);
          const page = await context.newPage();
          await page.goto(links[i]!);
          await expect(page.getByText(WAYS[network.name]![0] === 'direct' ? 'Your network lets calls through.' : 'Your network blocks direct calls.')).toBeVisible();
          rooms.push(new Room(page));
        }
        for (const room of rooms) await room.enter();
        const rows: string[] = [];
        for (const [i, { page }] of rooms.entries()) {
          await expect.poll(async () => { const got = await received(page, 500); return got.fps > 0 && got.audioPackets > 0 && got.videoFramesSent > 0; }, { timeout: 60_000 }).toBe(true);
          const { way, ms } = await path(page);
          expect(WAYS[network.name], `the way of ${pair[i]}`).toContain(way);
          rows.push(`| ${network.name} | ${pair[i]} | ${way} | ${ms} |`);
        }
        for (const row of rows) tell(row);
      } catch (error) {
        await info.attach('server log', { body: internet.log });
        throw error;
      } finally {
        for (const context of contexts) await context.close();
      }
    });
  }
}

function tell(row: string): void {
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
function path(page: Page): Promise<{ way: string; ms: number }> {
  return page.evaluate(async () => {
    const stats = await window.parley.pc.getStats();
    const entries = [...stats.values()];
    const used = entries.find((entry) => entry.type === 'transport')?.selectedCandidatePairId;
    const pair = entries.find((entry) => entry.type === 'candidate-pair' && (used === undefined ? entry.selected : entry.id === used));
    const local = pair && stats.get(pair.localCandidateId);
    const over = local?.relayProtocol ? `relay/${local.relayProtocol}` : local?.candidateType === 'relay' ? 'relay/udp' : local ? 'direct' : '';
    return { way: over, ms: (window as unknown as { took: number }).took };
  });
}

