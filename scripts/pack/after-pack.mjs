import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inModules } from '../lib/paths.mjs';
import { filesBeside, filesInside, LISTS, listText, strayFiles } from './file-list.mjs';
import { setFuses } from './fuses.mjs';
import { wrongNatives } from './natives.mjs';
import { addToNotices } from './notices.mjs';

/** electron-builder's numbers. */
const ARCHS = { 0: 'ia32', 1: 'x64', 2: 'armv7l', 3: 'arm64' };

function executableOf({ appOutDir, packager, electronPlatformName }) {
  const { productFilename } = packager.appInfo;
  if (electronPlatformName === 'darwin') return path.join(appOutDir, `${productFilename}.app`);
  return path.join(appOutDir, electronPlatformName === 'win32' ? `${productFilename}.exe` : packager.executableName);
}

/** A runtime that cannot load the shipped native gets the one that set-up compiled for it, under the shipped one's name. */
function useOwnSqlite(resourcesDir, platform, arch) {
  const own = process.env['HOLDOVER_SQLITE_NATIVE'];
  if (!own || platform !== process.platform || arch !== process.arch) return;
  copyFileSync(own, path.join(resourcesDir, 'app.asar.unpacked/node_modules/better-sqlite3/prebuilds', `${platform}-${arch}.node`));
}

/** npm compiles keytar for the machine it runs on; a package for another gets the one that GitHub's build of the same code ships. */
function useForeignKeytar(resourcesDir, platform, arch) {
  if (platform === process.platform && arch === process.arch) return;
  const shipped = inModules('@github/keytar/prebuilds', `${platform}-${arch}`, 'keytar.node');
  const place = path.join(resourcesDir, 'app.asar.unpacked/node_modules/keytar/build/Release/keytar.node');
  rmSync(place);
  copyFileSync(shipped, place);
  addToNotices(path.join(resourcesDir, 'notices'), '@github/keytar', 'native part of the keyring, as built by its authors');
}

const ANY_LOADS = /(<key>NSAllowsArbitraryLoads<\/key>\s*)<true\/>/gu;

/** electron-builder lets a program load over plain HTTP from everywhere; ours needs that from this machine only, for its updater. */
function forbidPlainLoads({ appOutDir, packager, electronPlatformName }) {
  if (electronPlatformName !== 'darwin') return;
  const file = path.join(appOutDir, `${packager.appInfo.productFilename}.app`, 'Contents/Info.plist');
  const text = readFileSync(file, 'utf8');
  if (text.match(ANY_LOADS)?.length !== 1)
    throw new Error(`${file}: NSAllowsArbitraryLoads is not where it was; see scripts/pack/after-pack.mjs`);
  writeFileSync(file, text.replace(ANY_LOADS, '$1<false/>'));
}

/**
 * Run by electron-builder after a target's folder is complete and before it is signed.
 * @throws Error when the package could not be what it should: its name and the remedy are in the message
 */
export default async function afterPack(context) {
  const { packager, appOutDir, arch, electronPlatformName } = context;
  const resourcesDir = packager.getResourcesDir(appOutDir);
  // A runtime without Electron's own start-up app has a folder in its place, which the archive must not share the name with.
  if (existsSync(path.join(resourcesDir, 'app'))) throw new Error('resources/app is there beside app.asar');
  useOwnSqlite(resourcesDir, electronPlatformName, ARCHS[arch]);
  useForeignKeytar(resourcesDir, electronPlatformName, ARCHS[arch]);
  const problems = wrongNatives(path.join(resourcesDir, 'app.asar.unpacked'), { platform: electronPlatformName, arch: ARCHS[arch] });
  if (problems.length > 0) {
    throw new Error(
      `Wrong native modules for ${electronPlatformName} ${ARCHS[arch]}:\n  ${problems.join('\n  ')}\nInstall the ones of this target first.`,
    );
  }
  forbidPlainLoads(context);
  await setFuses(executableOf(context));
  const [beside, inside] = [filesBeside(resourcesDir), filesInside(path.join(resourcesDir, 'app.asar'))];
  const stray = strayFiles(beside, inside);
  if (stray.length > 0) throw new Error(`Files that are no part of the app: ${stray.slice(0, 5).join(', ')} (${stray.length})`);
  writeFileSync(path.join(resourcesDir, 'notices', LISTS.files), listText(beside));
  writeFileSync(path.join(resourcesDir, 'notices', LISTS.archive), listText(inside));
}
