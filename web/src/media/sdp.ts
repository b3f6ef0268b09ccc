/** Codecs the server forwards. */
const KEPT = new Set(['opus', 'vp8', 'h264']);
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
  const kept = (payload: string): boolean => {
    const codec = codecs.get(payload) ?? '';
    return KEPT.has(codec === 'rtx' ? (codecs.get(repairs.get(payload) ?? '') ?? '') : codec);
  };
  const payloads = media.slice(3).filter(kept);
  if (payloads.length === 0) return section;
  const rest = lines.slice(1).filter((line) => {
    const payload = PER_PAYLOAD.exec(line)?.[1];
    return payload === undefined || payloads.includes(payload);
  });
  return [[...media.slice(0, 3), ...payloads].join(' '), ...rest].join('\r\n');
}
