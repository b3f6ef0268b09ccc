import type { Browser } from '@playwright/test';
import { expect, test } from './fixtures.js';
import { received } from './media.js';
import { Person, type Room } from './people.js';

/** A picture that people can talk by. */
const enoughFrames = 10;

test('two people meet by video, from a message thread to the ended card', async ({ chromium, visitor }) => {
  const clara = await Person.client(await visitor(chromium));
  const femi = await Person.freelancer(await visitor(chromium));
  const { hers, his } = await meet(clara, femi);

  await test.step('both see and hear each other', () => expectConversation(hers, his));

  await test.step('who is speaking is shown', async () => {
    await expect(his.tile('client')).toHaveAttribute('speaking', '');
    await expect(hers.tile('freelancer').getByText('Speaking')).toBeVisible();
  });

  await test.step('muting is seen by the other side, and stops the sound', async () => {
    await hers.button('Mute microphone').click();
    await expect(his.tile('client').getByText('Muted')).toBeVisible();
    await expect(his.tile('client')).not.toHaveAttribute('speaking');
    await expect.poll(async () => (await received(his.page, 500)).audioPackets).toBe(0);
    await hers.button('Unmute microphone').click();
    await expect(his.tile('client').getByText('Muted')).toBeHidden();
    await expect.poll(async () => (await received(his.page, 500)).audioPackets).toBeGreaterThan(10);
  });

  await test.step('a camera that is off leaves no picture behind, and comes back', async () => {
    await his.button('Turn camera off').click();
    await expect(hers.tile('freelancer').locator('video')).toBeHidden();
    await expect.poll(async () => (await received(hers.page, 500)).fps).toBe(0);
    await his.button('Turn camera on').click();
    await expect(hers.tile('freelancer').locator('video')).toBeVisible();
    await expect.poll(async () => (await received(hers.page, 1_000)).fps).toBeGreaterThanOrEqual(enoughFrames);
  });

  await test.step('a shared screen is seen beside the faces', async () => {
    await hers.button('Share screen').click();
    const shared = his.page.locator('parley-tile.shared');
    await expect(shared).toContainText('Clara Novak’s screen');
    const frames = () =>
      shared.locator('video').evaluate((video: HTMLVideoElement) => video.getVideoPlaybackQuality().totalVideoFrames);
    await expect.poll(frames).toBeGreaterThan(0);
    await expect(his.tile('client').locator('video')).toBeVisible();
    await hers.button('Stop sharing').click();
    await expect(shared).toBeHidden();
  });

  await test.step('leaving ends it, and the card says so on both sides', async () => {
    await hers.leave();
    await expect(hers.page.getByRole('heading', { name: 'You left the interview' })).toBeVisible();
    await expect(his.page.getByText('Nobody else is here')).toBeVisible();
    await his.leave();
    for (const person of [clara, femi]) {
      await expectEnded(person, 'Video');
      await expect(person.card.getByRole('button')).toHaveCount(0);
      await expect(person.page.getByRole('button', { name: 'Start video interview' })).toBeVisible();
    }
  });
});

test('a client in Chromium meets a freelancer in Firefox', async ({ chromium, firefox, visitor }) => {
  await meetAndPart(chromium, firefox, visitor);
});

test('a client in Firefox meets a freelancer in Chromium', async ({ chromium, firefox, visitor }) => {
  await meetAndPart(firefox, chromium, visitor);
});

test('the button to join stays where it is while the devices come', async ({ chromium, visitor }) => {
  const clara = await Person.client(await visitor(chromium));
  await clara.page.context().addInitScript(holdDevices);
  await clara.sendMessage();
  const hers = await clara.start('video');
  const { page } = hers;
  const join = hers.button('Join now');
  await expect(page.getByText('Your network lets calls through.')).toBeVisible();
  const before = await join.boundingBox();
  await page.evaluate(() => (window as unknown as { grant(): void }).grant());
  await expect(page.getByRole('combobox', { name: 'Camera' })).toBeVisible();
  expect(await join.boundingBox()).toEqual(before);
});

test('an audio interview asks for no camera, and the server takes no picture', async ({ chromium, visitor }) => {
  const clara = await Person.client(await visitor(chromium));
  const femi = await Person.freelancer(await visitor(chromium));
  for (const { page } of [clara, femi]) await page.context().addInitScript(recordRequests);
  const { hers, his } = await meet(clara, femi, 'audio');

  const heard = await Promise.all([received(hers.page), received(his.page)]);
  for (const one of heard) expect(one.energy).toBeGreaterThan(0);
  for (const room of [hers, his]) {
    await expect(room.page.getByRole('button', { name: /camera/i })).toHaveCount(0);
    expect(await room.page.evaluate(() => (window as unknown as { asked: unknown }).asked)).toEqual([{ video: false }]);
    const lines = await room.page.evaluate(() => window.parley.pc.remoteDescription?.sdp ?? '');
    expect(videoTaken(lines), 'video lines of the answer that take something in').toEqual([]);
  }
  await his.leave();
  await hers.leave();
  await expectEnded(clara, 'Audio');
});

/** Clara answers Femi's proposal and calls; he joins from the card; both enter the room. */
async function meet(clara: Person, femi: Person, mode: 'video' | 'audio' = 'video'): Promise<{ hers: Room; his: Room }> {
  const kind = mode === 'video' ? 'Video' : 'Audio';
  await clara.sendMessage();
  await clara.write('Hello Femi, do you have a few minutes now?');
  await expect(femi.thread).toContainText('do you have a few minutes');
  await femi.write('Gladly!');
  await expect(clara.thread).toContainText('Gladly!');

  const hers = await clara.start(mode);
  await expect(femi.card).toContainText(`${kind} interview · Clara Novak is waiting`);
  await expect(clara.card).toContainText(`${kind} interview · Waiting for Femi Adeyemi`);
  await expect(hers.page.getByRole('textbox', { name: 'Your name' })).toHaveValue('Clara Novak');
  await hers.enter();

  const his = await femi.join();
  await expect(his.page.getByText('Clara Novak is waiting')).toBeVisible();
  await his.enter();
  await expect(his.tile('client')).toBeVisible();
  await expect(hers.tile('freelancer')).toBeVisible();
  await expect(clara.card).toContainText(`${kind} interview · Live`);
  return { hers, his };
}

async function expectConversation(hers: Room, his: Room): Promise<void> {
  await expect(his.tile('client').locator('video')).toBeVisible();
  await expect(hers.tile('freelancer').locator('video')).toBeVisible();
  await expect(async () => {
    const both = await Promise.all([received(hers.page), received(his.page)]);
    for (const one of both) {
      expect(one.fps).toBeGreaterThanOrEqual(enoughFrames);
      expect(one.energy).toBeGreaterThan(0);
    }
  }).toPass({ timeout: 20_000 });
}

async function meetAndPart(
  client: Browser,
  freelancer: Browser,
  visitor: (browser: Browser) => Promise<import('@playwright/test').BrowserContext>,
): Promise<void> {
  const clara = await Person.client(await visitor(client));
  const femi = await Person.freelancer(await visitor(freelancer));
  const { hers, his } = await meet(clara, femi);
  await expectConversation(hers, his);
  await expect(his.tile('client')).toHaveAttribute('speaking', '');
  await expect(hers.tile('freelancer')).toHaveAttribute('speaking', '');
  await his.button('Mute microphone').click();
  await expect(hers.tile('freelancer').getByText('Muted')).toBeVisible();
  await his.leave();
  await hers.leave();
  await expectEnded(femi, 'Video');
}

/** The card says that the interview is over, and how long it really lasted. */
async function expectEnded(person: Person, kind: 'Audio' | 'Video'): Promise<void> {
  await expect(person.card).toContainText(`${kind} interview · Ended`);
  const seconds = await person.card.evaluate((card) => (card as unknown as { interview: { duration_s: number } }).interview.duration_s);
  expect(seconds).toBeGreaterThan(0);
  await expect(person.card).toContainText(`${kind} interview · Ended · ${seconds < 60 ? 'under a minute' : `${Math.floor(seconds / 60)} min`}`);
}

/** Lets a page wait for its devices until they are granted. */
function holdDevices(): void {
  const granted = new Promise<void>((grant) => Object.assign(window, { grant }));
  const devices = navigator.mediaDevices;
  const ask = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (constraints) => {
    await granted;
    return ask(constraints);
  };
}

/** Remembers which devices a page asked for. */
function recordRequests(): void {
  const asked: { video: boolean }[] = [];
  Object.assign(window, { asked });
  const devices = navigator.mediaDevices;
  const ask = devices.getUserMedia.bind(devices);
  devices.getUserMedia = (constraints) => {
    asked.push({ video: Boolean(constraints?.video) });
    return ask(constraints);
  };
}

/** The video lines of an answer that the server would take media on. */
function videoTaken(sdp: string): string[] {
  return sdp
    .split(/\r?\nm=/)
    .slice(1)
    .filter((line) => line.startsWith('video ') && !line.startsWith('video 0 '))
    .filter((line) => /a=(recvonly|sendrecv)/.test(line));
}
