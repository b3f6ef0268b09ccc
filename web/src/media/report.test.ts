import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { count, report, Reporter, room } from './report.js';

const video = (id: string, framesDecoded: number, freezeCount = 0) => ({ type: 'inbound-rtp', kind: 'video', id, framesDecoded, freezeCount });
const audio = (totalSamplesReceived: number, concealedSamples: number, silentConcealedSamples = 0) => ({
  type: 'inbound-rtp', kind: 'audio', id: `a${totalSamplesReceived}`, totalSamplesReceived, concealedSamples, silentConcealedSamples,
});
const out = (over: object) => ({ type: 'outbound-rtp', kind: 'video', id: 'o', active: true, qualityLimitationReason: 'none', ...over });

describe('report', () => {
  it('tells of what happened between two counts, and of the liveliest picture', () => {
    const before = count([video('a', 100, 1), video('b', 10), audio(96_000, 1000)], 0);
    const now = count([video('a', 160, 3), video('b', 20), audio(192_000, 5800, 0)], 2000);
    expect(report(before, now)).toEqual({
      type: 'report', cpu_limited: false, up_limited: false, freezes: 2, concealed: 0.05, decoded_fps: 30,
    });
  });

  it('does not count sound that was left out because nobody spoke', () => {
    expect(report(count([audio(0, 0)], 0), count([audio(96_000, 40_000, 40_000)], 2000)).concealed).toBe(0);
  });

  it('is fit to be sent when counters start over, and when nothing was counted', () => {
    const empty = count([], 0);
    expect(report(empty, empty)).toMatchObject({ freezes: 0, concealed: 0, decoded_fps: 0 });
    expect(report(count([video('a', 900, 9), audio(96_000, 9000)], 0), count([video('a', 3), audio(96_000, 0)], 2000))).toMatchObject({
      freezes: 0, concealed: 0, decoded_fps: 0,
    });
  });

  it.each<[string, object, boolean, boolean]>([
    ['a computer that does not keep up', { qualityLimitationReason: 'cpu' }, true, false],
    ['a picture that is hardly sent any more', { qualityLimitationReason: 'bandwidth', targetBitrate: 90_000 }, false, true],
    ['a picture that is only below its best', { qualityLimitationReason: 'bandwidth', targetBitrate: 900_000 }, false, false],
    ['a small layer, which is small by design', { qualityLimitationReason: 'bandwidth', targetBitrate: 90_000, rid: 'q' }, false, false],
    ['a layer that is off', { qualityLimitationReason: 'cpu', active: false }, false, false],
    ['nothing', {}, false, false],
  ])('names %s', (_, entry, cpu, up) => {
    const now = count([out(entry)], 2000);
    expect(report(count([], 0), now)).toMatchObject({ cpu_limited: cpu, up_limited: up });
  });

  it('calls a way up too narrow that has been so for two looks, and one that holds the picture back', () => {
    const pair = (availableOutgoingBitrate: number) => count([{ type: 'candidate-pair', state: 'succeeded', availableOutgoingBitrate }], 0);
    expect(report(pair(120_000), pair(120_000)).up_limited).toBe(true);
    expect(report(pair(900_000), pair(120_000)).up_limited).toBe(false);
    expect(report(pair(900_000), pair(900_000), true).up_limited).toBe(true);
  });
});

describe('room', () => {
  it('tells what the sound takes of what there is', () => {
    const sound = (packetsSent: number) => ({ type: 'outbound-rtp', kind: 'audio', packetsSent, bytesSent: packetsSent * 80, headerBytesSent: packetsSent * 20 });
    const pair = { type: 'candidate-pair', state: 'in-progress', availableOutgoingBitrate: 100_000 };
    const now = count([pair, sound(200), { type: 'remote-inbound-rtp', fractionLost: 0.25 }], 2000);
    expect(room(count([pair, sound(100)], 0), now)).toEqual({ at: 2000, available: 100_000, sound: 57_600, loss: 0.25 });
  });

  it('does not mind what was lost of a picture before it was held', () => {
    const sound = { type: 'remote-inbound-rtp', kind: 'audio', fractionLost: 0.01, timestamp: 60_000 };
    const held = { type: 'remote-inbound-rtp', kind: 'video', fractionLost: 0.6, timestamp: 50_000 };
    const lost = (...entries: object[]) => count(entries as Record<string, unknown>[], 0).loss;
    expect([lost(sound, held), lost(held, sound), lost(sound, { ...held, timestamp: 59_000 })]).toEqual([0.01, 0.01, 0.6]);
  });

  it('tells of the round trips since the count before, if there were any', () => {
    const trips = (totalRoundTripTime: number, roundTripTimeMeasurements: number) => count([{ type: 'remote-inbound-rtp', totalRoundTripTime, roundTripTimeMeasurements }], 0);
    expect(room(trips(10, 100), trips(12, 104)).rtt).toBe(500);
    expect(room(trips(10, 100), trips(10, 100)).rtt).toBeUndefined();
  });
});

describe('Reporter', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('has the picture small, and then none, where the server says that little arrives, and what comes back begins small', async () => {
    const source = { type: 'media-source', id: 's', trackIdentifier: 'camera', width: 1280, height: 720 };
    const entries = [source, out({ mediaSourceId: 's', frameHeight: 720, targetBitrate: 1_700_000 })];
    const pc = { connectionState: 'connected', getStats: () => Promise.resolve(new Map(entries.entries())) } as unknown as RTCPeerConnection;
    const told: string[] = [];
    const reporter = new Reporter(pc, {
      onReport: ({ up_limited }) => told.push(`report ${up_limited}`),
      onSaving: ({ held, thin }) => told.push(`held ${held} thin ${thin}`),
      onSize: (scale) => told.push(`1/${scale}`),
      onFloor: (kbps) => told.push(`floor ${kbps}`),
      camera: () => 'camera',
    });
    await vi.advanceTimersByTimeAsync(4000);
    reporter.jam(true, 180);
    reporter.jam(true, 41);
    await vi.advanceTimersByTimeAsync(2000);
    reporter.close();
    await vi.advanceTimersByTimeAsync(4000);
    expect(told).toEqual(['report false', '1/3', 'held false thin true', '1/4', 'held true thin true', 'report true']);
  });
});
