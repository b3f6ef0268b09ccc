import type { Page } from '@playwright/test';
import { expectAccessible } from './axe.js';
import { expect, test } from './fixtures.js';
import { Room } from './people.js';
import type { Server } from './server.js';

const names = ['Ana', 'Ben', 'Cleo'];

/** A thread of some people, and everybody's own way into its interview. */
async function invite(server: Server, people: string[]): Promise<string[]> {
  const thread = `t_quality_${people.length}`;
  const participants = people.map((name, n) => ({ id: name.toLowerCase(), name, role: n === 0 ? 'interviewer' : 'interviewee' }));
  await server.api('PUT', `/v1/threads/${thread}`, { title: 'Quality', participants });
  const { id } = await server.api<{ id: string }>('POST', `/v1/threads/${thread}/interviews`, { mode: 'video', created_by: 'ana' });
  const urls: string[] = [];
  for (const { id: who } of participants) urls.push((await server.api<{ url: string }>('POST', `/v1/interviews/${id}/join`, { user: { id: who } })).url);
  return urls;
}

async function enter(page: Page, url: string): Promise<Room> {
  await page.goto(url);
  const room = new Room(page);
  await room.enter();
  return room;
}

test('on a clean network nothing bad is said of two people, and the figures are there', async ({ chromium, visitor, server }) => {
  const urls = await invite(server, names.slice(0, 2));
  const ana = await enter(await (await visitor(chromium)).newPage(), urls[0]!);
  const ben = await enter(await (await visitor(chromium)).newPage(), urls[1]!);
  const mark = ana.page.locator('parley-tile[data-participant=ben] parley-quality');
  await expect(mark.getByText('Ben’s connection: good')).toBeAttached();
  await ana.page.waitForTimeout(12_000);
  for (const { page } of [ana, ben]) {
    await expect(page.locator('parley-stage').getByText(/connection is weak|load is weak|Video paused|is struggling/)).toHaveCount(0);
  }
  await mark.locator('summary').press('Enter');
  await expect(mark.getByText(/Sends: \d+ kbit\/s · 0 % lost/)).toBeVisible();
  await expectAccessible(ana.page, 'the room with the figures of a connection');
  const sent = await ana.page.evaluate(() => window.parley.pc.getSenders().filter((s) => s.track?.kind === 'video').map((s) => s.getParameters().encodings.length));
  expect(sent, 'encodings of the camera between two people').toEqual([1]);
});

test('three people see each other, and layers that fit nobody’s tile are not sent', async ({ chromium, visitor, server }) => {
  const urls = await invite(server, names);
  const rooms: Room[] = [];
  for (const url of urls) {
    const page = await (await visitor(chromium)).newPage();
    await page.setViewportSize({ width: 480, height: 420 });
    rooms.push(await enter(page, url));
  }
  for (const { page } of rooms) {
    await expect(page.locator('parley-tile.person')).toHaveCount(2);
    for (const tile of await page.locator('parley-tile.person video').all()) {
      const frames = () => tile.evaluate((video: HTMLVideoElement) => video.getVideoPlaybackQuality().totalVideoFrames);
      await expect.poll(frames, { timeout: 30_000 }).toBeGreaterThan(5);
    }
  }
  const layers = () =>
    rooms[0]!.page.evaluate(() =>
      window.parley.pc.getSenders().flatMap((s) => (s.track?.kind === 'video' ? s.getParameters().encodings.map((e) => `${e.rid} ${e.active}`) : [])),
    );
  await expect.poll(layers, { timeout: 30_000 }).toContain('f false');
  const pin = rooms[1]!.button('Pin Ana');
  await pin.press('Enter');
  await expect(pin).toHaveAttribute('aria-pressed', 'true');
  await expectAccessible(rooms[1]!.page, 'the room of three');
});
