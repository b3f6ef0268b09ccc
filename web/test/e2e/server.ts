import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const binary = process.env.PARLEY_BIN ?? resolve(import.meta.dirname, '../../../bin/parley');

/** A real `parley demo` with a data directory of its own. */
export class Server {
  readonly #dir = mkdtempSync(join(tmpdir(), 'parley-e2e-'));
  readonly #port: number;
  readonly #flags: readonly string[];
  #process: ChildProcess | null = null;
  #log = '';
  url = '';
  apiKey = '';

  private constructor(port: number, flags: readonly string[]) {
    this.#port = port;
    this.#flags = flags;
  }

  static async start(...flags: string[]): Promise<Server> {
    const server = new Server(await freePort(), flags);
    await server.restart();
    return server;
  }

  /** What it wrote, for the report of a failed test. */
  get log(): string {
    return this.#log;
  }

  /** Starts it, on the same port and data as before when it ran already, and waits until it is ready. */
  async restart(): Promise<void> {
    if (!existsSync(binary)) throw new Error(`${binary} is not there: run \`make build\` first`);
    const ready = join(this.#dir, 'demo.json');
    rmSync(ready, { force: true });
    const child = spawn(binary, ['demo', '--listen', `127.0.0.1:${this.#port}`, '--data', this.#dir, ...this.#flags]);
    this.#process = child;
    child.stdout.on('data', (text) => (this.#log += text));
    child.stderr.on('data', (text) => (this.#log += text));
    for (const end = Date.now() + 15_000; Date.now() < end; await wait(25)) {
      if (child.exitCode !== null) throw new Error(`parley ended with ${child.exitCode}:\n${this.#log}`);
      const demo = readDemo(ready);
      if (!demo) continue;
      this.url = demo.url.replace(/\/$/, '');
      this.apiKey = demo.api_key;
      return;
    }
    throw new Error(`parley was not ready after 15 s:\n${this.#log}`);
  }

  /** Ends it, politely or not, and waits until it is gone. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    const hard = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await gone;
    clearTimeout(hard);
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  /** Calls the REST interface as a host's backend does. */
  async api<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      headers: { Authorization: `Bearer ${this.apiKey}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Answer;
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  /** Makes an interview of some people in a thread of their own, the first of them the interviewer, and tells everybody's link. */
  async invite(...names: string[]): Promise<string[]> {
    const participants = names.map((name, n) => ({ id: name.toLowerCase(), name, role: n === 0 ? 'interviewer' : 'interviewee' }));
    await this.api('PUT', '/v1/threads/t_invited', { title: 'Invited', participants });
    const { id } = await this.api<{ id: string }>('POST', '/v1/threads/t_invited/interviews', { mode: 'video', created_by: participants[0]!.id });
    const links: string[] = [];
    for (const { id: who } of participants) links.push((await this.api<{ url: string }>('POST', `/v1/interviews/${id}/join`, { user: { id: who } })).url);
    return links;
  }
}

/** The file may be seen before it is whole. */
function readDemo(file: string): { url: string; api_key: string } | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { url: string; api_key: string };
  } catch {
    return null;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  if (typeof address !== 'object' || address === null) throw new Error('no free port');
  return address.port;
}
