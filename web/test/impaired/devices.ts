import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import microphone from '../e2e/devices.js';

const folder = join(tmpdir(), 'parley-impaired-devices');

export const cameraFile = join(folder, 'camera.y4m');

const [WIDTH, HEIGHT, RATE, SECONDS] = [1280, 720, 20, 3];

/** The camera that the table is measured with, and the microphone of the other tests. */
export default function setup(): void {
  microphone();
  mkdirSync(folder, { recursive: true });
  const file = openSync(cameraFile, 'w');
  writeSync(file, `YUV4MPEG2 W${WIDTH} H${HEIGHT} F${RATE}:1 Ip A1:1 C420jpeg\n`);
  for (const frame of frames()) {
    writeSync(file, 'FRAME\n');
    writeSync(file, frame);
  }
  closeSync(file);
}

/**
 * A head that moves and speaks before a room that stands still, and the noise of a sensor over all of it, so that an
 * encoder has as much to do as with a person: a drawing would fit any link. It ends as it begins.
 */
function* frames(): Generator<Buffer> {
  const ground = Buffer.alloc(WIDTH * HEIGHT);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const shelf = y % 180 < 12 ? -35 : 0;
      const books = Math.sin(x / 9) * Math.sin(x / 23) > 0.25 ? 28 : 0;
      ground[y * WIDTH + x] = 95 + shelf + (y < 540 ? books : 0) + 18 * Math.sin(x / 160) + 10 * Math.sin(y / 45 + x / 90);
    }
  }
  const noise = grain(WIDTH * HEIGHT + 4096);
  const chroma = Buffer.alloc((WIDTH * HEIGHT) / 2, 126);
  chroma.fill(134, chroma.length / 2);
  const count = RATE * SECONDS;
  for (let n = 0; n < count; n++) {
    const turn = (2 * Math.PI * n) / count;
    const luma = Buffer.from(ground);
    head(luma, 640 + 70 * Math.sin(turn) + 12 * Math.sin(5 * turn), 380 + 14 * Math.sin(2 * turn), 14 + 12 * Math.sin(9 * turn));
    const shift = (n * 1031) % 4096;
    for (let i = 0; i < luma.length; i++) luma[i] = luma[i]! + noise[i + shift]!;
    yield Buffer.concat([luma, chroma]);
  }
}

/** Draws one, with hair, eyes and a mouth that is so far open. */
function head(luma: Buffer, cx: number, cy: number, open: number): void {
  for (let y = Math.floor(cy - 230); y < HEIGHT; y++) {
    for (let x = Math.floor(cx - 330); x < cx + 330; x++) {
      const [dx, dy] = [x - cx, y - cy];
      let shade = 0;
      if (dy > 170 && Math.abs(dx) < 110 + (dy - 170) * 1.6) shade = 70 + 14 * Math.sin(dx / 6 + dy / 17);
      if ((dx / 150) ** 2 + (dy / 210) ** 2 < 1) {
        shade = 178 - Math.abs(dx) / 4 + 5 * Math.sin(dx / 5) * Math.sin(dy / 7);
        if (dy < -95) shade = 48 + 22 * Math.sin(dx / 3 + dy / 11);
        if (dy > -40 && dy < -15 && Math.abs(Math.abs(dx) - 55) < 24) shade = 40;
        if (Math.abs(dx) < 50 && Math.abs(dy - 110) < open) shade = 60;
      }
      if (shade) luma[y * WIDTH + x] = shade;
    }
  }
}

/** Noise of a few steps up and down, the same in every run. */
function grain(length: number): Int8Array {
  const noise = new Int8Array(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    noise[i] = ((state >>> 24) % 5) - 2;
  }
  return noise;
}
