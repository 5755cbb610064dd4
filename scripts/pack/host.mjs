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

/** Made by wixl instead of WiX under Wine. */
export const isOwnMsi = ({ system, target }) => system === 'win' && target === 'msi' && process.platform !== 'win32';

/** Apple's tools make the image on macOS only; elsewhere the program's folder can be put together, to look at it. */
export const isDryMac = ({ system, target }) => system === 'mac' && target === 'dmg' && process.platform !== 'darwin';

function whyNoRuntime({ system, target, arch }, { arch: own, canFetch }, isStandIn) {
  if (canFetch || (system === systemOf[process.platform] && arch === own)) return null;
  if (isStandIn && isOwnMsi({ system, target })) return null;
  const hint = isOwnMsi({ system, target }) ? ' (--stand-in builds the installer around an empty program, to look at it)' : '';
  return `needs the Electron runtime of ${system} ${arch}, and its download is out of reach${hint}`;
}

/** By target: what is missing; null where nothing is. */
const tools = {
  deb: (canFetch) => (canFetch || hasCommand('dpkg-deb') ? null : 'needs dpkg-deb'),
  'tar.gz': (canFetch) => (canFetch || hasCommand('7zz') || hasCommand('7za') ? null : 'needs 7zip'),
  rpm: () => (hasCommand('rpmbuild') ? null : 'needs rpmbuild (Debian: package rpm)'),
  AppImage: (canFetch) =>
    canFetch || process.env['APPIMAGE_TOOLS_PATH'] ? null : 'needs the AppImage runtime, and its download is out of reach',
  msi: () =>
    process.platform === 'win32' || (hasCommand('wixl') && hasCommand('msibuild'))
      ? null
      : 'needs wixl and msibuild (Debian: packages wixl and msitools)',
  nsis: (canFetch) => (canFetch ? null : "needs electron-builder's build of NSIS, and its download is out of reach"),
};

/**
 * Why a package cannot be made on this machine; null where it can.
 * @param {{ system: string, target: string, arch: string }} wanted
 * @param {{ runtime: { arch: string, canFetch: boolean }, isStandIn?: boolean }} has the runtime at hand, whether others can be
 *   fetched, and whether an empty program may take the place of one that cannot
 */
export function whyNot(wanted, { runtime, isStandIn = false }) {
  if (wanted.system === 'mac' && process.platform !== 'darwin') {
    if (!isDryMac(wanted)) return 'Apple signs and packs only on macOS';
    return isStandIn
      ? null
      : 'Apple signs and packs only on macOS (--stand-in puts its folder together around an empty program, to look at it)';
  }
  return whyNoRuntime(wanted, runtime, isStandIn) ?? tools[wanted.target]?.(runtime.canFetch) ?? null;
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
