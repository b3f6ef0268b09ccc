import { decode } from './decode.js';
import { SUBPROTOCOL, type ClientMessage, type ServerMessage } from './wire.js';

/** How things stand with the server. `retryAt` is a time of `Date.now()`. */
export type Link = { state: 'connecting' } | { state: 'open' } | { state: 'waiting'; attempt: number; retryAt: number };

/** Why the client gave up for good: an error code of the protocol, or one of the two friendly ends. */
export type Over = 'left' | 'ended' | (string & {});

export interface SignalOptions {
  url: string;
  token: string;
  /** The same for all tabs of one browser. */
  device: string;
  onMessage(message: ServerMessage): void;
  onLink(link: Link): void;
  /** Called once, when there is no use in coming back. */
  onOver(code: Over): void;
  /** Makes the socket; tests pass their own. */
  socket?: (url: string, protocol: string) => WebSocket;
  random?: () => number;
}

/** A page that has heard nothing this long after asking is not connected, whatever the socket says. */
const SILENCE_MS = 2800; // less than a ping: the next one must not find it still waiting
const LONGEST_PING_MS = 3000;
/** The same, when there is reason to believe that it is not. */
const PROBE_MS = 1200;
/** A first try gets less time than later ones: a packet lost while the network changes is not sent again soon. */
const WELCOME_WITHIN_MS = [3000, 5000, 8000];
const FIRST_DELAY_MS = 300;
/** A server that restarts is back within seconds, and a call waits for it; one that stays away is asked less often. */
const LONGEST_DELAY_MS = 500;
const PATIENT_AFTER_MS = 15_000;
const PATIENT_DELAY_MS = 10_000;

/** Fatal errors that concern the connection or the moment; coming back may well work. */
const PASSING = new Set(['internal', 'going_away', 'slow', 'flood', 'hello_late', 'session_over']);

/**
 * The page's end of the WebSocket. It says hello, keeps the socket honest with pings, and when the socket is lost comes
 * back with the resume secret until the server says that there is no use in it.
 */
export class SignalClient {
  readonly #options: SignalOptions;
  #socket: WebSocket | undefined;
  #resume: string | undefined;
  #attempt = 0;
  /** What the server has said on this socket: that it is too early, for which it keeps the line open, or welcome. */
  #answer: 'none' | 'early' | 'welcome' = 'none';
  #done = false;
  #pings = 0;
  #heard = 0;
  #retryAfter: number | undefined;
  /** When the connection was lost, until there is another. */
  #lostAt: number | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #pingTimer: ReturnType<typeof setInterval> | undefined;
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SignalOptions) {
    this.#options = options;
  }

  /** Opens the first connection. */
  connect(): void {
    this.#open();
  }

  /** Sends a message and reports whether it went out. Nothing is kept for later: after a welcome the page says anew what still holds. */
  send(message: ClientMessage): boolean {
    return this.#answer === 'welcome' && this.#transmit(message);
  }

  /** After "too early": it may be time now. */
  again(): void {
    if (this.#answer === 'early') this.#hello();
  }

  /** Tries again at once when waiting; otherwise finds out whether the connection is still alive. */
  hurry(): void {
    if (this.#done) return;
    if (this.#retryTimer !== undefined) {
      this.#open();
    } else if (this.#answer !== 'none') {
      this.#ping();
    }
  }

  /** There is reason to believe that the connection is gone: finds out, sooner than usual. */
  probe(): void {
    if (this.#done || this.#answer === 'none') return;
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = undefined;
    this.#ping(PROBE_MS);
  }

  /** The network is another one: opens a new connection at once, whatever the old one is worth. */
  reconnect(): void {
    if (this.#done) return;
    if (!this.#socket || this.#answer !== 'none') this.#open();
  }

  /** Ends the client. With `leave` the server is told that the person left; it then closes the socket itself. */
  close(leave = false): void {
    if (this.#done) return;
    const told = leave && this.send({ type: 'leave' });
    this.#done = true;
    this.#stopTimers();
    const socket = this.#release();
    if (!socket) return;
    // The server's close comes after it has carried the leave out; a socket that hangs is closed from here.
    if (told) setTimeout(() => socket.close(), 1000);
    else socket.close();
  }

  #open(): void {
    this.#stopTimers();
    this.#release()?.close();
    this.#answer = 'none';
    this.#options.onLink({ state: 'connecting' });
    const make = this.#options.socket ?? ((url, protocol) => new WebSocket(url, protocol));
    let socket: WebSocket;
    try {
      socket = make(this.#options.url, SUBPROTOCOL);
    } catch {
      this.#lost();
      return;
    }
    this.#socket = socket;
    socket.onopen = () => this.#hello();
    socket.onmessage = (event: MessageEvent) => this.#received(event.data);
    socket.onclose = (event: CloseEvent) => this.#closed(event);
    this.#silenceTimer = setTimeout(() => this.#lost(), WELCOME_WITHIN_MS[Math.min(this.#attempt, WELCOME_WITHIN_MS.length - 1)]);
  }

  #hello(): void {
    const { token, device } = this.#options;
    const hello: ClientMessage = { type: 'hello', token, device };
    if (this.#resume !== undefined) hello.resume = this.#resume;
    this.#transmit(hello);
  }

  #transmit(message: ClientMessage): boolean {
    if (this.#socket?.readyState !== 1) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** The server answered: what was lost before is forgotten. */
  #answered(answer: 'early' | 'welcome', pingMs: number): void {
    this.#answer = answer;
    this.#attempt = 0;
    this.#lostAt = undefined;
    this.#keepAlive(pingMs);
    this.#options.onLink({ state: 'open' });
  }

  #received(data: unknown): void {
    this.#heard++;
    const message = typeof data === 'string' ? decode(data) : undefined;
    if (!message) return;
    if (message.type === 'welcome') {
      this.#resume = message.resume;
      this.#answered('welcome', message.ping_ms);
    } else if (message.type === 'going_away') {
      this.#retryAfter = message.retry_ms;
    } else if (message.type === 'error' && message.code === 'too_early' && !message.fatal) {
      this.#answered('early', LONGEST_PING_MS);
    } else if (message.type === 'error' && message.fatal) {
      if (message.timing) this.#options.onMessage(message);
      this.#refused(message.code);
      return;
    }
    if (message.type !== 'pong') this.#options.onMessage(message);
    if (message.type === 'ended') this.#over('ended');
  }

  #refused(code: string): void {
    if (code === 'session_over') this.#resume = undefined;
    if (PASSING.has(code)) this.#lost();
    else this.#over(code);
  }

  #closed(event: CloseEvent): void {
    if (event.code === 4000) this.#over('replaced');
    else if (event.code === 4001) this.#over(event.reason || 'token_malformed');
    else if (event.code === 1000 && (event.reason === 'left' || event.reason === 'ended')) this.#over(event.reason);
    else if (event.code === 1008 && event.reason && !PASSING.has(event.reason)) this.#over(event.reason);
    else this.#lost();
  }

  #over(code: Over): void {
    if (this.#done) return;
    this.#done = true;
    this.#stopTimers();
    this.#release()?.close();
    this.#options.onOver(code);
  }

  /** The connection is gone: waits, longer each time, and opens the next one. */
  #lost(): void {
    this.#stopTimers();
    this.#release()?.close();
    this.#answer = 'none';
    if (this.#done) return;
    const attempt = this.#attempt++;
    const spread = 0.5 + (this.#options.random ?? Math.random)() / 2;
    this.#lostAt ??= Date.now();
    const longest = Date.now() - this.#lostAt < PATIENT_AFTER_MS ? LONGEST_DELAY_MS : PATIENT_DELAY_MS;
    const backoff = Math.min(longest, FIRST_DELAY_MS * 2 ** attempt) * spread;
    const delay = Math.round(this.#retryAfter ?? backoff);
    this.#retryAfter = undefined;
    this.#retryTimer = setTimeout(() => this.#open(), delay);
    this.#options.onLink({ state: 'waiting', attempt: attempt + 1, retryAt: Date.now() + delay });
  }

  #keepAlive(every: number): void {
    this.#stopTimers();
    this.#pingTimer = setInterval(() => this.#ping(), Math.max(1000, Math.min(every, LONGEST_PING_MS)));
  }

  #ping(within = SILENCE_MS): void {
    if (this.#silenceTimer !== undefined) return;
    if (this.#answer === 'none' || !this.#transmit({ type: 'ping', n: ++this.#pings })) return;
    const heard = this.#heard;
    this.#silenceTimer = setTimeout(() => {
      this.#silenceTimer = undefined;
      if (this.#heard === heard) this.#lost();
    }, within);
  }

  /** Lets go of the socket: nothing it still has to say reaches this client. */
  #release(): WebSocket | undefined {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
    return socket;
  }

  #stopTimers(): void {
    clearTimeout(this.#retryTimer);
    clearInterval(this.#pingTimer);
    clearTimeout(this.#silenceTimer);
    this.#retryTimer = this.#pingTimer = this.#silenceTimer = undefined;
  }
}
