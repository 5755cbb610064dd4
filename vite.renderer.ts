import path from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const here = import.meta.dirname;

/** The window's files. No inline script, no polyfill and no inlined asset: the policy of the app allows files of its own only. */
export default defineConfig({
  root: path.join(here, 'renderer'),
  base: './',
  plugins: [svelte({ configFile: false })],
  server: { host: '127.0.0.1', port: 5199, strictPort: false },
  build: {
    outDir: path.join(here, 'dist/renderer'),
    emptyOutDir: true,
    target: 'chrome130',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // What the first paint needs is one file: each file is a question to the app's process, which has other things to do then.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'start', test: /renderer[\\/]main\.ts$/ }] } } },
  },
});
