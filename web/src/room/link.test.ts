import { describe, expect, it } from 'vitest';
import { deviceName, Keep, relayed, signalURL, takePass } from './link.js';

function storage(): Storage {
  const held = new Map<string, string>();
  return { getItem: (name: string) => held.get(name) ?? null, setItem: (name: string, value: string) => void held.set(name, value) } as Storage;
}
const forbidden = (): Storage => {
  throw new DOMException('no', 'SecurityError');
};

function open(address: string, tab: Keep) {
  const url = new URL(address);
  const shown: string[] = [];
  const pass = takePass(url, { state: null, replaceState: (_state: unknown, _title: string, to?: string | URL | null) => void shown.push(String(to)) }, tab);
  return { pass, shown };
}

describe('takePass', () => {
  it('takes the token out of the address and keeps it for a reload', () => {
    const held = storage();
    const tab = new Keep(() => held);
    const first = open('https://parley.test/r/iv_1?x=1#token=abc.def', tab);
    expect(first.pass).toEqual({ interview: 'iv_1', token: 'abc.def' });
    expect(first.shown).toEqual(['/r/iv_1?x=1']);
    const again = open('https://parley.test/r/iv_1?x=1', new Keep(() => held));
    expect(again.pass.token).toBe('abc.def');
    expect(again.shown).toEqual([]);
  });

  it('does not mix up two interviews in one tab', () => {
    const tab = new Keep(((held) => () => held)(storage()));
    open('https://parley.test/r/iv_1#token=one', tab);
    expect(open('https://parley.test/r/iv_2', tab).pass.token).toBeUndefined();
  });

  it('prefers a new link over the token kept', () => {
    const held = storage();
    open('https://parley.test/r/iv_1#token=old', new Keep(() => held));
    expect(open('https://parley.test/r/iv_1#token=new', new Keep(() => held)).pass.token).toBe('new');
  });

  it('works where storage is forbidden', () => {
    const tab = new Keep(forbidden);
    expect(open('https://parley.test/r/iv_1#token=abc', tab).pass.token).toBe('abc');
    expect(open('https://parley.test/r/iv_1', tab).pass.token).toBe('abc');
  });

  it.each(['https://parley.test/r/iv_1', 'https://parley.test/r/iv_1#', 'https://parley.test/r/iv_1#token=', 'https://parley.test/r/#other=1'])('has no token in %s', (address) => {
    expect(open(address, new Keep(forbidden)).pass.token).toBeUndefined();
  });
});

describe('deviceName', () => {
  it('is the same in every tab of a browser, and another one in another browser', () => {
    const held = storage();
    const name = deviceName(new Keep(() => held));
    expect(name).toMatch(/^[0-9a-f]{24}$/);
    expect(deviceName(new Keep(() => held))).toBe(name);
    expect(deviceName(new Keep(storage))).not.toBe(name);
  });

  it('is made anew when what was kept is not a name', () => {
    const held = storage();
    held.setItem('parley.device', '<script>');
    expect(deviceName(new Keep(() => held))).toMatch(/^[0-9a-f]{24}$/);
  });
});

describe('signalURL', () => {
  it.each([
    ['https:', 'wss://parley.test/v1/signal'],
    ['http:', 'ws://parley.test/v1/signal'],
  ])('follows %s', (protocol, want) => expect(signalURL({ protocol, host: 'parley.test' })).toBe(want));
});

describe('relayed', () => {
  it.each([['?relay=1', true], ['', false], ['?relay=0', false], ['?relay', false]])('of %j is %s', (search, want) => {
    expect(relayed({ search })).toBe(want);
  });
});
