import type { AppealStanding } from '../ui/appeal.js';
import type { Appeal, ChatMessage, ComplaintReason, Finding, Receipt, ServerMessage, WireError } from '../signal/wire.js';
import type { Effect, State, Step } from './state.js';

/** A message of one's own that has not been delivered. */
export interface Pending {
  ref: string;
  text: string;
  state: 'sending' | 'blocked' | 'refused';
  findings: Finding[];
  /** Why it was refused. */
  code: string;
  /** What can be contested. */
  decision?: string | undefined;
}

/** What became of a message of one's own that was delivered. */
export interface Note {
  action: Receipt['action'];
  findings: Finding[];
  decision?: string | undefined;
  /** As it was sent; empty when it is not known here. */
  text: string;
}

/** An appeal of one's own, with the words that were sent and not answered yet. */
export type Contested = AppealStanding & { words?: string; at?: string };

/** What is written in the thread. */
export interface Chat {
  open: boolean;
  messages: readonly ChatMessage[];
  /** There are older ones than those here. */
  more: boolean;
  loading: boolean;
  /** Contact details are held back now. */
  guarded: boolean;
  /** They were, and are no more. */
  lifted: boolean;
  mayWrite: boolean;
  unread: number;
  pending: readonly Pending[];
  /** What became of one's own messages, by their numbers, where there is something to say. */
  notes: ReadonlyMap<number, Note>;
  /** One's own appeals, by their decisions. */
  appeals: ReadonlyMap<string, Contested>;
  /** What is to be edited; each time another object. */
  draft: { text: string } | undefined;
}

export type Complaint = 'none' | 'sending' | 'sent' | 'refused';

export const NO_CHAT: Chat = {
  open: false,
  messages: [],
  more: false,
  loading: false,
  guarded: false,
  lifted: false,
  mayWrite: false,
  unread: 0,
  pending: [],
  notes: new Map(),
  appeals: new Map(),
  draft: undefined,
};

export type ChatEvent =
  | { type: 'chat'; open: boolean }
  | { type: 'say'; ref: string; text: string }
  | { type: 'older' }
  | { type: 'edit'; ref: string }
  | { type: 'drop'; ref: string }
  | { type: 'contest'; decision: string; words: string }
  | { type: 'complain'; ref: string; about: string; reason: ComplaintReason; words: string }
  | { type: 'complained' };

/** What a page asks after every welcome: what was said meanwhile, and what became of what it wrote. */
export function catchUp(state: State): Effect[] {
  const again = state.chat.pending.filter((p) => p.state === 'sending');
  return [{ do: 'send', message: { type: 'history', before: 0 } }, ...again.map(say)];
}

const contest = (decision: string, words: string): Effect => ({ do: 'send', message: { type: 'appeal', decision, words } });
const say = ({ ref, text }: Pending): Effect => ({ do: 'send', message: { type: 'chat', ref, text } });

/** What the person does. */
export function chatting(state: State, event: ChatEvent): Step {
  const { chat } = state;
  const to = (next: Partial<Chat>, effects: Effect[] = []): Step => [{ ...state, chat: { ...chat, ...next } }, effects];
  switch (event.type) {
    case 'chat':
      return to({ open: event.open, unread: 0 });
    case 'say': {
      const mine: Pending = { ref: event.ref, text: event.text, state: 'sending', findings: [], code: '' };
      const pending = [...chat.pending.filter((p) => p.ref !== event.ref), mine];
      return to({ pending, notes: sentAfterAll(chat.notes, event.text), draft: undefined }, [say(mine)]);
    }
    case 'older': {
      const first = chat.messages[0];
      if (!first || !chat.more || chat.loading) return [state, []];
      return to({ loading: true }, [{ do: 'send', message: { type: 'history', before: first.n } }]);
    }
    case 'edit': {
      const mine = chat.pending.find((p) => p.ref === event.ref);
      return mine ? to({ pending: without(chat.pending, event.ref), draft: { text: mine.text } }) : [state, []];
    }
    case 'drop':
      return to({ pending: without(chat.pending, event.ref) });
    case 'contest': {
      const { decision, words } = event;
      return to({ appeals: new Map(chat.appeals).set(decision, { is: 'sending', words }) }, [contest(decision, words)]);
    }
    case 'complain': {
      const { ref, about, reason, words } = event;
      const message = { type: 'complaint' as const, ref, reason, ...(about && { about }), ...(words && { words }) };
      return [{ ...state, complaint: 'sending' }, [{ do: 'send', message }]];
    }
    case 'complained':
      return [{ ...state, complaint: 'none' }, []];
  }
}

/** What was masked and goes out again need not be offered to be sent any more. */
function sentAfterAll(notes: Chat['notes'], text: string): Chat['notes'] {
  return new Map([...notes].map(([n, note]) => [n, note.text === text ? { ...note, text: '' } : note]));
}

/**
 * The newest appeal that was decided and whose message is not here any more: the page was loaded anew since. What the person has
 * written after it shows that they know.
 */
export function decidedElsewhere(chat: Chat, you: string | undefined): { at: string; state: 'upheld' | 'dismissed' } | undefined {
  const here = new Set([...chat.pending.map((p) => p.decision), ...[...chat.notes.values()].map((n) => n.decision)]);
  const [newest] = [...chat.appeals].filter(([decision]) => !here.has(decision)).sort(([, a], [, b]) => (b.at ?? '').localeCompare(a.at ?? ''));
  const standing = newest?.[1];
  if (chat.messages.some((m) => m.from.id === you && m.at > (standing?.at ?? ''))) return undefined;
  return standing?.at && (standing.is === 'upheld' || standing.is === 'dismissed') ? { at: standing.at, state: standing.is } : undefined;
}

/** What the server says. */
export function written(state: State, message: Extract<ServerMessage, { type: 'chat' | 'receipt' | 'history' | 'guard' | 'appeal' | 'complaint' }>): Step {
  const { chat } = state;
  const to = (next: Partial<Chat>, effects: Effect[] = []): Step => [{ ...state, chat: { ...chat, ...next } }, effects];
  switch (message.type) {
    case 'chat': {
      const said = message.message;
      if (chat.messages.some((m) => m.n === said.n)) return [state, []];
      const messages = merge(chat.messages, [said]);
      if (said.from.id === state.you?.id || chat.open) return to({ messages });
      return to({ messages, unread: chat.unread + 1 }, [{ do: 'say-message', who: said.from.name, text: said.text }]);
    }
    case 'receipt':
      return received(state, message);
    case 'history':
      return to(paged(state, message), message.before > 0 ? [] : unanswered(chat, message.appeals));
    case 'guard':
      if (message.active === chat.guarded) return [state, []];
      return to({ guarded: message.active, lifted: !message.active }, [{ do: 'say-guard', active: message.active }]);
    case 'appeal':
      return to({ appeals: new Map(chat.appeals).set(message.decision, { is: message.state, at: message.at }) }, chat.open ? [] : [{ do: 'say-appeal', state: message.state }]);
    case 'complaint':
      return [{ ...state, complaint: 'sent' }, []];
  }
}

function received(state: State, receipt: Receipt): Step {
  const { chat } = state;
  const { action, findings, message, ref, decision } = receipt;
  if (!message) {
    const pending = chat.pending.map((p): Pending => (p.ref === ref ? { ...p, state: 'blocked', findings, decision } : p));
    return [{ ...state, chat: { ...chat, pending } }, [{ do: 'say-held-back' }]];
  }
  const notes = new Map(chat.notes);
  const text = chat.pending.find((p) => p.ref === ref)?.text ?? '';
  if (action !== 'allow') notes.set(message.n, { action, findings, decision, text });
  return [{ ...state, chat: { ...chat, notes, messages: merge(chat.messages, [message]), pending: without(chat.pending, ref) } }, []];
}

function paged(state: State, page: Extract<ServerMessage, { type: 'history' }>): Partial<Chat> {
  const { chat } = state;
  const { messages, guarded, may_write: mayWrite } = page;
  if (page.before > 0) return { messages: merge(messages, chat.messages), more: page.more, loading: false };
  const appeals = new Map([...chat.appeals, ...page.appeals.map((a): [string, Contested] => [a.decision, { is: a.state, at: a.at }])]);
  const last = chat.messages.at(-1)?.n ?? 0;
  const gap = page.more && last > 0 && (messages[0]?.n ?? 0) > last + 1; // more was written meanwhile than a page holds
  const known = gap ? [] : chat.messages;
  const missed = last > 0 && !chat.open ? messages.filter((m) => m.n > last && m.from.id !== state.you?.id).length : 0;
  return {
    messages: merge(known, messages),
    more: known.length > 0 ? chat.more : page.more,
    loading: false,
    guarded,
    appeals,
    lifted: chat.lifted || (chat.guarded && !guarded),
    mayWrite,
    unread: chat.unread + missed,
  };
}

/** Appeals that were lost with the connection are made again. */
function unanswered(chat: Chat, known: readonly Appeal[]): Effect[] {
  const lost = [...chat.appeals].filter(([decision, a]) => a.is === 'sending' && !known.some((k) => k.decision === decision));
  return lost.map(([decision, { words }]) => contest(decision, words ?? ''));
}

/** A message, an appeal or a report that the server did not take. */
export function refused(state: State, error: WireError): Step {
  if (error.re === 'complaint') return [{ ...state, complaint: 'refused' }, []];
  const { chat } = state;
  if (error.re === 'appeal') {
    // One that was made again, and had arrived before, is refused: how it stands is known then.
    if (!error.ref || chat.appeals.get(error.ref)?.is !== 'sending') return [state, []];
    const appeals = new Map(chat.appeals).set(error.ref, { is: 'refused', code: error.code });
    return [{ ...state, chat: { ...chat, appeals } }, []];
  }
  const pending = chat.pending.map((p): Pending => (p.ref === error.ref ? { ...p, state: 'refused', code: error.code } : p));
  return [{ ...state, chat: { ...chat, pending } }, [{ do: 'say-held-back' }]];
}

function without(pending: readonly Pending[], ref: string): Pending[] {
  return pending.filter((p) => p.ref !== ref);
}

function merge(a: readonly ChatMessage[], b: readonly ChatMessage[]): ChatMessage[] {
  const all = new Map([...a, ...b].map((m) => [m.n, m]));
  return [...all.values()].sort((x, y) => x.n - y.n);
}

/** The pieces of a text, and which of them were found. Findings count characters, not the units of a JavaScript string. */
export function pieces(text: string, findings: readonly Finding[]): { text: string; found: boolean }[] {
  const characters = [...text];
  const out: { text: string; found: boolean }[] = [];
  let at = 0;
  for (const { start, end } of findings) {
    if (start < at || end > characters.length) continue;
    if (start > at) out.push({ text: characters.slice(at, start).join(''), found: false });
    out.push({ text: characters.slice(start, end).join(''), found: true });
    at = end;
  }
  if (at < characters.length) out.push({ text: characters.slice(at).join(''), found: false });
  return out;
}

/** A name for a message that no other one of this person has. */
export function newRef(): string {
  return `c_${[...crypto.getRandomValues(new Uint8Array(12))].map((b) => b.toString(16).padStart(2, '0')).join('')}`;
}
