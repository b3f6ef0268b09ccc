import { describe, expect, it } from 'vitest';
import { begins, lineAt, merge, parse } from './transcript.js';

const clara = `WEBVTT

00:00:03.500 --> 00:00:05.250
<v Clara &lt;b&gt;>1 &lt; 2 &amp; 3 --&gt; &amp;lt;

01:01:01.000 --> 01:01:02.000
<v Clara &lt;b&gt;>later
`;

describe('a transcript', () => {
  it('is read as the server writes it', () => {
    expect(parse(clara, 'client')).toEqual([
      { participant: 'client', from: 3.5, to: 5.25, text: '1 < 2 & 3 --> &lt;', cue: '1 &lt; 2 &amp; 3 --&gt; &amp;lt;' },
      { participant: 'client', from: 3661, to: 3662, text: 'later', cue: 'later' },
    ]);
    expect(parse('WEBVTT\n', 'client')).toEqual([]);
    expect(parse('<html>', 'client')).toEqual([]);
  });

  it('has the lines of all in order, and knows the one that is said', () => {
    const femi = parse('WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v Femi>first\n\n00:00:04.000 --> 00:00:09.000\n<v Femi>third\n', 'freelancer');
    const all = merge([parse(clara, 'client'), femi]);
    expect(all.map((l) => l.participant)).toEqual(['freelancer', 'client', 'freelancer', 'client']);
    expect([0, 1, 3.6, 4, 3600, 9999].map((at) => lineAt(all, at))).toEqual([-1, 0, 1, 2, 2, 3]);
  });
});

it('begins to show a line wherever a browser rounds the seek to it', () => {
  for (let ms = 0; ms < 2000; ms++) {
    const from = (ms * 17 + 61) / 1000;
    const shownAt = Math.floor((from - 0.043) * 1e6) / 1e6; // browsers count microseconds
    expect(begins(from, 0.043)).toBeLessThanOrEqual(shownAt);
  }
  expect(begins(1, 3)).toBe(0);
});
