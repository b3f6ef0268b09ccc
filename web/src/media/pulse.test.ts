import { describe, expect, it } from 'vitest';
import { Silence, signs } from './pulse.js';

describe('signs of life', () => {
  const pair = (id: string, responsesReceived: number, more: object = {}) => ({ type: 'candidate-pair', id, responsesReceived, ...more });
  const transport = { type: 'transport', packetsReceived: 5, selectedCandidatePairId: 'direct' };

  it('a relay that answers does not hide that the pair in use is dead', () => {
    const before = signs([transport, pair('direct', 7), pair('relay', 1)]);
    expect(signs([transport, pair('direct', 7), pair('relay', 2)])).toBe(before);
    expect(signs([transport, pair('direct', 8), pair('relay', 1)])).toBeGreaterThan(before);
  });

  it('Firefox marks the pair in use itself', () => {
    const before = signs([pair('direct', 7, { selected: true }), pair('relay', 1, { selected: false })]);
    expect(signs([pair('direct', 7, { selected: true }), pair('relay', 2, { selected: false })])).toBe(before);
    expect(signs([pair('direct', 8, { selected: true }), pair('relay', 1, { selected: false })])).toBeGreaterThan(before);
  });
});

describe('signs', () => {
  it('counts whatever shows that the path is alive, and nothing that is sent', () => {
    expect(
      signs([
        { type: 'inbound-rtp', packetsReceived: 3 },
        { type: 'transport', packetsReceived: 5, packetsSent: 1000 },
        { type: 'candidate-pair', responsesReceived: 7, requestsSent: 1000 },
        { type: 'remote-inbound-rtp', timestamp: 11 },
        { type: 'outbound-rtp', packetsSent: 1000 },
      ]),
    ).toBe(26);
  });

  it('does without what a browser does not tell', () => {
    expect(signs([{ type: 'transport' }, { type: 'inbound-rtp', packetsReceived: 1 }])).toBe(1);
  });
});

describe('Silence', () => {
  it('lasts from the last arrival', () => {
    const silence = new Silence();
    expect(silence.look(1, true, 1000)).toBe(0);
    expect(silence.look(1, true, 1500)).toBe(500);
    expect(silence.look(2, true, 2000)).toBe(0);
    expect(silence.look(2, true, 3000)).toBe(1000);
    expect(silence.look(2, true, 4500)).toBe(2500);
  });

  it('is not what a machine sleeps through', () => {
    const silence = new Silence();
    silence.look(1, true, 0);
    expect(silence.look(1, true, 3_600_000)).toBe(1500);
  });

  it('is none while nothing is due', () => {
    const silence = new Silence();
    silence.look(1, true, 0);
    expect(silence.look(1, false, 60_000)).toBe(0);
    expect(silence.look(1, true, 61_000)).toBe(1000);
  });
});
