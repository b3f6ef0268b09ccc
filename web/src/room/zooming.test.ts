import { describe, expect, it } from 'vitest';
import type { Interview, Welcome } from '../signal/wire.js';
import { reduce } from './reduce.js';
import { INITIAL, type Event, type State } from './state.js';
import { zoomOf } from './zooming.js';

const interview = { id: 'iv_1', thread: 't', mode: 'video', state: 'live', created_by: 'client', created_at: '', duration_s: 0, participants: [], present: [] } satisfies Interview;
const state: State = {
  ...INITIAL,
  phase: 'lobby',
  link: { state: 'open' },
  interview,
  may: ['mic', 'camera'],
  you: { id: 'freelancer', name: 'Femi', role: 'interviewee' },
  zoom: { available: true, mayChoose: false, mayPaste: false, way: undefined, refused: '' },
  transport: { ...INITIAL.transport, state: 'connecting', answered: true },
};

function play(from: State, ...events: Event[]): { state: State; sent: unknown[] } {
  const sent: unknown[] = [];
  let now = from;
  for (const event of events) {
    const [next, effects] = reduce(now, event);
    now = next;
    for (const effect of effects) if (effect.do === 'send') sent.push(effect.message);
  }
  return { state: now, sent };
}

const failed: Event[] = [
  { type: 'transport', state: 'failed' },
  { type: 'offered', fallback: true },
];

describe('Zoom', () => {
  const offer = { type: 'zoom', action: 'offer', reason: 'cannot_connect' };

  it('is offered once, when the second connection in a row has failed', () => {
    expect(play(state, ...failed).sent).not.toContainEqual(offer);
    expect(play(state, ...failed, ...failed, ...failed).sent.filter((m) => (m as { type: string }).type === 'zoom')).toEqual([offer]);
  });

  it('is not offered where there is none, or where it is open already', () => {
    expect(play({ ...state, zoom: undefined }, ...failed, ...failed).sent).not.toContainEqual(offer);
    const open = { ...state, interview: { ...interview, zoom: { state: 'ready', reason: 'chosen', at: '' } as const } };
    expect(play(open, ...failed, ...failed).sent).not.toContainEqual(offer);
  });

  it('comes with a way in, which goes when the meeting ends', () => {
    const ready: Event = { type: 'server', message: { type: 'zoom', status: { state: 'ready', reason: 'chosen', at: '' }, way: { url: 'https://zoom.us/j/1' } } };
    const ended: Event = { type: 'server', message: { type: 'zoom', status: { state: 'ended', reason: 'chosen', at: '' } } };
    expect(play(state, ready).state).toMatchObject({ interview: { zoom: { state: 'ready' } }, zoom: { way: { url: 'https://zoom.us/j/1' } } });
    expect(play(state, ready, ended).state.zoom?.way).toBeUndefined();
  });

  it('is opened by the person, who is in the room with microphone and camera off', () => {
    const { state: after, sent } = play(state, { type: 'to-zoom' });
    expect(after).toMatchObject({ wanted: true, own: { mic: { on: false }, camera: { on: false } } });
    expect(sent).toContainEqual({ type: 'enter' });
    expect(sent).not.toContainEqual(expect.objectContaining({ type: 'publish', on: true }));
  });

  it('can be a meeting of one’s own, and says why a link is not taken', () => {
    const mine = { ...state, zoom: { available: false, mayChoose: false, mayPaste: true, way: undefined, refused: 'an older one' } };
    const { state: asked, sent } = play(mine, { type: 'zoom', action: 'choose', reason: 'chosen', url: 'https://zoom.us/j/1' });
    expect(sent).toEqual([{ type: 'zoom', action: 'choose', reason: 'chosen', url: 'https://zoom.us/j/1' }]);
    expect(asked.zoom?.refused).toBe('');
    const refused: Event = { type: 'server', message: { type: 'error', code: 'invalid_zoom_link', message: 'This is not a link to Zoom.', fatal: false, re: 'zoom' } };
    expect(play(asked, refused).state.zoom?.refused).toBe('This is not a link to Zoom.');
    expect(zoomOf({ zoom: { may_choose: false, may_paste: true } } as Welcome)?.available).toBe(false);
    expect(zoomOf({ zoom: { may_choose: false, may_paste: false } } as Welcome)?.available).toBe(true);
  });
});
