import { join } from 'node:path';
import { build } from 'vite';

/** Bundles the process that is killed; Node cannot run TypeScript by itself. Returns the file to run. */
export async function buildChild(entry: string, name: string): Promise<string> {
  const root = join(import.meta.dirname, '../..');
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: join(root, entry),
      outDir: join(root, 'dist/test'),
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rollupOptions: { output: { entryFileNames: `${name}.js` }, external: ['better-sqlite3', 'keytar', 'vite'] },
    },
    ssr: { noExternal: true, external: ['better-sqlite3', 'keytar'] },
  });
  return join(root, 'dist/test', `${name}.js`);
}
