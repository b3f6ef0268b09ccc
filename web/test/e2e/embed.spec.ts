import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page, Route } from '@playwright/test';
import type { CallButton } from '../../src/embed/call-button.js';
import { expectAccessible } from './axe.js';
import { expect, test } from './fixtures.js';

// The call button alone, on the page of an imaginary host with a strict content policy.

const module_ = readFileSync(resolve(import.meta.dirname, '../../dist/embed/v1.js'), 'utf8');
const policy = "default-src 'none'; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'";
const room = 'https://parley.test/r/iv_1#token=t';
const answer = { url: room, interview: { id: 'iv_1', mode: 'video', state: 'ringing' } };
const element = '<parley-call-button thread="th_1" call-url="/call" modes="video audio"></parley-call-button>';

type Answer = (route: Route) => Promise<void> | void;

/** Opens the host's page with `body` in it; `call` is how its backend answers. */
async function host(browser: Browser, body: string, call: Answer = (route) => route.fulfill({ json: answer })) {
  const context = await browser.newContext();
  await context.route('https://parley.test/**', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<title>Room</title>' }),
  );
  await context.route('https://host.test/call', call);
  await context.route('https://host.test/embed/v1.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: module_ }),
  );
  await context.route('https://host.test/', (route) =>
    route.fulfill({
      contentType: 'text/html',
      headers: { 'Content-Security-Policy': policy, 'Cross-Origin-Opener-Policy': 'same-origin' },
      body: `<!doctype html><html lang="en"><title>Host</title><main><h1>Thread</h1>${body}</main>
        <script type="module" src="/embed/v1.js"></script>`,
    }),
  );
  const page = await context.newPage();
  await page.goto('https://host.test/');
  return page;
}

/** Sets properties of the button, as a host's script would. */
function set(page: Page, properties: Record<string, unknown>): Promise<void> {
  return page.locator('parley-call-button').evaluate((button, values) => void Object.assign(button, values), properties);
}

/** Collects the events that reach the document. */
async function listen(page: Page): Promise<() => Promise<{ type: string; detail: Record<string, unknown> }[]>> {
  await page.evaluate(() => {
    const heard: unknown[] = [];
    Object.assign(window, { heard });
    for (const type of ['call-created', 'call-error']) {
      document.addEventListener(type, (event) => heard.push({ type, detail: (event as CustomEvent).detail }));
    }
  });
  return () => page.evaluate(() => (window as unknown as { heard: never }).heard);
}

test('the call button is at most 5 kB, compressed', () => {
  expect(gzipSync(module_, { level: 9 }).length).toBeLessThanOrEqual(5 * 1024);
  expect(module_).not.toMatch(/^import |\bfrom ["']/m);
});

test('a press opens the room in a new tab and tells the host', async ({ chromium }) => {
  const asked: unknown[] = [];
  const page = await host(chromium, element, (route) => {
    asked.push(route.request().postDataJSON());
    return route.fulfill({ json: answer });
  });
  const heard = await listen(page);
  const [tab] = await Promise.all([
    page.context().waitForEvent('page'),
    page.getByRole('button', { name: 'Start audio interview' }).click(),
  ]);
  await tab.waitForURL(room);
  expect(await tab.evaluate(() => window.opener)).toBeNull();
  expect(asked).toEqual([{ mode: 'audio', thread: 'th_1' }]);
  expect(await heard()).toEqual([{ type: 'call-created', detail: { ...answer, mode: 'audio' } }]);
  await page.context().close();
});

test('it works by keyboard alone and keeps the focus while it is busy', async ({ chromium }) => {
  let release = (): void => {};
  const held = new Promise<void>((done) => (release = done));
  let presses = 0;
  const page = await host(chromium, element, async (route) => {
    presses++;
    await held;
    await route.fulfill({ json: answer });
  });
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Start video interview' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Start audio interview' })).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await page.bringToFront();
  const busy = page.getByRole('button', { name: 'Starting…' });
  await expect(busy).toBeFocused();
  await expect(busy).toHaveAttribute('aria-disabled', 'true');
  await busy.press('Enter');
  await page.getByRole('button', { name: 'Start audio interview' }).click({ force: true });
  release();
  await expect(page.getByRole('button', { name: 'Start video interview' })).toBeVisible();
  expect(presses).toBe(1);
  expect(page.context().pages()).toHaveLength(2);
  await page.context().close();
});

test('it follows the interview: start, join by name, return, start again', async ({ chromium }) => {
  const page = await host(chromium, element);
  const buttons = page.getByRole('button');
  await expect(buttons).toHaveText(['Start video interview', 'Start audio interview']);
  const interview = {
    id: 'iv_1', mode: 'audio', state: 'ringing', present: ['client'],
    participants: [{ id: 'client', name: 'Clara' }],
  };
  await page.getByRole('button', { name: 'Start audio interview' }).focus();
  await set(page, { user: 'freelancer', interview });
  await expect(buttons).toHaveText(['Join — Clara is waiting']);
  await expect(buttons).toBeFocused();
  await set(page, { user: 'client' });
  await expect(buttons).toHaveText(['Return to the interview']);
  await set(page, { interview: { ...interview, state: 'ended', present: [] } });
  await expect(buttons).toHaveText(['Start video interview', 'Start audio interview']);
  await set(page, { interview: null, state: 'ringing', waitingName: 'Clara' });
  await expect(buttons).toHaveText(['Join — Clara is waiting']);
  await page.context().close();
});

const failures: [string, Answer, string, string][] = [
  ['refused in words', (route) => route.fulfill({ status: 409, json: { detail: 'The thread is closed.' } }), 'refused', 'The thread is closed.'],
  ['refused without a word', (route) => route.fulfill({ status: 500, body: 'oops' }), 'refused', 'the server refused it'],
  ['lost', (route) => route.abort('connectionrefused'), 'network', 'the server did not answer'],
  ['answered with nonsense', (route) => route.fulfill({ body: '<html>' }), 'unusable', 'was not understood'],
  ['sent to a script', (route) => route.fulfill({ json: { ...answer, url: 'javascript:alert(1)' } }), 'unusable', 'was not understood'],
];

test('a press that fails says why and leaves no tab behind', async ({ chromium }) => {
  let backend: Answer = () => {};
  const page = await host(chromium, element, (route) => backend(route));
  const heard = await listen(page);
  for (const [what, call, code, sentence] of failures) {
    await test.step(what, async () => {
      backend = call;
      await page.getByRole('button', { name: 'Start video interview' }).click();
      await expect(page.getByRole('status')).toContainText(sentence);
      await expect.poll(() => page.context().pages().length).toBe(1);
      const error = (await heard()).at(-1);
      expect(error).toMatchObject({ type: 'call-error', detail: { code, mode: 'video' } });
      expect(error?.detail.message).toContain(sentence);
    });
  }
  await expectAccessible(page, 'the button with an error');
  await page.context().close();
});

test('a blocked tab becomes a link to the room', async ({ chromium }) => {
  const page = await host(chromium, element);
  const heard = await listen(page);
  await page.evaluate(() => (window.open = () => null));
  await page.getByRole('button', { name: 'Start video interview' }).click();
  await expect(page.getByRole('status')).toContainText('blocked the new tab');
  const link = page.getByRole('link', { name: 'Open the interview' });
  await expect(link).toHaveAttribute('href', room);
  expect((await heard()).map(({ type }) => type)).toEqual(['call-created', 'call-error']);
  await Promise.all([page.context().waitForEvent('page'), link.click()]);
  await page.context().close();
});

test('an element without an address says what is missing', async ({ chromium }) => {
  const page = await host(chromium, '<parley-call-button></parley-call-button>');
  await page.getByRole('button', { name: 'Start video interview' }).click();
  await expect(page.getByRole('status')).toContainText('call-url');
  expect(page.context().pages()).toHaveLength(1);
  await page.context().close();
});

test('properties set before the element is defined are taken over', async ({ chromium }) => {
  const context = await chromium.newContext();
  await context.route('https://host.test/', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><parley-call-button></parley-call-button>' }),
  );
  const page = await context.newPage();
  await page.goto('https://host.test/');
  await set(page, { modes: 'audio', label: 'Ring Femi', disabled: true, texts: { join: 'Hinein' } });
  await page.addScriptTag({ type: 'module', content: module_ });
  const button = page.getByRole('button');
  await expect(button).toHaveText(['Ring Femi']);
  await expect(button).toBeDisabled();
  await set(page, { disabled: false, state: 'live' });
  await expect(button).toHaveText(['Hinein']);
  await context.close();
});

test('the light content is what people see until the element is there', async ({ chromium }) => {
  const page = await host(chromium, '<parley-call-button call-url="/call"><a href="/calls">Calls</a></parley-call-button>');
  await expect(page.getByRole('button', { name: 'Start video interview' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Calls' })).toBeHidden();
  await page.context().close();
});

test('a host may ask in its own way', async ({ chromium }) => {
  const page = await host(chromium, '<parley-call-button thread="th_7"></parley-call-button>');
  await page.locator('parley-call-button').evaluate((button) => {
    (button as CallButton).request = async (press) => ({
      url: `https://parley.test/r/${press.thread}-${press.mode}`,
      interview: { id: 'iv_1' },
    });
  });
  const [tab] = await Promise.all([page.context().waitForEvent('page'), page.getByRole('button').first().click()]);
  await tab.waitForURL('https://parley.test/r/th_7-video');
  await page.context().close();
});

test('it can be added and removed without a trace', async ({ chromium }) => {
  const page = await host(chromium, element);
  const session = await page.context().newCDPSession(page);
  const count = async () => {
    await session.send('HeapProfiler.collectGarbage');
    const { jsEventListeners, nodes } = await session.send('Memory.getDOMCounters');
    return { jsEventListeners, nodes };
  };
  const churn = (times: number) =>
    page.evaluate((rounds) => {
      for (let round = 0; round < rounds; round++) {
        const button = document.createElement('parley-call-button');
        document.body.append(button);
        document.querySelector('main')?.append(button);
        button.remove();
      }
    }, times);
  await churn(10);
  const before = await count();
  await churn(100);
  const after = await count();
  expect(after.jsEventListeners).toBeLessThanOrEqual(before.jsEventListeners);
  expect(after.nodes).toBeLessThanOrEqual(before.nodes + 5);
  await page.context().close();
});

test('it is accessible in light and dark, and fits 320 pixels', async ({ chromium }) => {
  const page = await host(chromium, `${element}<parley-call-button call-url="/call" compact></parley-call-button>
    <parley-call-button call-url="/call" disabled state="ringing" waiting-name="Clara"></parley-call-button>`);
  await page.setViewportSize({ width: 320, height: 640 });
  await page.evaluate(() => {
    document.documentElement.style.cssText = 'color-scheme: light dark; background: Canvas; color: CanvasText';
  });
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await expectAccessible(page, `the button, ${scheme}`);
  }
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(320);
  await page.context().close();
});
