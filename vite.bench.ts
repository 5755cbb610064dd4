import { builtinModules } from 'node:module';
import path from 'node:path';
import { defineConfig } from 'vite';

const here = import.meta.dirname;
const input = {
  ...Object.fromEntries(['main', 'engine-child', 'imapflow-child'].map((name) => [name, path.join(here, `test/bench/${name}.ts`)])),
  // The engine looks for its worker beside itself and would read mail in its own thread without it.
  'ingest-worker': path.join(here, 'main/engine/ingest/worker.ts'),
};

/** The benchmarks and the processes they measure; the engine in them is the one of the app. */
export default defineConfig({
  root: here,
  publicDir: false,
  ssr: { noExternal: true, external: ['better-sqlite3', 'keytar'], target: 'node' },
  build: {
    ssr: true,
    outDir: path.join(here, 'dist/bench'),
    emptyOutDir: true,
    target: 'node20',
    minify: false,
    rolldownOptions: {
      input,
      external: ['better-sqlite3', 'keytar', /^node:/, ...builtinModules],
      output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
});
