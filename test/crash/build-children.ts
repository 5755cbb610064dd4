import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
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

type ChildName = (typeof names)[number];

/** The built process of this name, which is started to be killed. */
export const childFile = (name: ChildName): string => join(outDir, `${name}-child.cjs`);

/** Between them they load all that takes long to compile. */
const COMPILED_BY = ['mirror', 'outbox', 'load'] as const;

/** CommonJS, which can be compiled ahead, does not wait at its top: what a child does is put into a function, and what loads quickly before it. */
const asChild = (chosen: readonly ChildName[]): Plugin => ({
  name: 'as-child',
  transform(code, id) {
    if (!chosen.some((name) => id === join(import.meta.dirname, `${name}-child.ts`))) return null;
    const end = Math.max(0, ...this.parse(code).body.map((node) => (node.type === 'ImportDeclaration' ? node.end : 0)));
    return { code: `${code.slice(0, end)}\nvoid (async () => {${code.slice(end)}\n})();\n`, map: null };
  },
  generateBundle() {
    for (const name of chosen) {
      const source = `require('./quick-start.cjs');\nrequire('./${name}-body.cjs');\n`;
      this.emitFile({ type: 'asset', fileName: `${name}-child.cjs`, source });
    }
  },
});

/** Bundles some of them: Node cannot run TypeScript by itself, and starting costs less so. */
export async function bundleChildren(chosen: readonly ChildName[]): Promise<void> {
  await build({
    root,
    configFile: false,
    plugins: [asChild(chosen)],
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
          ...Object.fromEntries(chosen.map((name) => [`${name}-body`, join(import.meta.dirname, `${name}-child.ts`)])),
        },
        output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'assets/[name]-[hash].cjs' },
        external: ['better-sqlite3', 'keytar', 'vite'],
      },
    },
    ssr: { noExternal: true, external: ['better-sqlite3', 'keytar'] },
  });
  for (const name of chosen) rmSync(`${childFile(name)}.whole`, { force: true });
}

/** Bundles all of them, once a run, before the first test, and compiles ahead what they load. */
export default async function buildChildren(): Promise<void> {
  await bundleChildren(names);
  // Without a task each ends when it has loaded everything.
  const env = { ...process.env, HOLDOVER_COMPILE: '1' };
  for (const name of COMPILED_BY) spawnSync(process.execPath, [childFile(name)], { input: '', env });
}
