import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { english as button } from '../embed/texts.js';
import { CAUSES, type Interview } from '../signal/wire.js';
import { check } from './check.js';
import { en } from './en.js';
import { en as recording } from './recording.js';

const source = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const page = source('docs/problems.md');
/** What a row names in its first column. */
const named = [...page.matchAll(/^\| (“.*?”) \| /gm)].flatMap(([, column]) => [...column!.matchAll(/“([^”]+)”/g)].map(([, words]) => words!));

const over = (state: Interview['state'], end_reason = ''): [string, string] =>
  en.end.of('ended', { id: 'iv_1', thread: 't', mode: 'video', state, created_by: 'c', created_at: '', duration_s: 0, participants: [], present: [], end_reason });
const codes = [...source('web/src/i18n/en.ts').split('const ENDS')[1]!.split('\n};')[0]!.matchAll(/^  (\w+): \[/gm)].map((match) => match[1]!);
const refusals = [...source('web/src/i18n/recording.ts').split('const REFUSED')[1]!.split('\n};')[0]!.matchAll(/^  (\w+): \[/gm)].map((match) => match[1]!);
const { connection, room, quality } = en;

/** Everything that a page says is wrong. */
const shown: string[] = [
  en.openingFails, en.part.failed, en.part.updated, check.busy, check.unreachable,
  ...codes.filter((code) => code !== 'left').map((code) => en.end.of(code, undefined)[0]),
  ...(['missed', 'declined', 'cancelled'] as const).map((state) => over(state)[0]), over('ended', 'shutdown')[1], over('ended', 'failed')[1], en.end.of('', undefined)[0],
  ...(['denied', 'dismissed', 'missing', 'busy', 'insecure', 'unsupported', 'failed'] as const).map((problem) => en.problem(problem, 'microphone')),
  connection.relayed, connection.lost, connection.interrupted, connection.failed, connection.stillFailing, connection.refused, connection.weak,
  connection.noServer, connection.retryIn('…' as unknown as number), connection.reconnecting, connection.noMic, en.blocked.what, en.blocked.short,
  room.shareFailed, room.soundBlocked, room.lost('microphone'),
  quality.paused, quality.held, quality.heldOf('…'), ...CAUSES.map((cause) => quality.cause(cause, '…')),
  ...['disk_full', 'storage'].map((reason) => en.recording.news('failed', '', reason)!), en.recording.news('paused', '', 'awaiting_consent')!,
  ...refusals.map((code) => recording.refused(code)[0]), recording.refused('')[0],
  button.blocked, button.network, button.timeout, button.refused, button.unusable, button.unset,
];

describe('docs/problems.md', () => {
  it.each(shown)('has a row for: %s', (words) => {
    expect(named.some((each) => words.startsWith(each))).toBe(true);
  });

  it.each(named)('names what a page says: %s', (words) => {
    expect(shown.some((each) => each.startsWith(words))).toBe(true);
  });
});
