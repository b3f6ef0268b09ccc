import { describe, expect, it } from 'vitest';
import { captureAll, choices, problemOf, type Kind, type Platform } from './devices.js';

const named = (name: string): Error => Object.assign(new Error(name), { name });

/** A machine whose devices answer as told; `calls` records what was asked for. */
function machine(answers: Partial<Record<Kind, string>>, o: { secure?: boolean; permission?: Partial<Record<Kind, PermissionState>> } = {}) {
  const calls: string[] = [];
  const platform: Platform = {
    secure: o.secure ?? true,
    permission: async (kind) => o.permission?.[kind],
    media: {
      enumerateDevices: async () => [],
      getUserMedia: async (constraints) => {
        const kinds = (['mic', 'camera'] as const).filter((kind) => constraints?.[kind === 'mic' ? 'audio' : 'video']);
        calls.push(kinds.join('+'));
        for (const kind of kinds) if (answers[kind]) throw named(answers[kind]);
        const of = (kind: Kind): unknown[] => (kinds.includes(kind) ? [{ kind }] : []);
        return { getAudioTracks: () => of('mic'), getVideoTracks: () => of('camera') } as unknown as MediaStream;
      },
    },
  };
  return { platform, calls };
}

describe('captureAll', () => {
  it.each<[string, Partial<Record<Kind, string>>, Parameters<typeof machine>[1], Record<Kind, string>, string[]]>([
    ['both with one question', {}, {}, { mic: 'ok', camera: 'ok' }, ['mic+camera']],
    ['the microphone when there is no camera', { camera: 'NotFoundError' }, {}, { mic: 'ok', camera: 'missing' }, ['mic+camera', 'mic', 'camera']],
    ['the microphone when the camera is in use', { camera: 'NotReadableError' }, {}, { mic: 'ok', camera: 'busy' }, ['mic+camera', 'mic', 'camera']],
    [
      'nothing, and asks once, when both are denied',
      { mic: 'NotAllowedError', camera: 'NotAllowedError' },
      { permission: { mic: 'denied', camera: 'denied' } },
      { mic: 'denied', camera: 'denied' },
      ['mic+camera'],
    ],
    [
      'the microphone when only the camera is denied',
      { camera: 'NotAllowedError' },
      { permission: { mic: 'granted', camera: 'denied' } },
      { mic: 'ok', camera: 'denied' },
      ['mic+camera', 'mic'],
    ],
    [
      'nothing when the question was closed, without asking again',
      { mic: 'NotAllowedError', camera: 'NotAllowedError' },
      { permission: { mic: 'prompt', camera: 'prompt' } },
      { mic: 'dismissed', camera: 'dismissed' },
      ['mic+camera'],
    ],
    ['nothing from an insecure page, without asking', {}, { secure: false }, { mic: 'insecure', camera: 'insecure' }, []],
  ])('gets %s', async (_, answers, o, want, calls) => {
    const m = machine(answers, o);
    const got = await captureAll({ mic: '', camera: '' }, m.platform);
    const seen = (kind: Kind): string => {
      const one = got[kind];
      return !one ? 'not asked' : 'track' in one ? 'ok' : one.problem;
    };
    expect({ mic: seen('mic'), camera: seen('camera') }).toEqual(want);
    expect(m.calls).toEqual(calls);
  });

  it('asks for no camera in an audio interview', async () => {
    const m = machine({});
    expect(await captureAll({ mic: '' }, m.platform)).not.toHaveProperty('camera');
    expect(m.calls).toEqual(['mic']);
  });

  it('takes another device when the chosen one is gone', async () => {
    const m = machine({});
    const media = m.platform.media!;
    const plain = media.getUserMedia;
    media.getUserMedia = async (constraints) => {
      if (JSON.stringify(constraints).includes('exact')) throw named('OverconstrainedError');
      return plain(constraints);
    };
    expect(await captureAll({ mic: 'gone' }, m.platform)).toMatchObject({ mic: { track: { kind: 'mic' } } });
  });

  it('says so when the browser has no devices at all', async () => {
    expect(await captureAll({ mic: '' }, { ...machine({}).platform, media: undefined })).toEqual({ mic: { problem: 'unsupported' } });
  });
});

describe('problemOf', () => {
  it.each([
    ['NotAllowedError', 'denied'],
    ['NotFoundError', 'missing'],
    ['OverconstrainedError', 'missing'],
    ['NotReadableError', 'busy'],
    ['AbortError', 'busy'],
    ['TypeError', 'failed'],
  ])('%s is %s', (name, problem) => expect(problemOf(named(name))).toBe(problem));

  it.each([[undefined], [null], ['text']])('%s is a failure of some kind', (thrown) => expect(problemOf(thrown)).toBe('failed'));
});

describe('choices', () => {
  it('leaves devices without a name out', async () => {
    const { platform } = machine({});
    const device = (kind: string, deviceId: string, label: string): MediaDeviceInfo => ({ kind, deviceId, label }) as MediaDeviceInfo;
    platform.media!.enumerateDevices = async () => [device('audioinput', 'a', 'Headset'), device('videoinput', '', ''), device('audiooutput', 'c', 'Speakers')];
    expect(await choices(platform)).toEqual({ mic: [{ id: 'a', label: 'Headset' }], camera: [], speaker: [{ id: 'c', label: 'Speakers' }] });
  });
});
