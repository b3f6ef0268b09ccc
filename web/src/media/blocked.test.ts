import { describe, expect, it } from 'vitest';
import { answered, openings, ways } from './blocked.js';

const ANSWER = [
  'v=0',
  'a=candidate:1 1 udp 2130706431 203.0.113.1 3478 typ host',
  'a=candidate:1 2 udp 2130706431 203.0.113.1 3478 typ host',
  'a=candidate:2 1 udp 2130706175 2001:db8::1 3478 typ host ufrag x',
  'a=candidate:3 1 tcp 2130706175 203.0.113.1 9 typ host',
  'a=candidate:1 1 udp 2130706431 203.0.113.1 3478 typ host',
].join('\r\n');
const RELAYS = [
  {
    urls: [
      'turn:203.0.113.1:3478?transport=udp',
      'turn:[2001:db8::1]:3478?transport=udp',
      'turn:calls.example.com:443?transport=tcp',
      'turns:calls.example.com:443?transport=tcp',
    ],
  },
];

describe('the ways to a server', () => {
  it('are its addresses and its relays, each once', () => {
    expect(ways(RELAYS, ANSWER).map(({ over, host, port }) => `${over} ${host} ${port}`)).toEqual([
      'direct 203.0.113.1 3478',
      'direct 2001:db8::1 3478',
      'udp 203.0.113.1 3478',
      'udp 2001:db8::1 3478',
      'tcp calls.example.com 443',
      'tls calls.example.com 443',
    ]);
  });

  it.each<[string, string[]]>([
    ['turn:a.example', ['udp a.example 3478']],
    ['turns:a.example', ['tls a.example 5349']],
    ['TURN:a.example?transport=TCP', ['tcp a.example 3478']],
    ['stun:a.example:3478', []],
    ['nonsense', []],
  ])('are read from %s', (url, want) => {
    expect(ways([{ urls: [url] }], '').map(({ over, host, port }) => `${over} ${host} ${port}`)).toEqual(want);
  });

  it('are answered where a relay gave an address', () => {
    const report = [
      { type: 'local-candidate', candidateType: 'host' },
      { type: 'local-candidate', candidateType: 'relay', relayProtocol: 'tcp' },
      { type: 'remote-candidate', candidateType: 'relay', relayProtocol: 'tls' },
    ];
    expect(answered(ways(RELAYS, ANSWER), report).filter((one) => one.answered).map((one) => one.over)).toEqual(['tcp']);
  });

  it('come down to what a firewall has to let through', () => {
    expect(openings(ways(RELAYS, ANSWER))).toEqual([
      { protocol: 'UDP', host: '203.0.113.1', port: 3478 },
      { protocol: 'UDP', host: '2001:db8::1', port: 3478 },
      { protocol: 'TCP', host: 'calls.example.com', port: 443 },
    ]);
  });

  it('are the server’s own addresses where nothing is relayed', () => {
    expect(openings(ways([], ANSWER))).toEqual([
      { protocol: 'UDP', host: '203.0.113.1', port: 3478 },
      { protocol: 'UDP', host: '2001:db8::1', port: 3478 },
    ]);
  });
});
