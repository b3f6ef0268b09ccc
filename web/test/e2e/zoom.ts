import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

const root = resolve(import.meta.dirname, '../../..');
const secret = 'secret-of-the-webhooks';

/** A Zoom that takes only what the real one takes: internal/zoom/zoomtest. */
export class Zoom {
  readonly #process: ChildProcess;
  readonly #lines: Interface;
  readonly #dir = mkdtempSync(join(tmpdir(), 'parley-e2e-zoom-'));
  #url = '';

  private constructor(process: ChildProcess) {
    this.#process = process;
    this.#lines = createInterface(process.stdout!);
  }

  static async start(): Promise<Zoom> {
    const binary = join(tmpdir(), 'parley-e2e-zoom');
    execFileSync('go', ['build', '-o', binary, './internal/zoom/zoomtest/serve'], { cwd: root, stdio: 'inherit' });
    const zoom = new Zoom(spawn(binary, [], { stdio: ['pipe', 'pipe', 'inherit'] }));
    zoom.#url = await zoom.#line();
    return zoom;
  }

  /** The settings with which a server uses it. */
  get flags(): string[] {
    const file = (name: string, text: string): string => {
      writeFileSync(join(this.#dir, name), text);
      return join(this.#dir, name);
    };
    return Object.entries({
      'account-id': 'acc_0123456789',
      'client-id': 'client_ABCDEF',
      'client-secret-file': file('client', 'secret-of-the-app'),
      'webhook-secret-file': file('webhook', secret),
      hosts: 'host-1@agency.example',
      'oauth-url': this.#url,
      'api-url': this.#url,
    }).flatMap(([name, value]) => [`--zoom-${name}`, value]);
  }

  async state(): Promise<{ meetings: string[] | null; gone: string[] | null; rejected: string[] | null }> {
    const answer = this.#line();
    this.#process.stdin!.write('\n');
    return JSON.parse(await answer) as Awaited<ReturnType<Zoom['state']>>;
  }

  /** Tells a server of a meeting, as Zoom does. */
  async tell(server: string, event: 'meeting.started' | 'meeting.ended', id: string): Promise<number> {
    const now = new Date();
    const time = `${now.toISOString().slice(0, 19)}Z`;
    const object = { id, uuid: 'x', start_time: time, ...(event === 'meeting.ended' ? { end_time: time } : {}) };
    const body = JSON.stringify({ event, event_ts: now.getTime(), payload: { account_id: 'acc_0123456789', object } });
    const stamp = String(Math.floor(now.getTime() / 1000));
    const signature = `v0=${createHmac('sha256', secret).update(`v0:${stamp}:${body}`).digest('hex')}`;
    const headers = { 'Content-Type': 'application/json', 'x-zm-request-timestamp': stamp, 'x-zm-signature': signature };
    return (await fetch(`${server}/v1/zoom/webhook`, { method: 'POST', headers, body })).status;
  }

  stop(): void {
    this.#lines.close();
    this.#process.kill();
  }

  #line(): Promise<string> {
    return new Promise((done) => this.#lines.once('line', done));
  }
}
