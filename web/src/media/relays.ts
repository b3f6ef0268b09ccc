import type { IceServer } from '../signal/wire.js';

/**
 * The relays to begin with: all but those over UDP. The server takes media and relays on the same UDP port, and Chromium
 * believes that all that comes from a relay's address is the relay's: with one at hand it never gets a direct path to the
 * same address. Where UDP gets through, it gets through to the media as well; where it does not, a relay over UDP is none.
 * What is left are ports: a network that opens only the first media port, for a room on another. That is for later tries.
 */
export function apart(iceServers: readonly IceServer[]): IceServer[] {
  return only(iceServers, (url) => !overUDP(url));
}

/** The relays over UDP alone. */
export function udp(iceServers: readonly IceServer[]): IceServer[] {
  return only(iceServers, overUDP);
}

function only(iceServers: readonly IceServer[], which: (url: string) => boolean): IceServer[] {
  return iceServers
    .map((server) => ({ ...server, urls: server.urls.filter(which) }))
    .filter((server) => server.urls.length > 0);
}

function overUDP(url: string): boolean {
  return /^turn:/i.test(url) && !/[?&]transport=tcp\b/i.test(url);
}
