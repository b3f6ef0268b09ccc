import type { Call, Interview, Mode } from './interview.js';

/** Why a press did not open a room. The set is closed; `call-error` carries it. */
export type CallErrorCode =
  | 'unset' // the element has neither call-url nor request
  | 'network' // the host's server could not be reached
  | 'timeout' // it did not answer in time
  | 'refused' // it answered with an error status
  | 'unusable' // its answer is not a call
  | 'blocked'; // the browser did not let a tab open

/** What is asked of the host's backend. */
export interface Press {
  mode: Mode;
  thread: string;
}

/** A press that failed. `detail` is the server's own sentence for the person, when it gave one. */
export class CallError extends Error {
  readonly code: CallErrorCode;
  readonly status: number | undefined;
  readonly detail: string | undefined;

  constructor(code: CallErrorCode, status?: number, detail?: string) {
    super(detail ?? code);
    this.name = 'CallError';
    this.code = code;
    this.status = status;
    this.detail = detail;
  }
}

/** A server that is alive answers a press well within this. */
const patience = 15_000;

/**
 * Asks the host's backend for a room, at its call-url or by the host's own function. Rejects with a `CallError` and
 * nothing else. What the host's function throws is taken for a refusal in the words of its `message`.
 */
export async function requestCall(
  ask: string | ((press: Press) => Promise<unknown>),
  press: Press,
): Promise<Call> {
  if (typeof ask === 'string') return postCall(ask, press);
  let answer: unknown;
  try {
    answer = await ask(press);
  } catch (cause) {
    // fetch rejects with a TypeError when it reaches nobody; its text is no sentence for people.
    if (cause instanceof TypeError) throw new CallError('network');
    throw new CallError('refused', undefined, textOf(cause, 'message'));
  }
  return readCall(answer, location.href);
}

/** The request carries the host's cookies, because it is the host that knows who is pressing. */
async function postCall(callUrl: string, press: Press): Promise<Call> {
  let response: Response;
  try {
    response = await fetch(callUrl, {
      method: 'POST',
      credentials: 'include',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify(press.thread ? press : { mode: press.mode }),
      signal: AbortSignal.timeout(patience),
    });
  } catch (cause) {
    throw new CallError((cause as Error).name === 'TimeoutError' ? 'timeout' : 'network');
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw new CallError('refused', response.status, textOf(body, 'detail'));
  return readCall(body, response.url);
}

/** Checks the backend's answer. Only http and https addresses are ever opened. */
export function readCall(body: unknown, base: string): Call {
  const address = textOf(body, 'url');
  const interview = (body as { interview?: unknown } | null | undefined)?.interview;
  if (!address || !textOf(interview, 'id') || !URL.canParse(address, base)) throw new CallError('unusable');
  const url = new URL(address, base);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new CallError('unusable');
  return { url: url.href, interview: interview as Interview };
}

function textOf(value: unknown, key: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const text = (value as Record<string, unknown>)[key];
  return typeof text === 'string' && text !== '' ? text : undefined;
}
