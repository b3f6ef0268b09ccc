/** The level, from 0 to 1, of samples between −1 and 1: RMS on a scale of decibels from −60 (silence) to 0. */
export function level(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const rms = Math.sqrt(sum / Math.max(1, samples.length));
  if (rms <= 0.001) return 0;
  return Math.min(1, 1 + (20 * Math.log10(rms)) / 60);
}

/**
 * Listens to a microphone track and reports its level some twelve times a second. It plays nothing and sends nothing.
 * Browsers may keep it suspended until the person has touched the page; `wake` is for that moment.
 */
export class LevelMeter {
  readonly #context: AudioContext;
  readonly #source: MediaStreamAudioSourceNode;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(track: MediaStreamTrack, onLevel: (level: number) => void) {
    this.#context = new AudioContext();
    this.#source = this.#context.createMediaStreamSource(new MediaStream([track]));
    const analyser = this.#context.createAnalyser();
    analyser.fftSize = 1024;
    this.#source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.#timer = setInterval(() => {
      if (this.#context.state !== 'running') return;
      analyser.getFloatTimeDomainData(samples);
      onLevel(level(samples));
    }, 80);
  }

  wake(): void {
    if (this.#context.state === 'suspended') void this.#context.resume().catch(() => undefined);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#source.disconnect();
    void this.#context.close().catch(() => undefined);
  }
}
