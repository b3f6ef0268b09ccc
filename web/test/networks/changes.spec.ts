import { expect } from '@playwright/test';
import { Call, pairs, path, tell, test, watchGaps } from './calls.js';
import { enter, network } from './lab.js';

/** A way that is lost is given up after two seconds of silence; then another has to be found. */
const HEALED_WITHIN_MS = 12_000;

for (const pair of pairs) {
  for (const blocked of ['UDP blocked', 'UDP blocked outwards']) {
    test(`${blocked} in mid-call: ${pair.join(' with ')}`, async ({ internet, browsers }, info) => {
      enter(network('home router'));
      const links = await internet.invite(`t_${blocked}_${pair.join('_')}_${info.retry}`.replaceAll(' ', '_'));
      const call = new Call();
      try {
        for (const [i, engine] of pair.entries()) await call.arrive(await browsers(engine, i), links[i]!);
        await call.meet();
        for (const { page } of call.rooms) await expect.poll(async () => (await path(page)).way).toBe('direct');
        const gaps = await Promise.all(call.rooms.map(({ page }) => watchGaps(page)));
        enter(network(blocked));
        for (const { page } of call.rooms) await expect.poll(async () => (await path(page)).way, { timeout: HEALED_WITHIN_MS }).toMatch(/^relay/);
        await call.flows();
        for (const [i, { page }] of call.rooms.entries()) {
          const { picture, sound } = await gaps[i]!();
          tell(`| ${blocked} in mid-call | ${pair[i]} | ${(await path(page)).way} | ${Math.round(picture)} | ${Math.round(sound)} |`);
          expect(Math.max(picture, sound), `what ${pair[i]} was without`).toBeLessThan(HEALED_WITHIN_MS);
        }
      } catch (error) {
        await info.attach('server log', { body: internet.log });
        throw error;
      } finally {
        await call.end();
      }
    });
  }
}
