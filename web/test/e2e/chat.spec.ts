import { expectAccessible } from './axe.js';
import { expect, test } from './fixtures.js';
import { Person } from './people.js';

test('two people write in the room, contact details wait for the contract, and the thread shows all of it', async ({ chromium, server, visitor }) => {
  const clara = await Person.client(await visitor(chromium));
  const femi = await Person.freelancer(await visitor(chromium));
  await clara.sendMessage();
  await clara.write('The brief is attached.');
  await test.step('what is held back in the thread is contested there', async () => {
    await femi.write('The shop is called femi@adeyemi.studio');
    await expect(femi.thread.getByRole('alert').filter({ hasText: 'Not sent. An e-mail address cannot be shared' })).toBeVisible();
    await femi.thread.getByRole('button', { name: 'This is not a contact detail' }).click();
    await femi.page.keyboard.type('It stands over the door.');
    await expectAccessible(femi.page, 'contesting in the thread');
    await femi.thread.getByRole('button', { name: 'Contest it' }).click();
    await expect(femi.thread.getByRole('log')).toContainText('You contested this.');
    await expect(clara.thread.getByRole('log')).not.toContainText('contested');
    const { decisions } = await server.api<{ decisions: { id: string }[] }>('GET', '/v1/guard/decisions?appeal=open');
    await server.api('PUT', `/v1/guard/decisions/${decisions[0]?.id}/appeal`, { by: 'ana@trust', upheld: true });
    await femi.thread.getByRole('button', { name: 'Send it now' }).click();
    await expect(clara.thread.getByRole('log')).toContainText('femi@adeyemi.studio');
  });

  const hers = await clara.start('video');
  await hers.enter();
  const his = await femi.join();
  await his.enter();

  await test.step('what was written before is there, and what comes in is counted and read out', async () => {
    await hers.button('Show messages').click();
    await expect(hers.field).toBeFocused();
    await expect(hers.log).toContainText('The brief is attached.');
    await hers.say('Shall we begin?');
    await expect(his.button('Show messages, 1 unread')).toBeVisible();
    await expect(his.page.getByRole('status').filter({ hasText: 'Clara Novak wrote: Shall we begin?' })).toBeAttached();
    await his.button('Show messages, 1 unread').click();
    await expect(his.log).toContainText('Shall we begin?');
  });

  await test.step('an address is held back, can be edited, and what remains goes through', async () => {
    await his.say('Gladly, my address is femi.adeyemi@fastmail.com');
    const held = his.log.getByRole('listitem').filter({ hasText: 'Not sent: it has an e-mail address' });
    await expect(held.locator('mark')).toHaveText('femi.adeyemi@fastmail.com');
    for (const scheme of ['light', 'dark'] as const) {
      await his.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await expectAccessible(his.page, `the messages, ${scheme}`);
    }
    await his.page.setViewportSize({ width: 320, height: 640 });
    expect(await his.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    await expect(his.button('Leave')).toBeInViewport({ ratio: 1 });
    await expect(his.page.getByRole('heading', { name: 'Messages' })).toBeInViewport({ ratio: 1 });
    await expect(his.log.getByText('Gladly, my address')).toBeInViewport({ ratio: 1 });
    await expectAccessible(his.page, 'the messages, narrow');
    await his.page.setViewportSize({ width: 1100, height: 720 });
    await held.getByRole('button', { name: 'Edit' }).click();
    await expect(his.field).toHaveValue(/fastmail/);
    await his.say('Gladly.');
    await expect(hers.log).toContainText('Gladly.');
    await expect(hers.log).not.toContainText('fastmail');
  });

  await test.step('what was held back is contested, decided by those who run the service, and goes through', async () => {
    await his.say('My shop is called femi@adeyemi.design');
    const held = his.log.getByRole('listitem').filter({ hasText: 'My shop is called' });
    await held.getByRole('button', { name: 'This is not a contact detail' }).click();
    await his.page.keyboard.press('Escape');
    await expect(held.getByRole('button', { name: 'This is not a contact detail' })).toBeFocused();
    await held.getByRole('button', { name: 'This is not a contact detail' }).click();
    await expect(held.getByLabel(/^What is it\?/)).toBeFocused();
    await expectAccessible(his.page, 'contesting');
    await his.page.keyboard.type('It is the name over the door.');
    await held.getByRole('button', { name: 'Contest it' }).click();
    await expect(held).toContainText('You contested this.');
    const { decisions } = await server.api<{ decisions: { id: string; appeal: object }[] }>('GET', '/v1/guard/decisions?appeal=open');
    expect(decisions).toMatchObject([{ actor: 'freelancer', appeal: { words: 'It is the name over the door.' } }]);
    await server.api('PUT', `/v1/guard/decisions/${decisions[0]?.id}/appeal`, { by: 'ana@trust', upheld: true });
    await expect(held).toContainText('You were right');
    await held.getByRole('button', { name: 'Send it now' }).click();
    await expect(hers.log).toContainText('My shop is called femi@adeyemi.design');
  });

  await test.step('when the contract begins both are told, and the address may be sent', async () => {
    await server.api('PUT', '/v1/threads/th_pr_femi/contract', { state: 'active' });
    for (const room of [hers, his]) await expect(room.page.getByText('The contract has begun').first()).toBeVisible();
    await his.say('femi.adeyemi@fastmail.com');
    await expect(hers.log).toContainText('femi.adeyemi@fastmail.com');
  });

  await test.step('Escape closes the messages and gives the keyboard back', async () => {
    await hers.page.keyboard.press('Escape');
    await expect(hers.button('Show messages')).toBeFocused();
  });

  await test.step('somebody can be reported, and the other side hears nothing of it', async () => {
    await his.button('Report a problem').click();
    await his.page.getByLabel('What is wrong?').selectOption({ label: 'Something else' });
    await expectAccessible(his.page, 'the report');
    await his.button('Send report').click();
    await expect(his.page.getByText('Your report was sent.')).toBeVisible();
    await his.button('Close').click();
    const { interviews } = await server.api<{ interviews: { id: string }[] }>('GET', '/v1/threads/th_pr_femi/interviews');
    const { reports } = await server.api<{ reports: object[] }>('GET', `/v1/interviews/${interviews[0]?.id}/reports`);
    expect(reports).toMatchObject([{ by: 'freelancer', about: 'client', reason: 'other' }]);
  });

  await test.step('who comes back finds what was written, and so does the thread', async () => {
    await his.page.reload();
    await his.enter();
    await his.button('Show messages').click();
    await expect(his.log).toContainText('Shall we begin?');
    await femi.page.getByRole('link', { name: /Messages with/ }).click();
    await expect(femi.thread).toContainText('in the call');
    await expect(femi.thread).toContainText('Gladly.');
    await femi.write('See you tomorrow.');
    await expect(his.log).toContainText('See you tomorrow.');
  });
});
