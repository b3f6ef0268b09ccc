import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Browser, Page } from '@playwright/test';
import { expectAccessible } from './axe.js';
import { expect, test } from './fixtures.js';
import { Person } from './people.js';

// The embedded thread: on the page of an imaginary host with a strict content policy, and in the messaging app.

const built = (name: string) => readFileSync(resolve(import.meta.dirname, `../../dist/embed/${name}`), 'utf8');
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; require-trusted-types-for 'script'";
const sheet = ':root { color-scheme: light dark; background: Canvas; color: CanvasText } body { margin: 10px } parley-thread::part(log) { max-height: 340px }';
const room = 'https://parley.test/r/iv_2#token=t';
const clara = { id: 'client', name: 'Clara Novak' };
const femi = { id: 'freelancer', name: 'Femi Adeyemi' };

const messages = [
  { id: 'm1', from: clara, at: '2026-03-02T09:00:00Z', text: 'Hello <b>Femi</b>, when could we talk?' },
  { id: 'm2', from: femi, at: '2026-03-02T09:05:00Z', text: 'Pneumonoultramicroscopicsilicovolcanoconiosis'.repeat(3) },
  { id: 'm3', from: femi, at: '2026-03-02T09:30:00Z', text: 'Floor plan.pdf', file: { size: 482_113, link: 'https://host.test/files/1' } },
  { id: 'm4', from: femi, at: '2026-03-02T09:31:00Z', text: 'bad.pdf', file: { size: 17, link: 'javascript:alert(1)' } },
];
const over = { id: 'iv_1', mode: 'video', state: 'ended', duration_s: 1980, created_at: '2026-03-02T09:10:00Z' };
const rings = { id: 'iv_2', mode: 'audio', state: 'ringing', created_by: 'freelancer', created_at: '2026-03-02T10:00:00Z', participants: [femi], present: [femi.id] };

async function host(browser: Browser): Promise<{ page: Page; asked: unknown[] }> {
  const context = await browser.newContext({ viewport: { width: 300, height: 640 }, timezoneId: 'Europe/Prague' });
  const asked: unknown[] = [];
  await context.route('https://parley.test/**', (route) => route.fulfill({ contentType: 'text/html', body: '<title>Room</title>' }));
  await context.route('https://host.test/call', (route) => {
    asked.push(route.request().postDataJSON());
    return route.fulfill({ json: { url: room, interview: rings } });
  });
  for (const name of ['thread.js', 'v1.js']) {
    await context.route(`https://host.test/${name}`, (route) => route.fulfill({ contentType: 'text/javascript', body: built(name) }));
  }
  await context.route('https://host.test/host.css', (route) => route.fulfill({ contentType: 'text/css', body: sheet }));
  await context.route('https://host.test/', (route) =>
    route.fulfill({
      contentType: 'text/html',
      headers: { 'Content-Security-Policy': policy },
      body: `<!doctype html><html lang="en-GB"><title>Host</title><link rel="stylesheet" href="/host.css"><main><h1>Proposal</h1>
        <parley-thread thread="th_1" user="client" call-url="/call" label="Messages with Femi"><a href="/all">All messages</a></parley-thread></main>
        <script type="module" src="/thread.js"></script>`,
    }),
  );
  const page = await context.newPage();
  page.on('console', (line) => asked.push(...(line.text().includes('Content Security Policy') ? [line.text()] : [])));
  await page.goto('https://host.test/');
  return { page, asked };
}

function set(page: Page, properties: Record<string, unknown>): Promise<void> {
  return page.locator('parley-thread').evaluate((thread, values) => void Object.assign(thread, values), properties);
}

test('it shows what the host tells it, in a narrow column', async ({ chromium }) => {
  const { page, asked } = await host(chromium);
  const log = page.getByRole('log', { name: 'Messages with Femi' });
  const rows = log.getByRole('listitem');
  await expect(page.getByRole('textbox')).toHaveCount(0);
  await expect(log).toContainText('Nothing has been written yet.');
  await expect(page.getByRole('button', { name: 'Start video interview' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'All messages' })).toBeVisible();

  await test.step('in the order of time, as text, with the link of a file', async () => {
    await set(page, { messages: messages.toReversed(), interviews: [over] });
    await expect(rows).toHaveCount(5);
    await expect(rows.nth(0)).toContainText('Hello <b>Femi</b>');
    await expect(rows.nth(0)).toContainText('You 2 Mar, 10:00');
    await expect(rows.nth(2)).toContainText(/Video interview .*Ended · 33 min/);
    await expect(log.getByRole('link')).toHaveCount(1);
    await expect(log.getByRole('link', { name: 'Floor plan.pdf' })).toHaveAttribute('href', 'https://host.test/files/1');
    await expect(rows.nth(3)).toContainText('482 kB');
    await expect(rows.nth(4)).toContainText('17 bytes');
  });

  await test.step('what was there stays as it is, and new things come into view', async () => {
    await rows.nth(0).evaluate((row) => row.setAttribute('data-kept', ''));
    await set(page, { messages, interviews: [over, rings] });
    await expect(rows.nth(0)).toHaveAttribute('data-kept', '');
    await expect(rows.nth(5)).toContainText('Ringing');
    await expect(rows.nth(5)).toBeInViewport();
  });

  await test.step('with the keyboard, in both themes, in 280 pixels', async () => {
    await page.keyboard.press('Tab');
    await expect(page.getByRole('button', { name: /^Join/ })).toBeFocused();
    await page.keyboard.press('Tab');
    await expect(log).toBeFocused();
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await expectAccessible(page, `the thread, ${scheme}`);
      await page.screenshot({ path: test.info().outputPath(`${scheme}.png`) });
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(300);
    expect(await log.evaluate((box) => box.scrollWidth - box.clientWidth)).toBe(0);
  });

  await test.step('and its button joins the open interview', async () => {
    const [tab] = await Promise.all([page.context().waitForEvent('page'), page.getByRole('button', { name: 'Join — Femi Adeyemi is waiting' }).click()]);
    await tab.waitForURL(room);
    expect(asked).toEqual([{ mode: 'audio', thread: 'th_1' }]);
    await page.locator('parley-thread').evaluate((thread) => thread.removeAttribute('call-url'));
    await expect(page.getByRole('button')).toHaveCount(0);
  });
  await page.context().close();
});

test('a thread in its proposal shows what is written and calls, and takes an answer', async ({ chromium, visitor }) => {
  const clara = await Person.client(await visitor(chromium));
  const femi = await Person.freelancer(await visitor(chromium));
  await clara.sendMessage();
  await femi.write('I can begin on Monday.');
  const { page } = clara;
  await page.getByText('Show the thread here').click();
  const thread = page.locator('parley-thread');
  await expect(thread.getByRole('log')).toContainText('I can begin on Monday.');
  await thread.getByRole('textbox', { name: 'Write a message' }).fill('Gladly.');
  await thread.getByRole('textbox').press('Enter');
  await expect(femi.thread).toContainText('Gladly.');
  await expect(thread.getByRole('textbox')).toHaveValue('');
  const his = await femi.start('audio');
  await his.enter();
  await expect(thread.getByRole('log')).toContainText('Ringing');
  await expect(thread.getByRole('button', { name: 'Join — Femi Adeyemi is waiting' })).toBeVisible();
  await page.setViewportSize({ width: 320, height: 720 });
  await page.getByRole('link', { name: 'Back to the job' }).click();
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await expectAccessible(page, `the thread in its proposal, ${scheme}`);
    await thread.screenshot({ path: test.info().outputPath(`thread-${scheme}.png`) });
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
});
