import type { Browser, Page } from '@playwright/test';
import { expect, test } from './fixtures.js';
import { Person } from './people.js';

/** The scripts of the messages, of reporting somebody, and of nothing else. */
const PARTS = /\/assets\/(chat-panel|complaint)-[\w-]+\.js/;

for (const engine of ['chromium', 'firefox'] as const) {
  test(`what a call does without is loaded when the call has begun, and asked for again when it did not come, in ${engine}`, async ({ chromium, firefox, visitor }) => {
    const browser: Browser = { chromium, firefox }[engine];
    const context = await visitor(browser);
    const clara = await Person.client(context);
    await clara.sendMessage();
    const asked: string[] = [];
    let kept = true;
    await context.route(PARTS, (route) => {
      asked.push(route.request().url());
      return kept ? route.fulfill({ status: 503, body: 'not now' }) : route.continue();
    });
    const room = await clara.start('audio');
    await expect(room.button('Join now')).toBeEnabled();
    expect(asked, 'asked for before the call').toEqual([]);
    await room.enter();

    await test.step('the messages do not come, and the call goes on', async () => {
      await room.button('Show messages').click();
      await expect(room.page.getByRole('status').filter({ hasText: 'This could not be loaded.' })).toBeVisible();
      await room.button('Mute microphone').click();
      await expect(room.button('Unmute microphone')).toBeVisible();
      await room.button('Hide messages').click();
      await expect(room.page.getByText('This could not be loaded.')).toHaveCount(0);
      await expect(room.button('Show messages')).toBeFocused();
    });

    await test.step('nor can anybody be reported, which is said in its place', async () => {
      await room.button('Report a problem').click();
      await expect(room.page.getByRole('dialog').getByText('This could not be loaded.')).toBeVisible();
      await room.button('Close').click();
      await expect(room.page.getByRole('dialog')).toBeHidden();
    });

    kept = false;
    await test.step('they come when they are asked for again, with the keyboard in them', async () => {
      await room.button('Show messages').click();
      await expect(room.field).toBeFocused();
      await room.say('Good morning.');
      await expect(room.log).toContainText('Good morning.');
    });

    await test.step('and so does the report', async () => {
      await room.button('Report a problem').click();
      await expect(room.page.getByLabel('Who is it about?')).toBeFocused();
      await room.page.keyboard.press('Escape');
      await expect(room.button('Report a problem')).toBeFocused();
    });
  });
}

test('a part that a newer server no longer has is said to be gone, and there once the page is loaded again', async ({ chromium, visitor }) => {
  const context = await visitor(chromium);
  const clara = await Person.client(context);
  await clara.sendMessage();
  await context.route(PARTS, (route) => route.fulfill({ status: 404, body: 'gone' }));
  const room = await clara.start('audio');
  await room.enter();
  await newerServer(room.page);
  await room.button('Show messages').click();
  await expect(room.page.getByRole('status').filter({ hasText: 'The server was updated while this page was open' })).toBeVisible();
  await expect(room.button('Try again')).toHaveCount(0);

  await context.unroute(PARTS);
  await room.page.unrouteAll();
  await room.button('Load the page again').click();
  await room.enter();
  await room.button('Show messages').click();
  await expect(room.field).toBeFocused();
});

test('the messages are there though the server was updated since the call began', async ({ chromium, visitor }) => {
  const context = await visitor(chromium);
  const clara = await Person.client(context);
  await clara.sendMessage();
  const room = await clara.start('audio');
  await room.enter();
  await room.page.waitForFunction(() => customElements.get('parley-chat'));
  await context.route('**/assets/*.js', (route) => route.fulfill({ status: 404, body: 'gone' }));
  await room.button('Show messages').click();
  await expect(room.field).toBeFocused();
});

/** As after an update: the page names other scripts than those that were loaded. */
async function newerServer(page: Page): Promise<void> {
  await page.route('**/r/*', (route) => route.fulfill({ contentType: 'text/html', body: '<script type="module" src="/assets/room-NEWER.js"></script>' }));
}
