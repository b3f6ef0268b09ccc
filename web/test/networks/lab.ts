import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { get, request } from 'node:https';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const lab = process.env.NETWORKS_LAB ?? '';
const dir = process.env.NETWORKS_DIR ?? '';
const binary = process.env.PARLEY_BIN ?? resolve(import.meta.dirname, '../../../bin/parley');

const GATE = '10.0.1.1';
const LOGIN = { username: 'clara', password: 'a word' };
export const ORIGIN = 'https://calls.parley.test';

/** A network that people may sit in, as the rules of its gateway. */
export interface Network {
  name: string;
  /** How it treats what leaves and enters: see rules. */
  nat?: string;
  in?: string;
  forward: string[];
  proxy?: Proxy;
  /** There is none, and people are told so. */
  blocked?: true;
}

/** An HTTP proxy. It has to be told to the browser, with what it asks for. */
export interface Proxy {
  host: string;
  port: number;
  login?: { username: string; password: string };
}

const OUT = 'iifname "g0" accept';
const BACK = 'ct state established,related accept';
const MASQUERADE = 'oifname "w0" masquerade';

export const NETWORKS: Network[] = [
  { name: 'home router', nat: MASQUERADE, forward: [OUT, BACK] },
  {
    name: 'full cone NAT',
    nat: 'oifname "w0" snat to 203.0.113.10',
    in: 'iifname "w0" udp dport 1024-65535 dnat to 10.0.1.2',
    forward: ['accept'],
  },
  { name: 'symmetric NAT', nat: 'oifname "w0" masquerade fully-random', forward: [OUT, BACK] },
  { name: 'UDP blocked', nat: MASQUERADE, forward: ['meta l4proto udp drop', OUT, BACK] },
  { name: 'only TCP 443', nat: MASQUERADE, forward: ['iifname "g0" tcp dport 443 accept', BACK] },
  { name: 'only TLS on 443', in: 'iifname "g0" ip daddr 203.0.113.1 tcp dport 443 redirect to :8443', forward: [] },
  { name: 'only a proxy', forward: [], proxy: { host: GATE, port: 3128 } },
  { name: 'only a proxy with a password', forward: [], proxy: { host: GATE, port: 3129, login: LOGIN } },
  { name: 'TLS inspected', in: 'iifname "g0" ip daddr 203.0.113.1 tcp dport 443 redirect to :8444', forward: [], blocked: true },
];

/** What a network may turn into in mid-call: what comes from the server still arrives. */
const OUTWARDS: Network = { name: 'UDP blocked outwards', nat: MASQUERADE, forward: ['iifname "g0" meta l4proto udp drop', OUT, BACK] };

/** The network of a name. */
export function network(name: string): Network {
  const found = [...NETWORKS, OUTWARDS].find((one) => one.name === name);
  if (!found) throw new Error(`there is no network ${name}`);
  return found;
}

/** Puts the browsers into a network. What is connected already stays so. */
export function enter(network: Network): void {
  const rules = `flush ruleset
    table ip lab {
      chain out { type nat hook postrouting priority 100; ${network.nat ?? ''}
      }
      chain in { type nat hook prerouting priority -100; ${network.in ?? ''}
      }
      chain through { type filter hook forward priority 0; policy drop;
        ${network.forward.join('\n')}
      }
    }`;
  execFileSync('ip', ['netns', 'exec', `${lab}-gate`, 'nft', '-f', '-'], { input: rules });
}

/** The certificate's key, as Chromium is told to trust it. */
export function trusted(): string {
  const { publicKey } = new X509Certificate(readFileSync(join(dir, 'cert.pem')));
  return createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('base64');
}

/** What stands behind the gateway, and on it. */
export class Internet {
  readonly #processes: ChildProcess[] = [];
  log = '';

  /** Starts `parley serve` on the far side, and what filters on the gateway. */
  async start(): Promise<void> {
    if (!existsSync(binary)) throw new Error(`${binary} is not there: run \`make build\` first`);
    const gate = join(import.meta.dirname, 'gate.mjs');
    this.#spawn('gate', process.execPath, gate, 'proxy', '3128');
    this.#spawn('gate', process.execPath, gate, 'proxy', '3129', `${LOGIN.username}:${LOGIN.password}`);
    this.#spawn('gate', process.execPath, gate, 'inspect', '8444', '203.0.113.1', join(dir, 'cert.pem'), join(dir, 'key.pem'));
    this.#spawn('gate', process.execPath, gate, 'tls', '8443', '203.0.113.1');
    this.#spawn('gate', process.execPath, gate, 'names', new URL(ORIGIN).hostname, '203.0.113.1');
    this.#spawn('net', binary, 'serve', '--data', join(dir, 'data'), '--listen', '203.0.113.1:443', '--public-url', ORIGIN,
      '--media-announce', '203.0.113.1', '--tls-certificate', join(dir, 'cert.pem'), '--tls-key', join(dir, 'key.pem'));
    for (const end = Date.now() + 20_000; ; await wait(100)) {
      const alive = await new Promise<boolean>((done) => {
        get(`${ORIGIN}/readyz`, { rejectUnauthorized: false }, (answer) => done(answer.resume().statusCode === 200)).on('error', () => done(false));
      });
      if (alive) return;
      if (Date.now() > end) throw new Error(`parley serve is not ready:\n${this.log}`);
    }
  }

  stop(): void {
    for (const child of this.#processes) child.kill();
  }

  /** Makes an interview and the links of two people, as a host's backend does. Call it in a network that lets HTTPS through. */
  async invite(thread: string): Promise<string[]> {
    const people = [
      { id: 'client', name: 'Clara Novak', role: 'interviewer' },
      { id: 'freelancer', name: 'Femi Adeyemi', role: 'interviewee' },
    ];
    await this.#api('PUT', `/v1/threads/${thread}`, { title: 'Thread', participants: people, contract: { state: 'none' } });
    const { id } = await this.#api('POST', `/v1/threads/${thread}/interviews`, { mode: 'video' });
    const links: string[] = [];
    for (const user of people) {
      const { url } = await this.#api('POST', `/v1/interviews/${id}/join`, { user: { id: user.id, name: user.name } });
      links.push(url!);
    }
    return links;
  }

  #api(method: string, path: string, body: object): Promise<Record<string, string>> {
    const key = readFileSync(join(dir, 'data/api_key'), 'utf8').trim();
    return new Promise((done, fail) => {
      const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
      const call = request(ORIGIN + path, { method, headers, rejectUnauthorized: false, agent: false }, (answer) => {
        let text = '';
        answer.on('data', (part) => (text += part));
        answer.on('end', () => (answer.statusCode! < 300 ? done(JSON.parse(text)) : fail(new Error(`${method} ${path}: ${answer.statusCode} ${text}`))));
      });
      call.on('error', fail).end(JSON.stringify(body));
    });
  }

  #spawn(part: string, ...command: string[]): void {
    const child = spawn('ip', ['netns', 'exec', `${lab}-${part}`, ...command]);
    child.stdout.on('data', (text) => (this.log += text));
    child.stderr.on('data', (text) => (this.log += text));
    this.#processes.push(child);
  }
}
