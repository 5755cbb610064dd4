import { readFileSync } from 'node:fs';
import path from 'node:path';
import { rootDir } from './lib/paths.mjs';
import { runInherited } from './lib/run.mjs';
import { ensureSetup } from './lib/setup.mjs';
import { runMain } from './lib/steps.mjs';

await runMain(async () => {
  await ensureSetup({ isQuiet: true });
  const { v8Flags, env } = JSON.parse(readFileSync(path.join(rootDir, 'shared/engine-runtime.json'), 'utf8'));
  const args = [...v8Flags, path.join(rootDir, 'dist/main/cli.js'), ...process.argv.slice(2)];
  return runInherited(process.execPath, args, { env: { ...process.env, ...env } });
});
