import { expectAccessible } from './axe.js';
import { expect, test } from './fixtures.js';
import { Person } from './people.js';

/** The fields of a moment on the clock of a zone. */
function fields(at: number, zone: string): { date: string; time: string } {
  const [date, time] = new Date(at).toLocaleString('sv-SE', { timeZone: zone }).split(' ') as [string, string];
  return { date, time: time.slice(0, 5) };
}

test('a time is proposed, chosen, moved while somebody waits for it, called off and reminded of', async ({ chromium, server, visitor }) => {
  const clara = await Person.client(await visitor(chromium, 'Europe/Prague'));
  const femi = await Person.freelancer(await visitor(chromium, 'Asia/Singapore'));
  await clara.sendMessage();
  await clara.page.getByRole('button', { name: 'Propose a time' }).click();
  const form = clara.page.locator('demo-propose');
  await expect(form.getByRole('heading', { name: 'Propose times for an interview' })).toBeFocused();
  await form.getByLabel('Day').fill('2027-07-01');
  await form.getByLabel('From').fill('23:30');
  await form.getByLabel('From').press('Tab');
  await expect(form.getByText('Fri 05:30 for Femi Adeyemi (Singapore).')).toBeVisible();
  await form.getByRole('button', { name: 'Add a time' }).click();
  const second = form.getByRole('group', { name: 'Time 2' });
  await expect(second.getByLabel('Day')).toBeFocused();
  await second.getByLabel('Day').fill('2027-07-01');
  await second.getByLabel('From').fill('23:45');
  await second.getByLabel('From').press('Tab');
  await form.getByRole('button', { name: 'Propose', exact: true }).click();
  await expect(second).toContainText('This time overlaps time 1.');
  await expect(second.getByLabel('Day')).toBeFocused();
  await second.getByRole('button', { name: 'Remove time 2' }).click();
  await form.getByLabel('How long').selectOption('15');
  const note = form.getByLabel('Note');
  await note.fill('Write to clara.novak@fastmail.com');
  await form.getByRole('button', { name: 'Propose', exact: true }).click();
  await expect(form.getByText('An e-mail address cannot be shared until there is a contract.')).toBeVisible();
  await expect(note).toBeFocused();
  await expectAccessible(clara.page, 'the form to propose times');
  await note.fill('Late evenings suit me best.');
  await form.getByRole('button', { name: 'Propose', exact: true }).click();
  await expect(clara.page.getByText('Waiting for Femi Adeyemi to choose')).toBeVisible();
  await expect(clara.page.getByRole('button', { name: 'Propose a time' })).toBeFocused();

  await expectAccessible(femi.page, 'proposed times');
  await femi.page.getByRole('button', { name: /^Choose Friday 2 July 2027, 05:30–05:45 for you · Thu 23:30 for Clara Novak/ }).click();
  await expect(femi.thread.getByText('You chose Fri 2 Jul, 05:30')).toBeFocused();
  for (const who of [clara, femi]) await expect(who.card).toContainText('Video interview · Scheduled');
  await expect(clara.page.getByText('Femi Adeyemi chose Thu 1 Jul, 23:30')).toBeVisible();
  await expectAccessible(clara.page, 'the card of a scheduled interview');
  const [file] = await Promise.all([clara.page.waitForEvent('download'), clara.card.getByRole('link', { name: 'Add to calendar' }).click()]);
  expect(file.suggestedFilename()).toBe('interview.ics');

  const [hers] = await Promise.all([
    clara.page.context().waitForEvent('page'),
    clara.card.getByRole('button', { name: 'Open the room’s page' }).click(),
  ]);
  await expect(hers.getByRole('heading', { name: 'You are early' })).toBeVisible();

  await femi.card.getByRole('button', { name: 'Another time' }).click();
  const soon = fields(Date.now() + 10 * 60_000, 'Asia/Singapore');
  const other = femi.page.locator('demo-propose');
  await expect(other.getByLabel('How long')).toHaveValue('15');
  await other.getByLabel('Day').fill(soon.date);
  await other.getByLabel('From').fill(soon.time);
  await other.getByLabel('From').press('Tab');
  await other.getByRole('button', { name: 'Propose', exact: true }).click();
  await clara.page.getByRole('button', { name: /^Choose/ }).click();
  await expect(hers.getByRole('button', { name: 'Join now' })).toBeVisible();
  await expect(femi.card).toContainText('Moved to this time.');
  await clara.page.setViewportSize({ width: 320, height: 640 });
  expect(await clara.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);

  await femi.card.getByRole('button', { name: 'Cancel the interview' }).click();
  await expect(femi.card.getByRole('button', { name: 'Keep it' })).toBeFocused();
  await femi.card.getByRole('button', { name: 'Yes, cancel it' }).click();
  for (const who of [clara, femi]) await expect(who.card).toContainText('Video interview · Cancelled');
  await server.api('POST', '/v1/threads/th_pr_femi/interviews', {
    mode: 'audio', created_by: 'client', starts_at: new Date(Date.now() + 10 * 60_000 + 1_500).toISOString(),
  });
  await expect(femi.thread.getByRole('log')).toContainText('Reminder: Audio interview in 10 minutes');
});
