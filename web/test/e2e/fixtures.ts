import { type Browser, type BrowserContext, type BrowserType, test as base } from '@playwright/test';
import { cameraFile, microphoneFile } from './devices.js';
import { Server } from './server.js';

/** Chromium with a fake camera and microphone. Run as root, as in a container, it needs to go without its sandbox. */
const devices = (camera: string): string[] => [
  '--no-sandbox',
  '--use-fake-device-for-media-stream',
  `--use-file-for-fake-video-capture=${camera}`,
  `--use-file-for-fake-audio-capture=${microphoneFile}`,
];

/** Every request for a device or a screen is granted. */
export const granting = (camera: string): string[] => [...devices(camera), '--use-fake-ui-for-media-stream'];

export const chromiums = {
  granting: granting(cameraFile),
  /** Devices are there, and every request is refused. */
  refusing: [...devices(cameraFile), '--use-fake-ui-for-media-stream=deny'],
  /** There is a microphone, and no camera. */
  cameraless: ['--no-sandbox', '--use-fake-device-for-media-stream=device-count=0', '--use-fake-ui-for-media-stream'],
};

export const firefoxPreferences = {
  'media.navigator.streams.fake': true,
  // The server under test has no other address: without this Firefox reaches no relay over TCP there.
  'media.peerconnection.ice.loopback': true,
  'permissions.default.camera': 1,
  'permissions.default.microphone': 1,
};

interface PerTest {
  server: Server;
  /** A person at their own browser profile: own storage, nothing shared with the other. They may live in a time zone. */
  visitor(browser: Browser, timezoneId?: string): Promise<BrowserContext>;
}

interface PerWorker {
  chromium: Browser;
  refusingChromium: Browser;
  cameralessChromium: Browser;
  firefox: Browser;
}

export const test = base.extend<PerTest, PerWorker>({
  server: async ({}, use, info) => {
    const server = await Server.start();
    await use(server);
    await server.remove();
    if (info.status !== info.expectedStatus) await info.attach('server log', { body: server.log });
  },
  visitor: async ({ server }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (browser, timezoneId) => {
      const context = await browser.newContext({ baseURL: server.url, viewport: { width: 1100, height: 720 }, ...(timezoneId ? { timezoneId } : {}) });
      contexts.push(context);
      return context;
    });
    await Promise.all(contexts.map((context) => context.close()));
  },
  chromium: [({ playwright }, use) => launch(playwright.chromium, chromiums.granting, use), { scope: 'worker' }],
  refusingChromium: [
    ({ playwright }, use) => launch(playwright.chromium, chromiums.refusing, use),
    { scope: 'worker' },
  ],
  cameralessChromium: [({ playwright }, use) => launch(playwright.chromium, chromiums.cameraless, use), { scope: 'worker' }],
  firefox: [({ playwright }, use) => launchFirefox(playwright.firefox, use), { scope: 'worker' }],
});

export async function launch(type: BrowserType, args: string[], use: (browser: Browser) => Promise<void>): Promise<void> {
  const browser = await type.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args });
  await use(browser);
  await browser.close();
}

export async function launchFirefox(type: BrowserType, use: (browser: Browser) => Promise<void>): Promise<void> {
  const browser = await type.launch({
    channel: 'moz-firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    firefoxUserPrefs: firefoxPreferences,
  });
  await use(browser);
  await browser.close();
}

export { expect } from '@playwright/test';
