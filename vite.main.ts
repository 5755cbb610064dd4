import { existsSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { defineConfig } from 'vite';

const here = import.meta.dirname;

/** Output name in dist/main -> source. */
const entries: Readonly<Record<string, string>> = {
  index: 'main/index.ts',
  'engine-host': 'main/engine/host.ts',
  'ingest-worker': 'main/engine/ingest/worker.ts',
  cli: 'main/cli.ts',
  'spelling-worker': 'main/spelling/worker.ts',
};

const sources = Object.entries(entries).filter(([, source]) => existsSync(path.join(here, source)));

/** Natives and the runtime stay outside; every other dependency is bundled, since one file starts faster than hundreds. */
const external = ['electron', 'better-sqlite3', 'keytar', /^node:/, ...builtinModules];

/** What runs in Node: app, engine process, its worker and the command line. */
export default defineConfig({
  root: here,
  publicDir: false,
  ssr: { noExternal: true, external: ['electron', 'better-sqlite3', 'keytar'], target: 'node' },
  build: {
    ssr: true,
    outDir: path.join(here, 'dist/main'),
    emptyOutDir: true,
    target: 'node20',
    minify: false,
    sourcemap: true,
    reportCompressedSize: false,
    rolldownOptions: {
      input: Object.fromEntries(sources.map(([name, source]) => [name, path.join(here, source)])),
      external,
      output: {
        format: 'es',
        entryFileNames: '[name].js',
        // Beside the entries and not in a folder: code finds its neighbours by import.meta.dirname.
        chunkFileNames: '[name]-[hash].js',
      },
    },
  },
});
