import type { Response } from '@playwright/test';
import { expect, test } from './fixtures.js';
import { Person } from './people.js';

for (const engine of ['chromium', 'firefox'] as const) {
  test(`the room comes packed, and the scripts in it run, in ${engine}`, async ({ chromium, firefox, visitor }) => {
    const context = await visitor({ chromium, firefox }[engine]);
    const clara = await Person.client(context);
    await clara.sendMessage();
    const responses: Response[] = [];
    context.on('response', (response) => responses.push(response));
    const room = await clara.start('audio');
    await expect(room.button('Join now')).toBeEnabled();

    const scripts = responses.filter((response) => /\/assets\/room-.*\.js$/.test(response.url()));
    expect(scripts).toHaveLength(1);
    for (const response of responses) {
      const { pathname } = new URL(response.url());
      const coding = (await response.allHeaders())['content-encoding'];
      if (/^\/r\/|\.(js|css)$/.test(pathname)) expect(coding, pathname).toMatch(/^(br|gzip)$/);
      else if (pathname.endsWith('.woff2')) expect(coding, pathname).toBeUndefined();
    }
  });
}

// Which of the two a browser asks for depends on the way to it, so both are looked at.
for (const coding of ['br', 'gzip'] as const) {
  test(`what is packed as ${coding} is what is served as it is`, async ({ chromium, visitor, server }) => {
    const context = await visitor(chromium);
    const page = await (await fetch(`${server.url}/r/iv_none`, { headers: { 'Accept-Encoding': 'identity' } })).text();
    const files = ['/embed/v1.js', '/embed/thread.js', ...[...page.matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g)].map((found) => found[1]!)];
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) {
      const ask = (accept: string) => context.request.get(file, { headers: { 'Accept-Encoding': accept } });
      const [packed, plain] = await Promise.all([ask(coding), ask('identity')]);
      expect(packed.headers()['content-encoding'], file).toBe(coding);
      expect(Number(packed.headers()['content-length']), file).toBeLessThan((await plain.body()).length);
      expect(await packed.text(), file).toBe(await plain.text());
    }
  });
}
