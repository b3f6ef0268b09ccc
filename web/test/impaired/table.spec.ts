import { appendFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { type Browser, test as base } from '@playwright/test';
import { granting, launch, launchFirefox } from '../e2e/fixtures.js';
import { cameraFile } from './devices.js';
import { ranges } from './figures.js';
import { tableFile } from './playwright.config.js';
import { ROWS } from './rows.js';

// One row of the table of docs/network.md after the other, each in a call of its own.

/** Part of a row's name picks it; more than one are separated by a bar. */
const only = (process.env.ONLY ?? '').split('|');
const RUNS = Number(process.env.RUNS || 1);

const test = base.extend<object, { browsers: Browser[] }>({
  browsers: [
    ({ playwright }, use) =>
      launch(playwright.chromium, granting(cameraFile), (chromium) =>
        process.env.WITH === 'firefox' ? launchFirefox(playwright.firefox, (firefox) => use([chromium, firefox])) : use([chromium]),
      ),
    { scope: 'worker' },
  ],
});

for (const row of ROWS.filter(({ name }) => only.some((part) => name.includes(part)))) {
  test(row.name, async ({ browsers }) => {
    const texts: string[] = [];
    for (let seed = 1; seed <= RUNS; seed++) texts.push(...(await row.measure(browsers, seed)));
    const line = `| ${row.name} | ${row.livekit} | ${row.reach} | ${ranges(texts)} |`;
    console.log(`${line}  load ${loadavg()[0]!.toFixed(1)}`);
    appendFileSync(tableFile, `${line}\n`);
  });
}
