import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Connection, type MediaState } from './connection.js';
import { Layered, type LayeredSource } from './layered.js';
import type { Source } from '../signal/wire.js';

/** As much of a browser's PeerConnection as a connection asks for. */
class FakePeerConnection extends EventTarget {
  static last: FakePeerConnection;
  lines: { kind: string; direction: string; mid: string | null; sender: FakeSender; receiver: { track: { kind: string } } }[] = [];
  connectionState = 'new';
  iceConnectionState = 'new';
  localDescription: { sdp: string } | undefined;
  closed = false;
  signalingState = 'stable';
  answers: string[] = [];
  /** Of each local description the relays that it was made with. */
  relays: unknown[] = [];
  /** What was asked of it is done one after the other, as browsers do. */
  #operations: Promise<void> = Promise.resolve();
  constructor(public config: RTCConfiguration) {
    super();
    FakePeerConnection.last = this;
  }
  #operate(step: () => void) {
    const done = this.#operations.then(step);
    this.#operations = done.catch(() => undefined);
    return done;
  }
  addTransceiver(kind: string, init: RTCRtpTransceiverInit) {
    const line = { kind, direction: init.direction ?? '', mid: null, sender: new FakeSender(init.sendEncodings), receiver: { track: { kind } }, init };
    this.lines.push(line);
    return line;
  }
  restartIce() {}
  getTransceivers() {
    return this.lines;
  }
  setLocalDescription() {
    return this.#operate(() => {
      this.lines.forEach((line, n) => (line.mid = `m${n}`));
      this.localDescription = { sdp: 'v=0\r\n' };
      this.signalingState = 'have-local-offer';
      this.relays.push(this.config.iceServers);
    });
  }
  setRemoteDescription({ sdp }: { sdp: string }) {
    return this.#operate(() => {
      if (this.signalingState !== 'have-local-offer') throw new Error(`an answer in the state ${this.signalingState}`);
      this.signalingState = 'stable';
      this.answers.push(sdp);
    });
  }
  getConfiguration() {
    return this.config;
  }
  setConfiguration(config: RTCConfiguration) {
    this.config = config;
  }
  async getStats() {
    return new Map();
  }
  close() {
    this.closed = true;
  }
  reach() {
    this.iceConnectionState = 'connected';
    this.dispatchEvent(new Event('iceconnectionstatechange'));
  }
  become(state: string) {
    this.connectionState = state;
    this.dispatchEvent(new Event('connectionstatechange'));
  }
}

class FakeSender {
  track: unknown = null;
  replaced = 0;
  parameters = { codecs: [] as object[], encodings: [] as object[] };
  constructor(encodings: object[] = []) {
    this.parameters.encodings = encodings;
  }
  getParameters() {
    return structuredClone(this.parameters);
  }
  async setParameters(parameters: FakeSender['parameters']) {
    this.parameters = parameters;
  }
  async replaceTrack(track: unknown) {
    this.track = track;
    this.replaced++;
  }
}

let states: MediaState[];
let blocked: string[][];

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('RTCPeerConnection', FakePeerConnection);
  vi.stubGlobal('RTCRtpReceiver', { getCapabilities: () => null });
  vi.stubGlobal('MediaStream', class {});
  states = [];
  blocked = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function connect(over: Partial<ConstructorParameters<typeof Connection>[0]> = {}): Connection {
  return new Connection({ iceServers: [], sources: ['mic', 'camera', 'screen', 'screen-audio'], seats: 2, fallback: false, onState: (s) => states.push(s), onBlocked: (tried) => blocked.push(tried.map((one) => `${one.over} ${one.host}`)), ...over });
}

async function answered(connection: Connection, sdp = 'v=0'): Promise<Connection> {
  await connection.offer();
  await connection.accept(sdp);
  return connection;
}

describe('Connection', () => {
  it('has the line for a screen’s sound rest while nothing is on it', async () => {
    const connection = await answered(connect());
    const { sender } = FakePeerConnection.last.lines[3]!;
    const active = (): unknown[] => sender.parameters.encodings.map((encoding) => (encoding as { active: boolean }).active);
    expect(active()).toEqual([false]);
    await connection.put('screen-audio', {} as MediaStreamTrack);
    expect(active()).toEqual([true]);
    await connection.put('screen-audio', null);
    expect(active()).toEqual([false]);
  });

  it('has the browser believe in so much at least by its last answer, and says it only when it changes', async () => {
    const connection = await answered(connect(), 'v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:m1\r\na=rtpmap:96 VP8/90000\r\n');
    for (const kbps of [0, 300, 300, 0]) await connection.believe(kbps);
    expect(FakePeerConnection.last.answers.map((sdp) => /x-google-min-bitrate=(\d+)/.exec(sdp)?.[1])).toEqual([undefined, '300', undefined]);
  });

  it('offers every line there will be, and says what each is for', async () => {
    const offer = await connect().offer();
    expect(FakePeerConnection.last.lines.map((line) => `${line.kind} ${line.direction}`)).toEqual([
      'audio sendonly', 'video sendonly', 'video sendonly', 'audio sendonly',
      'audio recvonly', 'video recvonly', 'audio recvonly', 'video recvonly',
      'audio recvonly', 'video recvonly',
    ]);
    expect(offer).toEqual({
      sdp: 'v=0\r\n',
      sources: { mic: 'm0', camera: 'm1', screen: 'm2', 'screen-audio': 'm3' },
      seats: [{ audio: 'm4', video: 'm5' }, { audio: 'm6', video: 'm7' }],
      screen: { audio: 'm8', video: 'm9' },
    });
  });

  it('offers only what the person may publish', async () => {
    expect((await connect({ sources: ['mic'] }).offer()).sources).toEqual({ mic: 'm0' });
    expect((await connect({ sources: [] }).offer()).sources).toEqual({});
  });

  it.each<[string, number, (string | undefined)[]]>([
    ['in three sizes to several people', 2, ['q', 'h', 'f']],
    ['in one to one', 1, [undefined]],
  ])('sends a camera %s', (_, seats, rids) => {
    connect({ seats });
    const [, camera, screen] = FakePeerConnection.last.lines as unknown as { init: RTCRtpTransceiverInit }[];
    expect(camera?.init.sendEncodings?.map((encoding) => encoding.rid)).toEqual(rids);
    expect(screen?.init.sendEncodings).toHaveLength(1);
  });

  it('asks for the second recipe when told to', async () => {
    expect((await connect({ fallback: true }).offer()).fallback).toBe(true);
  });

  it('holds no track until it is given one, and takes each only once', async () => {
    const connection = connect();
    const [mic] = FakePeerConnection.last.lines;
    expect(FakePeerConnection.last.lines.map((line) => line.sender.track).filter(Boolean)).toEqual([]);
    const track = {} as MediaStreamTrack;
    await connection.put('mic', track);
    await connection.put('mic', track);
    expect(mic?.sender).toMatchObject({ track, replaced: 1 });
    await connection.put('mic', null);
    expect(mic?.sender.track).toBeNull();
  });

  describe('sends its sound once or twice', () => {
    const answer = 'm=audio 9 RTP 111 63\r\na=mid:m0\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:63 red/48000/2\r\n';
    const orders = () => FakePeerConnection.last.answers.map((sdp) => sdp.slice(14, sdp.indexOf('\r')));

    it('by the order of the answer, which is given to the browser again', async () => {
      const connection = connect();
      await connection.offer();
      await connection.accept(answer);
      await connection.spare(true, true);
      await connection.spare(true, true);
      await connection.spare(true, false);
      expect(orders()).toEqual(['63 111', '111 63', '63 111']);
      await connection.spare(true, true);
      await connection.restart();
      await connection.accept(answer);
      expect(orders().slice(3)).toEqual(['111 63', '111 63']);
    });

    it('with the next answer while one is awaited, or there is none yet', async () => {
      const connection = connect();
      await connection.spare(true, true);
      expect(orders()).toEqual([]);
      await connection.offer();
      await connection.accept(answer);
      expect(orders()).toEqual(['111 63']);
      await connection.restart();
      await connection.spare(false, false);
      expect(orders()).toEqual(['111 63']);
      await connection.accept(answer);
      expect(orders()).toEqual(['111 63', '63 111']);
    });

    it('as it was said last, whatever else is under way', async () => {
      const connection = await answered(connect(), answer);
      await Promise.all([connection.spare(true, true), connection.spare(true, false)]);
      expect(orders(), 'said twice at once').toEqual(['63 111', '111 63', '63 111']);
      await Promise.all([connection.restart(), connection.spare(true, true)]);
      expect(orders(), 'an answer to another offer').toHaveLength(3);
      await Promise.all([connection.accept(answer), connection.spare(true, false)]);
      expect(orders().slice(3)).toEqual(['111 63', '63 111']);
    });

    it('over the way that stands: other relays are for the next one, of which the server hears', async () => {
      const connection = await answered(connect(), answer);
      const other = [{ urls: ['turns:other.example.com:443?transport=tcp'] }];
      connection.relays(other);
      await connection.spare(true, true);
      expect(orders()).toEqual(['63 111', '111 63']);
      expect(FakePeerConnection.last.relays).toEqual([[], []]);
      await connection.restart();
      expect(FakePeerConnection.last.relays.at(-1)).toEqual(other);
    });

    it('in longer packets alone where it goes once anyway', async () => {
      const connection = connect();
      await connection.offer();
      await connection.accept(answer.replace(/ 63|a=rtpmap:63.*\r\n/g, ''));
      await connection.spare(true, true);
      await connection.spare(true, true);
      expect(FakePeerConnection.last.answers.map((sdp) => sdp.includes('a=ptime:60'))).toEqual([false, true]);
    });
  });

  it('has a place for every seat and for the screen, and no other', () => {
    const connection = connect();
    expect(connection.place(1)?.video.kind).toBe('video');
    expect(connection.place('screen')?.audio.kind).toBe('audio');
    expect(connection.place(2)).toBeUndefined();
  });

  it.each<[string, string[], MediaState[]]>([
    ['an interruption that heals', ['connecting', 'connected', 'disconnected', 'connected'], ['connected', 'interrupted', 'connected']],
    ['a failure, which is final', ['connected', 'failed', 'connected'], ['connected', 'failed']],
  ])('tells of %s', (_, seen, want) => {
    connect();
    for (const state of seen) FakePeerConnection.last.become(state);
    expect(states).toEqual(want);
  });

  it('counts as failed when it does not connect within twelve seconds of the answer', async () => {
    await answered(connect());
    vi.advanceTimersByTime(11_999);
    expect(states).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(states).toEqual(['failed']);
  });

  it('says that the network blocks calls when no pair of addresses works within eight seconds', async () => {
    await answered(connect({ iceServers: [{ urls: ['turns:calls.example.com:443?transport=tcp'] }] }), 'a=candidate:1 1 udp 1 203.0.113.1 3478 typ host');
    await vi.advanceTimersByTimeAsync(7_999);
    expect(blocked).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(blocked).toEqual([['direct 203.0.113.1', 'tls calls.example.com']]);
    expect(states).toEqual([]);
  });

  it('says so at once when the browser gives up sooner', async () => {
    await answered(connect());
    FakePeerConnection.last.become('failed');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(blocked).toEqual([[]]);
  });

  it.each<[string, (pc: FakePeerConnection) => void]>([
    ['a handshake fails over a path that works', (pc) => pc.reach()],
    ['it is connected', (pc) => (pc.reach(), pc.become('connected'))],
  ])('does not blame the network when %s', async (_, happen) => {
    await answered(connect());
    happen(FakePeerConnection.last);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(blocked).toEqual([]);
  });

  it('gives a connection that was made in time all the time it wants', async () => {
    await answered(connect());
    FakePeerConnection.last.become('connected');
    vi.advanceTimersByTime(60_000);
    expect(states).toEqual(['connected']);
  });

  describe('with one stream that holds its layers', () => {
    const said: string[] = [];
    const layered = () => new Layered((source: LayeredSource, codecs) => said.push(`${source} ${codecs.join(' ')}`.trim()));

    beforeEach(() => {
      said.length = 0;
      vi.stubGlobal('navigator', { hardwareConcurrency: 8, userAgent: '', mediaCapabilities: { encodingInfo: async () => ({ supported: true, smooth: true }) } });
    });

    it.each<[string, number, Source[], string[]]>([
      ['what it can send to several people once there is an answer', 2, ['mic', 'camera', 'screen'], ['camera vp9 av1', 'screen vp9 av1']],
      ['nothing of what it may not send', 2, ['mic'], []],
      ['nothing to one person, who gets a stream of their own', 1, ['mic', 'camera', 'screen'], []],
    ])('says %s', async (_, seats, sources, want) => {
      const connection = connect({ layered: layered(), seats, sources });
      await connection.offer();
      await vi.advanceTimersByTimeAsync(0);
      expect(said).toEqual([]);
      await connection.accept('v=0');
      await vi.advanceTimersByTimeAsync(0);
      expect(said).toEqual(want);
    });

    it('goes back to plain layers on a computer that has been busy for three reports, and says so', async () => {
      const connection = connect({ layered: layered() });
      const camera = FakePeerConnection.last.lines[1]!.sender;
      camera.parameters = { codecs: [{ mimeType: 'video/VP8' }, { mimeType: 'video/VP9' }], encodings: ['q', 'h', 'f'].map((rid) => ({ rid, active: true })) };
      for (let n = 0; n < 3; n++) connection.busy(true);
      await connection.layers({ type: 'layers', source: 'camera', rids: ['q'], codec: 'vp9', mode: 'L3T3_KEY' });
      expect(camera.parameters.encodings[0]).toMatchObject({ codec: { mimeType: 'video/VP9' }, scalabilityMode: 'L3T3_KEY' });
      connection.busy(true);
      connection.busy(true);
      expect(said, 'before it has lasted').toEqual([]);
      connection.busy(true);
      await vi.advanceTimersByTimeAsync(0);
      expect(said).toEqual(['camera']);
      expect(camera.parameters.encodings).toMatchObject(['q', 'h', 'f'].map((rid) => ({ rid, active: true, codec: { mimeType: 'video/VP8' } })));
    });

    it('takes nothing back because of what a connection refuses that is closed', async () => {
      const connection = connect({ layered: layered() });
      const camera = FakePeerConnection.last.lines[1]!.sender;
      camera.parameters = { codecs: [{ mimeType: 'video/VP8' }, { mimeType: 'video/VP9' }], encodings: [{ rid: 'q', active: true }] };
      camera.setParameters = () => Promise.reject(new Error('the connection is closed'));
      const tuned = connection.layers({ type: 'layers', source: 'camera', rids: ['q'], codec: 'vp9', mode: 'L3T3_KEY' });
      connection.close();
      await tuned;
      expect(said).toEqual([]);
    });
  });

  it('says nothing any more when it is closed', async () => {
    const connection = await answered(connect());
    connection.close();
    FakePeerConnection.last.become('failed');
    vi.advanceTimersByTime(60_000);
    expect(states).toEqual([]);
    expect(FakePeerConnection.last.closed).toBe(true);
  });
});
