import { join } from 'node:path';
import { build } from 'vite';

const root = join(import.meta.dirname, '../..');
const outDir = join(root, 'dist/test');
const names = [
  'mirror',
  'outbox',
  'drafts',
  'reconcile',
  'store',
  'load',
  'oplog',
  'changes',
  'large-mail',
  'migrate',
  'disk',
  'disk-faults',
] as const;

/** The built process of this name, which is started to be killed. */
export const childFile = (name: (typeof names)[number]): string => join(outDir, `${name}-child.js`);

/** Bundles them all, once a run, before the first test: Node cannot run TypeScript by itself, and starting costs less so. */
export default async function buildChildren(): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: true,
      outDir,
      emptyOutDir: false, // another run may be under way
      target: 'node20',
      minify: false, // what a child says when it dies must be readable
      rollupOptions: {
        input: Object.fromEntries(names.map((name) => [`${name}-child`, join(import.meta.dirname, `${name}-child.ts`)])),
        output: { entryFileNames: '[name].js' },
        external: ['better-sqlite3', 'keytar', 'vite'],
      },
    },
    ssr: { noExternal: true, external: ['better-sqlite3', 'keytar'] },
  });
}
