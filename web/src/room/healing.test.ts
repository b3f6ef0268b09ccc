import { describe, expect, it } from 'vitest';
import { INITIAL, type Effect, type Event, type State } from './state.js';
import { reduce } from './reduce.js';

const CONNECTED: State = {
  ...INITIAL,
  phase: 'room',
  wanted: true,
  link: { state: 'open' },
  transport: { state: 'connected', answered: true, fallback: false, failures: 0, worked: true, restarting: false },
};
const WAITING: Event = { type: 'link', link: { state: 'waiting', attempt: 1, retryAt: 0 } };
const OPEN: Event = { type: 'link', link: { state: 'open' } };
const silent = (ms: number): Event => ({ type: 'silence', ms, now: 98_000 + ms });
const shaken: Event = { type: 'shaken', now: 100_000, by: 'ice' };
const network: Event = { type: 'shaken', now: 100_000, by: 'network' };
const unheard: Event = { type: 'shaken', now: 100_000, by: 'server' };
const answer: Event = { type: 'server', message: { type: 'answer', id: 2, sdp: '' } };
const welcome = (resumed: boolean): Event => ({
  type: 'server',
  message: {
    type: 'welcome', session: 's', resume: 'r', resumed, entered: true, you: { id: 'a', name: 'A', role: 'interviewer' }, may: [], seats: 1,
    interview: { id: 'i', thread: 't', mode: 'video', state: 'live', created_by: 'a', created_at: '', duration_s: 0, participants: [], present: [] },
    participants: [], seating: [], ice_servers: [], ping_ms: 3000,
  },
});

/** Plays events and names what was done, in order. */
function play(...events: Event[]): { state: State; done: string[] } {
  let state = CONNECTED;
  const done: string[] = [];
  for (const event of events) {
    const [next, effects] = reduce(state, event);
    state = next;
    done.push(...effects.filter((effect: Effect) => ['restart', 'offer', 'probe', 'reconnect'].includes(effect.do)).map((effect) => effect.do));
  }
  return { state, done };
}

describe('a silence', () => {
  it.each<[string, Event[], string[]]>([
    ['of one second is none', [silent(1000)], []],
    ['of two seconds restarts ICE and looks at the socket', [silent(2000)], ['probe', 'restart']],
    ['restarts ICE once', [silent(2000), silent(2500), silent(4500)], ['probe', 'restart']],
    ['of five seconds makes a new connection, once', [silent(2000), silent(5000), silent(5500)], ['probe', 'restart', 'offer']],
    ['waits for the socket with all of it', [WAITING, silent(2000), silent(5000), silent(9000)], ['probe']],
    ['restarts ICE when the socket is back', [WAITING, silent(2000), OPEN, welcome(true)], ['probe', 'restart']],
    ['restarts ICE again when the answer was lost with the socket', [silent(2000), WAITING, OPEN, welcome(true)], ['probe', 'restart', 'restart']],
    ['that was answered is not restarted by a welcome', [silent(2000), answer, WAITING, OPEN, welcome(true)], ['probe', 'restart']],
    ['ends with a new connection when the session is new', [silent(2000), WAITING, OPEN, welcome(false)], ['probe', 'restart', 'offer']],
    ['that the old path ended needs no new connection', [silent(2000), silent(0), silent(500)], ['probe', 'restart']],
    ['after another begins anew', [silent(2000), silent(0), silent(2000)], ['probe', 'restart', 'probe', 'restart']],
    ['in which the restart is answered makes a new connection soon after', [silent(2000), answer, silent(2250), silent(2750), silent(3000)], ['probe', 'restart', 'offer']],
    ['that ends in time after the answer needs no new connection', [silent(2000), answer, silent(2250), silent(2750), silent(0)], ['probe', 'restart']],
    ['waits for the socket with a new connection too', [silent(2000), answer, silent(2250), WAITING, silent(4000)], ['probe', 'restart']],
    ['is not looked at while a first connection is made', [{ type: 'offered', fallback: false }, silent(9000)], []],
  ])('%s', (_, events, want) => expect(play(...events).done).toEqual(want));

  it('gives a restart the round trips of a relay over TCP', () => {
    const far: Event = { type: 'way', way: { over: 'direct', rtt: 300 } };
    expect(play(far, silent(2000), answer, silent(2250), silent(3500)).done).toEqual(['probe', 'restart']);
    expect(play(far, silent(2000), answer, silent(2250), silent(3750)).done).toEqual(['probe', 'restart', 'offer']);
  });

  it('is told with its beginning, until something arrives', () => {
    expect(play(silent(2000)).state.lost).toMatchObject({ since: 98_000, renewed: false });
    expect(play(silent(2000), silent(0)).state.lost).toBeUndefined();
  });

  it('is told until the new connection stands', () => {
    const { state } = play(silent(2000), silent(5000), { type: 'offered', fallback: false });
    expect(state.lost).toBeDefined();
    expect(reduce(state, { type: 'transport', state: 'connected' })[0].lost).toBeUndefined();
  });

  it('keeps the recipe of a handshake that went well', () => {
    const [, effects] = reduce(CONNECTED, { type: 'transport', state: 'failed' });
    expect(effects).toEqual([{ do: 'offer', fallback: false, after: 0 }]);
  });
});

describe('a sign that the path is lost', () => {
  it.each<[string, Event[], string[]]>([
    ['restarts ICE at once', [shaken], ['probe', 'restart']],
    ['is taken once', [shaken, shaken, silent(2000)], ['probe', 'restart', 'probe']],
    ['from a server that hears nothing makes a new connection', [unheard], ['offer']],
    ['from the server leaves a restart its time', [silent(2000), unheard], ['probe', 'restart', 'probe']],
    ['from the browser opens the socket anew, and then restarts ICE', [network, WAITING, OPEN, welcome(true)], ['reconnect', 'restart']],
    ['from the browser counts again: it may be the network that works', [network, OPEN, welcome(true), network], ['reconnect', 'restart', 'reconnect']],
  ])('%s', (_, events, want) => expect(play(...events).done).toEqual(want));

  it('from a server that is busy with the offer before is no failure', () => {
    const { state } = play(shaken, { type: 'server', message: { type: 'error', code: 'busy', message: '', fatal: false, re: 'offer', id: 2 } });
    expect(state.transport.state).toBe('connected');
  });
});

describe('a better way', () => {
  const better: Event = { type: 'better' };

  it.each<[string, Event[], string[]]>([
    ['is taken by an ICE restart', [better], ['restart']],
    ['is taken once', [better, better, answer, better], ['restart', 'restart']],
    ['has to wait for a socket', [WAITING, better, OPEN, welcome(true)], []],
    ['is no matter while the old one is lost', [silent(2000), answer, better], ['probe', 'restart']],
  ])('%s', (_, events, want) => expect(play(...events).done).toEqual(want));

  it('is no loss', () => expect(play(better).state.lost).toBeUndefined());
});

describe('a network that blocks calls', () => {
  const tried: Event = { type: 'blocked', tried: [{ over: 'tls', host: 'calls.example.com', port: 443, answered: false }] };
  const connecting: Event = { type: 'offered', fallback: false };

  it('is told until a call gets through, over failures and new tries', () => {
    expect(play(connecting, tried, { type: 'transport', state: 'failed' }, connecting).state.blocked).toHaveLength(1);
    expect(play(connecting, tried, { type: 'transport', state: 'connected' }).state.blocked).toEqual([]);
  });

  it('is none when the news comes late', () => {
    expect(play(tried).state.blocked).toEqual([]);
  });
});
