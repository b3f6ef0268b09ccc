import { defineConfig } from '@playwright/test';

// One real binary, real browsers, one interview at a time: two video calls at once would starve a small machine and
// measure nothing. Browsers are the system's own and are launched by the fixtures, with the devices each test needs.
export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../../test-results',
  fullyParallel: false,
  workers: 1,
  // Shared machines pause for seconds at a time. What fails once and then passes is listed as flaky.
  retries: process.env.CI ? 1 : 0,
  timeout: 120_000,
  globalTimeout: 15 * 60_000,
  forbidOnly: !!process.env.CI,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  globalSetup: './devices.ts',
  use: { screenshot: 'only-on-failure', trace: 'off', video: 'off', actionTimeout: 15_000 },
});
