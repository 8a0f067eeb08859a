import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import { listBundled } from './electron/packing/list-bundled.ts';

const project = import.meta.dirname;
const commonJs = { format: 'cjs', entryFileNames: 'index.cjs' } as const;

/**
 * The desktop program's main process, its preload, and `out/renderer`: the page of its windows and of `drawbridge serve`. Its
 * engine is built by electron/engine/vite.config.ts. All of it also runs in the Electron that the tests have
 * (docs/desktop.md), whose Node.js is 18.
 */
export default defineConfig({
  main: {
    plugins: [listBundled(project, 'main')],
    build: {
      outDir: resolve(project, 'out/main'),
      target: 'node18',
      externalizeDeps: false,
      rollupOptions: { input: resolve(project, 'electron/main/index.ts'), output: commonJs },
    },
  },
  preload: {
    plugins: [listBundled(project, 'preload')],
    build: {
      outDir: resolve(project, 'out/preload'),
      target: 'node18',
      externalizeDeps: false,
      rollupOptions: { input: resolve(project, 'electron/preload/index.ts'), output: commonJs },
    },
  },
  renderer: {
    root: resolve(project, 'renderer'),
    base: './',
    publicDir: resolve(project, 'resources/page'),
    plugins: [react(), listBundled(project, 'renderer')],
    build: {
      outDir: resolve(project, 'out/renderer'),
      target: 'chrome114',
      // Fonts as files: the page's policy lets none be written into it.
      assetsInlineLimit: 0,
      rollupOptions: { input: resolve(project, 'renderer/index.html') },
    },
  },
});
