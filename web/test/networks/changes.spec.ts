import { expect, type Page, type TestInfo } from '@playwright/test';
import { countGaps } from '../e2e/media.js';
import { Call, type Engine, pairs, path, type PerWorker, tell, test, watchGaps } from './calls.js';
import { enter, network } from './lab.js';

/** How long it may take until a page looks whether UDP passes, twice. */
const BETTER_WITHIN_MS = 45_000;
/** A way that is lost is given up after two seconds of silence; then another has to be found. */
const HEALED_WITHIN_MS = 12_000;

/** Plays a call that begins in one network. */
async function play(from: string, what: string, pair: [Engine, Engine], { internet, browsers }: PerWorker, info: TestInfo, then: (call: Call) => Promise<void>): Promise<void> {
  enter(network('home router'));
  const links = await internet.invite(`t_${what}_${pair.join('_')}_${info.retry}_${info.repeatEachIndex}`.replaceAll(' ', '_'));
  enter(network(from));
  const call = new Call();
  try {
    for (const [i, engine] of pair.entries()) await call.arrive(await browsers(engine, i), links[i]!);
    await call.meet();
    await then(call);
  } catch (error) {
    await info.attach('server log', { body: internet.log });
    throw error;
  } finally {
    await call.end();
  }
}

for (const pair of pairs) {
  for (const blocked of ['UDP blocked', 'UDP blocked outwards']) {
    test(`${blocked} in mid-call: ${pair.join(' with ')}`, async ({ internet, browsers }, info) => {
      await play('home router', blocked, pair, { internet, browsers }, info, async (call) => {
        await call.takes(/^direct/);
        const gaps = await Promise.all(call.rooms.map(({ page }) => watchGaps(page)));
        enter(network(blocked));
        await call.takes(/^relay/, HEALED_WITHIN_MS);
        await call.flows();
        for (const [i, { page }] of call.rooms.entries()) {
          const { picture, sound } = await gaps[i]!();
          tell(`| ${blocked} in mid-call | ${pair[i]} | ${(await path(page)).way} | ${Math.round(picture)} | ${Math.round(sound)} |`);
          expect(Math.max(picture, sound), `what ${pair[i]} was without`).toBeLessThan(HEALED_WITHIN_MS);
        }
      });
    });
  }

  test(`UDP opened in mid-call: ${pair.join(' with ')}`, async ({ internet, browsers }, info) => {
    await play('UDP blocked', 'opened', pair, { internet, browsers }, info, async (call) => {
      await call.takes(/^relay/);
      const [one, other] = call.rooms.map(({ page }) => page) as [Page, Page];
      const missing = await countGaps(one, other);
      const gaps = await Promise.all([one, other].map(watchGaps));
      enter(network('home router'));
      await call.takes(/^direct/, BETTER_WITHIN_MS);
      await one.waitForTimeout(3000); // the relay is let go
      const { atOne, atOther } = await missing();
      for (const [i, { page }] of call.rooms.entries()) {
        const { picture, sound } = await gaps[i]!();
        tell(`| UDP opened in mid-call | ${pair[i]} | ${(await path(page)).way} | ${Math.round(picture)} | ${Math.round(sound)} |`);
      }
      expect(Math.max(atOne, atOther), 'ms of sound that did not arrive').toBeLessThan(200);
    });
  });
}
