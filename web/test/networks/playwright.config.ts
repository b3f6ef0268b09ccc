import { defineConfig } from '@playwright/test';

// Started by ./run, in the namespace of the browsers.
export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../../test-results/networks',
  workers: 1,
  retries: process.env.CI ? 1 : 0,
  timeout: 180_000,
  expect: { timeout: 40_000 },
  reporter: [['list']],
  globalSetup: '../e2e/devices.ts',
  use: { screenshot: 'only-on-failure', trace: 'off', video: 'off', actionTimeout: 15_000 },
});
