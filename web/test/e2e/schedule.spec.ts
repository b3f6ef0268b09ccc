import { expectAccessible } from './axe.js';
import { expect, test } from './fixtures.js';
import { Person } from './people.js';

/** The fields of a moment on the clock of a zone. */
function fields(at: number, zone: string): { date: string; time: string } {
  const [date, time] = new Date(at).toLocaleString('sv-SE', { timeZone: zone }).split(' ') as [string, string];
  return { date, time: time.slice(0, 5) };
}

test('a time is proposed, chosen, moved while somebody waits for it, and kept', async ({ chromium, visitor }) => {
  const clara = await Person.client(await visitor(chromium));
  const femi = await Person.freelancer(await visitor(chromium));
  await clara.sendMessage();
  await clara.page.getByRole('button', { name: 'Propose a time' }).click();
  const form = clara.page.locator('demo-propose');
  await expect(form.getByRole('heading', { name: 'Propose times for an interview' })).toBeFocused();
  await form.getByLabel('Day').fill('2027-07-01');
  await form.getByLabel('From').fill('09:00');
  await form.getByLabel('From').press('Tab');
  await expect(form.getByText('08:00 for Femi Adeyemi (Lagos).')).toBeVisible();
  await form.getByLabel('Note').fill('Mornings suit me best.');
  await expectAccessible(clara.page, 'the form to propose times');
  await form.getByRole('button', { name: 'Propose', exact: true }).click();
  await expect(clara.page.getByText('Waiting for Femi Adeyemi to choose')).toBeVisible();

  await expectAccessible(femi.page, 'proposed times');
  await femi.page.getByRole('button', { name: /^Choose Thursday 1 July 2027, 08:00–08:30 for you · 09:00 for Clara Novak/ }).click();
  for (const who of [clara, femi]) await expect(who.card).toContainText('Video interview · Scheduled');
  await expect(clara.page.getByText('Femi Adeyemi chose Thu 1 Jul, 09:00')).toBeVisible();
  await expectAccessible(clara.page, 'the card of a scheduled interview');
  const [file] = await Promise.all([clara.page.waitForEvent('download'), clara.card.getByRole('link', { name: 'Add to calendar' }).click()]);
  expect(file.suggestedFilename()).toBe('interview.ics');

  const [hers] = await Promise.all([
    clara.page.context().waitForEvent('page'),
    clara.card.getByRole('button', { name: 'Open the room’s page' }).click(),
  ]);
  await expect(hers.getByRole('heading', { name: 'You are early' })).toBeVisible();

  await femi.card.getByRole('button', { name: 'Another time' }).click();
  const soon = fields(Date.now() + 10 * 60_000, 'Africa/Lagos');
  const other = femi.page.locator('demo-propose');
  await other.getByLabel('Day').fill(soon.date);
  await other.getByLabel('From').fill(soon.time);
  await other.getByLabel('From').press('Tab');
  await other.getByRole('button', { name: 'Propose', exact: true }).click();
  await clara.page.getByRole('button', { name: /^Choose/ }).click();
  await expect(hers.getByRole('button', { name: 'Join now' })).toBeVisible();
  await expect(femi.card).toContainText('Moved to this time.');
  await clara.page.setViewportSize({ width: 320, height: 640 });
  expect(await clara.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
});
