import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import { listBundled } from '../packing/list-bundled.ts';
import { KEPT_PACKAGES } from '../packing/packed-packages.ts';

const project = resolve(import.meta.dirname, '../..');

/** Beside the built files: their version, and that they are modules, wherever they are installed to. */
const packageFile: Plugin = {
  name: 'package-file',
  generateBundle() {
    const { name, version } = JSON.parse(readFileSync(resolve(project, 'package.json'), 'utf8')) as {
      name: string;
      version: string;
    };
    const source = `${JSON.stringify({ name, version, private: true, type: 'module' }, null, 2)}\n`;
    this.emitFile({ type: 'asset', fileName: 'package.json', source });
  },
};

/**
 * `out/engine`: the engine's process and the command line of the desktop program, as ES modules for Node 24. What loads
 * machine code, or starts programs that lie beside it, stays a package of its own.
 */
export default defineConfig({
  root: project,
  publicDir: false,
  plugins: [packageFile, listBundled(project, 'engine')],
  logLevel: 'warn',
  ssr: { noExternal: true, external: [...KEPT_PACKAGES] },
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
