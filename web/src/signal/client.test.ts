import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SignalClient, type Link } from './client.js';

/** The browser's end of a socket, played by the test. */
class FakeSocket {
  readyState = 0;
  sent: Record<string, unknown>[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.closed = true;
    this.readyState = 3;
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  says(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  drop(code = 1006, reason = ''): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
}

const interview = { id: 'iv_1', state: 'live' };
const welcome = (over: object = {}): object => ({
  type: 'welcome',
  session: 's1',
  resume: 'r1',
  resumed: false,
  entered: false,
  interview,
  you: { id: 'client', name: 'Clara Novak', role: 'interviewer' },
  may: ['mic'],
  seats: 2,
  participants: [],
  seating: [],
  ice_servers: [],
  ping_ms: 5000,
  ...over,
});

let sockets: FakeSocket[];
let links: Link[];
let messages: string[];
let overs: string[];
let client: SignalClient;
const last = (): FakeSocket => sockets.at(-1)!;

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  links = [];
  messages = [];
  overs = [];
  client = new SignalClient({
    url: 'ws://parley.test/v1/signal',
    token: 'secret',
    device: 'd1',
    random: () => 1,
    socket: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    onMessage: (message) => messages.push(message.type),
    onLink: (link) => links.push(link),
    onOver: (code) => overs.push(code),
  });
  client.connect();
});

afterEach(() => {
  client.close();
  vi.useRealTimers();
});

function enter(): void {
  last().open();
  last().says(welcome());
}

describe('SignalClient', () => {
  it('says hello first, and nothing else before the welcome', () => {
    last().open();
    expect(last().sent).toEqual([{ type: 'hello', token: 'secret', device: 'd1' }]);
    expect(client.send({ type: 'enter' })).toBe(false);
    last().says(welcome());
    expect(client.send({ type: 'enter' })).toBe(true);
    expect(last().sent.at(-1)).toEqual({ type: 'enter' });
    expect(links.map((link) => link.state)).toEqual(['connecting', 'open']);
  });

  it('comes back with the resume secret when the socket is lost', () => {
    enter();
    last().drop();
    expect(links.at(-1)).toMatchObject({ state: 'waiting', attempt: 1 });
    vi.advanceTimersByTime(300);
    expect(sockets).toHaveLength(2);
    last().open();
    expect(last().sent[0]).toMatchObject({ type: 'hello', resume: 'r1' });
  });

  it('waits longer each time, never more than ten seconds, and starts over once it was let in', () => {
    const waits: number[] = [];
    for (let i = 0; i < 33; i++) {
      last().drop();
      const link = links.at(-1)!;
      if (link.state !== 'waiting') throw new Error(link.state);
      waits.push(link.retryAt - Date.now());
      vi.advanceTimersByTime(waits.at(-1)!);
    }
    expect(waits).toEqual([300, ...Array<number>(30).fill(500), 10000, 10000]);
    enter();
    last().drop();
    expect(links.at(-1)).toMatchObject({ attempt: 1, retryAt: Date.now() + 300 });
  });

  it('finds out within six seconds that a socket has gone silent', () => {
    enter();
    vi.advanceTimersByTime(3000);
    last().says({ type: 'pong', n: 1 });
    const silent = last();
    vi.advanceTimersByTime(5799);
    expect(silent.closed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(silent.closed).toBe(true);
    expect(links.at(-1)?.state).toBe('waiting');
  });

  it('takes any message as a sign of life', () => {
    enter();
    for (let i = 0; i < 20; i++) {
      vi.advanceTimersByTime(2500);
      last().says({ type: 'speaking', participant: 'p', on: true });
    }
    expect(sockets).toHaveLength(1);
  });

  it('gives up on a server that accepts the socket and says nothing', () => {
    last().open();
    vi.advanceTimersByTime(3000);
    expect(links.at(-1)?.state).toBe('waiting');
  });

  it('comes back when the server said it would', () => {
    enter();
    last().says({ type: 'going_away', retry_ms: 2000 });
    last().drop(1001, 'going_away');
    expect(links.at(-1)).toMatchObject({ state: 'waiting', retryAt: Date.now() + 2000 });
  });

  it('finds out sooner when there is reason to doubt', () => {
    enter();
    const silent = last();
    client.probe();
    vi.advanceTimersByTime(1199);
    expect(silent.closed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(silent.closed).toBe(true);
  });

  it('opens another socket at once on another network', () => {
    enter();
    const old = last();
    client.reconnect();
    expect(sockets).toHaveLength(2);
    expect(old.closed).toBe(true);
    client.reconnect(); // it is being opened
    expect(sockets).toHaveLength(2);
    last().open();
    expect(last().sent[0]).toMatchObject({ type: 'hello', resume: 'r1' });
  });

  it('tries at once when told to hurry', () => {
    enter();
    last().drop();
    client.hurry();
    expect(sockets).toHaveLength(2);
    vi.advanceTimersByTime(1000);
    expect(sockets).toHaveLength(2);
  });

  it.each([
    ['a replaced session', () => last().drop(4000, 'replaced'), 'replaced'],
    ['a refused token', () => last().drop(4001, 'token_expired'), 'token_expired'],
    ['a policy close', () => last().drop(1008, 'room_full'), 'room_full'],
    ['a fatal error', () => last().says({ type: 'error', code: 'not_found', message: 'No.', fatal: true }), 'not_found'],
    ['the end of the interview', () => last().says({ type: 'ended', interview }), 'ended'],
    ['a close after leaving', () => last().drop(1000, 'left'), 'left'],
  ])('does not come back after %s', (_, happen, code) => {
    enter();
    happen();
    vi.advanceTimersByTime(60_000);
    expect(overs).toEqual([code]);
    expect(sockets).toHaveLength(1);
  });

  it.each(['internal', 'going_away', 'slow', 'flood'])('comes back after the passing error %s', (code) => {
    enter();
    last().says({ type: 'error', code, message: 'A moment.', fatal: true });
    expect(overs).toEqual([]);
    expect(links.at(-1)?.state).toBe('waiting');
  });

  it('forgets the resume secret of a session that is over', () => {
    enter();
    last().says({ type: 'error', code: 'session_over', message: 'Over.', fatal: true });
    client.hurry();
    last().open();
    expect(last().sent[0]).not.toHaveProperty('resume');
  });

  it('tells the server about leaving and lets it close', () => {
    enter();
    const socket = last();
    client.close(true);
    expect(socket.sent.at(-1)).toEqual({ type: 'leave' });
    expect(socket.closed).toBe(false);
    vi.advanceTimersByTime(1000);
    expect(socket.closed).toBe(true);
    expect(overs).toEqual([]);
  });

  it('does not hear a socket it has let go of', () => {
    enter();
    const old = last();
    old.drop();
    client.hurry();
    old.says({ type: 'ended', interview });
    expect(overs).toEqual([]);
  });
});

describe('a client that comes too early', () => {
  const tooEarly = { type: 'error', code: 'too_early', message: '', fatal: false, re: 'hello', timing: { interview, you: {}, people: [], now: '' } };

  it('keeps the line, and says hello on it when it may be time', () => {
    last().open();
    last().says(tooEarly);
    expect(messages).toEqual(['error']);
    expect(links.at(-1)).toEqual({ state: 'open' });
    for (let n = 0; n < 20; n++) {
      vi.advanceTimersByTime(3000);
      last().says({ type: 'pong', n });
    }
    expect(sockets).toHaveLength(1);
    expect(last().sent.filter(({ type }) => type === 'ping').length).toBeGreaterThan(15);
    last().sent = [];
    client.again();
    expect(last().sent).toEqual([{ type: 'hello', token: 'secret', device: 'd1' }]);
    last().says(welcome());
    client.again(); // it is in
    expect(last().sent).toHaveLength(1);
  });

  it('finds out at once whether the line is still there', () => {
    last().open();
    last().says(tooEarly);
    last().sent = [];
    client.probe();
    expect(last().sent).toMatchObject([{ type: 'ping' }]);
  });

  it('comes back when the line is lost', () => {
    last().open();
    last().says(tooEarly);
    vi.advanceTimersByTime(3000 + 2800);
    expect(links.at(-1)?.state).toBe('waiting');
    vi.advanceTimersByTime(1000);
    expect(sockets).toHaveLength(2);
  });

  it('passes on when an interview was that is over', () => {
    last().open();
    last().says({ ...tooEarly, code: 'interview_over', fatal: true });
    expect(messages).toEqual(['error']);
    expect(overs).toEqual(['interview_over']);
  });
});
