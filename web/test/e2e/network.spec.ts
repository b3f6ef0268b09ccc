import type { Browser } from '@playwright/test';
import { makeCamera } from '../impaired/devices.js';
import { Call, clean, narrow } from '../impaired/call.js';
import { expect, granting, launch, test as base } from './fixtures.js';

// A short form of make bench-browsers: one call of two engines through four faults. The limits are what a busy machine
// keeps as well; docs/network.md has what an idle one does.

const test = base.extend<object, { face: Browser }>({
  /** Its camera has as much to encode as a person's: a drawing would fit any link. */
  face: [({ playwright }, use) => launch(playwright.chromium, granting(makeCamera(360)), use), { scope: 'worker' }],
});

/** Runs in a page before its scripts: its camera is as small as the other's. */
function small(): void {
  const { mediaDevices } = navigator;
  const ask = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = (wanted) => ask(wanted?.video ? { ...wanted, video: { width: 640, height: 360, frameRate: 20 } } : wanted);
}

test('a call goes on through loss, a blackout, a NAT that forgets and a link that becomes narrow', async ({ face, firefox }) => {
  test.setTimeout(240_000);
  const call = await Call.make(2, 1);
  try {
    await call.enter(face);
    await call.enter(firefox, async (context) => void (await context.addInitScript(small)));
    await call.warm();

    await call.link.set({ ...clean, loss: 0.1 });
    const lossy = (await call.watch(15_000)).all;
    console.log('10 % loss each way:', lossy.map((one) => `concealed ${(100 * one.concealed).toFixed(1)} %, ${one.fps.toFixed(0)} fps`).join('; '));
    for (const one of lossy) {
      expect(one.concealed, 'sound that was made up at 10 % loss').toBeLessThan(0.07);
      expect(one.fps, 'frames a second at 10 % loss').toBeGreaterThan(5);
    }

    await call.link.set(clean);
    await call.link.blackout(1000);
    const dark = (await call.watch(8000)).all;
    await call.link.rebind();
    const rebound = (await call.watch(8000)).all;
    // A page asks for a new way after two seconds of silence: a NAT that forgets is healed before.
    for (const [name, seen, within] of [['a blackout of 1 s', dark, 4], ['a NAT that forgets', rebound, 1.9]] as const) {
      console.log(`${name}:`, seen.map((one) => `no picture for ${one.still.toFixed(1)} s, no sound for ${one.silent.toFixed(1)} s`).join('; '));
      for (const one of seen) {
        expect(one.silent, `seconds without sound after ${name}`).toBeLessThan(within);
        expect(one.still, `seconds without a picture after ${name}`).toBeLessThan(within + 1);
      }
    }

    await call.link.set(narrow(2_500_000));
    await call.watch(5000);
    await call.link.set(narrow(400_000));
    await call.watch(8000);
    const { all, queues } = await call.watch(10_000);
    const median = queues.toSorted((a, b) => a - b)[Math.floor(queues.length / 2)]!;
    console.log(`2.5 Mbit/s → 400 kbit/s: queue ${median.toFixed(0)} ms;`, all.map((one) => `concealed ${(100 * one.concealed).toFixed(1)} %, ${one.kbits.toFixed(0)} kbit/s`).join('; '));
    expect(median, 'ms of queue on 400 kbit/s, half of the time').toBeLessThan(300);
    for (const one of all) expect(one.concealed, 'sound that was made up on 400 kbit/s').toBeLessThan(0.1);
  } finally {
    await call.end('short');
  }
});
