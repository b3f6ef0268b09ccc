import { expect, test } from './fixtures.js';
import { Person } from './people.js';

test('messages go both ways as they are written', async ({ chromium, visitor }) => {
  const clara = await Person.client(await visitor(chromium));
  const femi = await Person.freelancer(await visitor(chromium));
  await expect(femi.page.getByText('The client has not written yet.')).toBeVisible();
  await clara.sendMessage();
  const field = clara.page.getByRole('textbox', { name: 'Write a message' });
  await expect(field).toBeFocused();
  await field.pressSequentially('First line');
  await field.press('Shift+Enter');
  await field.pressSequentially('<b>second</b> line');
  await field.press('Enter');
  await expect(field).toHaveValue('');
  await expect(femi.thread).toContainText('First line\n<b>second</b> line');
  await femi.write('Understood.');
  await expect(clara.thread).toContainText('Understood.');
  await clara.page.goBack();
  await expect(clara.page).not.toHaveURL(/thread=/);
  await clara.page.getByRole('link', { name: 'Messages with Femi Adeyemi' }).click();
  await clara.page.reload();
  await expect(clara.thread).toContainText('Understood.');
});

test('a call can be declined, and the thread is free for another', async ({ chromium, visitor }) => {
  const clara = await Person.client(await visitor(chromium));
  const femi = await Person.freelancer(await visitor(chromium));
  await clara.sendMessage();
  const hers = await clara.start('audio');
  await expect(femi.page).toHaveTitle('Clara Novak is waiting · Worktable');
  await femi.card.getByRole('button', { name: 'Decline' }).click();
  await expect(femi.card).toContainText('Audio interview · Declined');
  await expect(clara.card).toContainText('Audio interview · Declined');
  await expect(hers.page.getByRole('heading', { name: 'The interview was declined' })).toBeVisible();
  await expect(femi.page).toHaveTitle('Worktable');
  await clara.start('video');
  await expect(femi.card).toContainText('Video interview · Clara Novak is waiting');
});

test('the header’s button joins what is open instead of starting another', async ({ chromium, visitor }) => {
  const clara = await Person.client(await visitor(chromium));
  const femi = await Person.freelancer(await visitor(chromium));
  await clara.sendMessage();
  const hers = await clara.start('video');
  const [tab] = await Promise.all([
    femi.page.context().waitForEvent('page'),
    femi.page.getByRole('button', { name: 'Join — Clara Novak is waiting' }).click(),
  ]);
  await tab.waitForURL(/\/r\//);
  expect(new URL(tab.url()).pathname).toBe(new URL(hers.page.url()).pathname);
  await expect(femi.page.locator('demo-card')).toHaveCount(1);
  await expect(clara.page.getByRole('button', { name: 'Return to the interview' })).toBeVisible();
});

test('a wide screen and a narrow one both lead to the thread', async ({ chromium, visitor }) => {
  const clara = await Person.client(await visitor(chromium));
  await clara.sendMessage();
  const femi = await Person.freelancer(await visitor(chromium));
  await expect(femi.thread).toBeVisible();
  await femi.page.setViewportSize({ width: 320, height: 640 });
  await expect(femi.thread).toBeHidden();
  await femi.page.getByRole('link', { name: 'Messages with Clara Novak' }).click();
  await expect(femi.thread).toBeVisible();
  await femi.page.getByRole('link', { name: 'Back to the job' }).click();
  await expect(femi.thread).toBeHidden();
});

test('somebody who does not exist is sent to the front door', async ({ chromium, visitor }) => {
  const page = await (await visitor(chromium)).newPage();
  await page.goto('/?as=nobody');
  await page.getByRole('link', { name: 'Choose who you are' }).click();
  await expect(page.getByRole('link', { name: /Continue as/ })).toHaveCount(2);
});
