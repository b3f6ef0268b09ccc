import { expectAccessible } from './axe.js';
import { expect, test } from './fixtures.js';

test('who comes on the wrong day is told when it is, hears when it is moved, and comes in when it is time', async ({ chromium, server }) => {
  await server.api('PUT', '/v1/threads/th_early', {
    title: 'Booking app',
    participants: [
      { id: 'client', name: 'Clara Novak', role: 'interviewer', time_zone: 'Europe/Prague' },
      { id: 'freelancer', name: 'Anna Lim', role: 'interviewee', time_zone: 'Asia/Singapore' },
    ],
  });
  const hours = (n: number) => new Date((Math.ceil(Date.now() / 3_600_000) + n) * 3_600_000).toISOString();
  const { id } = await server.api<{ id: string }>('POST', '/v1/threads/th_early/interviews', {
    mode: 'video', created_by: 'client', starts_at: hours(45), duration_min: 45, time_zone: 'Europe/Prague',
  });
  const move = (to: string) => server.api('POST', `/v1/interviews/${id}/reschedule`, { by: 'freelancer', starts_at: to });
  const pass = await server.api<{ url: string }>('POST', `/v1/interviews/${id}/join`, { user: { id: 'client' } });

  const context = await chromium.newContext({ timezoneId: 'Europe/Prague', viewport: { width: 320, height: 700 } });
  const page = await context.newPage();
  await page.goto(pass.url);
  await expect(page.getByRole('heading', { name: 'You are early' })).toBeFocused();
  await expect(page.getByText('for Anna Lim (Singapore)')).toBeVisible();
  await expect(page.getByRole('timer')).toHaveText(/^1 day 2\d hours$/);
  await expectAccessible(page, 'the page before an interview opens');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Add to calendar' }).click()]);
  expect(file.suggestedFilename()).toBe('interview.ics');

  await move(hours(69));
  await expect(page.getByRole('heading', { name: 'The interview was moved' })).toBeVisible();
  await expect(page.getByRole('timer')).toHaveText(/^2 days 2\d hours$/);
  await move(new Date(Date.now() + 15 * 60_000 + 2_000).toISOString());
  await expect(page.getByRole('button', { name: 'Join now' })).toBeVisible();

  await server.api('POST', `/v1/interviews/${id}/cancel`, { by: 'freelancer' });
  await expect(page.getByRole('heading', { name: 'The interview was cancelled' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'The interview was cancelled' })).toBeVisible();
  await context.close();
});
