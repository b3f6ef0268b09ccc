import { describe, expect, it } from 'vitest';
import { encodings, spare, tune, Tuning } from './encodings.js';

describe('encodings', () => {
  it('of a camera that several people watch are three sizes, small to large', () => {
    const layers = encodings('camera', 2);
    expect(layers.map(({ rid, scaleResolutionDownBy }) => [rid, scaleResolutionDownBy])).toEqual([['q', 4], ['h', 2], ['f', 1]]);
    expect(layers.every(({ active }) => active)).toBe(true);
  });

  it('of a camera that one person watches is a single one, without a name', () => {
    expect(encodings('camera', 1)).toEqual([{ maxBitrate: 1_700_000 }]);
  });

  it('of a screen is a single one for any number of people', () => {
    expect(encodings('screen', 8)).toEqual([{ maxBitrate: 2_500_000 }]);
  });

  it('of sound is left to the browser', () => expect(encodings('mic', 8)).toEqual([]));
});

const three = (...active: boolean[]) => ({ encodings: ['q', 'h', 'f'].map((rid, n) => ({ rid, active: active[n] })) }) as unknown as RTCRtpSendParameters;
const active = (parameters: RTCRtpSendParameters) => parameters.encodings.map((encoding) => encoding.active);

describe('tune', () => {
  it.each<[string, boolean[], string[], boolean[], boolean]>([
    ['the large ones off', [true, true, true], ['q'], [true, false, false], true],
    ['all off when nobody watches', [true, true, true], [], [false, false, false], true],
    ['one on again', [true, false, false], ['q', 'f'], [true, false, true], true],
    ['nothing that is as it should be', [true, false, false], ['q'], [true, false, false], false],
    ['nothing for a name it does not have', [false, false, false], ['x'], [false, false, false], false],
  ])('turns %s', (_, before, wanted, after, changed) => {
    const parameters = three(...before);
    expect(tune(parameters, new Set(wanted), undefined)).toBe(changed);
    expect(active(parameters)).toEqual(after);
  });

  it('leaves layers alone until it was told which are watched', () => {
    expect(tune(three(true, true, true), undefined, undefined)).toBe(false);
  });

  it('keeps a single encoding on, whatever is watched', () => {
    const parameters = { encodings: [{ active: true }] } as unknown as RTCRtpSendParameters;
    expect(tune(parameters, new Set(), undefined)).toBe(false);
    expect(active(parameters)).toEqual([true]);
  });

  it('sends nothing while it is held back, and then what was wanted', () => {
    for (const parameters of [three(true, true, true), { encodings: [{ active: true }] } as unknown as RTCRtpSendParameters]) {
      const before = active(parameters);
      expect(tune(parameters, undefined, undefined, true)).toBe(true);
      expect(active(parameters)).toEqual(before.map(() => false));
      expect(tune(parameters, undefined, undefined)).toBe(true);
      expect(active(parameters)).toEqual(before);
    }
  });

  it('says once what gives way first', () => {
    const parameters = three(true, true, true);
    expect(tune(parameters, undefined, 'maintain-framerate')).toBe(true);
    expect(parameters).toHaveProperty('degradationPreference', 'maintain-framerate');
    expect(tune(parameters, undefined, 'maintain-framerate')).toBe(false);
  });
});

describe('Tuning', () => {
  it('makes one change after the other, and survives a refusal', async () => {
    let current = three(true, true, true);
    let busy = false;
    let refuse = true;
    const sender = {
      getParameters: () => structuredClone(current),
      async setParameters(parameters: RTCRtpSendParameters) {
        if (busy) throw new Error('stale');
        busy = true;
        await Promise.resolve();
        busy = false;
        if (refuse) {
          refuse = false;
          throw new DOMException('not now', 'InvalidModificationError');
        }
        current = parameters;
      },
    };
    const tuning = new Tuning('camera', sender as unknown as RTCRtpSender);
    await Promise.all([tuning.layers(['q']), tuning.layers([]), tuning.layers(['h'])]);
    expect(active(current)).toEqual([false, true, false]);
  });
});

describe('spare', () => {
  const opus = { mimeType: 'audio/opus', clockRate: 48000, channels: 2, payloadType: 111 };
  const parameters = (encoding: object): RTCRtpSendParameters =>
    ({ encodings: [encoding], codecs: [{ ...opus, mimeType: 'audio/red', payloadType: 63 }, opus] }) as unknown as RTCRtpSendParameters;

  it.each<[string, object, boolean, boolean, object]>([
    ['longer packets', { active: true }, true, false, { active: true, adaptivePtime: true }],
    ['and nothing twice', { adaptivePtime: true }, true, true, { adaptivePtime: true, codec: opus }],
    ['twice again', { adaptivePtime: true, codec: opus }, true, false, { adaptivePtime: true }],
    ['as usual', { adaptivePtime: true, codec: opus }, false, false, { adaptivePtime: false }],
  ])('makes the sound take less: %s', (_, before, thin, once, after) => {
    const p = parameters(before);
    expect(spare(p, thin, once)).toBe(true);
    expect(p.encodings[0]).toEqual(after);
    expect(spare(p, thin, once)).toBe(false);
  });

  it('has nothing to tune before an offer was made', () => {
    expect(spare({ encodings: [] } as unknown as RTCRtpSendParameters, true, true)).toBe(false);
  });
});
