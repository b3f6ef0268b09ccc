/** Codecs the server forwards, by what they carry: red is one of sound, and another of pictures. */
const KEPT = { audio: new Set(['opus', 'red']), video: new Set(['vp8', 'h264', 'vp9', 'av1']) };
/** Attributes that belong to one payload type. */
const PER_PAYLOAD = /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+)[ \r]?/;

/**
 * Takes codecs the server never uses out of an offer on its way to the server, where a browser cannot be told to leave
 * them out itself: eight seats of every codec are more than a message may hold. The local description keeps them; an
 * answer that chooses from fewer is as valid.
 */
export function lean(sdp: string): string {
  const sections = sdp.split(/(?=^m=)/m);
  return sections.map((section) => (/^m=(audio|video) /.test(section) ? leanSection(section) : section)).join('');
}

function leanSection(section: string): string {
  const lines = section.split('\r\n');
  const media = (lines[0] ?? '').split(' ');
  const codecs = new Map<string, string>();
  const repairs = new Map<string, string>();
  for (const line of lines) {
    const map = /^a=rtpmap:(\d+) ([^/]+)\//.exec(line);
    if (map) codecs.set(map[1]!, map[2]!.toLowerCase());
    const apt = /^a=fmtp:(\d+) .*\bapt=(\d+)/.exec(line);
    if (apt) repairs.set(apt[1]!, apt[2]!);
  }
  const forwarded = media[0] === 'm=audio' ? KEPT.audio : KEPT.video;
  const kept = (payload: string): boolean => {
    const codec = codecs.get(payload) ?? '';
    return forwarded.has(codec === 'rtx' ? (codecs.get(repairs.get(payload) ?? '') ?? '') : codec);
  };
  const payloads = media.slice(3).filter(kept);
  if (payloads.length === 0) return section;
  const rest = lines.slice(1).filter((line) => {
    const payload = PER_PAYLOAD.exec(line)?.[1];
    return payload === undefined || payloads.includes(payload);
  });
  return [[...media.slice(0, 3), ...payloads].join(' '), ...rest].join('\r\n');
}

/**
 * Says in an answer what a browser can only be told there about a line it speaks on: to send little while nobody speaks,
 * and each packet's sound once more with the next one, where both sides can, or with `once` nothing twice and in packets so
 * long that their headers are the smaller part.
 */
export function spoken(sdp: string, mid: string, once = false): string {
  const sections = sdp.split(/(?=^m=)/m);
  return sections.map((section) => (new RegExp(`^a=mid:${mid}\\r?$`, 'm').test(section) ? spokenSection(section, once) : section)).join('');
}

/** What a packet of sound holds where there is no room for headers. */
const LONG_MS = 60;

function spokenSection(section: string, once: boolean): string {
  const opus = /^a=rtpmap:(\d+) opus\//im.exec(section)?.[1];
  const red = /^a=rtpmap:(\d+) red\//im.exec(section)?.[1];
  let out = section;
  if (once) out = out.replace(/(\r?\n)?$/, `\r\na=ptime:${LONG_MS}\r\n`);
  if (opus && !/usedtx=/.test(out)) out = out.replace(new RegExp(`^(a=fmtp:${opus} [^\\r\\n]*)`, 'm'), '$1;usedtx=1');
  if (red) {
    out = out.replace(/^(m=audio \S+ \S+)((?: \d+)+)/, (_, head: string, payloads: string) => {
      const rest = payloads.trim().split(' ').filter((payload) => payload !== red);
      return [head, ...(once ? [...rest, red] : [red, ...rest])].join(' ');
    });
  }
  return out;
}

/**
 * Says in an answer what a browser is to believe in at least, in kbit/s; Chromium alone takes notice. It is said of every codec of
 * every line, for it takes the word of the last.
 */
export function floored(sdp: string, kbps: number): string {
  if (kbps === 0) return sdp;
  return sdp.split(/(?=^m=)/m).map((section) => flooredSection(section, `x-google-min-bitrate=${kbps}`)).join('');
}

function flooredSection(section: string, floor: string): string {
  return [...section.matchAll(/^a=rtpmap:(\d+) (?!rtx\/)[^\r\n]*\r?\n/gim)].reduce((out, [map, payload]) => {
    const parameters = new RegExp(`^a=fmtp:${payload} [^\\r\\n]*`, 'm');
    return parameters.test(out) ? out.replace(parameters, (all) => `${all};${floor}`) : out.replace(map, `${map}a=fmtp:${payload} ${floor}\r\n`);
  }, section);
}
