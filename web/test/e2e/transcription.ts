import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

const root = resolve(import.meta.dirname, '../../..');

/** A transcription service that takes only what the real one takes, and hears who speaks: internal/transcript/transcripttest. */
export class Transcription {
  readonly #process: ChildProcess;
  readonly #lines: Interface;
  readonly #dir = mkdtempSync(join(tmpdir(), 'parley-e2e-transcription-'));
  #url = '';

  private constructor(process: ChildProcess) {
    this.#process = process;
    this.#lines = createInterface(process.stdout!);
  }

  static async start(): Promise<Transcription> {
    const binary = join(tmpdir(), 'parley-e2e-transcription');
    execFileSync('go', ['build', '-o', binary, './internal/transcript/transcripttest/serve'], { cwd: root, stdio: 'inherit' });
    const service = new Transcription(spawn(binary, [], { stdio: ['pipe', 'pipe', 'inherit'] }));
    service.#url = await service.#line();
    return service;
  }

  /** The settings with which a server uses it. */
  get flags(): string[] {
    const key = join(this.#dir, 'key');
    writeFileSync(key, 'sk-test-0123456789');
    return ['--transcripts-url', this.#url, '--transcripts-key-file', key];
  }

  /** The seconds it heard of each sound, and what the real one would have refused. */
  async state(): Promise<{ requests: number; heard: Record<string, number>; rejected: string[] | null }> {
    const answer = this.#line();
    this.#process.stdin!.write('\n');
    return JSON.parse(await answer) as Awaited<ReturnType<Transcription['state']>>;
  }

  stop(): void {
    this.#process.stdin!.end();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #line(): Promise<string> {
    return new Promise((done) => this.#lines.once('line', done));
  }
}
