import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { extractFile, listPackage } from '@electron/asar';

const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');
const byName = ([a], [b]) => (a < b ? -1 : 1);

/** Lists of one package, for `sha256sum -c` in its `resources` folder: the files there, and what is inside the archive. */
export const LISTS = { files: 'files.sha256', archive: 'archive.sha256' };
/** Of ours beside `resources`. */
const BESIDE = ['holdover-engine', 'holdover-admin'];
/** Of the system's: names of languages and the icon that its finder shows. */
const OF_THE_SYSTEM = /^(?:[\w-]+\.lproj(?:\/|$)|(?:icon|electron)\.icns$)/u;

/** Everything that may be beside the archive: a pattern that electron-builder reads otherwise than it was meant takes in the whole checkout. */
const MAY_BE_BESIDE = [
  /^app\.asar$/u,
  /^app\.asar\.unpacked\/node_modules\/(?:better-sqlite3|keytar)\//u,
  /^admin\/holdover-admin\.mjs$/u,
  /^dictionaries\/(?:README\.txt|GPL-2\.txt|hunspell\.wasm|(?:de|en|en-gb)\.(?:aff|dic|licence\.txt))$/u,
  /^notices\/(?:LICENSE|sbom\.cdx\.json|third-party-licences\.txt)$/u,
  /^policies\.json$/u,
  /^\.\.\/holdover-(?:engine|admin)$/u,
];
const MAY_BE_INSIDE = /^(?:package\.json$|dist\/(?:main|preload|renderer|tray|update)\/|node_modules\/(?:better-sqlite3|keytar)\/)/u;

const slashed = (name) => name.split(path.sep).join('/');

/** Every file of ours in the folder with its digest, sorted; the lists themselves left out. */
export function filesBeside(resourcesDir) {
  const lists = Object.values(LISTS).map((name) => `notices/${name}`);
  const found = readdirSync(resourcesDir, { recursive: true }).map(slashed);
  const launchers = readdirSync(path.dirname(resourcesDir)).filter((name) => BESIDE.includes(name));
  return [...found, ...launchers.map((name) => `../${name}`)]
    .filter((name) => statSync(path.join(resourcesDir, name)).isFile() && !lists.includes(name) && !OF_THE_SYSTEM.test(name))
    .map((name) => [name, digest(readFileSync(path.join(resourcesDir, name)))])
    .sort(byName);
}

/** Every file that is inside the archive with its digest, sorted. */
export function filesInside(archive) {
  return listPackage(archive)
    .map((name) => name.replace(/^[\\/]/u, ''))
    .flatMap((name) => {
      try {
        return [[slashed(name), digest(extractFile(archive, name))]];
      } catch {
        return []; // a folder
      }
    })
    .sort(byName);
}

/** Names that are no part of the app. @param {[string, string][]} beside @param {[string, string][]} inside */
export function strayFiles(beside, inside) {
  const strays = beside.filter(([name]) => !MAY_BE_BESIDE.some((one) => one.test(name)));
  return [...strays, ...inside.filter(([name]) => !MAY_BE_INSIDE.test(name)).map(([name]) => [`app.asar/${name}`])].map(([name]) => name);
}

/** As `sha256sum` writes it. @param {[string, string][]} files */
export const listText = (files) => files.map(([name, sha256]) => `${sha256}  ${name}\n`).join('');
