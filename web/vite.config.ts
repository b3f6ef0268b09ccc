import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { compressed } from './compress.config.js';

// The pages are served by the binary itself, from the root of its address. Everything below /assets/ carries a hash
// in its name and may be cached for good; the pages and the call button keep their names, because links to them are
// written into other people's sites.
export default defineConfig({
  plugins: [compressed()],
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    // Fonts and pictures stay files of their own: the pages' policy allows no data: fonts.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        room: resolve(import.meta.dirname, 'room.html'),
        check: resolve(import.meta.dirname, 'check.html'),
        app: resolve(import.meta.dirname, 'app.html'),
        recording: resolve(import.meta.dirname, 'recording.html'),
        'embed/v1': resolve(import.meta.dirname, 'src/embed/v1.ts'),
        'embed/thread': resolve(import.meta.dirname, 'src/embed/thread.ts'),
      },
      output: {
        entryFileNames: (chunk) => (chunk.name.startsWith('embed/') ? '[name].js' : 'assets/[name]-[hash].js'),
        chunkFileNames: 'assets/[name]-[hash].js',
        assetFileNames: 'assets/[name]-[hash][extname]',
      },
    },
  },
  server: {
    // `npm run dev` shows the pages with a running `parley demo` behind them.
    proxy: {
      '/v1': { target: 'http://127.0.0.1:8080', ws: true },
      '/app/': 'http://127.0.0.1:8080',
    },
  },
  test: {
    include: ['src/**/*.test.ts'],
    environment: 'node',
  },
});
