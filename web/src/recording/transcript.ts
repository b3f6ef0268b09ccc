/** Something somebody said; times are seconds of the recording. */
export interface Line {
  participant: string;
  from: number;
  to: number;
  /** As text, and as the cue's own, in which markup is escaped. */
  text: string;
  cue: string;
}

const TIMES = /^(\d{2,}):(\d\d):(\d\d\.\d{3}) --> (\d{2,}):(\d\d):(\d\d\.\d{3})$/;
const VOICE = /^<v [^>]*>/;
const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

/** Reads WebVTT as the server writes it: one line for each cue, in the voice of one person. */
export function parse(file: string, participant: string): Line[] {
  return file.split('\n\n').flatMap((block) => {
    const [times = '', said = ''] = block.split('\n');
    const match = TIMES.exec(times);
    if (!match) return [];
    const [h1, m1, s1, h2, m2, s2] = match.slice(1).map(Number) as [number, number, number, number, number, number];
    const cue = said.replace(VOICE, '');
    return [{ participant, from: h1 * 3600 + m1 * 60 + s1, to: h2 * 3600 + m2 * 60 + s2, cue, text: cue.replace(/&(amp|lt|gt);/g, (entity) => ENTITIES[entity]!) }];
  });
}

/** Puts what several people said in the order in which they said it. */
export function merge(lines: Line[][]): Line[] {
  return lines.flat().sort((a, b) => a.from - b.from || a.to - b.to);
}

/** Returns what is being said at a position, or was said last; -1: nothing yet. */
export function lineAt(lines: Line[], position: number): number {
  return lines.findLastIndex((line) => line.from <= position);
}

/**
 * When a caption of a picture begins that itself begins at a position of the recording: a little before its line, because a
 * browser rounds down where it seeks to, and what begins exactly there is not shown.
 */
export function begins(from: number, start: number): number {
  return Math.max(from - start - 0.001, 0);
}

/** Shows somebody's lines as captions of a picture that begins at a position of the recording. */
export function caption(video: HTMLVideoElement, lines: Line[], start: number, label: string): TextTrack {
  const track = video.addTextTrack('captions', label, 'en');
  for (const { from, to, cue } of lines) if (to > start) track.addCue(new VTTCue(begins(from, start), to - start, cue));
  return track;
}
