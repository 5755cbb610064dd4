import { builtinModules } from 'node:module';
import path from 'node:path';
import { defineConfig } from 'vite';

const here = import.meta.dirname;

/** The administrator's command: one file that any Node runs, since the installed app runs as no Node (fuses). */
export default defineConfig({
  root: here,
  publicDir: false,
  ssr: { noExternal: true, external: ['keytar'], target: 'node' },
  build: {
    ssr: true,
    outDir: path.join(here, 'dist/admin'),
    emptyOutDir: true,
    target: 'node20',
    minify: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: path.join(here, 'main/admin.ts'),
      external: ['keytar', /^node:/, ...builtinModules],
      output: { format: 'es', entryFileNames: 'holdover-admin.mjs', codeSplitting: false },
    },
  },
});
