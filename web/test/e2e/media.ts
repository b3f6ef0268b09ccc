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
 * Watches the sound that comes in, from now until `stop`, and tells the longest time without a packet: an interruption
 * that nobody was meant to hear.
 */
export async function watchSound(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const watch = { longest: 0, last: performance.now(), packets: -1, on: true };
    Object.assign(window, { soundWatch: watch });
    const look = async (): Promise<void> => {
      let packets = 0;
      (await window.parley.pc.getStats()).forEach((report) => {
        if (report.type === 'inbound-rtp' && report.kind === 'audio') packets += report.packetsReceived ?? 0;
      });
      const now = performance.now();
      watch.longest = Math.max(watch.longest, now - watch.last);
      if (packets > watch.packets) watch.last = now;
      watch.packets = packets;
      if (watch.on) setTimeout(look, 50);
    };
    void look();
  });
  return () =>
    page.evaluate(() => {
      const { soundWatch } = window as unknown as { soundWatch: { longest: number; on: boolean } };
      soundWatch.on = false;
      return soundWatch.longest;
    });
}
