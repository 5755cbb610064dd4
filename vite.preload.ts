import path from 'node:path';
import { defineConfig } from 'vite';

const here = import.meta.dirname;

/** The bridge. A sandboxed preload script can load nothing but electron, so it is one CommonJS file. */
export default defineConfig({
  root: here,
  publicDir: false,
  build: {
    outDir: path.join(here, 'dist/preload'),
    emptyOutDir: true,
    target: 'chrome130',
    minify: false,
    modulePreload: false,
    reportCompressedSize: false,
    lib: { entry: path.join(here, 'preload/index.ts'), formats: ['cjs'], fileName: () => 'index.cjs' },
    rolldownOptions: { external: ['electron'] },
  },
});
