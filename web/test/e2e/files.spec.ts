import { readFile } from 'node:fs/promises';
import { expectAccessible } from './axe.js';
import { expect, test } from './fixtures.js';
import { Person, type Room } from './people.js';

const plan = { name: 'Floor plan.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 the plan') };

async function give(room: Room, ...files: (typeof plan)[]): Promise<void> {
  await room.page.locator('input[type=file]').setInputFiles(files);
}

test('a file goes from one browser to the host app, and its link to the other', async ({ chromium, visitor }) => {
  const clara = await Person.client(await visitor(chromium));
  const femi = await Person.freelancer(await visitor(chromium));
  await clara.sendMessage();
  const hers = await clara.start('video');
  await hers.enter();
  const his = await femi.join();
  await his.enter();
  await hers.button('Show messages').click();
  await his.button('Show messages').click();

  await test.step('it arrives, and is what was given', async () => {
    await give(his, plan);
    const link = hers.log.getByRole('link', { name: plan.name });
    await expect(link).toBeVisible();
    await expect(hers.log).toContainText('17 bytes');
    await link.evaluate((a) => a.removeAttribute('target'));
    const [download] = await Promise.all([hers.page.waitForEvent('download'), link.click()]);
    expect(download.suggestedFilename()).toBe(plan.name);
    expect(await readFile((await download.path())!, 'utf8')).toBe('%PDF-1.7 the plan');
  });

  await test.step('one that is let go beside the messages does not take the place of the call', async () => {
    const held = (over: string) =>
      his.page.locator(over).evaluate((element) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(['x'], 'x.pdf'));
        Object.defineProperty(dataTransfer, 'dropEffect', { value: 'copy', writable: true }); // which nothing but a real drag lets be set
        const event = new DragEvent('dragover', { dataTransfer, bubbles: true, composed: true, cancelable: true });
        element.dispatchEvent(event);
        element.dispatchEvent(new DragEvent('dragleave'));
        return [event.defaultPrevented, dataTransfer.dropEffect];
      });
    expect(await held('parley-stage')).toEqual([true, 'none']);
    expect(await held('parley-chat section')).toEqual([true, 'copy']);
  });

  await test.step('a name with an address, and a file that is too large, are refused in words', async () => {
    await give(his, { ...plan, name: 'cv femi.adeyemi@fastmail.com.pdf' }, { ...plan, name: 'large.bin', buffer: Buffer.alloc(10 * 2 ** 20 + 1) });
    await expect(his.page.locator('parley-file-list').getByText('its name has an e-mail address')).toBeVisible();
    await expect(his.page.locator('parley-file-list').getByText('Not shared: it is larger than 10 MB')).toBeVisible();
    await expect(his.page.getByRole('status').filter({ hasText: 'was not shared' })).toBeAttached();
    for (const name of ['cv femi.adeyemi@fastmail.com.pdf', 'large.bin']) await his.button(`Dismiss: ${name}`).click();
  });

  await test.step('an upload shows how far it is, can be stopped, and tried again when it fails', async () => {
    let held: (() => Promise<void>) | undefined;
    await his.page.route('**/app/uploads/**', (route) => void (held = () => route.abort()));
    await give(his, { ...plan, name: 'second.pdf' });
    await expect(his.page.getByRole('progressbar', { name: 'Sending second.pdf' })).toBeVisible();
    await expect.poll(() => held).toBeDefined();
    for (const scheme of ['light', 'dark'] as const) {
      await his.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await expectAccessible(his.page, `a file under way, ${scheme}`);
    }
    await his.page.setViewportSize({ width: 320, height: 640 });
    expect(await his.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    await his.page.screenshot({ path: test.info().outputPath('uploading-320.png') });
    await his.page.setViewportSize({ width: 1100, height: 720 });
    await held!();
    await expect(his.page.locator('parley-file-list').getByText('it could not be sent')).toBeVisible();
    await his.page.screenshot({ path: test.info().outputPath('failed.png') });
    await his.page.unroute('**/app/uploads/**');
    await his.button('Try again: second.pdf').click();
    await expect(hers.log.getByRole('link', { name: 'second.pdf' })).toBeVisible();
    await his.page.route('**/app/uploads/**', () => undefined);
    await give(his, { ...plan, name: 'third.pdf' });
    await his.button('Cancel: third.pdf').click();
    await expect(his.page.locator('parley-file-list').getByText('third.pdf')).toHaveCount(0);
  });

  await test.step('the thread in the messaging app has it too', async () => {
    await expect(clara.thread.getByRole('link', { name: plan.name })).toHaveAttribute('href', /^\/app\/files\//);
    await hers.page.screenshot({ path: test.info().outputPath('received.png') });
    await clara.page.screenshot({ path: test.info().outputPath('thread.png') });
  });
});
