import type { FileLimits, FileStanding, Finding, Upload, WireError } from '../signal/wire.js';
import type { Effect, State, Step } from './state.js';

/** A file of one's own on its way to the thread. */
export interface Sharing {
  ref: string;
  name: string;
  size: number;
  /** Its media type, or '' where the browser knows none. */
  media: string;
  /** The host app is asked; the bytes are on their way; the server is told; it did not come to it. */
  state: 'asking' | 'uploading' | 'telling' | 'failed';
  /** The share of the bytes that has gone out. */
  part: number;
  /** Why it failed: a state or an error code of the protocol, or what became of the upload. */
  code: string;
  /** The host app's own words for it. */
  reason: string;
  findings: Finding[];
}

export interface Files {
  /** Which files may be offered; undefined: none. */
  limits: FileLimits | undefined;
  sharing: readonly Sharing[];
}

export const NO_FILES: Files = { limits: undefined, sharing: [] };

export type FileEvent =
  | { type: 'give'; ref: string; name: string; size: number; media: string }
  | { type: 'sent'; ref: string; part: number }
  | { type: 'brought'; ref: string; how: 'done' | 'network' | 'rejected' }
  | { type: 'take-back'; ref: string };

/** The effects of files, which uploads.ts carries out. */
export type FileEffect = { do: 'bring'; ref: string; upload: Upload } | { do: 'let-go'; ref: string } | { do: 'say-file'; name: string; code: string; reason: string; found: string[] };

/** What the person does with their files, and what becomes of their uploads. */
export function filing(state: State, event: FileEvent): Step {
  const { files } = state;
  if (event.type === 'give') return give(state, event);
  const mine = files.sharing.find((f) => f.ref === event.ref);
  if (!mine) return [state, []];
  switch (event.type) {
    case 'sent':
      return change(state, mine, { part: event.part });
    case 'brought':
      if (event.how === 'done') return change(state, mine, { state: 'telling', part: 1 }, [tell('uploaded', mine.ref)]);
      return failed(state, mine, event.how, [tell('withdraw', mine.ref)]);
    case 'take-back': {
      const open = mine.state === 'asking' || mine.state === 'uploading';
      const sharing = files.sharing.filter((f) => f !== mine);
      return [{ ...state, files: { ...files, sharing } }, [{ do: 'let-go', ref: mine.ref }, ...(open ? [tell('withdraw', mine.ref)] : [])]];
    }
  }
}

function give(state: State, { ref, name, size, media }: Extract<FileEvent, { type: 'give' }>): Step {
  const { files } = state;
  if (!files.limits) return [state, []];
  const mine: Sharing = { ref, name, size, media, state: 'asking', part: 0, code: '', reason: '', findings: [] };
  const next: State = { ...state, files: { ...files, sharing: [...files.sharing, mine] } };
  // What the server is sure to refuse need not be asked.
  if (size > files.limits.max_size) return failed(next, mine, 'file_too_large');
  return [next, [offer(mine)]];
}

/** What the server says about a file of one's own. */
export function filed(state: State, news: FileStanding): Step {
  const mine = state.files.sharing.find((f) => f.ref === news.ref);
  if (!mine || mine.state === 'failed') return [state, []];
  const { name = mine.name, findings = [], reason = '' } = news;
  switch (news.state) {
    case 'offered':
      return change(state, mine, { name });
    case 'granted':
      if (mine.state !== 'asking') return [state, []];
      if (!news.upload) return failed(state, mine, 'expired', [tell('withdraw', mine.ref)]);
      return change(state, mine, { name, state: 'uploading' }, [{ do: 'bring', ref: mine.ref, upload: news.upload }]);
    case 'uploaded':
      return [{ ...state, files: { ...state.files, sharing: state.files.sharing.filter((f) => f !== mine) } }, [{ do: 'let-go', ref: mine.ref }]];
    default:
      return failed(state, { ...mine, findings, reason }, news.state);
  }
}

/** A file that the server did not take. */
export function fileRefused(state: State, error: WireError): Step {
  const mine = state.files.sharing.find((f) => f.ref === error.ref);
  return mine && mine.state !== 'failed' ? failed(state, mine, error.code) : [state, []];
}

/** What a page says again after every welcome: an upload goes on by itself, what was said about it may not have arrived. */
export function catchUpFiles(files: Files): Effect[] {
  return files.sharing.flatMap((f): Effect[] => {
    if (f.state === 'telling') return [tell('uploaded', f.ref)];
    return f.state === 'asking' ? [offer(f)] : [];
  });
}

function failed(state: State, mine: Sharing, code: string, effects: Effect[] = []): Step {
  const { name, reason, findings } = mine;
  const stopped: Effect[] = mine.state === 'uploading' ? [{ do: 'let-go', ref: mine.ref }] : [];
  return change(state, mine, { state: 'failed', code, reason, findings }, [...stopped, ...effects, { do: 'say-file', name, code, reason, found: findings.map((f) => f.category) }]);
}

function change(state: State, mine: Sharing, to: Partial<Sharing>, effects: Effect[] = []): Step {
  const sharing = state.files.sharing.map((f) => (f.ref === mine.ref ? { ...f, ...to } : f));
  return [{ ...state, files: { ...state.files, sharing } }, effects];
}

function offer({ ref, name, size, media }: Sharing): Effect {
  return { do: 'send', message: { type: 'file', action: 'offer', ref, name, size, ...(media && { media_type: media }) } };
}

function tell(action: 'uploaded' | 'withdraw', ref: string): Effect {
  return { do: 'send', message: { type: 'file', action, ref } };
}

/** Where a file of the thread leads, or nothing when that is no place a page may lead to. */
export function placeOf(link: string, base: string): string | undefined {
  if (!URL.canParse(link, base)) return undefined;
  const { protocol, href } = new URL(link, base);
  return protocol === 'https:' || protocol === 'http:' ? href : undefined;
}
