/** Two short tones: rising when something begins, falling when it is over. Nobody is recorded without having heard it. */
export function chime(rising: boolean): void {
  const context = new AudioContext();
  const start = context.currentTime + 0.05;
  for (const [n, frequency] of (rising ? [523, 784] : [784, 523]).entries()) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0, start + n * 0.18);
    volume.gain.linearRampToValueAtTime(0.15, start + n * 0.18 + 0.02);
    volume.gain.linearRampToValueAtTime(0, start + n * 0.18 + 0.16);
    tone.connect(volume).connect(context.destination);
    tone.start(start + n * 0.18);
    tone.stop(start + n * 0.18 + 0.17);
    if (n === 1) tone.onended = () => void context.close();
  }
}
