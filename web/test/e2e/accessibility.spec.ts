import type { Page } from '@playwright/test';
import { expectAccessible } from './axe.js';
import { expect, test } from './fixtures.js';
import { Person } from './people.js';

test('every page follows WCAG 2.2 AA, light and dark, and fits 320 pixels', async ({ chromium, visitor }) => {
  const context = await visitor(chromium);
  const landing = await context.newPage();
  await landing.goto('/');
  await expect(landing.getByRole('link', { name: /Continue as/ })).toHaveCount(2);
  await check(landing, 'the landing page');

  const clara = await Person.client(await visitor(chromium));
  await check(clara.page, 'the job and its proposals');
  await clara.sendMessage();
  await clara.write('Hello Femi');
  const hers = await clara.start('video');
  await expect(hers.button('Join now')).toBeEnabled();
  await expect(hers.page.getByText('Your microphone works.')).toBeVisible();
  await check(hers.page, 'the lobby');
  await hers.enter();

  const femi = await Person.freelancer(await visitor(chromium));
  await expect(femi.card).toContainText('Clara Novak is waiting');
  await femi.page.getByRole('link', { name: /Messages with/ }).click();
  await check(femi.page, 'the thread with a card to join');
  await check(hers.page, 'the room, waiting');
  const his = await femi.join();
  await his.enter();
  await expect(hers.tile('freelancer').locator('video')).toBeVisible();
  await check(hers.page, 'the room');
  await his.leave();
  await hers.leave();
  await check(hers.page, 'the end page');
  await expect(clara.card).toContainText('Ended');
  await check(clara.page, 'the thread with an ended card');
});

/** The page as it stands, in both colour schemes, and narrow. */
async function check(page: Page, what: string): Promise<void> {
  const before = page.viewportSize();
  for (const colorScheme of ['light', 'dark'] as const) {
    // Colours on their way from one scheme to the other are neither's.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await expectAccessible(page, `${what}, ${colorScheme}`);
  }
  await page.setViewportSize({ width: 320, height: 640 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width, `width of ${what} on a screen of 320 pixels`).toBeLessThanOrEqual(320);
  await expectAccessible(page, `${what}, narrow`);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: null });
  if (before) await page.setViewportSize(before);
}
