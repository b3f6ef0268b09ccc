/** What a person can capture with a device of their own. */
export type Kind = 'mic' | 'camera';

/** Why a device gives nothing. Each has its own sentence in the text catalogue. */
export type Problem = 'denied' | 'dismissed' | 'missing' | 'busy' | 'insecure' | 'unsupported' | 'failed';

/** Whether asking again can help, on this page and in this browser. */
export function canRetry(problem: Problem): boolean {
  return problem !== 'insecure' && problem !== 'unsupported';
}

export type Capture = { track: MediaStreamTrack } | { problem: Problem };

/** The part of `navigator` that devices come from; tests pass their own. */
export interface Platform {
  secure: boolean;
  media: Pick<MediaDevices, 'getUserMedia' | 'enumerateDevices'> | undefined;
  /** What the browser knows about the person's decision, when it tells. */
  permission(kind: Kind): Promise<PermissionState | undefined>;
}

export const KINDS: readonly Kind[] = ['mic', 'camera'];

const CONSTRAINTS: { [K in Kind]: MediaTrackConstraints } = {
  mic: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  camera: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } },
};

/** Names a failure of getUserMedia. Browsers agree on the names, not on the messages. */
export function problemOf(error: unknown): Problem {
  switch (error instanceof Object && 'name' in error ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'DevicesNotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'failed';
  }
}

/** Asks the browser for one kind of device. A chosen device that is gone gives way to any other. */
export async function capture(kind: Kind, device: string | undefined, platform = browser()): Promise<Capture> {
  const got = await captureAll({ [kind]: device ?? '' }, platform);
  return got[kind] ?? { problem: 'failed' };
}

/**
 * Asks for several kinds at once, so that the person sees one question. When that fails, each kind is asked for by
 * itself: a missing camera is no reason to go without a microphone. The value of each kind is the chosen device, or ''.
 */
export async function captureAll(
  wanted: Partial<Record<Kind, string>>,
  platform = browser(),
): Promise<Partial<Record<Kind, Capture>>> {
  const kinds = KINDS.filter((kind) => wanted[kind] !== undefined);
  const all = (problem: Problem): Partial<Record<Kind, Capture>> =>
    Object.fromEntries(kinds.map((kind) => [kind, { problem }]));
  if (!platform.secure) return all('insecure');
  const media = platform.media;
  if (!media) return all('unsupported');

  const ask = async (kinds: readonly Kind[], exact: boolean): Promise<Partial<Record<Kind, Capture>>> => {
    const stream = await media.getUserMedia(constraints(kinds, wanted, exact));
    const tracks: Record<Kind, MediaStreamTrack | undefined> = {
      mic: stream.getAudioTracks()[0],
      camera: stream.getVideoTracks()[0],
    };
    return Object.fromEntries(kinds.map((kind) => [kind, tracks[kind] ? { track: tracks[kind] } : { problem: 'missing' }]));
  };

  try {
    return await ask(kinds, true);
  } catch (error) {
    const got: Partial<Record<Kind, Capture>> = {};
    for (const kind of kinds) got[kind] = await alone(kind, error, kinds.length > 1, ask, platform);
    return got;
  }
}

/** Asks for one kind after the question for all failed, unless the person has just answered no to it. */
async function alone(
  kind: Kind,
  error: unknown,
  together: boolean,
  ask: (kinds: readonly Kind[], exact: boolean) => Promise<Partial<Record<Kind, Capture>>>,
  platform: Platform,
): Promise<Capture> {
  let problem = problemOf(error);
  if (problem === 'denied') {
    const permission = await platform.permission(kind);
    if (permission === 'prompt') return { problem: 'dismissed' };
    if (permission !== 'granted' || !together) return { problem };
  } else if (problem !== 'missing' && !together) {
    return { problem };
  }
  try {
    return (await ask([kind], false))[kind] ?? { problem };
  } catch (again) {
    problem = problemOf(again);
    return { problem };
  }
}

function constraints(kinds: readonly Kind[], wanted: Partial<Record<Kind, string>>, exact: boolean): MediaStreamConstraints {
  const of = (kind: Kind): MediaTrackConstraints | false => {
    if (!kinds.includes(kind)) return false;
    const device = wanted[kind];
    return { ...CONSTRAINTS[kind], ...(device ? { deviceId: exact ? { exact: device } : { ideal: device } } : {}) };
  };
  return { audio: of('mic'), video: of('camera') };
}

export interface Choice {
  id: string;
  label: string;
}

export interface Choices {
  mic: Choice[];
  camera: Choice[];
  speaker: Choice[];
}

/** The devices to choose from. Before permission the browser hides their names; those without are left out. */
export async function choices(platform = browser()): Promise<Choices> {
  const found = (await platform.media?.enumerateDevices().catch(() => [])) ?? [];
  const of = (kind: MediaDeviceKind): Choice[] =>
    found
      .filter((device) => device.kind === kind && device.deviceId && device.label)
      .map((device) => ({ id: device.deviceId, label: device.label }));
  return { mic: of('audioinput'), camera: of('videoinput'), speaker: of('audiooutput') };
}

/** Asks for a screen, with its sound where the browser and the person give it. Rejects as getDisplayMedia does. */
export async function captureScreen(): Promise<MediaStream> {
  const options: DisplayMediaStreamOptions & Record<string, unknown> = {
    video: { frameRate: { ideal: 15, max: 30 } },
    audio: true,
    systemAudio: 'include',
    surfaceSwitching: 'include',
    selfBrowserSurface: 'exclude',
  };
  const stream = await navigator.mediaDevices.getDisplayMedia(options);
  const [picture] = stream.getVideoTracks();
  if (picture) picture.contentHint = 'detail';
  return stream;
}

export function canShareScreen(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === 'function';
}

/** The browser this page runs in. */
export function browser(): Platform {
  return {
    secure: window.isSecureContext,
    media: navigator.mediaDevices,
    permission: async (kind) => {
      const name = (kind === 'mic' ? 'microphone' : 'camera') as PermissionName;
      return navigator.permissions?.query({ name }).then(
        (status) => status.state,
        () => undefined,
      );
    },
  };
}

/** Calls `granted` when the person allows a device later, in the browser's own settings. */
export async function onGranted(kind: Kind, granted: () => void): Promise<void> {
  const name = (kind === 'mic' ? 'microphone' : 'camera') as PermissionName;
  const status = await navigator.permissions?.query({ name }).catch(() => undefined);
  status?.addEventListener('change', () => {
    if (status.state === 'granted') granted();
  });
}
