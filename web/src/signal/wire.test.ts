import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decode } from './decode.js';
import type { ClientMessage, ServerMessage } from './wire.js';

const golden = new URL('../../../signaling/wire/testdata/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, golden), 'utf8');
const names = readdirSync(golden).filter((name) => name.endsWith('.json'));

/** One message per type, as this page would send it; the golden files hold the same shape. */
const CLIENT: { [T in ClientMessage['type']]: string[] } = {
  hello: ['device', 'token'],
  offer: ['id', 'sdp', 'seats', 'sources'],
  enter: [],
  publish: ['on', 'source'],
  layout: ['seats'],
  encodes: ['codecs', 'source'],
  report: ['concealed', 'cpu_limited', 'decoded_fps', 'freezes', 'up_limited'],
  recording: ['action'],
  consent: ['language', 'recording', 'state', 'text'],
  chat: ['ref', 'text'],
  file: ['action', 'ref'],
  history: ['before'],
  appeal: ['decision', 'words'],
  complaint: ['reason', 'ref'],
  zoom: ['action', 'reason'],
  leave: [],
  ping: ['n'],
};

describe('golden messages of the server', () => {
  const server = names.filter((name) => name.startsWith('server.'));

  it.each(server)('%s is understood', (name) => {
    const message = decode(read(name));
    expect(message?.type).toBe(name.split('.')[1]);
  });

  it('has one file for every type the page knows, and none it does not', () => {
    const types: { [T in ServerMessage['type']]: true } = {
      welcome: true,
      ice_servers: true,
      answer: true,
      entered: true,
      participant: true,
      seat: true,
      publish: true,
      speaking: true,
      layers: true,
      paused: true,
      jam: true,
      quality: true,
      chat: true,
      receipt: true,
      file: true,
      history: true,
      guard: true,
      appeal: true,
      complaint: true,
      media: true,
      zoom: true,
      interview: true,
      recording: true,
      ended: true,
      going_away: true,
      pong: true,
      error: true,
    };
    expect([...new Set(server.map((name) => name.split('.')[1]))].sort()).toEqual(Object.keys(types).sort());
  });

  it('carries what the room is built from', () => {
    const welcome = decode(read('server.welcome.json'));
    if (welcome?.type !== 'welcome') throw new Error('not a welcome');
    expect(typeof welcome.resumed).toBe('boolean');
    expect(typeof welcome.entered).toBe('boolean');
    expect(typeof welcome.you.name).toBe('string');
    expect(['audio', 'video']).toContain(welcome.interview.mode);
    for (const presence of welcome.participants) {
      expect(presence).toMatchObject({ id: expect.any(String), publishing: expect.any(Array), speaking: expect.any(Boolean) });
    }
  });
});

describe('golden messages of a client', () => {
  it.each(names.filter((name) => name.startsWith('client.')))('%s has the fields this page sends', (name) => {
    const message = JSON.parse(read(name)) as ClientMessage;
    expect(Object.keys(message)).toEqual(expect.arrayContaining(['type', ...CLIENT[message.type]]));
  });
});

describe('decode', () => {
  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['no object', '[]'],
    ['null', 'null'],
    ['no type', '{"n":1}'],
    ['a type of another kind', '{"type":3}'],
    ['a type from the future', '{"type":"sing","text":"hello"}'],
    ['a name every object has', '{"type":"toString"}'],
    ['a missing field', '{"type":"answer","id":1}'],
    ['a field of another kind', '{"type":"pong","n":"1"}'],
    ['an array where an object belongs', '{"type":"ended","interview":[]}'],
  ])('gives nothing for %s', (_, text) => {
    expect(decode(text)).toBeUndefined();
  });

  it('takes fields it does not know along', () => {
    expect(decode('{"type":"pong","n":1,"later":true}')).toMatchObject({ type: 'pong', n: 1 });
  });
});
