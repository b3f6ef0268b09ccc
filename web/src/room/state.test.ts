import { describe, expect, it } from 'vitest';
import type { Interview, Presence, ServerMessage, Welcome } from '../signal/wire.js';
import { INITIAL, others, publishing, seatOf, sharer, type Effect, type Event, type State } from './state.js';
import { reduce } from './reduce.js';

const CLARA: Presence = { id: 'client', name: 'Clara Novak', role: 'interviewer', reconnecting: false, publishing: ['mic', 'camera'], speaking: false };
const FEMI: Presence = { id: 'freelancer', name: 'Femi Adeyemi', role: 'interviewee', reconnecting: false, publishing: [], speaking: false };

function interview(over: Partial<Interview> = {}): Interview {
  return {
    id: 'iv_1',
    thread: 't_1',
    mode: 'video',
    state: 'live',
    created_by: 'client',
    created_at: '2026-11-24T13:00:00Z',
    duration_s: 0,
    participants: [],
    present: [],
    ...over,
  };
}

function welcome(over: Partial<Welcome> = {}): Event {
  const message: Welcome = {
    type: 'welcome',
    session: 's',
    resume: 'r',
    resumed: false,
    entered: false,
    interview: interview(),
    you: { id: 'freelancer', name: 'Femi Adeyemi', role: 'interviewee' },
    may: ['mic', 'camera', 'screen', 'screen-audio'],
    seats: 8,
    participants: [CLARA],
    seating: [],
    ice_servers: [],
    ping_ms: 5000,
    ...over,
  };
  return server(message);
}

const server = (message: ServerMessage): Event => ({ type: 'server', message });
const entered = server({ type: 'entered', participants: [CLARA, FEMI], seating: [{ place: 'seat', seat: 0, participant: 'client' }], interview: interview() });
const answer = server({ type: 'answer', id: 1, sdp: 'v=0' });

/** Plays events from the beginning; gives the state and what the last of them asked for, but for what was written. */
function play(...events: Event[]): { state: State; effects: Effect[] } {
  let state = INITIAL;
  let effects: Effect[] = [];
  for (const event of events) [state, effects] = reduce(state, event);
  return { state, effects: effects.filter((effect) => effect.do !== 'send' || effect.message.type !== 'history') };
}

const LOBBY: Event[] = [{ type: 'link', link: { state: 'open' } }, welcome(), { type: 'offered', fallback: false }, answer, { type: 'transport', state: 'connected' }, { type: 'captured', kind: 'mic' }, { type: 'captured', kind: 'camera' }];
const ROOM: Event[] = [...LOBBY, { type: 'join' }, entered];

const sent = (effects: Effect[]): string[] =>
  effects.flatMap((effect) => {
    if (effect.do !== 'send') return [];
    const { message } = effect;
    return [message.type === 'publish' ? `${message.source} ${message.paused ? 'paused' : message.on ? 'on' : 'off'}` : message.type];
  });

describe('the lobby', () => {
  it('connects and asks for the devices with one question, as soon as the server lets us in', () => {
    const { state, effects } = play(welcome());
    expect(state.phase).toBe('lobby');
    expect(effects).toEqual([
      { do: 'offer', fallback: false, after: 0 },
      { do: 'capture', kinds: ['mic', 'camera'] },
    ]);
  });

  it('asks for no camera in an audio interview', () => {
    const { state, effects } = play(welcome({ may: ['mic'], interview: interview({ mode: 'audio' }) }));
    expect(effects).toContainEqual({ do: 'capture', kinds: ['mic'] });
    expect(state.own.camera).toMatchObject({ on: false, asking: false });
  });

  it('asks an observer for nothing', () => {
    expect(play(welcome({ may: [] })).effects.map((effect) => effect.do)).toEqual(['offer']);
  });

  it('publishes nothing before Join now', () => {
    let state = INITIAL;
    for (const event of [...LOBBY, { type: 'set', kind: 'mic', on: false } as Event, { type: 'set', kind: 'mic', on: true } as Event]) {
      const [next, effects] = reduce(state, event);
      expect(sent(effects).filter((what) => what !== 'history')).toEqual([]);
      state = next;
    }
  });

  it('says what it publishes and then enters', () => {
    const { state, effects } = play(...LOBBY, { type: 'join' });
    expect(effects[0]).toEqual({ do: 'put' });
    expect(sent(effects)).toEqual(['mic on', 'camera on', 'screen off', 'screen-audio off', 'enter']);
    expect(state.phase).toBe('lobby');
    expect(reduce(state, entered)[0].phase).toBe('room');
  });

  it('lets a person in who has neither microphone nor camera', () => {
    const { effects } = play(welcome(), { type: 'captured', kind: 'mic', problem: 'denied' }, { type: 'captured', kind: 'camera', problem: 'missing' }, { type: 'join' });
    expect(sent(effects)).toEqual(['mic off', 'camera off', 'screen off', 'screen-audio off', 'enter']);
  });

  it('joins once, however often the button is pressed', () => {
    expect(play(...LOBBY, { type: 'join' }, { type: 'join' }).effects).toEqual([]);
  });
});

describe('the room', () => {
  it('knows who sits where', () => {
    const { state } = play(...ROOM);
    expect(others(state).map((p) => p.id)).toEqual(['client']);
    expect(seatOf(state, 'client')).toBe(0);
    const [empty] = reduce(state, server({ type: 'seat', place: 'seat', seat: 0, participant: '' }));
    expect(seatOf(empty, 'client')).toBeUndefined();
    const [later] = reduce(state, server({ type: 'seat', place: 'seat', seat: 3, participant: 'x' }));
    expect(later.seating.seats).toEqual(['client', '', '', 'x']);
  });

  it.each<[string, Event, string[]]>([
    ['muting', { type: 'set', kind: 'mic', on: false }, ['mic off']],
    ['turning the camera off', { type: 'set', kind: 'camera', on: false }, ['camera off']],
    ['a microphone that is unplugged', { type: 'captured', kind: 'mic', problem: 'missing' }, ['mic off']],
    ['a microphone that comes back', { type: 'captured', kind: 'mic' }, ['mic on']],
    ['sharing a screen with sound', { type: 'shared', sound: true }, ['screen on', 'screen-audio on']],
    ['sharing a screen without sound', { type: 'shared', sound: false }, ['screen on', 'screen-audio off']],
  ])('tells the others about %s', (_, event, want) => {
    expect(sent(play(...ROOM, event).effects)).toEqual(want);
  });

  it('gives the camera back when it is off, and asks for it again when it is on', () => {
    const off = play(...ROOM, { type: 'set', kind: 'camera', on: false });
    expect(off.state.own.camera.ready).toBe(false);
    const [on, effects] = reduce(off.state, { type: 'set', kind: 'camera', on: true });
    expect(effects).toEqual([{ do: 'capture', kinds: ['camera'] }]);
    expect(publishing(on)).not.toContain('camera');
    expect(sent(reduce(on, { type: 'captured', kind: 'camera' })[1])).toEqual(['camera on']);
  });

  it('asks once for a screen, and stops sharing when asked again', () => {
    const asked = play(...ROOM, { type: 'share' });
    expect(asked.effects).toEqual([{ do: 'capture-screen' }]);
    expect(reduce(asked.state, { type: 'share' })[1]).toEqual([]);
    expect(sent(reduce(asked.state, { type: 'unshared' })[1])).toEqual([]);
    expect(play(...ROOM, { type: 'share' }, { type: 'shared', sound: true }, { type: 'share' }).effects).toEqual([{ do: 'stop-screen' }]);
    expect(sent(play(...ROOM, { type: 'shared', sound: true }, { type: 'unshared' }).effects)).toEqual(['screen off', 'screen-audio off']);
  });

  it('shows a screen only while its owner says that it is shared', () => {
    const seat = server({ type: 'seat', place: 'screen', seat: 0, participant: 'client' });
    const { state } = play(...ROOM, seat);
    expect(sharer(state)).toBeUndefined();
    const [shown, effects] = reduce(state, server({ type: 'publish', participant: 'client', source: 'screen', on: true }));
    expect(sharer(shown)?.id).toBe('client');
    expect(effects).toEqual([{ do: 'say', news: 'sharing', who: 'Clara Novak' }]);
  });

  it('follows what others publish and who speaks', () => {
    const { state } = play(...ROOM, server({ type: 'publish', participant: 'client', source: 'mic', on: false }), server({ type: 'speaking', participant: 'client', on: true }));
    expect(others(state)[0]).toMatchObject({ publishing: ['camera'], speaking: true });
  });

  it.each<[string, Event, Effect[]]>([
    ['somebody new', server({ type: 'participant', change: 'joined', participant: { ...FEMI, id: 'x', name: 'Ingrid' } }), [{ do: 'say', news: 'joined', who: 'Ingrid' }]],
    ['somebody who leaves', server({ type: 'participant', change: 'left', cause: 'left', participant: { ...CLARA, name: '' } }), [{ do: 'say', news: 'left', who: 'Clara Novak' }]],
    ['somebody whose connection is gone', server({ type: 'participant', change: 'changed', participant: { ...CLARA, reconnecting: true } }), [{ do: 'say', news: 'reconnecting', who: 'Clara Novak' }]],
    ['nothing about oneself', server({ type: 'participant', change: 'changed', participant: { ...FEMI, reconnecting: true } }), []],
    ['nothing about somebody unknown who left', server({ type: 'participant', change: 'left', participant: { ...FEMI, id: 'x' } }), []],
  ])('announces %s', (_, event, want) => expect(play(...ROOM, event).effects).toEqual(want));
});

describe('a lost socket', () => {
  const lost: Event[] = [{ type: 'link', link: { state: 'waiting', attempt: 1, retryAt: 0 } }, { type: 'link', link: { state: 'open' } }];

  it('keeps the connection and the room when the session is resumed', () => {
    const { state, effects } = play(...ROOM, ...lost, welcome({ resumed: true, entered: true, participants: [CLARA, FEMI], seating: [{ place: 'seat', seat: 1, participant: 'client' }] }));
    expect(state.phase).toBe('room');
    expect(seatOf(state, 'client')).toBe(1);
    expect(effects.map((effect) => effect.do)).not.toContain('offer');
    expect(sent(effects)).toEqual(['mic on', 'camera on', 'screen off', 'screen-audio off']);
  });

  it('comes back into the room by itself when the server does not know the session any more', () => {
    const { state, effects } = play(...ROOM, ...lost, welcome({ resumed: false }));
    expect(state.phase).toBe('room');
    expect(effects[0]).toEqual({ do: 'offer', fallback: false, after: 0 });
    expect(sent(effects)).toEqual(['mic on', 'camera on', 'screen off', 'screen-audio off', 'enter']);
  });

  it('says again what was muted meanwhile', () => {
    const { effects } = play(...ROOM, lost[0]!, { type: 'set', kind: 'mic', on: false }, lost[1]!, welcome({ resumed: true, entered: true }));
    expect(sent(effects)).toContain('mic off');
  });

  it('asks neither for devices again nor for the lobby', () => {
    expect(play(...ROOM, ...lost, welcome()).effects.map((effect) => effect.do)).not.toContain('capture');
  });

  it('offers anew when the answer was lost with it', () => {
    const { effects } = play(welcome(), { type: 'offered', fallback: false }, ...lost, welcome({ resumed: true }));
    expect(effects).toContainEqual({ do: 'offer', fallback: true, after: 0 });
  });

  it('enters on the next welcome when Join now was pressed meanwhile', () => {
    const { effects } = play(...LOBBY, lost[0]!, { type: 'join' }, lost[1]!, welcome({ resumed: true }));
    expect(sent(effects)).toContain('enter');
  });
});

describe('a lost media connection', () => {
  const failed: Event = { type: 'transport', state: 'failed' };

  it('starts over at once, then more and more slowly and with the other recipe', () => {
    let state = play(...ROOM).state;
    const offers: Effect[] = [];
    for (let i = 0; i < 6; i++) {
      const [next, effects] = reduce(state, failed);
      const offer = effects[0];
      if (offer?.do !== 'offer') throw new Error('no offer');
      offers.push(offer);
      [state] = reduce(next, { type: 'offered', fallback: offer.fallback });
    }
    expect(offers.map((offer) => offer.do === 'offer' && [offer.fallback, offer.after])).toEqual([
      [false, 0],
      [false, 1000],
      [true, 2000],
      [false, 4000],
      [true, 8000],
      [false, 10000],
    ]);
  });

  it('is counted once, though both ends notice', () => {
    const { effects } = play(...ROOM, failed, server({ type: 'media', state: 'failed', reason: 'path_lost' }));
    expect(effects).toEqual([]);
  });

  it('is believed when only the server notices', () => {
    const { effects } = play(...ROOM, server({ type: 'media', state: 'failed', reason: 'path_lost' }));
    expect(effects).toEqual([{ do: 'offer', fallback: false, after: 0 }]);
  });

  it('waits for the link when that is lost too', () => {
    const down = play(...ROOM, { type: 'link', link: { state: 'waiting', attempt: 1, retryAt: 0 } }, failed);
    expect(down.effects).toEqual([]);
    const [, effects] = reduce(down.state, welcome({ resumed: true, entered: true }));
    expect(effects).toContainEqual({ do: 'offer', fallback: false, after: 0 });
  });

  it('is final when the server carries no media', () => {
    const { state } = play(welcome(), { type: 'offered', fallback: false }, server({ type: 'error', code: 'no_media', message: '', fatal: false, re: 'offer', id: 1 }));
    expect(state.transport.state).toBe('refused');
    expect(reduce(state, failed)[1]).toEqual([]);
  });

  it('goes on trying when an offer is refused', () => {
    const { effects } = play({ type: 'link', link: { state: 'open' } }, welcome(), { type: 'offered', fallback: false }, server({ type: 'error', code: 'bad_offer', message: '', fatal: false, re: 'offer', id: 1 }));
    expect(effects).toEqual([{ do: 'offer', fallback: true, after: 0 }]);
  });
});

describe('the end', () => {
  it.each<[string, Event, string, boolean]>([
    ['leaving', { type: 'leave' }, 'left', true],
    ['the end of the interview', server({ type: 'ended', interview: interview({ state: 'ended', end_reason: 'left' }) }), 'ended', false],
    ['another window', { type: 'over', code: 'replaced' }, 'replaced', true],
    ['an expired token', { type: 'over', code: 'token_expired' }, 'token_expired', false],
    ['a full room', { type: 'over', code: 'room_full' }, 'room_full', true],
  ])('after %s', (_, event, code, canReturn) => {
    const { state, effects } = play(...ROOM, event);
    expect(state.phase).toBe('end');
    expect(state.end).toEqual({ code, canReturn });
    expect(effects).toEqual([{ do: 'finish', leave: code === 'left' }]);
  });

  it('is the end: nothing that comes later changes it', () => {
    const { state } = play(...ROOM, { type: 'leave' });
    expect(reduce(state, welcome())).toEqual([state, []]);
  });
});

describe('the quality of connections', () => {
  const path = { loss: 0, rtt_ms: 20, jitter_ms: 1, kbps: 900, score: 4.4 };
  const start = play(...ROOM).state;
  const me = start.you!.id;
  const other = start.people.find((p) => p.id !== me)!;
  const measured = (participant: string, cause: 'your_upload' | 'their_connection' | '', at: number): Event => ({
    type: 'server', at, message: { type: 'quality', participant, up: path, down: path, cause, limited: [] },
  });

  it('is said once when a cause has lasted, and shown by participant', () => {
    let state = start;
    const said: Effect[] = [];
    for (let at = 0; at <= 10_000; at += 2000) {
      const [next, effects] = reduce(state, measured(other.id, 'their_connection', at));
      state = next;
      said.push(...effects);
    }
    expect(said).toEqual([{ do: 'say-cause', cause: 'their_connection', who: other.name }]);
    expect(state.qualities.get(other.id)?.cause).toBe('their_connection');
    expect(state.qualities.get(me)).toBeUndefined();
  });

  it('of somebody who left, or whom nobody knows, is forgotten', () => {
    const [known] = reduce(start, measured(other.id, '', 0));
    const [left] = reduce(known, { type: 'server', message: { type: 'participant', change: 'left', participant: other } });
    expect(left.qualities.size).toBe(0);
    expect(reduce(left, measured('stranger', '', 0))[0].qualities.size).toBe(0);
  });

  it('says once that pictures are paused, for however many places', () => {
    let state = start;
    const said: Effect[] = [];
    for (const seat of [0, 1, 0]) {
      const [next, effects] = reduce(state, { type: 'server', message: { type: 'paused', place: 'seat', seat, on: true } });
      state = next;
      said.push(...effects);
    }
    expect(said).toEqual([{ do: 'say-paused' }]);
    const [back] = reduce(state, { type: 'server', message: { type: 'paused', place: 'seat', seat: 0, on: false } });
    expect([...back.paused]).toEqual([1]);
  });

  it('passes on which layers are watched, and pins by a second press no more', () => {
    const wish = { type: 'layers', source: 'camera', rids: ['q'], codec: 'vp9', mode: 'L3T3_KEY' } as const;
    expect(reduce(start, { type: 'server', message: { ...wish, rids: ['q'] } })[1]).toEqual([{ do: 'layers', wish }]);
    const [pinned] = reduce(start, { type: 'pin', participant: other.id });
    expect(pinned.pinned).toBe(other.id);
    expect(reduce(pinned, { type: 'pin', participant: other.id })[0].pinned).toBe('');
  });
});

describe('a way up that is too narrow', () => {
  const narrow: Event = { type: 'narrow', on: true };

  it('holds the picture back, tells the others and the person, and takes it back by itself', () => {
    const { state, effects } = play(...ROOM, narrow);
    expect(sent(effects)).toEqual(['camera paused']);
    expect(effects).toContainEqual({ do: 'hold', on: true });
    expect(effects).toContainEqual({ do: 'say-held', on: true });
    expect(publishing(state)).toContain('camera'); // it is not turned off
    const [, back] = reduce(state, { type: 'narrow', on: false });
    expect(sent(back)).toEqual(['camera on']);
    expect(back).toContainEqual({ do: 'hold', on: false });
  });

  it('says nothing of a camera that is off, or before Join now', () => {
    expect(sent(play(...ROOM, { type: 'set', kind: 'camera', on: false }, narrow).effects)).toEqual([]);
    expect(sent(play(...LOBBY, narrow).effects)).toEqual([]);
    expect(sent(play(...LOBBY, narrow, { type: 'join' }).effects)).toEqual(['mic on', 'camera paused', 'screen off', 'screen-audio off', 'enter']);
  });

  it('of another is shown and said, and over when their camera is off', () => {
    const clara = (on: boolean, paused?: true): Event => server({ type: 'publish', participant: 'client', source: 'camera', on, ...(paused ? { paused } : {}) });
    const { state, effects } = play(...ROOM, clara(true, true));
    expect(others(state)[0]?.paused).toEqual(['camera']);
    expect(effects).toEqual([{ do: 'say', news: 'picture-paused', who: 'Clara Novak' }]);
    expect(reduce(state, clara(true))[1]).toEqual([{ do: 'say', news: 'picture-back', who: 'Clara Novak' }]);
    expect(others(reduce(state, clara(false))[0])[0]?.paused).toEqual([]);
  });
});

describe('other relays', () => {
  it('are given to the connection', () => {
    const ice_servers = [{ urls: ['turn:example.org'] }];
    expect(play(...ROOM, server({ type: 'ice_servers', ice_servers })).effects).toEqual([{ do: 'ice-servers', servers: ice_servers }]);
  });
});

describe('a link followed at the wrong time', () => {
  const NOW = Date.parse('2026-11-24T13:00:00Z');
  const planned = interview({ state: 'scheduled', starts_at: '2026-11-25T09:30:00Z', opens_at: '2026-11-25T09:15:00Z' });
  const you = { id: 'freelancer', name: 'Femi Adeyemi', role: 'interviewee' };
  /** The server's clock is five minutes ahead. */
  const refused = (code: string, iv: Interview, now = NOW): Event => ({
    type: 'server',
    now,
    message: { type: 'error', code, message: '', fatal: code !== 'too_early', re: 'hello', timing: { interview: iv, you, people: [CLARA, FEMI], now: new Date(now + 300_000).toISOString() } },
  });
  const changed = (iv: Interview, now = NOW): Event => ({ type: 'server', now, message: { type: 'interview', interview: iv } });

  it('waits until the server’s clock says that it opens', () => {
    const { state, effects } = play(refused('too_early', planned));
    expect(state.phase).toBe('early');
    expect(state.you).toEqual(you);
    expect(effects).toEqual([{ do: 'await', at: Date.parse('2026-11-25T09:10:00Z') }]);
  });

  it('leads to the lobby by itself, where devices are asked for', () => {
    const { state, effects } = play(refused('too_early', planned), welcome({ interview: interview({ state: 'scheduled' }) }));
    expect(state.phase).toBe('lobby');
    expect(effects).toContainEqual({ do: 'capture', kinds: ['mic', 'camera'] });
  });

  it('hears that it was moved, and waits for the other time', () => {
    const later = { ...planned, sequence: 1, opens_at: '2026-11-26T09:15:00Z' };
    const { state, effects } = play(refused('too_early', planned), changed(later));
    expect(state.interview).toEqual(later);
    expect(effects).toEqual([{ do: 'await', at: Date.parse('2026-11-26T09:10:00Z') }, { do: 'say-moved' }]);
  });

  it('does not ask again at once when it is still too early', () => {
    const late = Date.parse('2026-11-25T09:30:00Z');
    expect(play(refused('too_early', planned, late)).effects).toEqual([{ do: 'await', at: late + 2000 }]);
  });

  it('lets go of the lobby when the interview is moved while somebody sits there', () => {
    const { state, effects } = play(...LOBBY, changed({ ...planned, sequence: 1 }));
    expect(state.end).toEqual({ code: 'moved', canReturn: false });
    expect(effects).toEqual([{ do: 'finish', leave: true }]);
  });

  it('knows what became of an interview that is over', () => {
    const { state } = play(refused('interview_over', interview({ state: 'cancelled', starts_at: planned.starts_at! })), { type: 'over', code: 'interview_over' });
    expect(state.end).toEqual({ code: 'interview_over', canReturn: false });
    expect(state.interview?.state).toBe('cancelled');
    expect(state.timing?.people).toEqual([CLARA, FEMI]);
  });
});
