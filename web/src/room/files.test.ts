import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { files, size } from '../i18n/files.js';
import type { FileStanding, Upload } from '../signal/wire.js';
import { catchUpFiles, placeOf } from './files.js';
import { reduce } from './reduce.js';
import { INITIAL, type Effect, type Event, type State } from './state.js';

const LIMITS = { max_size: 1000, types: [] };
const UPLOAD: Upload = { method: 'PUT', url: '/in/1', headers: [], expires_at: '2026-11-24T14:00:00Z' };
const give: Event = { type: 'give', ref: 'f', name: 'a.pdf', size: 500, media: 'application/pdf' };
const news = (state: FileStanding['state'], more: Partial<FileStanding> = {}): Event => ({ type: 'server', message: { type: 'file', ref: 'f', state, ...more } });
const granted = news('granted', { upload: UPLOAD });
const refusal = (code: string): Event => ({ type: 'server', message: { type: 'error', code, message: '', fatal: false, re: 'file', ref: 'f' } });

function play(...events: Event[]): { state: State; effects: Effect[] } {
  let state: State = { ...INITIAL, phase: 'room', files: { limits: LIMITS, sharing: [] } };
  let effects: Effect[] = [];
  for (const event of events) [state, effects] = reduce(state, event);
  return { state, effects };
}

const file = (state: State) => state.files.sharing[0];
const withdrawn = { do: 'send', message: { type: 'file', action: 'withdraw', ref: 'f' } };

describe('a file', () => {
  it('is offered, brought where the host app says, told of, and then a message', () => {
    expect(play(give).effects).toEqual([
      { do: 'send', message: { type: 'file', action: 'offer', ref: 'f', name: 'a.pdf', size: 500, media_type: 'application/pdf' } },
    ]);
    const { state, effects } = play(give, news('offered', { name: 'a.pdf' }), granted);
    expect(effects).toEqual([{ do: 'bring', ref: 'f', upload: UPLOAD }]);
    expect(file(reduce(state, { type: 'sent', ref: 'f', part: 0.5 })[0])).toMatchObject({ state: 'uploading', part: 0.5 });
    const brought = play(give, granted, { type: 'brought', ref: 'f', how: 'done' });
    expect(brought.effects).toEqual([{ do: 'send', message: { type: 'file', action: 'uploaded', ref: 'f' } }]);
    expect(play(give, granted, { type: 'brought', ref: 'f', how: 'done' }, news('uploaded')).state.files.sharing).toEqual([]);
  });

  it('that did not arrive keeps the reason when the server says that it is withdrawn', () => {
    const { state, effects } = play(give, granted, { type: 'brought', ref: 'f', how: 'network' }, news('withdrawn'));
    expect(file(state)).toMatchObject({ state: 'failed', code: 'network' });
    expect(effects).toEqual([]);
  });

  it('that is brought is not brought again when the server repeats itself', () => {
    expect(play(give, granted, granted).effects).toEqual([]);
  });

  it.each(['network', 'rejected'] as const)('whose upload ends by %s is taken back, and can be tried again', (how) => {
    const { state, effects } = play(give, granted, { type: 'brought', ref: 'f', how });
    expect(file(state)).toMatchObject({ state: 'failed', code: how });
    expect(effects).toContainEqual(withdrawn);
  });

  it.each(['declined', 'unanswered', 'expired', 'blocked'] as const)('that is %s stays, with the reason, and is read out', (how) => {
    const { state, effects } = play(give, news(how, { reason: 'We take no archives.' }));
    expect(file(state)).toMatchObject({ state: 'failed', code: how });
    expect(effects).toEqual([{ do: 'say-file', name: 'a.pdf', code: how, reason: 'We take no archives.', found: [] }]);
  });

  it('that is too large is not even offered', () => {
    const { state, effects } = play({ ...give, size: 1001 } as Event);
    expect(file(state)).toMatchObject({ state: 'failed', code: 'file_too_large' });
    expect(effects.some((e) => e.do === 'send')).toBe(false);
  });

  it('can be taken back until it is there, and dismissed when it failed', () => {
    expect(play(give, granted, { type: 'take-back', ref: 'f' }).effects).toEqual([{ do: 'let-go', ref: 'f' }, withdrawn]);
    const { state, effects } = play(give, refusal('file_type'), { type: 'take-back', ref: 'f' });
    expect(state.files.sharing).toEqual([]);
    expect(effects).toEqual([{ do: 'let-go', ref: 'f' }]);
  });

  it('whose place is no longer known after a restart is taken back', () => {
    expect(play(give, news('granted')).effects).toContainEqual(withdrawn);
  });

  it('is spoken of again after a lost connection, and its upload goes on', () => {
    const said = (...events: Event[]) => catchUpFiles(play(...events).state.files);
    expect(said(give)).toEqual(play(give).effects);
    expect(said(give, granted)).toEqual([]);
    expect(said(give, granted, { type: 'brought', ref: 'f', how: 'done' })).toMatchObject([{ message: { action: 'uploaded' } }]);
  });

  it('is not offered where none are taken', () => {
    expect(reduce({ ...INITIAL, phase: 'room' }, give)).toEqual([{ ...INITIAL, phase: 'room' }, []]);
  });
});

describe('the words', () => {
  const go = readFileSync(new URL('../../../signaling/wire/file.go', import.meta.url), 'utf8').split('// Codes of refusals')[1]!.split(')\n')[0]!;
  const codes = [...go.matchAll(/Code = "(\w+)"/g)].map((match) => match[1]!).filter((code) => code !== 'file_closed');

  it.each([...codes, 'blocked', 'declined', 'unanswered', 'expired', 'network', 'rejected'])('say more than that something went wrong when it is %s', (code) => {
    expect(files.why(code, '', [])).not.toBe(files.why('?', '', []));
  });

  it('name the limits', () => {
    const limits = { max_size: 25_000_000, types: ['image/*', 'application/pdf', 'model/stl'] };
    expect(files.limit(limits)).toContain('up to 25 MB: pictures, PDF, model/stl.');
    expect(files.limit({ ...limits, types: [] })).toContain('up to 25 MB. ');
    expect(files.why('file_too_large', '', [], limits)).toContain('25 MB');
    expect(files.why('file_type', '', [], limits)).toContain('pictures, PDF, model/stl');
  });

  it('have the host app’s own reason', () => {
    expect(files.why('declined', 'We take no archives.', [])).toContain('We take no archives.');
  });

  it.each([[0, '0 bytes'], [999, '999 bytes'], [1000, '1.0 kB'], [482_113, '482 kB'], [999_600, '1.0 MB'], [104_857_600, '105 MB']])('have %i bytes as %s', (bytes, words) => {
    expect(size(bytes)).toBe(words);
  });
});

describe('a link', () => {
  it.each([['/app/files/1', 'https://calls.example/app/files/1'], ['https://app.example/f', 'https://app.example/f']])('to %s leads to %s', (link, to) => {
    expect(placeOf(link, 'https://calls.example/r/iv_1')).toBe(to);
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'http://', 'blob:https://a/b'])('to %s leads nowhere', (link) => {
    expect(placeOf(link, 'https://calls.example/r/iv_1')).toBeUndefined();
  });
});
