import path from 'node:path';
import { onVirtualDisplay } from './lib/display.mjs';
import { keyringSession } from './lib/keyring.mjs';
import { inModules, rootDir } from './lib/paths.mjs';
import { mustRun, runInherited } from './lib/run.mjs';
import { ensureSetup } from './lib/setup.mjs';
import { runMain } from './lib/steps.mjs';

/** Benchmarks: all, or those named: mirror, unchanged, search, start. The exit code says whether every bar was reached. */
await runMain(async () => {
  await ensureSetup({ packages: ['electron', 'display', 'keyring', 'dovecot', 'mbsync'] });
  await mustRun(process.execPath, [inModules('vite/bin/vite.js'), 'build', '--config', 'vite.bench.ts', '--logLevel', 'warn'], {
    cwd: rootDir,
  });
  const built = (name) => path.join(rootDir, 'dist/bench', `${name}.js`);
  const wanted = process.argv.slice(2);
  const others = wanted.filter((name) => name !== 'start');
  const codes = [];
  if (wanted.length === 0 || others.length > 0) {
    const args = [built('main'), built('engine-child'), built('imapflow-child'), rootDir, ...others];
    codes.push(await runInherited(process.execPath, args, { cwd: rootDir }));
  }
  if (wanted.length === 0 || wanted.includes('start')) codes.push(await runStart());
  return Math.max(...codes);
});

/** The start of the real app, in a session with a display and a keyring of its own. */
async function runStart() {
  const args = [inModules('vitest/vitest.mjs'), 'run', '--project', 'bench'];
  const session = keyringSession(onVirtualDisplay({ command: process.execPath, args, env: process.env }));
  try {
    return await runInherited(session.launch.command, session.launch.args, { cwd: rootDir, env: session.launch.env });
  } finally {
    session.dispose();
  }
}
