import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { defineConfig } from '@playwright/test';

export const tableFile = resolve(import.meta.dirname, '../../../bin/browsers.md');

// make bench-browsers: see docs/network.md.
if (!process.env.TEST_WORKER_INDEX) {
  mkdirSync(dirname(tableFile), { recursive: true });
  writeFileSync(tableFile, '| two people, impairment on the link both use | LiveKit | to reach | Parley, real browsers |\n|---|---|---|---|\n');
}

export default defineConfig({
  testDir: '.',
  testMatch: 'table.spec.ts',
  outputDir: '../../test-results/impaired',
  workers: 1,
  retries: 0,
  timeout: 20 * 60_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  globalSetup: './devices.ts',
  use: { screenshot: 'off', trace: 'off', video: 'off', actionTimeout: 30_000 },
});
