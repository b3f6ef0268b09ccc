import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addressOf, placeOf } from './place.js';
import { type Interview, lastMessage, openInterview, type State } from './state.js';
import { callText, cardText, dateText, durationText, pageTitle, readyText, waitingName } from './text.js';

/** The backend's own golden files: what its tests write is what this page reads. */
function golden(name: string): State {
  const file = new URL(`../../../internal/demo/testdata/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as State;
}

const asClient = { me: 'client', other: { id: 'freelancer', name: 'Femi Adeyemi' } };
const asFreelancer = { me: 'freelancer', other: { id: 'client', name: 'Clara Novak' } };

const ringing: Interview = {
  id: 'iv_1',
  thread: 'th_1',
  mode: 'video',
  state: 'ringing',
  created_by: 'client',
  created_at: '2026-03-02T10:00:00Z',
  duration_s: 0,
  participants: [],
  present: [],
};

describe('the card of an interview', () => {
  it('tells the other person who is waiting, from the press on', () => {
    expect(cardText(ringing, asFreelancer)).toBe('Video interview · Clara Novak is waiting');
    expect(cardText({ ...ringing, present: ['client'] }, asFreelancer)).toBe(
      'Video interview · Clara Novak is waiting',
    );
  });

  it('tells the caller whom they wait for', () => {
    expect(cardText(ringing, asClient)).toBe('Video interview · Waiting for Femi Adeyemi');
    expect(cardText({ ...ringing, present: ['client'] }, asClient)).toBe(
      'Video interview · Waiting for Femi Adeyemi',
    );
  });

  it.each([
    ['ringing', ['freelancer'], 'Femi Adeyemi is ready', 'You are ready'],
    ['scheduled', ['freelancer', 'client'], 'Femi Adeyemi and you are ready', 'Clara Novak and you are ready'],
    ['ringing', [], '', ''],
    ['live', ['freelancer'], '', ''],
    ['ended', ['freelancer'], '', ''],
  ] as const)('tells before it begins who is ready: %s, %j', (state, ready, toClient, toFreelancer) => {
    const interview: Interview = { ...ringing, state, ready: ready.map((id) => ({ id, at: '2026-03-02T10:00:00Z' })) };
    expect(readyText(interview, asClient)).toBe(toClient);
    expect(readyText(interview, asFreelancer)).toBe(toFreelancer);
  });

  it('turns round when the caller has gone and the other one came', () => {
    const turned = { ...ringing, present: ['freelancer'] };
    expect(cardText(turned, asClient)).toBe('Video interview · Femi Adeyemi is waiting');
    expect(cardText(turned, asFreelancer)).toBe('Video interview · Waiting for Clara Novak');
  });

  it.each([
    ['live', ['client', 'freelancer'], 'Audio interview · Live'],
    ['live', ['freelancer'], 'Audio interview · Live, with Femi Adeyemi in the room'],
    ['missed', [], 'Audio interview · Missed'],
    ['declined', [], 'Audio interview · Declined'],
    ['cancelled', [], 'Audio interview · Cancelled'],
    ['scheduled', [], 'Audio interview · Scheduled'],
    ['ended', [], 'Audio interview · Ended · 3 min'],
  ] as const)('says %s with %j present', (state, present, text) => {
    const interview: Interview = { ...ringing, mode: 'audio', state, present: [...present], duration_s: 185 };
    expect(cardText(interview, asClient)).toBe(text);
  });

  it.each([
    [0, 'under a minute'],
    [59, 'under a minute'],
    [60, '1 min'],
    [185, '3 min'],
    [3_600, '1 h'],
    [3_665, '1 h 1 min'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });
});

describe('the line of a proposal whose interview is open', () => {
  it.each([
    ['ringing', ['freelancer'], 'Femi Adeyemi is waiting for you in an interview.'],
    ['live', ['freelancer'], 'Femi Adeyemi is waiting for you in an interview.'],
    ['live', ['client', 'freelancer'], 'You are in an interview with Femi Adeyemi.'],
    ['ringing', ['client'], 'There is an open interview.'],
    ['live', [], 'There is an open interview.'],
  ] as const)('says of %s with %j present what the reader should know', (state, present, text) => {
    expect(callText({ ...ringing, state, present: [...present] }, asClient)).toBe(text);
  });
});

describe('the state of the backend', () => {
  it('has nothing open before the first message', () => {
    const state = golden('state-client-new');
    expect(state.threads).toEqual([]);
    expect(state.proposals.map((proposal) => proposal.stage)).toEqual(['proposed', 'proposed', 'proposed']);
  });

  it('has a thread with messages, an ended card and one to join', () => {
    const [thread] = golden('state-freelancer').threads;
    if (!thread) throw new Error('the golden file has no thread');
    expect(lastMessage(thread)).toBe('Gladly!');
    const open = openInterview(thread);
    expect(open?.state).toBe('ringing');
    expect(waitingName(open as Interview, { me: 'freelancer', other: thread.with })).toBe('Clara Novak');
    expect(pageTitle('Worktable', [thread], 'freelancer')).toBe('Clara Novak is waiting · Worktable');
    expect(pageTitle('Worktable', golden('state-client').threads, 'client')).toBe('Worktable');
  });
});

describe('the address', () => {
  it('keeps who one is and the open thread', () => {
    const place = { as: 'client', thread: 'th_pr_femi' };
    expect(placeOf(new URL(addressOf(place), 'http://host.example').search)).toEqual(place);
  });

  it('is nobody at first', () => {
    expect(placeOf('')).toEqual({ as: '', thread: '' });
  });
});

describe('a moment', () => {
  it('is a time today and has its day otherwise', () => {
    const now = new Date(2026, 2, 2, 12);
    expect(dateText(new Date(2026, 2, 2, 9, 5).toISOString(), now)).toBe('09:05');
    expect(dateText(new Date(2026, 2, 1, 9, 5).toISOString(), now)).toMatch(/^1 Mar,? 09:05$/);
  });
});
