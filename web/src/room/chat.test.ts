import { describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { complaint } from '../i18n/complaint.js';
import { messages } from '../i18n/messages.js';
import { COMPLAINTS, type ChatMessage, type ServerMessage } from '../signal/wire.js';
import { catchUp, decidedElsewhere, pieces } from './chat.js';
import { reduce } from './reduce.js';
import { INITIAL, type Effect, type Event, type State } from './state.js';

const FEMI = { id: 'freelancer', name: 'Femi Adeyemi', role: 'interviewee' };
const CLARA = { id: 'client', name: 'Clara Novak', role: 'interviewer' };
const said = (n: number, from = CLARA, text = `text ${n}`): ChatMessage => ({ n, id: `tm_${n}`, from, at: '2026-11-24T13:00:00Z', text });
const server = (message: ServerMessage): Event => ({ type: 'server', message });
const chat = (n: number, from = CLARA): Event => server({ type: 'chat', message: said(n, from) });
const history = (before: number, numbers: number[], more: boolean): Event =>
  server({ type: 'history', before, messages: numbers.map((n) => said(n)), more, guarded: true, may_write: true, appeals: [] });

function play(...events: Event[]): { state: State; effects: Effect[] } {
  let state: State = { ...INITIAL, phase: 'room', you: FEMI };
  let effects: Effect[] = [];
  for (const event of events) [state, effects] = reduce(state, event);
  return { state, effects };
}

const numbers = (state: State): number[] => state.chat.messages.map((m) => m.n);

describe('messages', () => {
  it('stand in the order of their numbers, each once, however they arrive', () => {
    expect(numbers(play(chat(3), history(0, [1, 2, 3], false), chat(2)).state)).toEqual([1, 2, 3]);
  });

  it('count as unread while the panel is closed, and are read out', () => {
    const { state, effects } = play(chat(1), chat(2));
    expect(state.chat.unread).toBe(2);
    expect(effects).toEqual([{ do: 'say-message', who: 'Clara Novak', text: 'text 2' }]);
    expect(play(chat(1), { type: 'chat', open: true }).state.chat.unread).toBe(0);
    expect(play({ type: 'chat', open: true }, chat(1)).state.chat.unread).toBe(0);
    expect(play(chat(1, FEMI)).state.chat.unread).toBe(0);
  });

  it('that came while the connection was lost count as unread', () => {
    expect(play(history(0, [1, 2], false), history(0, [1, 2, 3, 4], false)).state.chat.unread).toBe(2);
  });

  it('come page by page', () => {
    const { state, effects } = play(history(0, [5, 6], true), { type: 'older' });
    expect(effects).toEqual([{ do: 'send', message: { type: 'history', before: 5 } }]);
    expect(reduce(state, { type: 'older' })[1]).toEqual([]);
    const after = play(history(0, [5, 6], true), { type: 'older' }, history(5, [3, 4], false)).state;
    expect(numbers(after)).toEqual([3, 4, 5, 6]);
    expect(after.chat.more).toBe(false);
  });

  it('leave no silent gap when more was missed than a page holds', () => {
    const { state } = play(history(0, [1, 2], false), history(0, [60, 61], true));
    expect(numbers(state)).toEqual([60, 61]);
    expect(state.chat.more).toBe(true);
  });
});

describe('a message of one’s own', () => {
  const say: Event = { type: 'say', ref: 'c_1', text: 'me@example.org' };

  it('is sent, and sent again under the same name after the connection was lost', () => {
    const { state, effects } = play(say);
    expect(effects).toEqual([{ do: 'send', message: { type: 'chat', ref: 'c_1', text: 'me@example.org' } }]);
    expect(catchUp(state)).toContainEqual(effects[0]);
  });

  it('that was blocked waits to be edited', () => {
    const blocked = server({ type: 'receipt', ref: 'c_1', action: 'block', findings: [{ category: 'email', start: 0, end: 14 }] });
    const { state, effects } = play(say, blocked);
    expect(state.chat.pending[0]).toMatchObject({ state: 'blocked', text: 'me@example.org' });
    expect(effects).toEqual([{ do: 'say-held-back' }]);
    const edited = play(say, blocked, { type: 'edit', ref: 'c_1' }).state.chat;
    expect(edited.pending).toEqual([]);
    expect(edited.draft?.text).toBe('me@example.org');
    expect(play(say, blocked, { type: 'drop', ref: 'c_1' }).state.chat.pending).toEqual([]);
  });

  it('that was masked is delivered with a note', () => {
    const receipt = server({ type: 'receipt', ref: 'c_1', action: 'mask', message: said(4, FEMI), findings: [{ category: 'email', start: 0, end: 14 }] });
    const { chat } = play(say, receipt, server({ type: 'chat', message: said(4, FEMI) })).state;
    expect(chat.pending).toEqual([]);
    expect(chat.messages).toHaveLength(1);
    expect(chat.notes.get(4)?.action).toBe('mask');
  });

  it('that was refused can be sent again', () => {
    const refused = server({ type: 'error', code: 'too_fast', message: '', fatal: false, re: 'chat', ref: 'c_1' });
    expect(play(say, refused).state.chat.pending[0]).toMatchObject({ state: 'refused', code: 'too_fast' });
    expect(play(say, refused, say).state.chat.pending[0]).toMatchObject({ state: 'sending' });
  });
});

describe('an appeal', () => {
  const say: Event = { type: 'say', ref: 'c_1', text: 'me@example.org' };
  const receipt = (action: 'block' | 'mask', n?: number): Event =>
    server({ type: 'receipt', ref: 'c_1', action, findings: [], decision: 'gd_1', ...(n ? { message: said(n, FEMI) } : {}) });
  const contest: Event = { type: 'contest', decision: 'gd_1', words: 'It is my shop.' };
  const sent: Effect = { do: 'send', message: { type: 'appeal', decision: 'gd_1', words: 'It is my shop.' } };
  const stands = (state: 'open' | 'upheld' | 'dismissed'): Event => server({ type: 'appeal', decision: 'gd_1', state, at: '2026-11-24T13:06:00Z' });

  it('is made, taken and decided', () => {
    const { state, effects } = play(say, receipt('block'), contest);
    expect(effects).toEqual([sent]);
    expect(state.chat.appeals.get('gd_1')?.is).toBe('sending');
    expect(play(say, receipt('block'), contest, stands('open')).state.chat.appeals.get('gd_1')?.is).toBe('open');
    const upheld = play(say, receipt('block'), contest, stands('open'), stands('upheld'));
    expect(upheld.state.chat.appeals.get('gd_1')?.is).toBe('upheld');
    expect(upheld.effects).toEqual([{ do: 'say-appeal', state: 'upheld' }]);
    expect(play({ type: 'chat', open: true }, stands('upheld')).effects).toEqual([]); // it is read out where it stands
  });

  it('that is refused says why', () => {
    const refused = server({ type: 'error', code: 'too_many_appeals', message: '', fatal: false, re: 'appeal', ref: 'gd_1' });
    const { chat } = play(say, receipt('block'), contest, refused).state;
    expect(chat.appeals.get('gd_1')).toEqual({ is: 'refused', code: 'too_many_appeals' });
    expect(chat.pending[0]?.state).toBe('blocked');
  });

  it('that was lost with the connection is made again, and one that was not is not', () => {
    expect(play(contest, history(0, [], false)).effects).toEqual([sent]);
    const known = { decision: 'gd_1', state: 'open', at: '2026-11-24T13:02:00Z' } as const;
    const page = server({ type: 'history', before: 0, messages: [], more: false, guarded: true, may_write: true, appeals: [known] });
    const { state, effects } = play(contest, page);
    expect(effects).toEqual([]);
    expect(state.chat.appeals.get('gd_1')?.is).toBe('open');
    const atFirst = history(0, [9], true);
    expect(play(atFirst, contest, history(9, [8], false)).effects).toEqual([]); // an older page says nothing of it
  });

  it('that was made twice stands as the first one does', () => {
    const again = server({ type: 'error', code: 'already_contested', message: '', fatal: false, re: 'appeal', ref: 'gd_1' });
    expect(play(contest, history(0, [], false), stands('open'), again).state.chat.appeals.get('gd_1')?.is).toBe('open');
  });

  it('lets what was masked be sent as it was written, once', () => {
    const masked = play(say, receipt('mask', 4), contest, stands('upheld')).state;
    expect(masked.chat.notes.get(4)).toMatchObject({ decision: 'gd_1', text: 'me@example.org' });
    expect(play(say, receipt('mask', 4), { type: 'say', ref: 'c_2', text: 'me@example.org' }).state.chat.notes.get(4)?.text).toBe('');
  });

  it('that was decided before the page was loaded is told, if its message is not here', () => {
    expect(decidedElsewhere(play(stands('upheld')).state.chat, FEMI.id)).toEqual({ at: '2026-11-24T13:06:00Z', state: 'upheld' });
    expect(decidedElsewhere(play(stands('open')).state.chat, FEMI.id)).toBeUndefined();
    expect(decidedElsewhere(play(say, receipt('block'), stands('upheld')).state.chat, FEMI.id)).toBeUndefined();
    const since = { ...said(5, FEMI), at: '2026-11-24T13:07:00Z' };
    expect(decidedElsewhere(play(stands('upheld'), server({ type: 'chat', message: since })).state.chat, FEMI.id)).toBeUndefined();
  });
});

describe('the guard', () => {
  it('is said to have lifted once', () => {
    const lift = server({ type: 'guard', active: false });
    const { state, effects } = play(history(0, [], false), lift);
    expect(effects).toEqual([{ do: 'say-guard', active: false }]);
    expect(state.chat).toMatchObject({ guarded: false, lifted: true });
    expect(reduce(state, lift)[1]).toEqual([]);
  });

  it('marks what it found by characters', () => {
    expect(pieces('😀 a@b.c 😀', [{ category: 'email', start: 2, end: 7 }])).toEqual([
      { text: '😀 ', found: false },
      { text: 'a@b.c', found: true },
      { text: ' 😀', found: false },
    ]);
    expect(pieces('plain', [])).toEqual([{ text: 'plain', found: false }]);
    expect(pieces('x', [{ category: 'email', start: 0, end: 9 }])).toEqual([{ text: 'x', found: false }]);
  });

  it('has words for every category and reason the server knows', () => {
    const source = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
    const categories = /categories = \[\]string\{(.*)\}/.exec(source('internal/guard/policy.go'))![1]!.match(/\w+/g)!;
    for (const category of categories) expect(messages.why([category])).not.toContain('it has contact details');
    const reasons = /return \[\]string\{("harassment".*)\}/.exec(source('signaling/wire/chat.go'))![1]!.match(/\w+/g)!;
    expect([...COMPLAINTS]).toEqual(reasons);
    for (const reason of COMPLAINTS) expect(complaint.reasons(reason)).toBeTruthy();
  });
});

describe('a report', () => {
  const complain: Event = { type: 'complain', ref: 'c_1', about: '', reason: 'other', words: '' };

  it('leaves out what is empty, and is told to have been sent', () => {
    const { state, effects } = play(complain);
    expect(effects).toEqual([{ do: 'send', message: { type: 'complaint', ref: 'c_1', reason: 'other' } }]);
    expect(state.complaint).toBe('sending');
    expect(play(complain, server({ type: 'complaint', ref: 'c_1', id: 'rp_1' })).state.complaint).toBe('sent');
    expect(play(complain, server({ type: 'error', code: 'too_fast', message: '', fatal: false, re: 'complaint', ref: 'c_1' })).state.complaint).toBe('refused');
  });
});
