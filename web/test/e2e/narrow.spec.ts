import { expect, test } from './fixtures.js';
import { Impairment, mediaOf } from './impair.js';
import { received } from './media.js';
import { Person } from './people.js';

test('on a narrow way up the picture is paused before the sound suffers, and comes back', async ({ chromium, visitor }) => {
  test.setTimeout(150_000);
  const hersContext = await visitor(chromium);
  const clara = await Person.client(hersContext);
  const femi = await Person.freelancer(await visitor(chromium));
  await clara.sendMessage();
  const hers = await clara.start('video');
  await hers.enter();
  const answer = () => hers.page.evaluate(() => window.parley.pc.remoteDescription?.sdp ?? '');
  await expect.poll(answer).toContain('a=candidate');
  const impairment = await Impairment.start(mediaOf(await answer()));
  await impairment.lead(hersContext);
  await hers.page.reload();
  await hers.enter();
  const his = await femi.join();
  await his.enter();
  await expect.poll(async () => (await received(his.page, 1_000)).fps, { timeout: 20_000 }).toBeGreaterThan(5);

  const said = hers.page.locator('parley-tile.self').getByText('Your picture is paused: your connection is slow');
  const seen = his.tile('client').getByText('Clara Novak’s picture is paused: their connection is slow');
  const begun = Date.now();
  await impairment.up({ rate: 80_000, queue_ms: 1000 });
  try {
    await expect(said).toBeVisible({ timeout: 40_000 });
    await expect(seen).toBeVisible();
    console.log(`80 kbit/s: paused after ${Date.now() - begun} ms`);
    // Longer packets than usual, which are 50. A browser comes to them step by step.
    const heard = async () => (await received(his.page, 2_000)).audioPackets;
    await expect.poll(heard, { timeout: 10_000 }).toBeLessThan(25);
    console.log(`sound at 80 kbit/s: ${(await heard()).toFixed(0)} packets/s`);
    await impairment.up({});
    const opened = Date.now();
    await expect(said).toBeHidden({ timeout: 60_000 });
    await expect.poll(async () => (await received(his.page, 1_000)).fps, { timeout: 20_000 }).toBeGreaterThan(5);
    console.log(`back after ${Date.now() - opened} ms`);
  } finally {
    await impairment.close();
  }
});
