import { expect, test } from './fixtures.js';
import { received } from './media.js';
import { Person, Room } from './people.js';

// What a page says when something is missing or refused, and that people can go on in spite of it.

test('somebody without a camera is told so, and takes part all the same', async ({
  chromium,
  cameralessChromium,
  visitor,
}) => {
  const clara = await Person.client(await visitor(chromium));
  const femi = await Person.freelancer(await visitor(cameralessChromium));
  await clara.sendMessage();
  const hers = await clara.start('video');
  await hers.enter();

  const his = await femi.join();
  await expect(his.page.getByText('No camera was found')).toBeVisible();
  await expect(his.page.getByText('the others will hear you, but not see you')).toBeVisible();
  await his.enter();
  await expect(hers.tile('freelancer').locator('video')).toBeHidden();
  await expect.poll(async () => (await received(his.page, 1_000)).fps).toBeGreaterThanOrEqual(10);
  await expect.poll(async () => (await received(hers.page, 1_000)).energy).toBeGreaterThan(0);
});

test('somebody who refuses the devices is told how to allow them', async ({ refusingChromium, visitor }) => {
  const clara = await Person.client(await visitor(refusingChromium));
  await clara.sendMessage();
  const hers = await clara.start('video');
  await expect(hers.page.getByText('This page may not use your microphone. Allow it')).toBeVisible();
  await expect(hers.page.getByText('This page may not use your camera. Allow it')).toBeVisible();
  await hers.enter();
  await expect(hers.page.getByText('The others cannot hear you.')).toBeVisible();
});

test('a link that cannot be used says why', async ({ chromium, server, visitor }) => {
  const { url } = await invite(server);
  const { origin, pathname, hash } = new URL(url);
  const page = await (await visitor(chromium)).newPage();
  const links: [string, string][] = [
    ['', 'This link is incomplete'],
    ['#token=nonsense', 'This link is damaged'],
    [`${hash.slice(0, -6)}AAAAAA`, 'This link was not made by this server'],
  ];
  for (const [fragment, heading] of links) {
    await page.goto('about:blank'); // Between two fragments of one address a browser does not load the page anew.
    await page.goto(`${origin}${pathname}${fragment}`);
    await expect(page.getByRole('heading', { name: heading })).toBeVisible();
    await page.evaluate(() => sessionStorage.clear());
  }
});

test('a link that has expired says where to get another', async ({ chromium, server, visitor }) => {
  const { url } = await invite(server);
  const context = await visitor(chromium);
  // No test waits until a link expires; the server's answer is played instead.
  await context.routeWebSocket(/\/v1\/signal/, (socket) => {
    socket.onMessage(() => {
      socket.send(JSON.stringify({ type: 'error', code: 'token_expired', message: 'The token has expired.', fatal: true }));
      void socket.close({ code: 4001, reason: 'token_expired' });
    });
  });
  const page = await context.newPage();
  await page.goto(url);
  await expect(page.getByRole('heading', { name: 'This link has expired' })).toBeVisible();
  await expect(page.getByText('press Join there')).toBeVisible();
});

test('a link that is in use on another device is not good for a second one', async ({ chromium, server, visitor }) => {
  const { url } = await invite(server);
  const first = await (await visitor(chromium)).newPage();
  await first.goto(url);
  await new Room(first).enter();
  const second = await (await visitor(chromium)).newPage();
  await second.goto(url);
  await expect(second.getByRole('heading', { name: 'This link is in use on another device' })).toBeVisible();
  await expect(new Room(first).button('Leave')).toBeVisible();
});

test('the room works opened directly by its address, without cookies', async ({ chromium, server, visitor }) => {
  const { url, interview } = await invite(server);
  const context = await visitor(chromium);
  const page = await context.newPage();
  await page.goto(url);
  expect(new URL(page.url()).hash, 'the token is gone from the address').toBe('');
  await new Room(page).enter();
  expect(await context.cookies()).toEqual([]);
  await page.reload();
  await new Room(page).enter();
  await server.api('POST', `/v1/interviews/${interview}/end`);
  await expect(page.getByRole('heading', { name: 'The interview was cancelled' })).toBeVisible();
  await page.goto('about:blank');
  await page.goto(url);
  await expect(page.getByRole('heading', { name: 'The interview was cancelled' })).toBeVisible();
});

/** A link of the client's own, made as a host's backend makes it. */
async function invite(server: {
  api<Answer>(method: string, path: string, body?: unknown): Promise<Answer>;
}): Promise<{ url: string; interview: string }> {
  await server.api('PUT', '/v1/threads/th_1', {
    title: 'Thread',
    participants: [{ id: 'client', name: 'Clara Novak', role: 'interviewer' }],
    contract: { state: 'none' },
  });
  const { id } = await server.api<{ id: string }>('POST', '/v1/threads/th_1/interviews', { mode: 'video' });
  const { url } = await server.api<{ url: string }>('POST', `/v1/interviews/${id}/join`, {
    user: { id: 'client', name: 'Clara Novak' },
  });
  return { url, interview: id };
}
