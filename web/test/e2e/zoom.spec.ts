import { expectAccessible } from './axe.js';
import { expect, test as base } from './fixtures.js';
import { Person } from './people.js';
import { Server } from './server.js';
import { Zoom } from './zoom.js';

const test = base.extend<{ zoom: Zoom }>({
  zoom: async ({}, use) => {
    const zoom = await Zoom.start();
    await use(zoom);
    zoom.stop();
  },
  server: async ({ zoom }, use, info) => {
    const server = await Server.start(...zoom.flags);
    await use(server);
    await server.remove();
    if (info.status !== info.expectedStatus) await info.attach('server log', { body: server.log });
  },
});

test('a call moves to Zoom at the client’s word, and the card follows', async ({ chromium, visitor, server, zoom }) => {
  const clara = await Person.client(await visitor(chromium));
  await clara.sendMessage();
  const hers = await clara.start('video');
  await hers.enter();
  const femi = await Person.freelancer(await visitor(chromium));
  const his = await femi.join();
  await his.enter();

  await his.button('Ask for Zoom').click();
  await expect(hers.page.getByText('Femi Adeyemi would like to go on in Zoom.')).toBeVisible();
  await expect(his.page.getByText('An interviewer decides.')).toBeVisible();
  expect((await zoom.state()).meetings).toBeNull();
  await expectAccessible(hers.page, 'the room with Zoom on offer');

  await hers.button('Go on in Zoom').click();
  const links = [hers, his].map((room) => room.page.getByRole('link', { name: 'Open Zoom' }));
  const addresses = await Promise.all(links.map((link) => link.getAttribute('href')));
  expect(addresses[0]).toMatch(/^https:\/\/us02web\.zoom\.us\/j\/\d+\?pwd=/);
  expect(addresses[1]).toBe(addresses[0]);
  await expect(his.page.getByText(/^Passcode: \d+$/)).toBeVisible();
  await expect(hers.tile('freelancer').locator('video')).toBeVisible();
  await hers.page.setViewportSize({ width: 320, height: 640 });
  expect(await hers.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  await expectAccessible(hers.page, 'the room with a way into Zoom');

  const { meetings } = await zoom.state();
  expect(await zoom.tell(server.url, 'meeting.started', meetings![0]!)).toBe(204);
  await expect(his.page.getByText('The meeting in Zoom has begun.')).toBeVisible();
  await his.leave();
  await hers.leave();
  await expect(clara.card).toContainText('Live');
  expect(await zoom.tell(server.url, 'meeting.ended', meetings![0]!)).toBe(204);
  await expect(clara.card).toContainText('Ended');
  await expect.poll(async () => (await zoom.state()).gone).toEqual(meetings);
  expect((await zoom.state()).rejected).toBeNull();
});

test('an interview begins in Zoom, and another one in a meeting of the client’s own', async ({ chromium, visitor, server, zoom }) => {
  const clara = await Person.client(await visitor(chromium));
  await clara.sendMessage();
  const hers = await clara.start('zoom');
  await expect(clara.card).toContainText('Zoom interview');
  await expect(hers.page.getByRole('link', { name: 'Open Zoom' })).toBeVisible();
  await expect(clara.card).toContainText('There is a meeting in Zoom.');
  const { meetings } = await zoom.state();
  expect(await zoom.tell(server.url, 'meeting.started', meetings![0]!)).toBe(204);
  await expect(clara.card).toContainText('The meeting in Zoom has begun.');
  await hers.page.close();
  expect(await zoom.tell(server.url, 'meeting.ended', meetings![0]!)).toBe(204);
  await expect(clara.card).toContainText('Ended');

  const again = await clara.start('video');
  await again.enter();
  await again.button('Use a Zoom link of my own').click();
  const field = again.page.getByLabel('Invitation link of your meeting in Zoom');
  await expect(field).toBeFocused();
  await field.fill('https://zoom.us.evil.example/j/81234567890');
  await again.button('Use this link').click();
  await expect(again.page.getByRole('alert').filter({ hasText: 'Zoom' })).toBeVisible();
  for (const scheme of ['light', 'dark'] as const) {
    await again.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await expectAccessible(again.page, `a link that is not taken, ${scheme}`);
  }
  await again.page.setViewportSize({ width: 320, height: 640 });
  expect(await again.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  await field.fill('https://zoom.us/j/81234567890?pwd=secret1');
  await again.button('Use this link').click();
  await expect(again.page.getByRole('link', { name: 'Open Zoom' })).toHaveAttribute('href', 'https://zoom.us/j/81234567890?pwd=secret1');
  expect((await zoom.state()).rejected).toBeNull();
});
