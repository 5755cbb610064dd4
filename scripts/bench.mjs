import path from 'node:path';
import { onVirtualDisplay } from './lib/display.mjs';
import { resolveElectron } from './lib/electron.mjs';
import { keyringSession } from './lib/keyring.mjs';
import { inModules, rootDir } from './lib/paths.mjs';
import { mustRun, runInherited } from './lib/run.mjs';
import { ensureSetup } from './lib/setup.mjs';
import { runMain } from './lib/steps.mjs';

/** Those of the real app, by the name of their file. */
const IN_APP = ['start', 'large-list'];

/** Benchmarks: all, or those named: mirror, unchanged, search, start, large-list. The exit code says whether every bar was reached. */
await runMain(async () => {
  await ensureSetup({ packages: ['electron', 'display', 'keyring', 'dovecot', 'mbsync'] });
  process.env.HOLDOVER_ELECTRON_VERSION = resolveElectron().version ?? 'not told';
  await mustRun(process.execPath, [inModules('vite/bin/vite.js'), 'build', '--config', 'vite.bench.ts', '--logLevel', 'warn'], {
    cwd: rootDir,
  });
  const built = (name) => path.join(rootDir, 'dist/bench', `${name}.js`);
  const wanted = process.argv.slice(2);
  const others = wanted.filter((name) => !IN_APP.includes(name));
  const codes = [];
  if (wanted.length === 0 || others.length > 0) {
    const args = [built('main'), built('engine-child'), built('imapflow-child'), rootDir, ...others];
    codes.push(await runInherited(process.execPath, args, { cwd: rootDir }));
  }
  const inApp = wanted.length === 0 ? IN_APP : IN_APP.filter((name) => wanted.includes(name));
  if (inApp.length > 0) codes.push(await runInApp(inApp));
  return Math.max(...codes);
});

/** What is measured in the real app, in a session with a display and a keyring of its own. */
async function runInApp(names) {
  const files = names.map((name) => `test/bench/${name}.test.ts`);
  const args = [inModules('vitest/vitest.mjs'), 'run', '--project', 'bench', ...files];
  const session = keyringSession(onVirtualDisplay({ command: process.execPath, args, env: process.env }));
  try {
    return await runInherited(session.launch.command, session.launch.args, { cwd: rootDir, env: session.launch.env });
  } finally {
    session.dispose();
  }
}
