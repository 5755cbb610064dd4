import path from 'node:path';
import { existsSync } from 'node:fs';
import { layDictionaries } from './dictionaries.mjs';
import { hashOf, hasStamp, writeStamp } from './hash.mjs';
import { inModules, rootDir } from './paths.mjs';
import { mustRun } from './run.mjs';

/** Each build with what it is made from and one file that proves it was made. */
const builds = [
  { config: 'vite.main.ts', sources: ['main', 'shared'], proof: 'dist/main/cli.js' },
  { config: 'vite.admin.ts', sources: ['main', 'shared'], proof: 'dist/admin/holdover-admin.mjs' },
  { config: 'vite.preload.ts', sources: ['preload', 'shared'], proof: 'dist/preload/index.cjs' },
  { config: 'vite.renderer.ts', sources: ['renderer', 'shared'], proof: 'dist/renderer/index.html' },
];

/**
 * Builds what changed since the last build; nothing otherwise.
 * @param {ReturnType<typeof import('./steps.mjs').stepPrinter>} printer
 */
export async function ensureBuild(printer) {
  for (const { config, sources, proof } of builds) {
    const stamp = path.join(rootDir, 'dist', `.${config}.stamp`);
    const wanted = hashOf([config, 'package-lock.json', ...sources]);
    if (hasStamp(stamp, wanted) && existsSync(path.join(rootDir, proof))) continue;
    await printer.step(`build (${config})`, async () => {
      // Whoever starts it, a test run among them: one commit has one build.
      const env = { ...process.env, NODE_ENV: 'production' };
      await mustRun(process.execPath, [inModules('vite/bin/vite.js'), 'build', '--config', config, '--logLevel', 'warn'], {
        cwd: rootDir,
        env,
      });
      writeStamp(stamp, wanted);
    });
  }
  await ensureTrayIcons(printer);
  await ensureDictionaries(printer);
}

/** @param {ReturnType<typeof import('./steps.mjs').stepPrinter>} printer */
async function ensureDictionaries(printer) {
  const stamp = path.join(rootDir, 'dist', '.dictionaries.stamp');
  const wanted = hashOf(['assets/dictionaries', 'scripts/lib/dictionaries.mjs', 'package-lock.json']);
  if (hasStamp(stamp, wanted) && existsSync(path.join(rootDir, 'dist/dictionaries/de.dic'))) return;
  await printer.step('dictionaries', () => {
    layDictionaries(path.join(rootDir, 'dist/dictionaries'));
    writeStamp(stamp, wanted);
  });
}

/** @param {ReturnType<typeof import('./steps.mjs').stepPrinter>} printer */
async function ensureTrayIcons(printer) {
  const stamp = path.join(rootDir, 'dist', '.tray.stamp');
  const wanted = hashOf(['assets/tray', 'scripts/pack/tray-icons.mjs', 'scripts/pack/svg-to-png.mjs', 'package-lock.json']);
  if (hasStamp(stamp, wanted) && existsSync(path.join(rootDir, 'dist/tray/normal-16.png'))) return;
  await printer.step('icons of the panel', async () => {
    // Loaded here: set-up asks for the npm packages only after this file was loaded.
    const { makeTrayIcons } = await import('../pack/tray-icons.mjs');
    await makeTrayIcons(path.join(rootDir, 'dist/tray'));
    writeStamp(stamp, wanted);
  });
}
