import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { BrowserContext } from '@playwright/test';

const root = resolve(import.meta.dirname, '../../..');
const binary = process.env.PARLEY_IMPAIR ?? join(tmpdir(), 'parley-e2e-impair');

/** What happens to packets of one direction: see internal/impair/relay. */
export interface Path {
  delay_ms?: number;
  jitter_ms?: number;
  loss?: number;
  rate?: number;
  queue_ms?: number;
}

/** A relay with faults between browsers and the server. */
export class Impairment {
  readonly #process: ChildProcess;
  readonly #answers: (() => void)[] = [];
  #address = '';
  #port = 0;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  /** Starts a relay before a server's media port. */
  static async start(server: string): Promise<Impairment> {
    if (!existsSync(binary)) execFileSync('go', ['build', '-o', binary, './internal/impair/relay'], { cwd: root, stdio: 'inherit' });
    const child = spawn(binary, [], { stdio: ['pipe', 'pipe', 'inherit'] });
    const impairment = new Impairment(child);
    const lines = createInterface(child.stdout!);
    const first = new Promise<string>((done) => lines.once('line', done));
    child.stdin!.write(`${JSON.stringify({ listen: '127.0.0.1:0', server })}\n`);
    const { listen } = JSON.parse(await first) as { listen: string };
    [impairment.#address, impairment.#port] = [listen.split(':')[0]!, Number(listen.split(':')[1])];
    lines.on('line', () => impairment.#answers.shift()?.());
    return impairment;
  }

  /** Leads everybody of a context through the relay: its address takes the place of the server's in every answer. */
  async lead(context: BrowserContext): Promise<void> {
    await context.routeWebSocket(/\/v1\/signal/, (page) => {
      const server = page.connectToServer();
      server.onMessage((text) => page.send(typeof text === 'string' ? this.#rewrite(text) : text));
    });
  }

  set(path: Path): Promise<void> {
    return this.#tell({ set: path });
  }
  up(path: Path): Promise<void> {
    return this.#tell({ set_up: path });
  }
  blackout(ms: number): Promise<void> {
    return this.#tell({ blackout_ms: ms });
  }
  rebind(): Promise<void> {
    return this.#tell({ rebind: true });
  }

  async close(): Promise<void> {
    const gone = new Promise((done) => this.#process.once('exit', done));
    this.#process.stdin!.end();
    await gone;
  }

  #tell(command: object): Promise<void> {
    const answered = new Promise<void>((done) => this.#answers.push(done));
    this.#process.stdin!.write(`${JSON.stringify(command)}\n`);
    return answered;
  }

  #rewrite(text: string): string {
    const message = JSON.parse(text) as { type: string; sdp?: string };
    if (message.type !== 'answer' || !message.sdp) return text;
    let taken = false;
    const sdp = message.sdp.split('\r\n').flatMap((line) => {
      if (!line.startsWith('a=candidate:')) return [line];
      if (taken && line.includes(' udp ')) return [];
      if (!line.includes(' udp ')) return [];
      taken = true;
      const part = line.split(' ');
      part[4] = this.#address;
      part[5] = String(this.#port);
      return [part.join(' ')];
    });
    return JSON.stringify({ ...message, sdp: sdp.join('\r\n') });
  }
}

/** Where a server takes media, as one of its answers names it. */
export function mediaOf(sdp: string): string {
  const part = /a=candidate:\S+ 1 udp \d+ (127\.0\.0\.1|[\d.]+) (\d+)/.exec(sdp);
  if (!part) throw new Error('the answer names no address');
  return `127.0.0.1:${part[2]}`;
}
