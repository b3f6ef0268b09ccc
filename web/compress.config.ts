import { readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** What gets smaller. Fonts and pictures are packed already. */
const TEXTS = new Set(['.css', '.html', '.js', '.json', '.svg']);

/**
 * Leaves beside every file that gets smaller a packed one, by each coding that browsers take, as tight as it goes: the server
 * sends them as they are. Here, and not in the server, because Node has Brotli and Go has not, and because once is enough.
 */
export function compressed(): Plugin {
  return {
    name: 'parley-compressed',
    apply: 'build',
    writeBundle({ dir }, bundle) {
      for (const name of Object.keys(bundle)) {
        if (!TEXTS.has(extname(name))) continue;
        const path = join(dir ?? '', name);
        const content = readFileSync(path);
        const packed = {
          '.br': brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }),
          '.gz': gzipSync(content, { level: constants.Z_BEST_COMPRESSION }),
        };
        for (const [ending, bytes] of Object.entries(packed)) if (bytes.length < content.length) writeFileSync(path + ending, bytes);
      }
    },
  };
}
