import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { extractFile, listPackage } from '@electron/asar';
import { inModules } from '../lib/paths.mjs';
import { setFuses } from './fuses.mjs';
import { wrongNatives } from './natives.mjs';

/** electron-builder's numbers. */
const ARCHS = { 0: 'ia32', 1: 'x64', 2: 'armv7l', 3: 'arm64' };

function executableOf({ appOutDir, packager, electronPlatformName }) {
  const { productFilename } = packager.appInfo;
  if (electronPlatformName === 'darwin') return path.join(appOutDir, `${productFilename}.app`);
  return path.join(appOutDir, electronPlatformName === 'win32' ? `${productFilename}.exe` : packager.executableName);
}

const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Every file of the app with its digest, sorted: two builds of one commit have the same list. */
function fileList(resourcesDir) {
  const archive = path.join(resourcesDir, 'app.asar');
  const inside = listPackage(archive)
    .map((name) => name.replace(/^[\\/]/u, ''))
    .flatMap((name) => {
      try {
        return [[`app.asar/${name.split(path.sep).join('/')}`, digest(extractFile(archive, name))]];
      } catch {
        return []; // a folder, or a file that lies beside the archive and comes next
      }
    });
  const beside = `${archive}.unpacked`;
  const unpacked = readdirSync(beside, { recursive: true })
    .filter((name) => statSync(path.join(beside, name)).isFile())
    .map((name) => [`app.asar.unpacked/${name.split(path.sep).join('/')}`, digest(readFileSync(path.join(beside, name)))]);
  const dictionaries = path.join(resourcesDir, 'dictionaries');
  const spelling = readdirSync(dictionaries).map((name) => [`dictionaries/${name}`, digest(readFileSync(path.join(dictionaries, name)))]);
  return [...new Map([...inside, ...unpacked, ...spelling])].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Everything that may be in the archive, and among the dictionaries beside it: a pattern that electron-builder reads otherwise than it was meant takes in the whole checkout. */
const MAY_BE_INSIDE =
  /^dictionaries\/(?:README\.txt|GPL-2\.txt|hunspell\.wasm|(?:de|en|en-gb)\.(?:aff|dic|licence\.txt))$|^app\.asar(?:\.unpacked)?\/(?:package\.json$|dist\/(?:main|preload|renderer|tray|update)\/|node_modules\/(?:better-sqlite3|keytar)\/)/u;

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
  copyFileSync(shipped, path.join(resourcesDir, 'app.asar.unpacked/node_modules/keytar/build/Release/keytar.node'));
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
  const files = fileList(resourcesDir);
  const stray = files.map(([name]) => name).filter((name) => !MAY_BE_INSIDE.test(name));
  if (stray.length > 0) throw new Error(`Files that are no part of the app: ${stray.slice(0, 5).join(', ')} (${stray.length})`);
  const list = files.map(([name, sha256]) => `${sha256}  ${name}\n`);
  writeFileSync(path.join(resourcesDir, 'notices', 'files.sha256'), list.join(''));
}
