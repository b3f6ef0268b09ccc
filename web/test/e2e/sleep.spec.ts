import { execFileSync } from 'node:child_process';
import { chromiums, expect, test } from './fixtures.js';
import { received } from './media.js';
import { Person } from './people.js';
import { Server } from './server.js';

// A computer that is asleep answers nothing, and does not know how long it was away: its browser is stopped here.

test('a computer that slept wakes into the room, or to a page that says it is over', async ({ playwright, firefox }) => {
  const server = await Server.start('--grace', '5s');
  const before = browsers();
  const laptop = await playwright.chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: chromiums.granting });
  const [group] = browsers().filter((pid) => !before.includes(pid));
  const sleep = (on: boolean) => process.kill(-group!, on ? 'SIGSTOP' : 'SIGCONT');
  try {
    const clara = await Person.client(await firefox.newContext({ baseURL: server.url }));
    const femi = await Person.freelancer(await laptop.newContext({ baseURL: server.url }));
    await clara.sendMessage();
    const hers = await clara.start('audio');
    await hers.enter();
    const his = await femi.join();
    await his.enter();
    await expect.poll(async () => (await received(hers.page, 500)).audioPackets, { timeout: 20_000 }).toBeGreaterThan(20);

    sleep(true);
    await expect(hers.tile('freelancer')).toContainText('Reconnecting…');
    await expect(hers.tile('freelancer')).toHaveCount(0, { timeout: 40_000 });
    sleep(false);
    await expect(hers.tile('freelancer')).toHaveCount(1);
    await expect(his.button('Leave')).toBeVisible();
    for (const room of [hers, his]) {
      await expect.poll(async () => (await received(room.page, 500)).audioPackets, { timeout: 20_000 }).toBeGreaterThan(20);
    }

    sleep(true);
    await server.api('POST', `/v1/interviews/${new URL(hers.page.url()).pathname.split('/').at(-1)}/end`);
    await expect(clara.card).toContainText('Ended');
    sleep(false);
    await expect(his.page.getByRole('heading', { name: 'The interview has ended' })).toBeVisible();
  } finally {
    sleep(false);
    await laptop.close();
    await server.remove();
  }
});

/** The process groups of the browsers that run: each is started in one of its own. */
function browsers(): number[] {
  const children = execFileSync('pgrep', ['-P', String(process.pid)], { encoding: 'utf8' });
  return children.trim().split('\n').map(Number);
}
