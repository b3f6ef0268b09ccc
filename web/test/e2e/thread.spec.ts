import { expectAccessible } from './axe.js';
import { expect, test } from './fixtures.js';
import { Person } from './people.js';

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
  await expect(thread.getByRole('log')).toContainText('Audio interview · Ringing');
  await expect(thread.getByRole('button', { name: 'Join — Femi Adeyemi is waiting' })).toBeVisible();
  await page.setViewportSize({ width: 320, height: 720 });
  await page.getByRole('link', { name: 'Back to the job' }).click();
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await expectAccessible(page, `the thread in its proposal, ${scheme}`);
    await thread.screenshot({ path: test.info().outputPath(`thread-${scheme}.png`) });
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
});
