import type { Browser, BrowserContext } from '@playwright/test';
import { expect, test } from './fixtures.js';
import { received, way } from './media.js';
import { Person, Room } from './people.js';

/** Leaves a page only one way to the relay. */
async function only(context: BrowserContext, transport: 'udp' | 'tcp'): Promise<void> {
  await context.addInitScript((kept) => {
    const Original = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Original {
      constructor(config?: RTCConfiguration) {
        const iceServers = (config?.iceServers ?? []).map((s) => ({
          ...s,
          urls: [s.urls].flat().filter((url) => url.startsWith('turn:') && url.endsWith(`transport=${kept}`)),
        }));
        super({ ...config, iceServers: iceServers.filter((s) => s.urls.length > 0) });
      }
    };
  }, transport);
}

async function relayed(room: Room): Promise<void> {
  const url = new URL(room.page.url());
  await room.page.goto(`${url.pathname}?relay=1`);
  await expect(room.page.getByText('Your network blocks direct calls. We are using a relay')).toBeVisible({ timeout: 15_000 });
  await room.enter();
}

for (const transport of ['udp', 'tcp'] as const) {
  test(`two people whom only a relay over ${transport.toUpperCase()} connects see each other`, async ({ chromium, firefox, visitor }) => {
    test.setTimeout(90_000);
    const context = async (browser: Browser) => {
      const made = await visitor(browser);
      await only(made, transport);
      return made;
    };
    const clara = await Person.client(await context(chromium));
    const femi = await Person.freelancer(await context(firefox));
    await clara.sendMessage();
    const hers = await clara.start('video');
    await relayed(hers);
    const his = await femi.join();
    await relayed(his);
    for (const room of [hers, his]) {
      await expect.poll(async () => (await received(room.page, 1_000)).fps, { timeout: 20_000 }).toBeGreaterThan(5);
      await expect.poll(async () => (await way(room.page))?.type, { timeout: 10_000 }).toBe('relay');
    }
  });
}
