/** What the server says of a recording to one person; docs/recording.md describes it. Positions are milliseconds from its beginning. */
export interface Opened {
  id: string;
  started_at: string;
  duration_ms: number;
  people: { id: string; name: string }[];
  files: Media[];
  chapters: { at_ms: number; label?: string }[];
  /** One picture of the whole conversation, when it has been made. */
  whole?: { url: string; size: number };
  /** What was put into writing, of those who agreed to it; without a participant, of all. */
  transcripts: { url: string; participant?: string; size: number }[];
  you: string;
}

export interface Media {
  name: string;
  url: string;
  participant: string;
  source: 'mic' | 'camera' | 'screen' | 'screen-audio';
  start_ms: number;
  duration_ms: number;
  size: number;
}

/** Why a recording cannot be opened: a code of the API, or 'unreachable'. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/**
 * Opens a recording. The pass of the address becomes a cookie that scripts cannot read and that goes nowhere but to this
 * recording: media elements can send no other.
 */
export async function open(id: string, pass: string | undefined): Promise<Opened> {
  return (await post(id, 'open', pass)).json() as Promise<Opened>;
}

/** Asks for the recording to be deleted. */
export async function askForDeletion(id: string): Promise<void> {
  await post(id, 'deletion', undefined);
}

/** Takes back that what one said was put into writing, and has it deleted. */
export async function deleteTranscript(id: string, person: string): Promise<void> {
  await ask('DELETE', `${address(id)}/transcripts/${encodeURIComponent(person)}`, undefined);
}

/** Reads a transcript. */
export async function readTranscript(url: string): Promise<string> {
  return (await ask('GET', url, undefined)).text();
}

function address(id: string): string {
  return `/v1/recordings/${encodeURIComponent(id)}`;
}

function post(id: string, what: string, pass: string | undefined): Promise<Response> {
  return ask('POST', `${address(id)}/${what}`, pass);
}

async function ask(method: string, url: string, pass: string | undefined): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(url, { method, headers: pass ? { Authorization: `Bearer ${pass}` } : {} });
  } catch {
    throw new Refused('unreachable');
  }
  if (answer.ok) return answer;
  const problem: unknown = await answer.json().catch(() => undefined);
  const code = typeof problem === 'object' && problem !== null && 'code' in problem && typeof problem.code === 'string' ? problem.code : 'internal';
  throw new Refused(code);
}
