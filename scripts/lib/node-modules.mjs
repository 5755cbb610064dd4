import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { nodeHeadersDir, npm } from './npm.mjs';
import { inModules, rootDir } from './paths.mjs';

function packagesOf(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : null;
}

/**
 * Whether node_modules holds what package-lock.json says. npm writes its own list there as the very last thing of an
 * install, so an interrupted one has none.
 */
export function areModulesInstalled() {
  const locked = packagesOf(path.join(rootDir, 'package-lock.json'));
  const installed = packagesOf(inModules('.package-lock.json'));
  if (!locked || !installed) return false;
  const isSame = ([place, { version, integrity }]) => locked[place]?.version === version && locked[place]?.integrity === integrity;
  const isThere = ([place, { optional }]) => place === '' || optional === true || place in installed;
  return Object.entries(installed).every(isSame) && Object.entries(locked).every(isThere);
}

/** keytar is the one package whose install script we want; it fetches or compiles its native. */
async function ensureKeytar(printer) {
  if (existsSync(inModules('keytar/build/Release/keytar.node'))) return;
  await printer.step('keyring access (keytar)', () => {
    const headers = nodeHeadersDir();
    return npm(['rebuild', 'keytar'], { cwd: rootDir, env: { ...process.env, ...(headers ? { npm_config_nodedir: headers } : {}) } });
  });
}

/**
 * npm packages exactly as locked. Install scripts are off, so that nothing runs or compiles that we do not need.
 * @param {ReturnType<typeof import('./steps.mjs').stepPrinter>} printer
 */
export async function ensureNodeModules(printer) {
  if (!areModulesInstalled()) {
    await printer.step('npm packages', () => npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: rootDir }));
  }
  await ensureKeytar(printer);
}
