import { describe, expect, it } from 'vitest';
import { encodings, rest, spare, tune, Tuning, type Wish } from './encodings.js';

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

  it('of a voice are there from the beginning, and those of a screen’s sound rest', () => {
    expect([encodings('mic', 8), encodings('screen-audio', 8)]).toEqual([[{ active: true }], [{ active: false }]]);
  });
});

const three = (...active: boolean[]) => ({ encodings: encodings('camera', 2).map((layer, n) => ({ ...layer, active: active[n] })) }) as unknown as RTCRtpSendParameters;
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
    expect(tune(parameters, { rids: wanted }, undefined)).toBe(changed);
    expect(active(parameters)).toEqual(after);
  });

  it('leaves layers alone until it was told which are watched', () => {
    expect(tune(three(true, true, true), undefined, undefined)).toBe(false);
  });

  it('keeps a single encoding on, whatever is watched', () => {
    const parameters = { encodings: [{ active: true }] } as unknown as RTCRtpSendParameters;
    expect(tune(parameters, { rids: [] }, undefined)).toBe(false);
    expect(active(parameters)).toEqual([true]);
  });

  it('sends nothing while it is held back, and then what was wanted', () => {
    for (const parameters of [three(true, true, true), { encodings: [{ active: true }] } as unknown as RTCRtpSendParameters]) {
      const before = active(parameters);
      expect(tune(parameters, undefined, undefined, { held: true })).toBe(true);
      expect(active(parameters)).toEqual(before.map(() => false));
      expect(tune(parameters, undefined, undefined)).toBe(true);
      expect(active(parameters)).toEqual(before);
    }
  });

  it.each<[string, number | undefined, string[] | undefined, string[]]>([
    ['three layers of a camera of 720 lines', 1280 * 720, undefined, ['q 4', 'h 2', 'f 1']],
    ['three where its size is not known', undefined, undefined, ['q 4', 'h 2', 'f 1']],
    ['two of a smaller one, the second of them whole', 640 * 480, undefined, ['q 2', 'h 1']],
    ['the second where the third is wished, which there is not', 640 * 360, ['f'], ['h 1']],
    ['the first where it alone is wished', 640 * 360, ['q'], ['q 2']],
    ['one of a tiny one, whole', 320 * 180, ['q', 'f'], ['q 1']],
  ])('sends %s', (_, pixels, rids, want) => {
    const parameters = three(true, true, true);
    tune(parameters, rids && { rids }, undefined, { pixels });
    expect(parameters.encodings.filter(({ active }) => active).map(({ rid, scaleResolutionDownBy }) => `${rid} ${scaleResolutionDownBy}`)).toEqual(want);
    tune(parameters, undefined, undefined);
    expect(parameters).toEqual(three(true, true, true));
  });

  it('says once what gives way first', () => {
    const parameters = three(true, true, true);
    expect(tune(parameters, undefined, 'maintain-framerate')).toBe(true);
    expect(parameters).toHaveProperty('degradationPreference', 'maintain-framerate');
    expect(tune(parameters, undefined, 'maintain-framerate')).toBe(false);
  });
});

const vp8 = { mimeType: 'video/VP8', clockRate: 90000, payloadType: 96 };
const rtx = { mimeType: 'video/rtx', clockRate: 90000, payloadType: 97 };
const vp9 = { mimeType: 'video/VP9', clockRate: 90000, payloadType: 98, sdpFmtpLine: 'profile-id=0' };
const CAMERA: Wish = { rids: ['q'], codec: 'vp9', mode: 'L3T3_KEY' };
const camera = (codecs: object[] = [vp8, rtx, vp9]) => ({ codecs, encodings: encodings('camera', 2) }) as unknown as RTCRtpSendParameters;
const screen = (codecs: object[] = [vp8, rtx, vp9]) => ({ codecs, encodings: [{ active: true, maxBitrate: 2_500_000 }] }) as unknown as RTCRtpSendParameters;

describe('one stream that holds its layers', () => {
  it('goes in the encoding that is named, in full, and all are of its codec', () => {
    const p = camera();
    expect(tune(p, CAMERA, undefined)).toBe(true);
    expect(p.encodings).toEqual([
      { rid: 'q', active: true, codec: vp9, scalabilityMode: 'L3T3_KEY', scaleResolutionDownBy: 1, maxBitrate: 1_400_000 },
      { rid: 'h', active: false, codec: vp9, scaleResolutionDownBy: 2, maxBitrate: 350_000 },
      { rid: 'f', active: false, codec: vp9, scaleResolutionDownBy: 1, maxBitrate: 1_400_000 },
    ]);
    expect(tune(p, CAMERA, undefined)).toBe(false);
  });

  it('is the whole picture of a small camera too', () => {
    const p = camera();
    tune(p, { rids: ['q', 'f'] }, undefined, { pixels: 640 * 360 });
    tune(p, CAMERA, undefined, { pixels: 640 * 360 });
    expect(p.encodings[0]).toMatchObject({ active: true, scaleResolutionDownBy: 1, maxBitrate: 1_400_000 });
    expect(active(p)).toEqual([true, false, false]);
  });

  it('goes back to plain layers, by naming the codec they are in', () => {
    const p = camera();
    tune(p, CAMERA, undefined);
    p.codecs = [vp9, rtx, vp8] as RTCRtpSendParameters['codecs']; // as Chromium lists them while it sends VP9
    expect(tune(p, { rids: ['q', 'h'] }, undefined)).toBe(true);
    expect(p.encodings).toEqual(encodings('camera', 2).map((layer) => ({ ...layer, active: layer.rid !== 'f', codec: vp8 })));
    expect(tune(p, { rids: ['q', 'h'] }, undefined)).toBe(false);
  });

  it('is held back as plain layers are', () => {
    const p = camera();
    tune(p, CAMERA, undefined, { held: true });
    expect(active(p)).toEqual([false, false, false]);
    tune(p, CAMERA, undefined);
    expect(active(p)).toEqual([true, false, false]);
  });

  it('is the one encoding of a source that has no more', () => {
    const p = screen();
    expect(tune(p, { rids: [], codec: 'vp9', mode: 'L1T3' }, undefined)).toBe(true);
    expect(p.encodings).toEqual([{ active: true, maxBitrate: 2_500_000, codec: vp9, scalabilityMode: 'L1T3' }]);
    expect(tune(p, { rids: [] }, undefined)).toBe(true);
    expect(p.encodings).toEqual([{ active: true, maxBitrate: 2_500_000, codec: vp8 }]);
  });

  it('waits for an answer, and is not to be had in a codec that is not in it', () => {
    const before = camera([]);
    expect(tune(before, CAMERA, undefined)).toBe(true);
    expect(before.encodings[0]).not.toHaveProperty('codec');
    expect(() => tune(camera([vp8, rtx]), CAMERA, undefined)).toThrow('vp9');
  });
});

/** A sender that does as it is told, but for what `refuse` names. */
function sender(before: RTCRtpSendParameters, refuse: (parameters: RTCRtpSendParameters) => 'no' | 'passed over' | undefined = () => undefined) {
  const fake = {
    now: before,
    busy: false,
    getParameters: () => structuredClone(fake.now),
    async setParameters(parameters: RTCRtpSendParameters) {
      if (fake.busy) throw new Error('stale');
      fake.busy = true;
      await Promise.resolve();
      fake.busy = false;
      const answer = refuse(parameters);
      if (answer === 'no') throw new DOMException('not now', 'InvalidModificationError');
      fake.now = structuredClone(parameters);
      if (answer === 'passed over') for (const encoding of fake.now.encodings as { codec?: object }[]) delete encoding.codec;
    },
  };
  return fake;
}

describe('Tuning', () => {
  it('makes one change after the other, and survives a refusal', async () => {
    let refused = false;
    const fake = sender(three(true, true, true), () => (refused ? undefined : ((refused = true), 'no')));
    const tuning = new Tuning('camera', fake as unknown as RTCRtpSender);
    await Promise.all([tuning.layers({ rids: ['q'] }), tuning.layers({ rids: [] }), tuning.layers({ rids: ['h'] })]);
    expect(active(fake.now)).toEqual([false, true, false]);
  });

  it('sends another size, keeps it for a moment, and then the frame rate again', async () => {
    const seen: unknown[] = [];
    const fake = sender({ encodings: [{}] } as unknown as RTCRtpSendParameters, (parameters) => {
      seen.push(`${parameters.degradationPreference} ${parameters.encodings[0]?.scaleResolutionDownBy ?? 1}`);
      return undefined;
    });
    const tuning = new Tuning('camera', fake as unknown as RTCRtpSender);
    await tuning.apply();
    await tuning.resize(2);
    await tuning.resize(2);
    expect(seen).toEqual(['maintain-framerate 1', ...Array(2).fill(['maintain-resolution 2', 'maintain-framerate 2'])].flat());
  });

  it('has the layers of a camera as small as its own, and has another when that is replaced', async () => {
    const seen: string[] = [];
    const whole = (parameters: RTCRtpSendParameters) => seen.push(parameters.encodings.filter((one) => one.active).map(({ rid, scaleResolutionDownBy }) => `${rid} ${scaleResolutionDownBy}`).join(', '));
    const fake = { ...sender(three(true, true, true), (parameters) => void whole(parameters)), track: { getSettings: () => ({ width: 640, height: 360 }) } };
    const tuning = new Tuning('camera', fake as unknown as RTCRtpSender);
    await tuning.apply();
    await tuning.resize(1);
    expect(seen).toEqual(['q 2, h 1', 'q 2, h 1', 'q 2, h 1']);
    fake.track.getSettings = () => ({ width: 1280, height: 720 });
    await tuning.apply();
    expect(seen.slice(3)).toEqual(['q 4, h 2, f 1']);
  });

  it('sends one stream that holds its layers as soon as it is negotiated', async () => {
    const fake = sender(camera([]));
    const tuning = new Tuning('camera', fake as unknown as RTCRtpSender);
    await tuning.layers(CAMERA);
    fake.now.codecs = camera().codecs;
    await tuning.apply();
    expect(fake.now.encodings[0]).toMatchObject({ codec: vp9, scalabilityMode: 'L3T3_KEY' });
    expect(tuning.layered).toBe(true);
  });

  it.each<[string, RTCRtpSendParameters, 'no' | 'passed over']>([
    ['refuses it', camera(), 'no'],
    ['knows of no codecs in parameters', camera(), 'passed over'],
    ['has not agreed on the codec', camera([vp8, rtx]), 'no'],
  ])('goes on with all plain layers for good where a browser %s', async (_, before, answer) => {
    let told = 0;
    const fake = sender(before, (parameters) => (parameters.encodings.some((encoding) => 'scalabilityMode' in encoding) ? answer : undefined));
    const tuning = new Tuning('camera', fake as unknown as RTCRtpSender, () => told++);
    await tuning.layers(CAMERA);
    expect(active(fake.now)).toEqual([true, true, true]);
    expect(fake.now.encodings.map(({ scaleResolutionDownBy }) => scaleResolutionDownBy)).toEqual([4, 2, 1]);
    expect([told, tuning.layered]).toEqual([1, false]);
    await tuning.layers(CAMERA);
    expect([told, tuning.layered]).toEqual([1, false]);
    expect(active(fake.now)).toEqual([true, true, true]);
    await tuning.layers({ rids: ['q'] });
    expect(active(fake.now)).toEqual([true, false, false]);
  });
});

describe('spare', () => {
  const parameters = (encoding: object): RTCRtpSendParameters => ({ encodings: [encoding] }) as unknown as RTCRtpSendParameters;

  it.each<[string, object, boolean, object]>([
    ['thin', { active: true }, true, { active: true, maxBitrate: 20_000 }],
    ['as usual', { maxBitrate: 20_000 }, false, {}],
  ])('makes the sound take less: %s', (_, before, thin, after) => {
    const p = parameters(before);
    expect(spare(p, thin)).toBe(true);
    expect(p.encodings[0]).toEqual(after);
    expect(spare(p, thin)).toBe(false);
  });

  it('has nothing to tune before an offer was made', () => {
    expect(spare({ encodings: [] } as unknown as RTCRtpSendParameters, true)).toBe(false);
  });
});

describe('rest', () => {
  it.each<[string, object, boolean, boolean | undefined]>([
    ['rests while it is empty', {}, true, true],
    ['wakes', { active: false }, false, true],
    ['does not change where nothing is to', { active: false }, true, false],
    ['does not change where it is awake', {}, false, false],
  ])('is that a line of sound %s', (_, before, empty, changed) => {
    const p = { encodings: [before] } as unknown as RTCRtpSendParameters;
    expect(rest(p, empty)).toBe(changed);
    expect(p.encodings[0]!.active ?? true).toBe(!empty);
  });

  it('has nothing to tune before an offer was made', () => {
    expect(rest({ encodings: [] } as unknown as RTCRtpSendParameters, true)).toBe(false);
  });
});
