import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

export interface BuiltIngest {
  readonly folder: string;
  /** The worker as the app starts it, everything bundled. */
  readonly workerPath: string;
  /** The pool (`createIngest`), for child processes that cannot load TypeScript. */
  readonly poolPath: string;
  remove(): void;
}

/** Builds worker and pool into a folder of their own. */
export async function buildIngest(): Promise<BuiltIngest> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  mkdirSync(join(root, '.tmp'), { recursive: true });
  const folder = mkdtempSync(join(root, '.tmp/ingest-'));
  const source = (name: string) => join(root, 'main/engine/ingest', name);
  await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: true,
      outDir: folder,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rolldownOptions: {
        input: { 'ingest-worker': source('worker.ts'), ingest: source('ingest.ts') },
        external: [/^node:/, ...builtinModules],
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  });
  return {
    folder,
    workerPath: join(folder, 'ingest-worker.js'),
    poolPath: join(folder, 'ingest.js'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
