import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { BrowserContext } from '@playwright/test';

const root = resolve(import.meta.dirname, '../../..');
const binary = resolve(root, 'bin/impair');
/** Built once by each process that wants it, so that it is never an old one. */
let built = false;

/** What happens to packets of one direction, of everybody who is led through: see internal/impair/relay. */
export interface Path {
  delay_ms?: number;
  jitter_ms?: number;
  reorder?: boolean;
  loss?: number;
  burst?: number;
  rate?: number;
  queue_ms?: number;
}

/** What one direction has met: packets, those of them lost by chance and dropped by a full queue, and its longest wait. */
export interface Met {
  Packets: number;
  Lost: number;
  Dropped: number;
  MaxQueue: number;
}

/** Of both directions. */
export interface Counts {
  up: Met;
  down: Met;
}

/** A relay with faults between browsers and the server. */
export class Impairment {
  readonly #process: ChildProcess;
  readonly #answers: ((line: string) => void)[] = [];
  #address = '';
  #port = 0;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  /** Starts a relay before a server's media port, with a chance of its own. */
  static async start(server: string, { listen = '127.0.0.1:0', seed = 0 } = {}): Promise<Impairment> {
    if (!built) execFileSync('go', ['build', '-o', binary, './internal/impair/relay'], { cwd: root, stdio: 'inherit' });
    built = true;
    const child = spawn(binary, [], { stdio: ['pipe', 'pipe', 'inherit'] });
    const impairment = new Impairment(child);
    const lines = createInterface(child.stdout!);
    const first = new Promise<string>((done) => lines.once('line', done));
    child.stdin!.write(`${JSON.stringify({ listen, server, seed })}\n`);
    const at = (JSON.parse(await first) as { listen: string }).listen;
    [impairment.#address, impairment.#port] = [at.split(':')[0]!, Number(at.split(':')[1])];
    lines.on('line', (line) => impairment.#answers.shift()?.(line));
    return impairment;
  }

  /** Leads everybody of a context through the relay: its address takes the place of the server's in every answer. */
  async lead(context: BrowserContext): Promise<void> {
    await context.routeWebSocket(/\/v1\/signal/, (page) => {
      const server = page.connectToServer();
      server.onMessage((text) => page.send(typeof text === 'string' ? this.#rewrite(text) : text));
    });
  }

  set(path: Path): Promise<Counts> {
    return this.#tell({ set: path });
  }
  up(path: Path): Promise<Counts> {
    return this.#tell({ set_up: path });
  }
  down(path: Path): Promise<Counts> {
    return this.#tell({ set_down: path });
  }
  blackout(ms: number): Promise<Counts> {
    return this.#tell({ blackout_ms: ms });
  }
  block(on: boolean): Promise<Counts> {
    return this.#tell({ block: on });
  }
  /** Everybody's packets come out of new ports from now on. */
  rebind(): Promise<Counts> {
    return this.#tell({ rebind: true });
  }
  /** Everybody's sockets are dead from now on, and new ones pass. */
  strand(): Promise<Counts> {
    return this.#tell({ strand: true });
  }
  /** What was met so far, and the longest waits since this was asked last. */
  counts(): Promise<Counts> {
    return this.#tell({ stats: true });
  }

  async close(): Promise<void> {
    const gone = new Promise((done) => this.#process.once('exit', done));
    this.#process.stdin!.end();
    await gone;
  }

  async #tell(command: object): Promise<Counts> {
    const answered = new Promise<string>((done) => this.#answers.push(done));
    this.#process.stdin!.write(`${JSON.stringify(command)}\n`);
    return JSON.parse(await answered) as Counts;
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
