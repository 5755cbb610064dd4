import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { npm } from '../lib/npm.mjs';
import { inModules, rootDir } from '../lib/paths.mjs';
import { mustRun } from '../lib/run.mjs';
import { SetupError } from '../lib/steps.mjs';

const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/iu;
const MODULES = 'node_modules/';
/** Of the whole tree, workshop and all. */
const BILL_MAX_BYTES = 16 * 1024 * 1024;
const RULE = '-'.repeat(78);

/** Time of the last commit, so that one commit has one bill of materials; now, where this is no checkout. */
async function commitTime() {
  try {
    return new Date(Number((await mustRun('git', ['log', '-1', '--format=%ct'], { cwd: rootDir })).trim()) * 1000);
  } catch {
    return new Date();
  }
}

/** What of a version 4 UUID a digest gives: the same content has the same number. */
function uuidOf(text) {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function electronComponent(version) {
  const text = {
    ...{ type: 'framework', name: 'electron', version, purl: `pkg:npm/electron@${version}`, 'bom-ref': `electron@${version}` },
    description: 'Runtime with Chromium and Node.js; their licences are in LICENSES.chromium.html',
  };
  return { ...text, licenses: [{ license: { id: 'MIT' } }] };
}

/** Names with versions of everything that is not for the workshop alone, as the lock file has it. Nothing that is optional is bundled. */
function shippedPackages() {
  const { packages } = JSON.parse(readFileSync(path.join(rootDir, 'package-lock.json'), 'utf8'));
  const shipped = Object.entries(packages).filter(([place, one]) => place !== '' && !one.dev && !one.devOptional && !one.optional);
  return new Set(shipped.map(([place, { version }]) => `${place.slice(place.lastIndexOf(MODULES) + MODULES.length)}@${version}`));
}

/** npm leaves out what is no SPDX expression, as `(MIT AND BSD)` is none: then the package's own words, as a name. */
function withLicence(component, folders) {
  if (licenceOf(component) !== 'unknown') return component;
  const { license } = JSON.parse(readFileSync(path.join(folderOf(component, folders), 'package.json'), 'utf8'));
  return typeof license === 'string' ? { ...component, licenses: [{ license: { name: license } }] } : component;
}

/** CycloneDX bill of what goes into the packages. */
async function makeBill(electronVersion) {
  const output = await npm(['sbom', '--sbom-format', 'cyclonedx', '--loglevel=error'], { cwd: rootDir, maxKeptBytes: BILL_MAX_BYTES });
  const bill = JSON.parse(output.slice(output.indexOf('{')));
  // npm's own --omit dev drops what the tools of the workshop need, too.
  const shipped = shippedPackages();
  const isShipped = (ref) => shipped.has(ref) || ref === bill.metadata.component['bom-ref'];
  const folders = installedFolders();
  bill.components = bill.components.filter((one) => isShipped(one['bom-ref'])).map((one) => withLicence(one, folders));
  bill.dependencies = bill.dependencies
    .filter(({ ref }) => isShipped(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(isShipped) }));
  const { name } = JSON.parse(readFileSync(path.join(rootDir, 'package.json'), 'utf8'));
  bill.metadata.component = { ...bill.metadata.component, type: 'application', name };
  bill.components = [electronComponent(electronVersion), ...bill.components].sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1));
  bill.metadata.timestamp = (await commitTime()).toISOString();
  return numbered(bill);
}

/** One content has one number. */
function numbered(bill) {
  const { component, timestamp } = bill.metadata;
  const text = JSON.stringify([component.name, component.version, bill.components, timestamp]);
  return { ...bill, serialNumber: `urn:uuid:${uuidOf(text)}` };
}

/** Folders of a package of this name and version, however deep npm has put it. */
function folderOf({ name, version }, folders) {
  const found = folders.get(`${name}@${version}`);
  if (!found) throw new SetupError(`${name}@${version} is in the lock file, but not in node_modules: run \`npm ci\``);
  return found;
}

function installedFolders() {
  const lock = JSON.parse(readFileSync(path.join(rootDir, 'package-lock.json'), 'utf8'));
  const folders = new Map();
  for (const place of Object.keys(lock.packages)) {
    const file = path.join(rootDir, place, 'package.json');
    if (place === '' || !existsSync(file)) continue;
    const { name, version } = JSON.parse(readFileSync(file, 'utf8'));
    folders.set(`${name}@${version}`, path.join(rootDir, place));
    // An alias has another name in the bill than in its own file.
    folders.set(`${place.slice(place.lastIndexOf(MODULES) + MODULES.length)}@${version}`, path.join(rootDir, place));
  }
  return folders;
}

const licenceOf = ({ licenses = [] }) =>
  licenses.map((one) => one.license?.id ?? one.license?.name ?? one.expression).join(' AND ') || 'unknown';

function licenceTexts(folder) {
  return readdirSync(folder)
    .filter((name) => LICENCE_FILE.test(name))
    .sort()
    .map((name) => readFileSync(path.join(folder, name), 'utf8').trim());
}

function licencePart(component, folders) {
  const texts = licenceTexts(folderOf(component, folders));
  const body = texts.length > 0 ? texts.join('\n\n') : 'The package has no licence text of its own; the licence is the one named above.';
  return `${RULE}\n${component.name} ${component.version} (${licenceOf(component)})\n${RULE}\n\n${body}\n`;
}

function licencePage(components) {
  const folders = installedFolders();
  const parts = components.filter(({ name }) => name !== 'electron').map((one) => licencePart(one, folders));
  const head = 'Holdover contains the following third-party software. Licences of Electron, Chromium and Node.js lie beside the program.';
  return `${head}\n\n${parts.join('\n')}`;
}

/**
 * Bill of materials (CycloneDX) and licences of everything that is shipped.
 * @throws {SetupError} when something shipped is not installed, or has no known licence
 */
export async function makeNotices(outDir, electronVersion) {
  const bill = await makeBill(electronVersion);
  const unknown = bill.components.filter((one) => licenceOf(one) === 'unknown');
  if (unknown.length > 0) throw new SetupError(`Without a known licence: ${unknown.map(({ name }) => name).join(', ')}`);
  mkdirSync(outDir, { recursive: true });
  writeFileSync(path.join(outDir, 'sbom.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`);
  writeFileSync(path.join(outDir, 'third-party-licences.txt'), licencePage(bill.components));
  writeFileSync(path.join(outDir, 'LICENSE'), readFileSync(path.join(rootDir, 'LICENSE')));
}

/** Anew: electron-builder may have made a second name of one file of it. */
function replaceFile(file, text) {
  rmSync(file);
  writeFileSync(file, text);
}

/**
 * Adds what only some targets hold to the bill and the licences of one package.
 * @param {string} noticesDir of the package
 * @param {string} name of an npm package of the workshop
 * @param {string} description what of it is shipped
 */
export function addToNotices(noticesDir, name, description) {
  const { version, license } = JSON.parse(readFileSync(inModules(name, 'package.json'), 'utf8'));
  const ref = `${name}@${version}`;
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const component = { 'bom-ref': ref, type: 'library', name, version, description, purl, licenses: [{ license: { id: license } }] };
  const billFile = path.join(noticesDir, 'sbom.cdx.json');
  const bill = JSON.parse(readFileSync(billFile, 'utf8'));
  bill.components = [...bill.components, component].sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1));
  const root = bill.metadata.component['bom-ref'];
  bill.dependencies = bill.dependencies.map((one) => (one.ref === root ? { ...one, dependsOn: [...one.dependsOn, ref].sort() } : one));
  bill.dependencies.push({ ref, dependsOn: [] });
  replaceFile(billFile, `${JSON.stringify(numbered(bill), null, 2)}\n`);
  const licences = path.join(noticesDir, 'third-party-licences.txt');
  replaceFile(licences, `${readFileSync(licences, 'utf8')}\n${licencePart(component, installedFolders())}`);
}
