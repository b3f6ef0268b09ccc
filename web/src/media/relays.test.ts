import { expect, it } from 'vitest';
import { apart, udp } from './relays.js';

const servers = [
  { urls: ['turn:a:3478?transport=udp', 'turn:b', 'turn:a:443?transport=tcp', 'turns:a:443?transport=tcp', 'turns:a'], username: 'u', credential: 'c' },
  { urls: ['turn:a:3478?transport=udp'] },
];

it('leaves relays over UDP out, and servers that have no other', () => {
  expect(apart(servers)).toEqual([{ urls: ['turn:a:443?transport=tcp', 'turns:a:443?transport=tcp', 'turns:a'], username: 'u', credential: 'c' }]);
});

it('takes relays over UDP alone', () => {
  expect(udp([...servers, { urls: ['turns:a'] }])).toEqual([{ urls: ['turn:a:3478?transport=udp', 'turn:b'], username: 'u', credential: 'c' }, servers[1]]);
});
