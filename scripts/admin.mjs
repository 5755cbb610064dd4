import path from 'node:path';
import { rootDir } from './lib/paths.mjs';
import { runInherited } from './lib/run.mjs';
import { ensureSetup } from './lib/setup.mjs';
import { runMain } from './lib/steps.mjs';

await runMain(async () => {
  await ensureSetup({ isQuiet: true });
  return runInherited(process.execPath, [path.join(rootDir, 'dist/admin/holdover-admin.mjs'), ...process.argv.slice(2)]);
});
