import { afterEach, describe, expect, it, vi } from 'vitest';
import { describe as describeLayers, Layered } from './layered.js';

type Answer = { supported: boolean; smooth: boolean };
const YES = { supported: true, smooth: true };

/** A browser with some processors that answers for each codec, or refuses the question. */
function browser(processors: number, answers: Record<string, Answer | undefined>) {
  const asked: { scalabilityMode?: string; contentType: string }[] = [];
  vi.stubGlobal('navigator', {
    hardwareConcurrency: processors,
    mediaCapabilities: {
      async encodingInfo({ video }: { video: (typeof asked)[number] }) {
        asked.push(video);
        const answer = answers[video.contentType];
        if (!answer) throw new TypeError('Inapplicable member');
        return answer;
      },
    },
  });
  return asked;
}

function layered() {
  const said: string[] = [];
  return { said, layered: new Layered((source, codecs) => said.push(`${source} ${codecs.join(' ')}`.trim())) };
}

afterEach(() => vi.unstubAllGlobals());

describe('Layered', () => {
  it.each<[string, number, Record<string, Answer | undefined>, string[]]>([
    ['what the browser can', 4, { 'video/VP9': YES, 'video/AV1': YES }, ['camera vp9 av1', 'screen vp9 av1']],
    ['no camera on a small computer', 2, { 'video/VP9': YES, 'video/AV1': YES }, ['screen vp9 av1']],
    ['nothing that would not be smooth', 8, { 'video/VP9': YES, 'video/AV1': { supported: true, smooth: false } }, ['camera vp9', 'screen vp9']],
    ['nothing where it cannot be asked', 8, {}, []],
  ])('says %s', async (_, processors, answers, want) => {
    const asked = browser(processors, answers);
    const { said, layered: one } = layered();
    await one.tell(['camera', 'screen']);
    expect(said).toEqual(want);
    expect(asked.map(({ scalabilityMode }) => scalabilityMode)).toContain('L1T3');
  });

  it('says nothing of what the browser knows nothing of', async () => {
    vi.stubGlobal('navigator', { hardwareConcurrency: 8 });
    const { said, layered: one } = layered();
    await one.tell(['camera', 'screen']);
    expect(said).toEqual([]);
  });

  it('takes a source back once, and never says it again', async () => {
    browser(8, { 'video/VP9': YES, 'video/AV1': YES });
    const { said, layered: one } = layered();
    const telling = one.tell(['camera', 'screen']); // not asked to its end yet
    one.end('camera');
    one.end('camera');
    await telling;
    await one.tell(['camera', 'screen']);
    expect(said).toEqual(['camera', 'screen vp9 av1', 'screen vp9 av1']);
  });

  it('tires of a computer that is busy for three reports, and not for three that are apart', () => {
    const { layered: one } = layered();
    expect([true, true, false, true, true, true].map((busy) => one.tired(busy))).toEqual([false, false, false, false, false, true]);
  });
});

describe('describe', () => {
  it('has a line carry the dependency descriptor beside what it carries anyway', () => {
    const MID = { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', direction: 'sendrecv' };
    const uri = 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension';
    const set = vi.fn();
    const line = { getHeaderExtensionsToNegotiate: () => [{ ...MID }, { uri, direction: 'stopped' }], setHeaderExtensionsToNegotiate: set };
    describeLayers(line as unknown as RTCRtpTransceiver);
    expect(set).toHaveBeenCalledExactlyOnceWith([MID, { uri, direction: 'sendrecv' }]);
  });

  it('leaves a line of a browser alone that cannot be told', () => {
    expect(() => describeLayers({} as RTCRtpTransceiver)).not.toThrow();
  });
});
