import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CallError, readCall, requestCall } from './call.js';
import { type Interview, readModes, type Told, viewOf } from './interview.js';
import { booleans, strings } from './reflect.js';
import { style } from './style.js';
import { threadStyle } from './thread-style.js';
import { english, labelOf } from './texts.js';

const interview: Interview = {
  id: 'iv_1',
  mode: 'video',
  state: 'ringing',
  participants: [
    { id: 'client', name: 'Clara Novak' },
    { id: 'client', name: 'Clara Novak' },
    { id: 'freelancer', name: 'Femi Adeyemi' },
  ],
  present: ['client'],
};

function told(change: Partial<Told>): Told {
  return { interview: null, state: '', waitingName: '', user: '', ...change };
}

function label(change: Partial<Told>, mode: 'audio' | 'video' | 'zoom' = 'video', own = ''): string {
  return labelOf(viewOf(told(change)), mode, false, own, english);
}

describe('the modes attribute', () => {
  it.each([
    ['', ['video', 'audio']],
    ['audio', ['audio']],
    ['video audio', ['video', 'audio']],
    ['audio, video audio', ['audio', 'video']],
    ['vidoe', ['video', 'audio']],
    ['zoom video', ['zoom', 'video']],
  ])('%j offers %j', (attribute, modes) => {
    expect(readModes(attribute)).toEqual(modes);
  });
});

describe('the text of the button', () => {
  it('offers to start when nothing is open', () => {
    expect(label({})).toBe('Start video interview');
    expect(label({}, 'audio')).toBe('Start audio interview');
    expect(label({}, 'zoom')).toBe('Start interview in Zoom');
    expect(label({}, 'video', 'Interview Femi')).toBe('Interview Femi');
  });

  it('names who is waiting, once', () => {
    expect(label({ interview, user: 'freelancer' })).toBe('Join — Clara Novak is waiting');
  });

  it('prefers the name the host gives', () => {
    expect(label({ interview, user: 'freelancer', waitingName: 'Clara' })).toBe('Join — Clara is waiting');
    expect(label({ state: 'ringing', waitingName: 'Clara' })).toBe('Join — Clara is waiting');
  });

  it('offers to return when the reader is inside already', () => {
    expect(label({ interview, user: 'client' })).toBe('Return to the interview');
  });

  it('offers the caller to return to what still rings', () => {
    expect(label({ interview: { ...interview, created_by: 'client', present: [] }, user: 'client' })).toBe(
      'Return to the interview',
    );
  });

  it('offers to join without a name when nobody is inside or nobody is known', () => {
    expect(label({ interview: { ...interview, present: [] }, user: 'client' })).toBe('Join the interview');
    expect(label({ state: 'live' })).toBe('Join the interview');
  });

  it('names everybody in a live interview', () => {
    const live: Interview = { ...interview, state: 'live', present: ['client', 'freelancer'] };
    expect(label({ interview: live, user: 'observer' })).toBe('Join — Clara Novak, Femi Adeyemi in the room');
  });

  it.each(['ended', 'missed', 'declined', 'cancelled', 'scheduled'] as const)(
    'offers to start again after one that is %s',
    (state) => {
      expect(label({ interview: { ...interview, state } })).toBe('Start video interview');
    },
  );
});

describe("the backend's answer", () => {
  const base = 'https://host.example/app/call';

  it('may be relative, and keeps its fragment', () => {
    expect(readCall({ url: '/r/iv_1#token=a', interview }, base).url).toBe('https://host.example/r/iv_1#token=a');
  });

  it.each([
    ['nothing', undefined],
    ['a text', 'https://host.example'],
    ['no url', { interview }],
    ['no interview', { url: '/r/iv_1' }],
    ['an interview without an id', { url: '/r/iv_1', interview: {} }],
    ['a script', { url: 'javascript:alert(1)', interview }],
    ['data', { url: 'data:text/html,x', interview }],
    ['no address', { url: 'https://', interview }],
  ])('is refused when it is %s', (_, body) => {
    expect(() => readCall(body, base)).toThrow(CallError);
  });
});

describe("the host's own request", () => {
  it('is heard in its words when it refuses', async () => {
    const ask = () => Promise.reject(new Error('The thread is closed.'));
    await expect(requestCall(ask, { mode: 'video', thread: '' })).rejects.toMatchObject({
      code: 'refused',
      detail: 'The thread is closed.',
    });
  });

  it('counts as no connection when fetch reaches nobody', async () => {
    const ask = () => Promise.reject(new TypeError('Failed to fetch'));
    await expect(requestCall(ask, { mode: 'video', thread: '' })).rejects.toMatchObject({ code: 'network' });
  });
});

describe('on a server', () => {
  it('loads without a DOM and defines nothing', async () => {
    await expect(import('./v1.js')).resolves.toBeDefined();
  });
});

describe('docs/embedding.md', () => {
  const page = readFileSync(new URL('../../../docs/embedding.md', import.meta.url), 'utf8');
  const said = (name: string) => new RegExp(`(^|[^\\w-])${name}([^\\w-]|$)`, 'm').test(page);

  it('names every attribute and property', () => {
    const names = [...Object.entries(strings).flat(), ...booleans, 'interview', 'request', 'texts', 'busy'];
    expect(names.filter((name) => !said(name))).toEqual([]);
  });

  it('names every text', () => {
    expect(Object.keys(english).filter((name) => !said(name))).toEqual([]);
  });

  it('names the custom properties that the styles read, and no other', () => {
    const properties = (text: string) => [...new Set(text.match(/--parley-(?!i-)[a-z-]+/g))].sort();
    expect(properties(page)).toEqual(properties(style + threadStyle));
  });
});
