import type { Page } from '@playwright/test';
import { expectAccessible } from './axe.js';
import { expect, test } from './fixtures.js';
import { Person } from './people.js';

test('a person checks network and devices from the thread, and the others see that they are ready', async ({ chromium, firefox, visitor }) => {
  const clara = await Person.client(await visitor(chromium));
  await clara.sendMessage();
  const hers = await clara.start('video');
  const femi = await Person.freelancer(await visitor(firefox));
  await expect(femi.card).toContainText('Clara Novak is waiting');
  const [page] = await Promise.all([
    femi.page.context().waitForEvent('page'),
    femi.card.getByRole('button', { name: 'Check connection' }).click(),
  ]);
  await page.waitForURL(/\/check/);
  await expect(page.getByText('Your network lets calls through.')).toBeVisible({ timeout: 30_000 });
  expect(new URL(page.url()).hash, 'the token is gone from the address').toBe('');
  await page.getByText('Details').click();
  await expect(page.getByText(/^Directly to the server, over UDP/)).toBeVisible();
  await page.getByRole('button', { name: 'Play a sound' }).click();
  await page.getByRole('button', { name: 'Yes', exact: true }).click();
  await expect(page.getByText('Your speaker works.')).toBeVisible();
  await page.getByRole('button', { name: 'Say that I am ready' }).click();
  await expect(page.getByText('The others see that you are ready.')).toBeVisible();
  await expect(clara.card).toContainText('Femi Adeyemi is ready');
  await expect(femi.card).toContainText('You are ready');
  // It is no visit: nobody has come, and nobody was put out.
  await expect(hers.page.getByText('Nobody else is here yet.')).toBeVisible();
  await clara.page.reload();
  await expect(clara.card).toContainText('Femi Adeyemi is ready');
});

test('the check page works for everybody, hears and shows only those with a link, and follows WCAG 2.2 AA', async ({ chromium, server, visitor }) => {
  const page = await (await visitor(chromium)).newPage();
  await page.goto('/check?relay=1');
  await expect(page.getByText('Your network blocks direct calls. We are using a relay')).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole('button', { name: 'Say that I am ready' })).toHaveCount(0);
  await page.goto('/check');
  await expect(page.getByText('Your network lets calls through.')).toBeVisible({ timeout: 30_000 });
  await looks(page, 'the check without a link');
  await server.api('PUT', '/v1/threads/th_1', { title: 'Thread', participants: [{ id: 'client', name: 'Clara Novak', role: 'interviewer' }] });
  const { id } = await server.api<{ id: string }>('POST', '/v1/threads/th_1/interviews', { mode: 'video', starts_at: new Date(Date.now() + 86_400_000).toISOString() });
  const { check_url } = await server.api<{ check_url: string }>('POST', `/v1/interviews/${id}/join`, { user: { id: 'client' } });
  await page.goto('about:blank');
  await page.goto(check_url);
  await expect(page.getByText('Your microphone works.')).toBeVisible();
  await expect(page.getByText('Your network lets calls through.')).toBeVisible({ timeout: 30_000 });
  await looks(page, 'the check with a link');
  await page.getByRole('button', { name: 'Say that I am ready' }).click();
  await expect(page.getByText('The others see that you are ready.')).toBeVisible();
  expect((await server.api<{ ready: { id: string }[] }>('GET', `/v1/interviews/${id}`)).ready.map((one) => one.id)).toEqual(['client']);
});

async function looks(page: Page, what: string): Promise<void> {
  const before = page.viewportSize();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await expectAccessible(page, `${what}, ${colorScheme}`);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${what.replaceAll(' ', '-')}-${colorScheme}.png`, fullPage: true });
  }
  await page.setViewportSize({ width: 320, height: 640 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth), `width of ${what}`).toBeLessThanOrEqual(320);
  await page.emulateMedia({ colorScheme: 'light' });
  if (before) await page.setViewportSize(before);
}
