import type { BrowserContext, Page } from '@playwright/test';
import { expectAccessible } from './axe.js';
import { expect, test } from './fixtures.js';
import { Person } from './people.js';

/** A port that nothing answers on. */
const NOWHERE = 61_009;

/** Leads every way to the server's media to where nothing answers, as long as it is shut. */
async function shut(context: BrowserContext): Promise<{ open(): void }> {
  let closed = true;
  await context.routeWebSocket(/\/v1\/signal/, (page) => {
    const server = page.connectToServer();
    server.onMessage((text) => {
      const message = JSON.parse(String(text)) as { type: string; sdp?: string; ice_servers?: { urls: string[] }[] };
      if (closed && message.sdp) message.sdp = message.sdp.replace(/^(a=candidate:\S+ \d udp \d+ \S+) \d+/gm, `$1 ${NOWHERE}`);
      if (closed) for (const relay of message.ice_servers ?? []) relay.urls = relay.urls.map((url) => url.replace(/:\d+\?/, `:${NOWHERE}?`));
      page.send(JSON.stringify(message));
    });
  });
  return { open: () => (closed = false) };
}

test('a network that blocks every way is told from others, with what to do, and no more once one opens', async ({ chromium, firefox, visitor }) => {
  const hers = await visitor(chromium);
  const his = await visitor(firefox);
  const ways = [await shut(hers), await shut(his)];
  const clara = await Person.client(hers);
  await clara.sendMessage();
  const rooms = [await clara.start('video'), await (await Person.freelancer(his)).join()];
  await rooms[1]!.page.reload(); // Firefox loads a page in a new tab before the test can reach it.
  for (const { page } of rooms) await tells(page);
  await looks(rooms[0]!.page);
  // Who joins nevertheless is told the same in the room.
  for (const room of rooms) await room.enter();
  for (const { page } of rooms) await expect(page.getByText(/^Your network blocks calls entirely\. Another one/)).toBeVisible();
  for (const way of ways) way.open();
  for (const { page } of rooms) await expect(page.getByText(/Your network blocks calls entirely/)).toBeHidden({ timeout: 45_000 });
});

async function tells(page: Page): Promise<void> {
  const told = page.locator('parley-blocked');
  await expect(told).toContainText('Your network blocks calls entirely.', { timeout: 25_000 });
  await expect(told.getByText(/^UDP to 127\.0\.0\.1, port 61009$/)).toBeVisible();
  await expect(told.getByText(/^TCP to 127\.0\.0\.1, port 61009$/)).toBeVisible();
  await told.getByText('Details').click();
  await expect(told.getByText('Over the relay, by TCP, to 127.0.0.1, port 61009: no answer.')).toBeVisible();
}

/** It is read by everybody, in both colour schemes, and fits a small screen. */
async function looks(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await expectAccessible(page, `the lobby in a network that blocks calls, ${colorScheme}`);
  }
  await page.setViewportSize({ width: 320, height: 640 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
}
