import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build, type Plugin } from 'vite';

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
export const childFile = (name: (typeof names)[number]): string => join(outDir, `${name}-child.cjs`);

/** Between them they load all that takes long to compile. */
const COMPILED_BY = ['mirror', 'outbox', 'load'] as const;

/** CommonJS, which can be compiled ahead, does not wait at its top: what a child does is put into a function, and what loads quickly before it. */
const asChild: Plugin = {
  name: 'as-child',
  transform(code, id) {
    if (!names.some((name) => id === join(import.meta.dirname, `${name}-child.ts`))) return null;
    const end = Math.max(0, ...this.parse(code).body.map((node) => (node.type === 'ImportDeclaration' ? node.end : 0)));
    return { code: `${code.slice(0, end)}\nvoid (async () => {${code.slice(end)}\n})();\n`, map: null };
  },
  generateBundle(_, bundle) {
    for (const name of names) {
      const body = bundle[`${name}-body.cjs`]!;
      this.emitFile({
        type: 'asset',
        fileName: `${name}-child.cjs`,
        source: `require('./quick-start.cjs');\nrequire('./${body.fileName}');\n`,
      });
    }
  },
};

/** Bundles them all, once a run, before the first test: Node cannot run TypeScript by itself, and starting costs less so. */
export default async function buildChildren(): Promise<void> {
  await build({
    root,
    configFile: false,
    plugins: [asChild],
    logLevel: 'error',
    build: {
      ssr: true,
      outDir,
      emptyOutDir: false, // another run may be under way
      target: 'node20',
      minify: false, // what a child says when it dies must be readable
      rollupOptions: {
        input: {
          'quick-start': join(import.meta.dirname, 'quick-start.ts'),
          ...Object.fromEntries(names.map((name) => [`${name}-body`, join(import.meta.dirname, `${name}-child.ts`)])),
        },
        output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'assets/[name]-[hash].cjs' },
        external: ['better-sqlite3', 'keytar', 'vite'],
      },
    },
    ssr: { noExternal: true, external: ['better-sqlite3', 'keytar'] },
  });
  // Without a task each ends when it has loaded everything.
  const env = { ...process.env, HOLDOVER_COMPILE: '1' };
  for (const name of COMPILED_BY) spawnSync(process.execPath, [childFile(name)], { input: '', env });
}
