/** Calls to the app's own backend, as one person. */
import type { Mode } from '../embed/interview.js';
import type { Interview, Person, Sent } from './state.js';

/** A person's own way into an interview. */
export interface Room {
  url: string;
  interview: Interview;
}

/** A call that failed. The message is a sentence for the person; the code is the backend's, or `network`. */
export class BackendError extends Error {
  readonly code: string;
  /** What can be contested, when the contact guard refused. */
  readonly decision: string | undefined;
  /** What is wrong of what was written, such as slots[1]. */
  readonly field: string | undefined;

  constructor(code: string, message: string, decision?: string, field?: string) {
    super(message);
    this.name = 'BackendError';
    this.code = code;
    this.decision = decision;
    this.field = field;
  }
}

const away = 'The server cannot be reached. Check your connection and try again.';

/** Everybody one can be. */
export async function people(): Promise<Person[]> {
  return (await send<{ people: Person[] }>('GET', '/app/people')).people;
}

export class Backend {
  readonly #as: string;

  constructor(as: string) {
    this.#as = as;
  }

  /** Where this person's state is told, at once and after every change. */
  get events(): string {
    return `/app/events?as=${encodeURIComponent(this.#as)}`;
  }

  /** Resolves when the backend is there and knows this person. */
  async check(): Promise<void> {
    await send('GET', `/app/state?as=${encodeURIComponent(this.#as)}`);
  }

  /** Answers a proposal: its thread is opened, or found. */
  openThread(proposal: string): Promise<{ thread: string }> {
    return this.#post(`/app/proposals/${encodeURIComponent(proposal)}/message`);
  }

  write(thread: string, text: string): Promise<Sent> {
    return this.#post(`${path(thread)}/messages`, { text });
  }

  contest(thread: string, decision: string, words: string): Promise<unknown> {
    return this.#post(`${path(thread)}/appeal`, { decision, words });
  }

  call(thread: string, mode: Mode): Promise<Room> {
    return this.#post(`${path(thread)}/call`, { mode });
  }

  join(thread: string): Promise<Room> {
    return this.#post(`${path(thread)}/join`);
  }

  /** The address of one's own page to try network and devices on. */
  checkLink(thread: string, interview: string): Promise<{ url: string }> {
    return this.#post(`${path(thread)}/check`, { interview });
  }

  /** Tells in which time zone this browser is, for others to see beside their own. */
  settle(zone: string): Promise<unknown> {
    return this.#post('/app/zone', { time_zone: zone });
  }

  propose(thread: string, body: { mode: Mode; slots: string[]; duration_min: number; note: string; interview?: string }): Promise<unknown> {
    return this.#post(`${path(thread)}/times`, body);
  }

  /** Chooses one of the times proposed, or none: then they are declined, or taken back by whoever proposed them. */
  answer(thread: string, proposal: string, slot?: string): Promise<unknown> {
    return this.#post(`${path(thread)}/answer`, { proposal, ...(slot ? { slot } : {}) });
  }

  cancel(thread: string, interview: string): Promise<unknown> {
    return this.#post(`${path(thread)}/cancel`, { interview });
  }

  /** The way into a scheduled interview; its page says when it is until it opens. */
  appointment(thread: string, interview: string): Promise<Room> {
    return this.#post(`${path(thread)}/appointment`, { interview });
  }

  /** Where a scheduled interview's calendar file is. */
  calendar(thread: string, interview: string): string {
    return `${path(thread)}/calendar?${new URLSearchParams({ as: this.#as, interview })}`;
  }

  decline(thread: string): Promise<unknown> {
    return this.#post(`${path(thread)}/decline`);
  }

  /** This person's own way to a recording. */
  recording(thread: string, recording: string): Promise<{ url: string }> {
    return this.#post(`${path(thread)}/recording`, { recording });
  }

  #post<Answer>(to: string, body: Record<string, unknown> = {}): Promise<Answer> {
    return send<Answer>('POST', to, { as: this.#as, ...body });
  }
}

function path(thread: string): string {
  return `/app/threads/${encodeURIComponent(thread)}`;
}

async function send<Answer>(method: string, to: string, body?: Record<string, unknown>): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(to, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } } : {}),
      signal: AbortSignal.timeout(15_000),
    });
  } catch {
    throw new BackendError('network', away);
  }
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) throw problem(response.status, answer);
  if (answer === null) throw new BackendError('network', away);
  return answer as Answer;
}

function problem(status: number, answer: unknown): BackendError {
  const { code, detail, decision, field } = (answer ?? {}) as Partial<Record<'code' | 'detail' | 'decision' | 'field', string>>;
  return new BackendError(code ?? 'network', detail ?? `The server answered with an error (${status}). Try again.`, decision, field);
}
