/** The fake camera and microphone: a moving picture and a voice-like sound, made on the spot so that none are kept. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = join(tmpdir(), 'parley-e2e-devices');

export const cameraFile = join(folder, 'camera.y4m');
export const microphoneFile = join(folder, 'microphone.wav');

export default function setup(): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(cameraFile, camera(640, 360, 24, 24));
  writeFileSync(microphoneFile, microphone(48_000, 4));
}

/** A bar that moves over a shaded ground, so that every frame differs and none is costly to encode. */
function camera(width: number, height: number, rate: number, frames: number): Buffer {
  const parts: Buffer[] = [Buffer.from(`YUV4MPEG2 W${width} H${height} F${rate}:1 Ip A1:1 C420jpeg\n`)];
  const chroma = Buffer.alloc((width * height) / 2, 128);
  chroma.fill(150, 0, chroma.length / 2);
  for (let frame = 0; frame < frames; frame++) {
    const luma = Buffer.alloc(width * height);
    const left = Math.floor((frame * width) / frames);
    for (let y = 0; y < height; y++) {
      luma.fill(60 + Math.floor((y * 80) / height), y * width, (y + 1) * width);
      luma.fill(220, y * width + left, y * width + Math.min(left + 40, width));
    }
    parts.push(Buffer.from('FRAME\n'), luma, chroma);
  }
  return Buffer.concat(parts);
}

/** Harmonics of a gliding voice, in syllables: noise suppression lets it pass, and level detection sees it speak. */
function microphone(rate: number, seconds: number): Buffer {
  const samples = rate * seconds;
  const data = Buffer.alloc(samples * 2);
  let phase = 0;
  for (let n = 0; n < samples; n++) {
    const t = n / rate;
    phase += (2 * Math.PI * (140 + 30 * Math.sin(2 * Math.PI * 0.7 * t))) / rate;
    const syllable = Math.max(0, Math.sin(2 * Math.PI * 3.5 * t)) ** 0.7;
    let voice = 0;
    for (let harmonic = 1; harmonic <= 12; harmonic++) voice += Math.sin(phase * harmonic) / harmonic;
    data.writeInt16LE(Math.round(voice * syllable * 9_000), n * 2);
  }
  return Buffer.concat([wavHeader(data.length, rate), data]);
}

function wavHeader(bytes: number, rate: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + bytes, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(1, 22); // mono
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(bytes, 40);
  return header;
}
