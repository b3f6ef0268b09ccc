import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cardText, placeOf, threadWords } from './thread-words.js';

describe('the thread', () => {
  it('says what each interview is and how it stands', () => {
    expect(cardText({ mode: 'video', state: 'live' }, threadWords)).toBe('Video interview · Live');
    expect(cardText({ mode: 'zoom', state: 'missed' }, { ...threadWords, missed: 'Verpasst' })).toBe('Zoom interview · Verpasst');
  });

  it('leads to web pages and nowhere else', () => {
    expect(placeOf('/f/1', 'https://app.example/')).toBe('https://app.example/f/1');
    for (const link of ['javascript:alert(1)', 'data:text/html,x', 'http://']) expect(placeOf(link, 'https://app.example/')).toBeUndefined();
  });

  it('loads without a DOM and defines nothing', async () => {
    await expect(import('./thread.js')).resolves.toBeDefined();
  });

  it('has every text of its in docs/embedding.md', () => {
    const page = readFileSync(new URL('../../../docs/embedding.md', import.meta.url), 'utf8');
    expect(Object.keys(threadWords).filter((name) => !new RegExp(`\\b${name}\\b`).test(page))).toEqual([]);
  });
});
