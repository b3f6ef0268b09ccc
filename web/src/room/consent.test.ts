import { describe, expect, it } from 'vitest';
import { en } from '../i18n/en.js';
import { RECORDING_CHANGES, type Interview, type Recording, type RecordingChange } from '../signal/wire.js';
import { asked, mayBeTranscribed, mayDiscard } from './consent.js';
import { reduce } from './reduce.js';
import { INITIAL, type Event, type State } from './state.js';

const CLARA = { id: 'client', name: 'Clara Novak', role: 'interviewer' };
const FEMI = { id: 'freelancer', name: 'Femi Adeyemi', role: 'interviewee' };

const recording = (over: Partial<Recording>): Recording => ({ mode: 'all', state: 'none', consents: [], awaited: [], ...over });
const agreed = (participant: string): Recording['consents'][number] => ({ participant, state: 'granted', text: '1', language: 'en', at: '' });

function interview(r: Recording): Interview {
  return { id: 'iv_1', thread: 't', mode: 'video', state: 'live', created_by: 'client', created_at: '', duration_s: 0, participants: [], present: [], recording: r };
}

/** Femi's page in the room. */
const room = (r: Recording): State => ({ ...INITIAL, phase: 'room', you: FEMI, people: [{ ...CLARA, reconnecting: false, publishing: [], speaking: false }], interview: interview(r) });

const told = (change: RecordingChange, r: Recording, by = 'client', reason = ''): Event => ({
  type: 'server',
  message: { type: 'recording', change, by, reason, interview: interview(r) },
});

describe('being asked', () => {
  const asking = recording({ state: 'asking', id: 'rec_1', asked_by: 'client', consents: [agreed('client')], awaited: ['freelancer'] });

  it('is said in words, and stands until it is answered', () => {
    const [state, effects] = reduce(room(recording({})), told('asked', asking));
    expect(asked(state)).toBe(true);
    expect(effects).toEqual([{ do: 'say-recording', change: 'asked', who: 'Clara Novak', reason: '' }]);
    const [after] = reduce(state, told('consent', { ...asking, consents: [agreed('client'), agreed('freelancer')], awaited: [] }, 'freelancer'));
    expect(asked(after)).toBe(false);
  });

  it.each([
    [true, 'granted'],
    [false, 'declined'],
  ])('is answered with the text that was read (%s)', (granted, state) => {
    const [, effects] = reduce(room(asking), { type: 'consent', granted });
    const { version, language } = en.recording.terms;
    expect(effects).toEqual([{ do: 'send', message: { type: 'consent', recording: 'rec_1', state, text: version, language } }]);
  });

  it('asks somebody who comes while it is recorded, and nobody when nothing is', () => {
    expect(asked(room(recording({ state: 'waiting', id: 'rec_1', awaited: ['freelancer'] })))).toBe(true);
    expect(asked(room(recording({ state: 'none', id: 'rec_1' })))).toBe(false);
  });
});

describe('taking it back', () => {
  const withdrawn = recording({ id: 'rec_1', started_at: '2026', consents: [{ ...agreed('freelancer'), state: 'withdrawn' }] });

  it('offers the deletion of what was recorded, once', () => {
    const state = room(withdrawn);
    expect(mayDiscard(state)).toBe(true);
    const [after, effects] = reduce(state, { type: 'discard', wanted: true });
    expect(effects).toEqual([{ do: 'send', message: { type: 'recording', action: 'delete' } }]);
    expect(mayDiscard(after)).toBe(false);
    expect(reduce(state, { type: 'discard', wanted: false })[1]).toEqual([]);
  });

  it.each([
    ['per_track', true],
    ['all', false],
  ] as const)('offers the deletion of what is of oneself while it goes on for others (%s)', (mode, offered) => {
    expect(mayDiscard(room({ ...withdrawn, mode, state: 'recording' }))).toBe(offered);
  });

  it('offers nothing where nothing was recorded, or somebody else took it back', () => {
    const { started_at: _, ...never } = withdrawn;
    expect(mayDiscard(room(never))).toBe(false);
    expect(mayDiscard(room({ ...withdrawn, consents: [{ ...agreed('client'), state: 'withdrawn' }] }))).toBe(false);
  });
});

describe('being put into writing', () => {
  const running = (written?: Recording['consents'][number]['state']): Recording =>
    recording({
      state: 'recording',
      id: 'rec_1',
      transcripts: true,
      consents: [agreed('freelancer')],
      ...(written ? { transcription: [{ ...agreed('freelancer'), state: written }] } : {}),
    });
  const { version, language } = en.recording.transcript.terms;
  const sent = (state: 'granted' | 'declined') => ({ do: 'send', message: { type: 'consent', recording: 'rec_1', kind: 'transcription', state, text: version, language } });

  it('is told by itself, once the person may be recorded, and only when they ticked it', () => {
    const asking = recording({ state: 'asking', id: 'rec_1', transcripts: true, awaited: ['freelancer'] });
    for (const written of [true, false]) {
      const [state, effects] = reduce(room(asking), { type: 'consent', granted: true, transcribed: written });
      expect(effects).toHaveLength(1);
      const [waiting, others] = reduce(state, told('consent', asking, 'client'));
      expect(others).toHaveLength(1); // it was not their answer
      const [after, told_] = reduce(waiting, told('consent', running(), 'freelancer'));
      expect(told_.slice(1)).toEqual(written ? [sent('granted')] : []);
      expect(reduce(after, told('marked', running()))[1]).toHaveLength(1); // not twice
    }
    expect(reduce(room(asking), { type: 'consent', granted: false, transcribed: true })[0].willing).toBe(false);
  });

  it('is forgotten with the recording it was ticked for', () => {
    const [state] = reduce(room(recording({ transcripts: true })), { type: 'record', action: 'start', transcribed: true });
    const [over] = reduce(state, told('stopped', recording({ transcripts: true }), 'client', 'stopped'));
    expect(over.willing).toBe(false);
  });

  it('is agreed to later and taken back', () => {
    const [reading] = reduce(room(running()), { type: 'read-terms', on: true });
    const [state, effects] = reduce(reading, { type: 'transcribe', granted: true });
    expect([reading.reading, state.reading, effects]).toEqual([true, false, [sent('granted')]]);
    expect(reduce(room(running('granted')), { type: 'transcribe', granted: false })[1]).toEqual([sent('declined')]);
  });

  it('is offered to those who are recorded, where anything is put into writing', () => {
    expect(mayBeTranscribed(room(running()))).toBe(true);
    expect(mayBeTranscribed(room({ ...running(), transcripts: false }))).toBe(false);
    expect(mayBeTranscribed(room({ ...running(), consents: [agreed('client')] }))).toBe(false);
    expect(mayBeTranscribed(room({ ...running(), state: 'none' }))).toBe(false);
  });
});

describe('asking', () => {
  it('agrees oneself, to the same text', () => {
    const [proposing] = reduce(room(recording({})), { type: 'propose', on: true });
    expect(proposing.proposing).toBe(true);
    const [state, effects] = reduce(proposing, { type: 'record', action: 'start' });
    expect(state.proposing).toBe(false);
    expect(effects).toEqual([{ do: 'send', message: { type: 'recording', action: 'start', text: en.recording.terms.version, language: 'en' } }]);
  });
});

describe('words', () => {
  it('are there for every change but an answer, which the list shows', () => {
    for (const change of RECORDING_CHANGES) expect(en.recording.news(change, 'Clara', '') === undefined, change).toBe(change === 'consent');
  });

  it.each(['consent_declined', 'consent_withdrawn', 'stopped'])('say who ended it (%s)', (reason) => {
    expect(en.recording.news('stopped', 'Femi', reason)).toContain('Femi');
    expect(en.recording.news('stopped', '', reason)).toMatch(/you/i);
  });
});
