import { describe, expect, it } from 'vitest';
import { floored, lean, spoken } from './sdp.js';

const offer = (...lines: string[]): string => lines.map((line) => line + '\r\n').join('');

const SESSION = ['v=0', 'o=- 1 2 IN IP4 0.0.0.0', 's=-', 't=0 0', 'a=group:BUNDLE 0 1'];

describe('lean', () => {
  it('keeps the codecs that are forwarded and their retransmissions, and drops the rest with all that belongs to it', () => {
    const got = lean(
      offer(
        ...SESSION,
        'm=audio 9 UDP/TLS/RTP/SAVPF 109 9 101',
        'a=rtpmap:109 opus/48000/2',
        'a=rtpmap:9 G722/8000/1',
        'a=rtpmap:101 telephone-event/8000',
        'a=fmtp:101 0-15',
        'a=mid:0',
        'm=video 9 UDP/TLS/RTP/SAVPF 120 124 121 125 99 100 123 122 119',
        'a=rtpmap:120 VP8/90000',
        'a=rtpmap:124 rtx/90000',
        'a=fmtp:124 apt=120',
        'a=rtpmap:121 VP9/90000',
        'a=rtpmap:125 rtx/90000',
        'a=fmtp:125 apt=121;rtx-time=3000',
        'a=rtpmap:99 AV1/90000',
        'a=rtpmap:100 rtx/90000',
        'a=fmtp:100 apt=99',
        'a=rtpmap:123 ulpfec/90000',
        'a=rtpmap:122 red/90000',
        'a=rtpmap:119 rtx/90000',
        'a=fmtp:119 apt=122',
        'a=rtcp-fb:120 nack pli',
        'a=rtcp-fb:99 nack pli',
        'a=rtcp-fb:122 nack',
        'a=rtcp-fb:77 nack',
        'a=rtcp-fb:* transport-cc',
        'a=mid:1',
      ),
    );
    expect(got).toBe(
      offer(
        ...SESSION,
        'm=audio 9 UDP/TLS/RTP/SAVPF 109',
        'a=rtpmap:109 opus/48000/2',
        'a=mid:0',
        'm=video 9 UDP/TLS/RTP/SAVPF 120 124 121 125 99 100',
        'a=rtpmap:120 VP8/90000',
        'a=rtpmap:124 rtx/90000',
        'a=fmtp:124 apt=120',
        'a=rtpmap:121 VP9/90000',
        'a=rtpmap:125 rtx/90000',
        'a=fmtp:125 apt=121;rtx-time=3000',
        'a=rtpmap:99 AV1/90000',
        'a=rtpmap:100 rtx/90000',
        'a=fmtp:100 apt=99',
        'a=rtcp-fb:120 nack pli',
        'a=rtcp-fb:99 nack pli',
        'a=rtcp-fb:* transport-cc',
        'a=mid:1',
      ),
    );
  });

  it('leaves a section alone that has nothing to keep', () => {
    const sdp = offer(...SESSION, 'm=video 9 UDP/TLS/RTP/SAVPF 99', 'a=rtpmap:99 H265/90000', 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel');
    expect(lean(sdp)).toBe(sdp);
  });

  it('does not follow retransmissions that repair each other', () => {
    const sdp = offer('m=video 9 UDP/TLS/RTP/SAVPF 96 97 98', 'a=rtpmap:96 VP8/90000', 'a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=98', 'a=rtpmap:98 rtx/90000', 'a=fmtp:98 apt=97');
    expect(lean(sdp)).toContain('m=video 9 UDP/TLS/RTP/SAVPF 96\r\n');
  });

  it('gives an empty description back', () => {
    expect(lean('')).toBe('');
  });
});

describe('spoken', () => {
  const answer = [
    'v=0', 'm=audio 9 UDP/TLS/RTP/SAVPF 111 63', 'a=mid:0', 'a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10;useinbandfec=1',
    'a=rtpmap:63 red/48000/2', 'a=fmtp:63 111/111', 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:3', 'a=rtpmap:111 opus/48000/2',
    'a=fmtp:111 minptime=10;useinbandfec=1', '',
  ].join('\r\n');

  it('asks for little in silence, and for copies, on the line it is told', () => {
    const lines = spoken(answer, '0').split('\r\n');
    expect(lines.slice(1, 5)).toEqual([
      'm=audio 9 UDP/TLS/RTP/SAVPF 63 111', 'a=mid:0', 'a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1',
    ]);
    expect(lines.slice(7)).toEqual(answer.split('\r\n').slice(7));
  });

  it('asks for no copies, and for few headers, where there is no room', () => {
    const lines = spoken(spoken(answer, '0'), '0', true).split('\r\n');
    expect(lines[1]).toBe('m=audio 9 UDP/TLS/RTP/SAVPF 111 63');
    expect(lines.slice(6, 9)).toEqual(['a=fmtp:63 111/111', 'a=ptime:60', 'm=audio 9 UDP/TLS/RTP/SAVPF 111']);
  });

  it('asks for no copies where the server takes none', () => {
    expect(spoken(answer, '3')).toContain('m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n');
  });

  it('leaves an answer without that line as it is', () => expect(spoken(answer, '9')).toBe(answer));
});

describe('floored', () => {
  const answer = [
    'v=0', 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:0', 'a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10',
    'm=video 9 UDP/TLS/RTP/SAVPF 96 97 98', 'a=mid:1', 'a=rtpmap:96 VP8/90000', 'a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=96',
    'a=rtpmap:98 VP9/90000', 'a=fmtp:98 profile-id=0', 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'a=mid:2', '',
  ].join('\r\n');

  it('says the least to believe in of every codec, and leaves the rest as it is', () => {
    const lines = floored(answer, 300).split('\r\n');
    expect(lines.filter((line) => line.includes('x-google'))).toEqual([
      'a=fmtp:111 minptime=10;x-google-min-bitrate=300', 'a=fmtp:96 x-google-min-bitrate=300', 'a=fmtp:98 profile-id=0;x-google-min-bitrate=300',
    ]);
    expect(lines.filter((line) => !line.startsWith('a=fmtp:96')).map((line) => line.replace(';x-google-min-bitrate=300', '')).join('\r\n')).toBe(answer);
  });

  it('says nothing where nothing is to be said', () => expect(floored(answer, 0)).toBe(answer));
});
