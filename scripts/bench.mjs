import path from 'node:path';
import { inModules, rootDir } from './lib/paths.mjs';
import { mustRun, runInherited } from './lib/run.mjs';
import { ensureSetup } from './lib/setup.mjs';
import { runMain } from './lib/steps.mjs';

/** Benchmarks: all, or those named: mirror, unchanged, search. The exit code says whether every bar was reached. */
await runMain(async () => {
  await ensureSetup({ packages: ['dovecot', 'mbsync'] });
  await mustRun(process.execPath, [inModules('vite/bin/vite.js'), 'build', '--config', 'vite.bench.ts', '--logLevel', 'warn'], {
    cwd: rootDir,
  });
  const built = (name) => path.join(rootDir, 'dist/bench', `${name}.js`);
  return runInherited(
    process.execPath,
    [built('main'), built('engine-child'), built('imapflow-child'), rootDir, ...process.argv.slice(2)],
    { cwd: rootDir },
  );
});
