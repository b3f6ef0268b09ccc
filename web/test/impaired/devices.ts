import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import microphone from '../e2e/devices.js';

const folder = join(tmpdir(), 'parley-impaired-devices');

const [RATE, SECONDS] = [20, 3];

/** The camera that the table is measured with. */
export const cameraFile = fileOf(720);

/** It, and the microphone of the other tests. */
export default function setup(): void {
  microphone();
  makeCamera(720);
}

function fileOf(height: number): string {
  return join(folder, `camera-${height}.y4m`);
}

/** Makes a camera of a height, 16 to 9, and tells in which file. */
export function makeCamera(height: number): string {
  mkdirSync(folder, { recursive: true });
  const width = (height * 16) / 9;
  const file = openSync(fileOf(height), 'w');
  writeSync(file, `YUV4MPEG2 W${width} H${height} F${RATE}:1 Ip A1:1 C420jpeg\n`);
  for (const frame of frames(width, height)) {
    writeSync(file, 'FRAME\n');
    writeSync(file, frame);
  }
  closeSync(file);
  return fileOf(height);
}

/**
 * A head that moves and speaks before a room that stands still, and the noise of a sensor over all of it, so that an
 * encoder has as much to do as with a person: a drawing would fit any link. It ends as it begins.
 */
function* frames(width: number, height: number): Generator<Buffer> {
  const ground = Buffer.alloc(width * height);
  for (let n = 0; n < ground.length; n++) {
    const [x, y] = [((n % width) * 720) / height, (Math.floor(n / width) * 720) / height];
    const shelf = y % 180 < 12 ? -35 : 0;
    const books = Math.sin(x / 9) * Math.sin(x / 23) > 0.25 ? 28 : 0;
    ground[n] = 95 + shelf + (y < 540 ? books : 0) + 18 * Math.sin(x / 160) + 10 * Math.sin(y / 45 + x / 90);
  }
  const noise = grain(width * height + 4096);
  const chroma = Buffer.alloc((width * height) / 2, 126);
  chroma.fill(134, chroma.length / 2);
  const count = RATE * SECONDS;
  for (let n = 0; n < count; n++) {
    const turn = (2 * Math.PI * n) / count;
    const luma = Buffer.from(ground);
    const at = { x: 640 + 70 * Math.sin(turn) + 12 * Math.sin(5 * turn), y: 380 + 14 * Math.sin(2 * turn), open: 14 + 12 * Math.sin(9 * turn) };
    head(luma, width, height / 720, at);
    const shift = (n * 1031) % 4096;
    for (let i = 0; i < luma.length; i++) luma[i] = luma[i]! + noise[i + shift]!;
    yield Buffer.concat([luma, chroma]);
  }
}

/** Draws one, with hair, eyes and a mouth that is so far open. Places are those of a picture that is 720 high. */
function head(luma: Buffer, width: number, scale: number, at: { x: number; y: number; open: number }): void {
  const height = luma.length / width;
  for (let line = Math.floor((at.y - 230) * scale); line < height; line++) {
    for (let column = Math.floor((at.x - 330) * scale); column < (at.x + 330) * scale; column++) {
      const [dx, dy] = [column / scale - at.x, line / scale - at.y];
      let shade = 0;
      if (dy > 170 && Math.abs(dx) < 110 + (dy - 170) * 1.6) shade = 70 + 14 * Math.sin(dx / 6 + dy / 17);
      if ((dx / 150) ** 2 + (dy / 210) ** 2 < 1) {
        shade = 178 - Math.abs(dx) / 4 + 5 * Math.sin(dx / 5) * Math.sin(dy / 7);
        if (dy < -95) shade = 48 + 22 * Math.sin(dx / 3 + dy / 11);
        if (dy > -40 && dy < -15 && Math.abs(Math.abs(dx) - 55) < 24) shade = 40;
        if (Math.abs(dx) < 50 && Math.abs(dy - 110) < at.open) shade = 60;
      }
      if (shade) luma[line * width + column] = shade;
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
