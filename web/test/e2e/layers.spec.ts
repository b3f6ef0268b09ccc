import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.js';
import { Room } from './people.js';

/** How a picture is sent: its encodings that are on, each as "rid codec mode height". */
function sent(page: Page, name: 'camera' | 'screen'): Promise<string[]> {
  return page.evaluate(async (name) => {
    const camera = name === 'camera';
    const sender = window.parley.pc.getSenders().find((s) => s.track?.kind === 'video' && s.getParameters().encodings.length > 1 === camera);
    const report = await sender?.getStats();
    return [...(report?.values() ?? [])]
      .filter((entry) => entry.type === 'outbound-rtp' && entry.active && entry.frameHeight)
      .map((entry) => [entry.rid ?? '-', report!.get(entry.codecId)?.mimeType.slice(6), entry.scalabilityMode ?? '-', entry.frameHeight].join(' '))
      .sort();
  }, name);
}

/** How a tile's picture arrives, as "codec height", and '' while none does. */
function shown(page: Page, tile: string): Promise<string> {
  return page.locator(`${tile} video`).evaluate(async (video: HTMLVideoElement) => {
    const [track] = (video.srcObject as MediaStream).getVideoTracks();
    const look = async () => {
      const report = await window.parley.pc.getStats();
      const entry = [...report.values()].find((one) => one.type === 'inbound-rtp' && one.trackIdentifier === track?.id);
      return { frames: entry?.framesDecoded ?? 0, what: `${report.get(entry?.codecId)?.mimeType.slice(6)} ${entry?.frameHeight}` };
    };
    const before = await look();
    await new Promise((done) => setTimeout(done, 1000));
    const now = await look();
    return now.frames >= before.frames + 2 ? now.what : '';
  });
}

/** Keeps the longest time between two pictures that a tile showed; the returned function tells it, in milliseconds, and starts anew. */
async function watch(page: Page, tile: string): Promise<() => Promise<number>> {
  const video = page.locator(`${tile} video`);
  await video.evaluate((video: HTMLVideoElement & { longest?: number }) => {
    let last = performance.now();
    video.longest = 0;
    const next = () => {
      const now = performance.now();
      video.longest = Math.max(video.longest ?? 0, now - last);
      last = now;
      video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
  });
  return () => video.evaluate((video: HTMLVideoElement & { longest?: number }) => {
    const longest = video.longest ?? 0;
    video.longest = 0;
    return Math.round(longest);
  });
}

test('a camera that two watch is one stream of layers, of which each is sent what fits', async ({ chromium, firefox, visitor, server }) => {
  const urls = await server.invite('Ana', 'Ben', 'Cleo');
  const rooms: Room[] = [];
  for (const [n, browser] of [chromium, chromium, firefox].entries()) {
    const context = await visitor(browser);
    // Ana's computer is one that can; whose it is tells how many processors it has.
    if (n === 0) await context.addInitScript(() => Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => 8 }));
    const page = await context.newPage();
    await page.goto(urls[n]!);
    const room = new Room(page);
    if (n > 0) await room.button('Turn camera off').click();
    await room.button('Mute microphone').click();
    await page.setViewportSize({ width: 640, height: 480 });
    await room.enter();
    rooms.push(room);
  }
  const [ana, ben, cleo] = rooms as [Room, Room, Room];
  const her = 'parley-tile[data-participant=ana]';
  await ben.button('Pin Ana').press('Enter');

  await expect.poll(() => sent(ana.page, 'camera'), { timeout: 20_000 }).toEqual(['q VP9 L2T3_KEY 360']);
  for (const { page } of [ben, cleo]) await expect.poll(() => shown(page, her), { timeout: 10_000 }).toMatch(/^VP9 /);
  await expect.poll(() => shown(ben.page, her)).toBe('VP9 360');
  const frozen = { ben: await watch(ben.page, her), cleo: await watch(cleo.page, her) };

  await test.step('who shows it small is sent the small layer, and the other keeps the large one', async () => {
    await cleo.page.setViewportSize({ width: 400, height: 300 });
    await expect.poll(() => shown(cleo.page, her)).toBe('VP9 180');
    expect(await shown(ben.page, her)).toBe('VP9 360');
    const gaps = { ben: await frozen.ben(), cleo: await frozen.cleo() };
    console.log('between two pictures at most, in ms:', gaps);
    expect(Math.max(gaps.ben, gaps.cleo)).toBeLessThan(1000);
  });

  await test.step('a recording takes plain layers', async () => {
    await ana.button('Ask to record').click();
    await ana.button('Ask, and agree myself').click();
    for (const { button } of [ben, cleo].map((room) => ({ button: room.button('I agree to be recorded') }))) await button.click();
    await expect(ben.page.getByText('Recording', { exact: true })).toBeVisible();
    await expect.poll(() => sent(ana.page, 'camera')).toContainEqual(expect.stringContaining(' VP8 '));
    for (const { page } of [ben, cleo]) await expect.poll(() => shown(page, her)).toMatch(/^VP8 /);
    const gaps = { ben: await frozen.ben(), cleo: await frozen.cleo() };
    console.log('going back, in ms:', gaps);
    expect(Math.max(gaps.ben, gaps.cleo)).toBeLessThan(1000);
  });
});

test('a screen is sent to two as one stream of a codec for text', async ({ chromium, firefox, visitor, server }) => {
  const urls = await server.invite('Ana', 'Ben', 'Cleo');
  const rooms: Room[] = [];
  for (const [n, browser] of [chromium, chromium, firefox].entries()) {
    const page = await (await visitor(browser)).newPage();
    await page.goto(urls[n]!);
    const room = new Room(page);
    await room.button('Turn camera off').click();
    await room.button('Mute microphone').click();
    await page.setViewportSize({ width: 640, height: 480 });
    await room.enter();
    rooms.push(room);
  }
  const [ana, ben, cleo] = rooms as [Room, Room, Room];
  await ana.button('Share screen').click();
  await expect.poll(async () => (await sent(ana.page, 'screen')).join(), { timeout: 20_000 }).toMatch(/^- (AV1|VP9) L1T3 \d+$/);
  const [, codec] = (await sent(ana.page, 'screen'))[0]!.split(' ');
  for (const { page } of [ben, cleo]) await expect.poll(() => shown(page, 'parley-tile.shared'), { timeout: 20_000 }).toMatch(new RegExp(`^${codec} \\d+$`));
});
