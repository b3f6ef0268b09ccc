import type { Page } from '@playwright/test';

declare global {
  interface Window {
    parley: { pc: RTCPeerConnection };
  }
}

/** What one page received over a window of time. */
export interface Received {
  /** Frames decoded per second, of the liveliest picture. */
  fps: number;
  /** Sound energy that came in, over all voices. */
  energy: number;
  /** Packets of sound per second. */
  audioPackets: number;
  audioBytesSent: number;
  videoFramesSent: number;
}

/** Measures what the page's connection receives and sends during `milliseconds`. */
export async function received(page: Page, milliseconds = 3_000): Promise<Received> {
  return page.evaluate(async (window_) => {
    interface Sample {
      at: number;
      frames: Map<string, number>;
      energy: number;
      packets: number;
      audioSent: number;
      framesSent: number;
    }
    const sample = async (): Promise<Sample> => {
      const taken = { at: performance.now(), frames: new Map<string, number>(), energy: 0, packets: 0, audioSent: 0, framesSent: 0 };
      (await window.parley.pc.getStats()).forEach((report) => {
        if (report.type === 'inbound-rtp' && report.kind === 'video') taken.frames.set(report.id, report.framesDecoded ?? 0);
        if (report.type === 'inbound-rtp' && report.kind === 'audio') {
          taken.energy += report.totalAudioEnergy ?? 0;
          taken.packets += report.packetsReceived ?? 0;
        }
        if (report.type === 'outbound-rtp' && report.kind === 'audio') taken.audioSent += report.bytesSent ?? 0;
        if (report.type === 'outbound-rtp' && report.kind === 'video') taken.framesSent += report.framesSent ?? 0;
      });
      return taken;
    };
    const before = await sample();
    await new Promise((done) => setTimeout(done, window_));
    const after = await sample();
    const seconds = (after.at - before.at) / 1_000;
    const frames = [...after.frames].map(([id, count]) => count - (before.frames.get(id) ?? 0));
    return {
      fps: Math.max(0, ...frames) / seconds,
      energy: after.energy - before.energy,
      audioPackets: (after.packets - before.packets) / seconds,
      audioBytesSent: after.audioSent - before.audioSent,
      videoFramesSent: (after.framesSent - before.framesSent) / seconds,
    };
  }, milliseconds);
}

/**
 * The way by which the media of a page leave it, or null while there is none. The pair in use is known by being selected: its
 * state leaves "succeeded" with every check.
 */
export function way(page: Page): Promise<{ type: string; protocol: string } | null> {
  return page.evaluate(async () => {
    const stats = await window.parley.pc.getStats();
    const entries = [...stats.values()];
    const used = entries.find((entry) => entry.type === 'transport')?.selectedCandidatePairId;
    const pair = entries.find((entry) => entry.type === 'candidate-pair' && (used === undefined ? entry.selected : entry.id === used));
    const local = pair && stats.get(pair.localCandidateId);
    return local ? { type: local.candidateType as string, protocol: (local.relayProtocol ?? '') as string } : null;
  });
}

/** Packets of sound that two pages in one conversation have sent and received. */
interface Sound {
  sent: number;
  received: number;
}

function sound(page: Page): Promise<Sound> {
  return page.evaluate(async () => {
    const count = { sent: 0, received: 0 };
    (await window.parley.pc.getStats()).forEach((report) => {
      if (report.type === 'outbound-rtp' && report.kind === 'audio') count.sent += report.packetsSent ?? 0;
      if (report.type === 'inbound-rtp' && report.kind === 'audio') count.received += report.packetsReceived ?? 0;
    });
    return count;
  });
}

/**
 * Counts the sound between two pages from now until the returned function is called, and tells how many milliseconds of
 * it did not arrive, each way. It compares what was sent with what came, so that a machine that is short of time, which
 * sends less, does not count as a gap.
 */
export async function countGaps(one: Page, other: Page): Promise<() => Promise<{ atOne: number; atOther: number }>> {
  const sample = () => Promise.all([sound(one), sound(other)]);
  const [oneBefore, otherBefore] = await sample();
  return async () => {
    const [oneAfter, otherAfter] = await sample();
    const missing = (from: [Sound, Sound], to: [Sound, Sound]) =>
      20 * (from[1].sent - from[0].sent - (to[1].received - to[0].received));
    return {
      atOne: missing([otherBefore, otherAfter], [oneBefore, oneAfter]),
      atOther: missing([oneBefore, oneAfter], [otherBefore, otherAfter]),
    };
  };
}
