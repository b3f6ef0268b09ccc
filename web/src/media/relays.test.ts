import { expect, it } from 'vitest';
import { apart } from './relays.js';

it('leaves relays over UDP out, and servers that have no other', () => {
  const servers = [
    { urls: ['turn:a:3478?transport=udp', 'turn:b', 'turn:a:443?transport=tcp', 'turns:a:443?transport=tcp', 'turns:a'], username: 'u', credential: 'c' },
    { urls: ['turn:a:3478?transport=udp'] },
  ];
  expect(apart(servers)).toEqual([{ urls: ['turn:a:443?transport=tcp', 'turns:a:443?transport=tcp', 'turns:a'], username: 'u', credential: 'c' }]);
});
