import { hashOf } from './lib/hash.mjs';
import { inModules, rootDir } from './lib/paths.mjs';
import { runInherited } from './lib/run.mjs';
import { ensureSetup } from './lib/setup.mjs';
import { runMain } from './lib/steps.mjs';

/** What was found right stays so while nothing of it changes. */
const cache = inModules('.cache/holdover');
/** Our own rules are not part of what eslint knows of its configuration. */
const rules = hashOf(['eslint-rules', 'eslint.config.js']).slice(0, 12);
const keep = (name) => ['--cache', '--cache-strategy', 'content', '--cache-location', `${cache}/${name}`];

/** Types, lint (the import law among it) and format. */
const checks = [
  ['types', 'typescript/bin/tsc', ['--noEmit', '-p', '.', '--incremental', '--tsBuildInfoFile', `${cache}/tsc.json`]],
  ['types of the window', 'svelte-check/bin/svelte-check', ['--tsconfig', 'renderer/tsconfig.json', '--fail-on-warnings']],
  ['lint', 'eslint/bin/eslint.js', ['.', '--max-warnings', '0', ...keep(`eslint-${rules}.json`)]],
  ['format', 'prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', ...keep('prettier.json'), '.']],
];

await runMain(async () => {
  await ensureSetup({ build: false });
  let failed = 0;
  for (const [name, script, args] of checks) {
    process.stdout.write(`== ${name}\n`);
    const code = await runInherited(process.execPath, [inModules(script), ...args], { cwd: rootDir });
    if (code !== 0) failed += 1;
  }
  process.stdout.write(failed === 0 ? 'all checks passed\n' : `${failed} checks failed\n`);
  return failed === 0 ? 0 : 1;
});
