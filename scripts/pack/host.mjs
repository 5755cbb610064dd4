import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** Every package there is, by system, in the order in which it is built. */
export const packages = {
  linux: ['dir', 'tar.gz', 'deb', 'rpm', 'AppImage'],
  win: ['msi', 'nsis'],
  mac: ['dmg', 'pkg'],
};

export const archs = ['x64', 'arm64'];

function pathOf(command) {
  const { status, stdout } = spawnSync(process.platform === 'win32' ? 'where' : 'which', [command], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n')[0].trim() : null;
}

const hasCommand = (name) => pathOf(name) !== null;

const systemOf = { linux: 'linux', win32: 'win', darwin: 'mac' };

/**
 * Why a package cannot be made on this machine; null where it can.
 * @param {{ system: string, target: string, arch: string }} wanted
 * @param {{ runtime: { arch: string, canFetch: boolean } }} has the runtime at hand, and whether others can be fetched
 */
export function whyNot({ system, target, arch }, { runtime }) {
  const own = systemOf[process.platform];
  if (system === 'mac' && own !== 'mac') return 'Apple signs and packs only on macOS';
  if ((system !== own || arch !== runtime.arch) && !runtime.canFetch) {
    return `needs the Electron runtime of ${system} ${arch}, and its download is out of reach`;
  }
  if (system === 'linux' && arch !== process.arch) return 'keytar is compiled for this processor only; build on a machine of that kind';
  if (system === 'win' && own !== 'win') return 'keytar for Windows is compiled on Windows';
  if (target === 'deb' && !runtime.canFetch && !hasCommand('dpkg-deb')) return 'needs dpkg-deb';
  if (target === 'tar.gz' && !runtime.canFetch && !hasCommand('7zz') && !hasCommand('7za')) return 'needs 7zip';
  if (target === 'rpm' && !hasCommand('rpmbuild')) return 'needs rpmbuild (Debian: package rpm)';
  if (target === 'AppImage' && !runtime.canFetch && !process.env['APPIMAGE_TOOLS_PATH'])
    return 'needs the AppImage runtime, and its download is out of reach';
  return null;
}

/** Tools that electron-builder would fetch from the web, for its environment: what the machine has, where that is out of reach. */
export function toolPaths({ canFetch }) {
  if (canFetch) return {};
  const given = process.env['CUSTOM_FPM_PATH'];
  const zip = ['7zz', '7za'].map(pathOf).find((file) => file !== null);
  return {
    CUSTOM_FPM_PATH: given && existsSync(given) ? given : path.join(import.meta.dirname, 'fpm.mjs'),
    ...(zip ? { ELECTRON_BUILDER_7ZIP_PATH: zip } : {}),
  };
}
