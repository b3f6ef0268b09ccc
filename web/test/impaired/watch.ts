/** What a page has seen of the other person, sampled every 100 ms. Times are in milliseconds of the clock. */
export interface Tick {
  at: number;
  /** The page says that a connection does not carry the picture. */
  paused: boolean;
  /** Samples of sound that were played since the tick before, and those of them that were made up while it was not silent. */
  samples: number;
  concealed: number;
  /** Packets of sound, and frames that were decoded. */
  packets: number;
  frames: number;
  /** Bytes of media that came in. */
  bytes: number;
  /** Milliseconds of freezes that ended, as the browser's statistics count them; undefined where they do not. */
  freezes: number | undefined;
  /** The round trip that the browser measured last, ms. */
  rtt: number | undefined;
  /** Its own camera, as it is encoded now: what limits it, how high it is, frames that were sent and keyframes among them. */
  limit: string;
  height: number;
  sent: number;
  keys: number;
  /** Sums over these frames: what the encoder gave up of each (0 to 127 in VP8), and how long it took, ms. */
  qp: number;
  took: number;
  /** What it aims for, bit/s. */
  target: number;
  /** What the browser believes that the way up carries, bit/s. */
  available: number | undefined;
  connection: string;
}

/** A frame that came to be seen; frames that came in one callback, which a busy page runs late, are spread over its time. */
export interface Log {
  ticks: Tick[];
  frames: number[];
}

declare global {
  interface Window {
    watched: Log;
  }
}

/** Runs in the page before its scripts. */
export function watch(): void {
  const log: Log = { ticks: [], frames: [] };
  Object.assign(window, { watched: log });
  let tile: HTMLElement | undefined;
  let video: HTMLVideoElement | undefined;
  let presented = 0;

  const deep = (root: ParentNode, selector: string): HTMLElement | undefined => {
    const found = root.querySelector<HTMLElement>(selector);
    if (found) return found;
    for (const element of root.querySelectorAll('*')) {
      const inside = element.shadowRoot && deep(element.shadowRoot, selector);
      if (inside) return inside;
    }
    return undefined;
  };
  const follow = (now: HTMLVideoElement): void => {
    video = now;
    const seen = (_: number, frame: VideoFrameCallbackMetadata): void => {
      if (video !== now) return;
      const at = performance.timeOrigin + performance.now();
      const last = log.frames.at(-1) ?? at;
      const count = Math.max(1, Math.min(60, frame.presentedFrames - presented));
      presented = frame.presentedFrames;
      for (let n = 1; n <= count; n++) log.frames.push(last + ((at - last) * n) / count);
      now.requestVideoFrameCallback(seen);
    };
    presented = 0;
    now.requestVideoFrameCallback(seen);
  };
  const find = (): void => {
    tile = deep(document, 'parley-tile.person');
    const found = tile?.shadowRoot?.querySelector('video') ?? undefined;
    if (found && found !== video) follow(found);
  };

  let before: { pc: RTCPeerConnection; counts: Record<string, number> } | undefined;
  const look = async (): Promise<void> => {
    const pc = window.parley?.pc;
    if (!pc) return;
    const counts: Record<string, number> = {};
    const tick = { limit: '', height: 0, rtt: undefined, available: undefined } as unknown as Tick;
    const add = (name: string, value: unknown): void => {
      if (typeof value === 'number') counts[name] = (counts[name] ?? 0) + value;
    };
    const stats = await pc.getStats();
    const selected = [...stats.values()].find((entry) => entry.type === 'transport')?.selectedCandidatePairId;
    stats.forEach((entry) => {
      if (entry.type === 'inbound-rtp') {
        if (!entry.packetsReceived) return; // nobody sits there
        add('bytes', entry.bytesReceived + (entry.headerBytesReceived ?? 0));
        if (entry.kind === 'audio') {
          add('samples', entry.totalSamplesReceived);
          add('concealed', (entry.concealedSamples ?? 0) - (entry.silentConcealedSamples ?? 0));
          add('packets', entry.packetsReceived);
        } else {
          add('frames', entry.framesDecoded);
          add('freezes', entry.totalFreezesDuration && entry.totalFreezesDuration * 1000);
        }
      } else if (entry.type === 'outbound-rtp' && entry.kind === 'video' && entry.framesSent > 0) {
        add('sent', entry.framesSent);
        add('keys', entry.keyFramesEncoded);
        add('qp', entry.qpSum);
        add('took', entry.totalEncodeTime * 1000);
        tick.target = (tick.target ?? 0) + (entry.targetBitrate ?? 0);
        tick.limit = entry.qualityLimitationReason ?? '';
        tick.height = Math.max(tick.height, entry.frameHeight ?? 0);
      } else if (entry.type === 'remote-inbound-rtp' && entry.roundTripTime !== undefined) {
        tick.rtt = Math.max(tick.rtt ?? 0, Math.round(entry.roundTripTime * 1000));
      } else if (entry.type === 'candidate-pair' && entry.id === selected) {
        tick.available = entry.availableOutgoingBitrate;
      }
    });
    const was = before?.pc === pc ? before.counts : {};
    before = { pc, counts };
    const since = (name: string): number => Math.max(0, (counts[name] ?? 0) - (was[name] ?? 0));
    log.ticks.push({
      ...tick,
      at: performance.timeOrigin + performance.now(),
      paused: tile?.hasAttribute('paused') ?? false,
      samples: since('samples'),
      concealed: since('concealed'),
      packets: since('packets'),
      frames: since('frames'),
      bytes: since('bytes'),
      freezes: 'freezes' in counts ? since('freezes') : undefined,
      sent: since('sent'),
      keys: since('keys'),
      qp: since('qp'),
      took: since('took'),
      connection: pc.connectionState,
    });
  };
  setInterval(find, 300);
  let busy = false;
  setInterval(() => {
    if (busy) return;
    busy = true;
    void look().finally(() => (busy = false));
  }, 100);
}
