import type { BrowserContext, WebSocketRoute } from '@playwright/test';
import { expect, test } from './fixtures.js';
import { countGaps, received } from './media.js';
import { Person, type Room } from './people.js';

// Connections that break, servers that die, and people who come twice.

test('a socket that is cut comes back, and the conversation never stops', async ({ chromium, visitor }) => {
  const context = await visitor(chromium);
  const sockets = await cuttable(context);
  const clara = await Person.client(context);
  const femi = await Person.freelancer(await visitor(chromium));
  const { hers, his } = await meet(clara, femi);
  await hers.page.evaluate(() => Object.assign(window, { before: window.parley.pc }));
  const gaps = await countGaps(hers.page, his.page);

  sockets.cut();
  await expect(hers.page.getByText('You stay in the conversation.')).toBeVisible();
  await expect(hers.button('Leave')).toBeEnabled();
  sockets.mend();
  await expect(hers.page.getByText('You stay in the conversation.')).toBeHidden();
  await expect(his.tile('client')).not.toContainText('Reconnecting…');

  const { atOne, atOther } = await gaps();
  expect(atOne, 'sound that the cut end missed, ms').toBeLessThan(1_000);
  expect(atOther, 'sound that the other end missed, ms').toBeLessThan(1_000);
  expect(await hers.page.evaluate(() => (window as never as { before: unknown }).before === window.parley.pc)).toBe(true);
  await hers.button('Mute microphone').click();
  await expect(his.tile('client').getByText('Muted')).toBeVisible();
});

test('a server that is killed comes back with everything, and people with it', async ({ chromium, server, visitor }) => {
  const clara = await Person.client(await visitor(chromium));
  const femi = await Person.freelancer(await visitor(chromium));
  const { hers, his } = await meet(clara, femi);
  await clara.write('See you in the room.');
  await expect(femi.thread).toContainText('See you in the room.');

  const away = clara.page.getByRole('status').filter({ hasText: 'The server cannot be reached.' });
  await server.stop('SIGKILL');
  await expect(hers.page.getByText('Reconnecting…').first()).toBeVisible();
  await expect(away).toBeVisible();
  await clara.page.getByRole('textbox', { name: 'Write a message' }).fill('Are you there?');
  await clara.page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(clara.page.getByText('Not sent.')).toBeVisible();
  await expect(clara.page.getByRole('textbox', { name: 'Write a message' })).toHaveValue('Are you there?');

  await server.restart();
  await expect(away).toBeHidden();
  await clara.page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(femi.thread).toContainText('Are you there?');
  await expect(femi.thread).toContainText('See you in the room.');
  await expect(clara.card).toContainText('Live');
  for (const room of [hers, his]) {
    await expect(room.page.getByText('Reconnecting…')).toHaveCount(0);
    await expect.poll(async () => (await received(room.page, 1_000)).fps, { timeout: 20_000 }).toBeGreaterThanOrEqual(10);
  }
});

test('a server that is killed five times is joined again each time', async ({ chromium, server, visitor }) => {
  test.setTimeout(120_000);
  const clara = await Person.client(await visitor(chromium));
  const femi = await Person.freelancer(await visitor(chromium));
  const { hers, his } = await meet(clara, femi);
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    await server.stop('SIGKILL');
    await server.restart();
    const listening = Date.now();
    await Promise.all([hers, his].map((room) => expect(room.page.getByText('Reconnecting…')).toHaveCount(0)));
    for (const room of [hers, his]) await flows(room);
    times.push(Date.now() - listening);
  }
  console.log(`server killed and restarted, ms from listening to media: ${times.join(' ')}`);
  expect(Math.max(...times)).toBeLessThan(5_000); // two browsers share the test's two cores
});

test('a tab that is closed is noticed at once', async ({ chromium, visitor }) => {
  const clara = await Person.client(await visitor(chromium));
  const femi = await Person.freelancer(await visitor(chromium));
  const { hers, his } = await meet(clara, femi);
  const closing = Date.now();
  await hers.page.close();
  await expect(his.tile('client')).toContainText('Reconnecting…');
  console.log(`tab closed, ms to notice: ${Date.now() - closing}`);
  expect(Date.now() - closing).toBeLessThan(2_000);
  await expect(his.tile('client')).toHaveCount(0);
});

test('a server that stops in order says so, and the thread comes back', async ({ chromium, server, visitor }) => {
  const clara = await Person.client(await visitor(chromium));
  await clara.sendMessage();
  await clara.write('Kept.');
  await expect(clara.thread).toContainText('Kept.');
  const away = clara.page.getByRole('status').filter({ hasText: 'The server cannot be reached.' });
  await server.stop();
  await expect(away).toBeVisible();
  await server.restart();
  await expect(away).toBeHidden();
  await clara.page.reload();
  await expect(clara.thread).toContainText('Kept.');
});

test('the same person in a second tab takes the first one’s place', async ({ chromium, visitor }) => {
  const clara = await Person.client(await visitor(chromium));
  const femi = await Person.freelancer(await visitor(chromium));
  const { hers, his } = await meet(clara, femi);
  const again = await femi.return();
  await again.enter();
  await expect(his.page.getByRole('heading', { name: 'You joined in another window' })).toBeVisible();
  await expect(hers.page.locator('parley-tile[data-participant]')).toHaveCount(1);
  await expect.poll(async () => (await received(hers.page, 1_000)).fps).toBeGreaterThanOrEqual(10);
  await expect.poll(async () => (await received(again.page, 1_000)).fps).toBeGreaterThanOrEqual(10);
});

async function meet(clara: Person, femi: Person): Promise<{ hers: Room; his: Room }> {
  await clara.sendMessage();
  const hers = await clara.start('video');
  await hers.enter();
  const his = await femi.join();
  await his.enter();
  for (const room of [hers, his]) {
    await expect.poll(async () => (await received(room.page, 500)).fps, { timeout: 20_000 }).toBeGreaterThan(0);
  }
  return { hers, his };
}

/** Waits until the room's pictures move. */
async function flows(room: Room): Promise<void> {
  const frames = (): Promise<number> =>
    room.page.evaluate(async () => {
      let sum = 0;
      for (const entry of (await window.parley.pc?.getStats())?.values() ?? []) {
        if (entry.type === 'inbound-rtp' && entry.kind === 'video') sum += entry.framesDecoded ?? 0;
      }
      return sum;
    });
  const before = await frames();
  await expect.poll(async () => (await frames()) - before, { timeout: 20_000, intervals: [50] }).not.toBe(0);
}

/** Puts the context's signaling sockets in the test's hands: they can be cut, and kept from coming back. */
async function cuttable(context: BrowserContext): Promise<{ cut(): void; mend(): void }> {
  const open: [WebSocketRoute, WebSocketRoute][] = [];
  let down = false;
  await context.routeWebSocket(/\/v1\/signal/, (page) => {
    if (down) {
      void page.close({ code: 1011 });
      return;
    }
    open.push([page, page.connectToServer()]);
  });
  return {
    cut() {
      down = true;
      for (const [page, server] of open.splice(0)) {
        void server.close({ code: 1011 });
        void page.close({ code: 1011 });
      }
    },
    mend() {
      down = false;
    },
  };
}
