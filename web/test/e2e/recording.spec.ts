import type { Page } from '@playwright/test';
import { expectAccessible } from './axe.js';
import { expect, test as base } from './fixtures.js';
import { Person } from './people.js';
import { Server } from './server.js';
import { Transcription } from './transcription.js';

const test = base.extend<{ transcription: Transcription }>({
  transcription: async ({}, use) => {
    const transcription = await Transcription.start();
    await use(transcription);
    transcription.stop();
  },
  server: async ({ transcription }, use, info) => {
    const server = await Server.start(...transcription.flags);
    await use(server);
    await server.remove();
    if (info.status !== info.expectedStatus) await info.attach('server log', { body: server.log });
  },
});

/** Goes to a place in every recorded file, which is decoded there: no sound need come out of this machine. */
async function seeks(tab: Page, seconds: number) {
  const went = await tab.locator('video, audio').evaluateAll(async (all, seconds) => {
    const media = all as HTMLMediaElement[];
    await Promise.all(media.map((m) => new Promise((done) => {
      m.addEventListener('seeked', done, { once: true });
      m.currentTime = seconds;
    })));
    return media.map((m) => [Math.abs(m.currentTime - seconds) < 0.1, m.readyState >= 2]);
  }, seconds);
  expect(went.length).toBeGreaterThan(0);
  for (const each of went) expect(each).toEqual([true, true]);
}

test('an interview is recorded when both agree, and played afterwards', async ({ chromium, firefox, visitor, transcription }) => {
  test.setTimeout(150_000);
  const clara = await Person.client(await visitor(chromium));
  const femi = await Person.freelancer(await visitor(firefox));
  await clara.sendMessage();
  const hers = await clara.start('video');
  await hers.enter();
  const his = await femi.join();
  await expect(his.button('Ask to record')).toBeHidden();
  await his.enter();
  await expect(his.tile('client').locator('video')).toBeVisible();

  await test.step('nothing is recorded before both agreed and the countdown is over', async () => {
    await hers.button('Ask to record').click();
    const also = hers.page.getByRole('checkbox', { name: 'Also put what I say into writing' });
    await expect(also).not.toBeChecked();
    await also.check();
    await hers.button('Ask, and agree myself').click();
    const question = his.page.getByRole('heading', { name: 'Clara Novak asks to record this interview' });
    await expect(question).toBeFocused();
    await expectAccessible(his.page, 'the question');
    await expect(hers.page.getByText('Waiting for Femi Adeyemi to answer about recording')).toBeVisible();
    await expect(his.page.getByRole('checkbox', { name: 'Also put what I say into writing' })).not.toBeChecked();
    await his.button('I agree to be recorded').click();
    await expect(hers.button('Stop putting me into writing')).toBeVisible();
    await expect(his.button('Put what I say into writing')).toBeVisible();
    await expect(his.page.getByText(/Recording starts in \d s/)).toBeVisible();
    for (const room of [hers, his]) await expect(room.page.getByText('Recording', { exact: true })).toBeVisible();
    await expectAccessible(hers.page, 'the room while it is recorded');
  });

  await test.step('a moment is marked, and whoever was recorded can stop it', async () => {
    await hers.button('Mark this moment').click();
    await hers.page.waitForTimeout(4_000);
    await his.button('Stop recording').click();
    await expect(hers.page.getByText('Recording', { exact: true })).toBeHidden();
    await expect(hers.button('Ask to record')).toBeVisible();
  });

  await his.leave();
  await hers.leave();
  await expect(clara.card).toContainText('Ended');

  await test.step('the client plays both, together', async () => {
    const [tab] = await Promise.all([
      clara.page.context().waitForEvent('page'),
      clara.card.getByRole('button', { name: 'Open the recording' }).click(),
    ]);
    await tab.waitForURL(/\/recordings\//);
    await expect(tab.getByRole('heading', { name: /Interview with/ })).toBeVisible();
    expect(tab.url()).not.toContain('token');
    await expect(tab.locator('video')).toHaveCount(2);
    const playable = () => tab.locator('video, audio').evaluateAll((all) => all.every((m) => (m as HTMLMediaElement).readyState >= 1 && !(m as HTMLMediaElement).error));
    await expect.poll(playable).toBe(true);
    await tab.getByRole('button', { name: 'Play' }).click();
    const times = () => tab.locator('video').evaluateAll((all) => all.map((m) => (m as HTMLVideoElement).currentTime));
    await expect.poll(async () => Math.min(...(await times()))).toBeGreaterThan(1);
    const [one = 0, other = 0] = await times();
    expect(Math.abs(one - other)).toBeLessThan(1);
    await tab.getByRole('button', { name: 'Pause' }).click();
    await seeks(tab, 2.5);
    await seeks(tab, 0.5);
    // The film is made beside, and is there after a while.
    await expect(async () => {
      await tab.reload();
      await expect(tab.getByRole('link', { name: 'The whole conversation in one file' })).toBeVisible({ timeout: 1_000 });
      await expect(tab.getByRole('link', { name: 'What Clara Novak said' })).toBeVisible({ timeout: 1_000 });
    }).toPass({ timeout: 60_000 });
    await expectAccessible(tab, 'the page of a recording');

    // She agreed to be put into writing, and he did not: nothing of him was sent anywhere.
    const { heard, rejected } = await transcription.state();
    expect([Object.keys(heard), rejected ?? []]).toEqual([['a sound'], []]);
    const lines = tab.getByRole('listitem').filter({ hasText: 'a sound' });
    await expect(lines.first()).toContainText('Clara Novak');
    await expect(lines.filter({ hasText: 'Femi' })).toHaveCount(0);
    await lines.last().getByRole('button').click();
    const shown = () => tab.locator('video').evaluateAll((all) => all.map((v) => (v as HTMLVideoElement).textTracks[0]?.activeCues?.[0] as VTTCue | undefined).map((cue) => cue?.text));
    await expect.poll(shown).toContain('a sound');
    await tab.getByRole('button', { name: 'Delete what was written of me' }).click();
    // A line that fails is said, and leaves the choice.
    await tab.route('**/transcripts/*', (route) => route.abort(), { times: 1 });
    await tab.getByRole('button', { name: 'Delete it' }).click();
    await expect(tab.getByRole('alert')).toHaveText('It could not be deleted. Try again in a moment.');
    await tab.getByRole('button', { name: 'Delete it' }).click();
    await expect(tab.getByText('What was written of you is deleted.')).toBeVisible();
    await expect(lines).toHaveCount(0);
  });

  await test.step('the freelancer sees what is of themselves, and asks for its deletion', async () => {
    const [tab] = await Promise.all([
      femi.page.context().waitForEvent('page'),
      femi.card.getByRole('button', { name: 'Open the recording' }).click(),
    ]);
    await expect(tab.locator('video')).toHaveCount(1);
    await expect(tab.getByRole('heading', { name: 'Interview with Femi Adeyemi' })).toBeVisible();
    await seeks(tab, 2.5);
    await seeks(tab, 0.5);
    await tab.getByRole('button', { name: 'Ask for deletion' }).click();
    await tab.getByRole('button', { name: 'Ask for deletion' }).click();
    await expect(tab.getByText('Your wish was passed on.')).toBeVisible();
  });
});
