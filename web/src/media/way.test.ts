import { describe, expect, it } from 'vitest';
import { way } from './way.js';

const transport = { type: 'transport', selectedCandidatePairId: 'p' };
const pair = { type: 'candidate-pair', id: 'p', localCandidateId: 'l', currentRoundTripTime: 0.034 };

describe('way', () => {
  it('is that of the pair in use', () => {
    const others = [{ type: 'candidate-pair', id: 'q', localCandidateId: 'm' }, { type: 'local-candidate', id: 'm', candidateType: 'relay', relayProtocol: 'tls' }];
    expect(way([...others, transport, pair, { type: 'local-candidate', id: 'l', candidateType: 'host' }])).toEqual({ over: 'direct', rtt: 30 });
  });

  it('tells what carries it to the relay, also where the candidate was found on the way', () => {
    for (const candidateType of ['relay', 'prflx']) {
      for (const over of ['udp', 'tcp', 'tls'] as const) {
        expect(way([transport, pair, { type: 'local-candidate', id: 'l', candidateType, relayProtocol: over }])?.over).toBe(over);
      }
    }
  });

  it('knows Firefox’s mark, and does without a round trip', () => {
    const marked = { type: 'candidate-pair', id: 'p', localCandidateId: 'l', selected: true };
    expect(way([marked, { type: 'local-candidate', id: 'l', candidateType: 'relay' }])).toEqual({ over: 'udp', rtt: undefined });
  });

  it('is unknown before there is one', () => {
    expect(way([])).toBeUndefined();
    expect(way([transport])).toBeUndefined();
  });
});
