import { runMain } from './lib/steps.mjs';
import { ensureSetup } from './lib/setup.mjs';
import { hasDisplay, parseDemoArguments } from './demo/arguments.mjs';

await runMain(async () => {
  const options = parseDemoArguments(process.argv.slice(2));
  const needsVirtual = options.screenshot !== null && process.platform === 'linux';
  await ensureSetup({ electron: true, packages: needsVirtual ? ['display'] : [] });
  // Only now: they import packages that set-up has just installed.
  const { runDemo, takeScreenshot } = await import('./demo/run.mjs');
  if (options.screenshot !== null) return takeScreenshot(options);
  if (!hasDisplay()) {
    process.stdout.write('There is no display here to open a window on.\nA picture instead: npm run demo -- --screenshot FILE.png\n');
    return 1;
  }
  return runDemo(options);
});
