import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

/** `out/renderer`: the page of the desktop program's windows and of `drawbridge serve`. */
export default defineConfig({
  renderer: {
    root: resolve(import.meta.dirname, 'renderer'),
    base: './',
    publicDir: resolve(import.meta.dirname, 'resources/page'),
    plugins: [react()],
    build: {
      outDir: resolve(import.meta.dirname, 'out/renderer'),
      target: 'chrome114',
      // Fonts as files: the page's policy lets none be written into it.
      assetsInlineLimit: 0,
      rollupOptions: { input: resolve(import.meta.dirname, 'renderer/index.html') },
    },
  },
});
