import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BetterWay } from './better.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A look-out in a network that UDP passes or not, and when it looked and found, in seconds. */
function lookout() {
  const net = { open: false };
  const looked: number[] = [];
  const found: number[] = [];
  const began = Date.now();
  const seconds = (): number => Math.round((Date.now() - began) / 1000);
  const better = new BetterWay({
    iceServers: () => [],
    onFound: () => found.push(seconds()),
    passes: () => (looked.push(seconds()), Promise.resolve(net.open)),
  });
  return { better, net, looked, found };
}

describe('a better way', () => {
  it('is looked for ever more seldom while there is none', async () => {
    const { better, looked, found } = lookout();
    better.goes('tcp');
    await vi.advanceTimersByTimeAsync(400_000);
    expect(looked).toEqual([10, 30, 70, 150, 270, 390]);
    expect(found).toEqual([]);
  });

  it('is told when UDP passes, and looked for again while nothing comes of it', async () => {
    const { better, net, found } = lookout();
    better.goes('tls');
    net.open = true;
    await vi.advanceTimersByTimeAsync(35_000);
    expect(found).toEqual([10, 30]);
  });

  it('is not looked for on a direct way, and soon after that is lost again', async () => {
    const { better, looked } = lookout();
    better.goes('direct');
    await vi.advanceTimersByTimeAsync(30_000);
    better.goes('udp');
    better.goes('tcp'); // one relay or another
    await vi.advanceTimersByTimeAsync(35_000);
    better.goes('direct');
    await vi.advanceTimersByTimeAsync(100_000);
    better.goes('tcp');
    await vi.advanceTimersByTimeAsync(15_000);
    expect(looked).toEqual([40, 60, 175]);
  });

  it('is not told when the way became direct while it was looked for, nor after the end', async () => {
    const { better, net, found } = lookout();
    net.open = true;
    better.goes('tcp');
    vi.advanceTimersByTime(10_000);
    better.goes('direct');
    await vi.advanceTimersByTimeAsync(0);
    better.goes('tcp');
    better.close();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(found).toEqual([]);
  });
});
