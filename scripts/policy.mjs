import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rootDir } from './lib/paths.mjs';

/** `npm run policy:generate`: templates, manifest and reference of the policy, from its schema. */
const { runnerImport } = await import('vite');
const { module } = await runnerImport(path.join(rootDir, 'scripts/policy/files.ts'), { configFile: false, logLevel: 'warn' });
for (const [name, content] of Object.entries(module.policyFiles())) {
  const file = path.join(rootDir, module.FOLDER, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  process.stdout.write(`${path.relative(rootDir, file)}\n`);
}
