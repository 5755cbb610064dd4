import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rootDir } from '../lib/paths.mjs';
import { SetupError } from '../lib/steps.mjs';

/** As in main/app/updates/feed.ts, whose tests compare them. */
export const FEED_CONTEXT = 'holdover-update-v1\n';
const PLATFORMS = { linux: 'linux', win: 'win32', mac: 'darwin' };
/** Of a hundred devices, how many may take what is published; all, where nothing is said. */
function stagingOf(text = '') {
  if (text === '') return undefined;
  const share = Number(text);
  if (!Number.isInteger(share) || share < 0 || share > 100) throw new SetupError('HOLDOVER_UPDATE_STAGING is a number from 0 to 100.');
  return share;
}

/** What the app replaces by itself, by system; all else is installed by somebody. */
const UPDATED = { linux: '.AppImage', win: '.exe' };

function readPrivateKey(file) {
  const key = existsSync(file) ? createPrivateKey(readFileSync(file)) : null;
  if (key?.asymmetricKeyType === 'ed25519') return key;
  throw new SetupError(`${file} is no Ed25519 key. Make one: openssl genpkey -algorithm ed25519 -out update-key.pem`);
}

/**
 * Lays the public half of the key that signs updates where the app looks for it; none, where there is no key.
 * @throws {SetupError} when the file is no such key
 */
export function layUpdateKey(keyFile, outDir) {
  rmSync(outDir, { recursive: true, force: true });
  if (keyFile === null) return;
  mkdirSync(outDir, { recursive: true });
  writeFileSync(path.join(outDir, 'key.pem'), createPublicKey(readPrivateKey(keyFile)).export({ type: 'spki', format: 'pem' }));
}

/**
 * Text and signature of the feed for one package.
 * @param {{ file: string, system: string, arch: string, version: string, releasedAt: Date, stagingPercentage?: number }} made
 * @param {string} keyFile private key, PEM
 */
export function feedFor({ file, system, arch, version, releasedAt, stagingPercentage }, keyFile) {
  const sha512 = createHash('sha512').update(readFileSync(file)).digest('base64');
  const files = [{ name: path.basename(file), sizeBytes: statSync(file).size, sha512 }];
  const feed = {
    product: 'holdover',
    platform: PLATFORMS[system],
    arch,
    version,
    releasedAt: releasedAt.toISOString(),
    stagingPercentage,
    files,
  };
  const text = `${JSON.stringify(feed, null, 2)}\n`;
  const signature = sign(null, Buffer.from(FEED_CONTEXT + text), readPrivateKey(keyFile)).toString('base64');
  return { name: `latest-${PLATFORMS[system]}-${arch}.json`, text, signature: `${signature}\n` };
}

/**
 * Writes feed and signature beside every package that the app can update by itself.
 * @param {{ file: string, system: string }[]} made places of all packages
 * @returns {string[]} names of the feeds
 */
export function writeFeeds(made, keyFile, outDir) {
  const { version } = JSON.parse(readFileSync(path.join(rootDir, 'package.json'), 'utf8'));
  const stagingPercentage = stagingOf(process.env['HOLDOVER_UPDATE_STAGING']);
  const updated = made.filter(({ file, system }) => file.endsWith(UPDATED[system] ?? '\0'));
  return updated.map(({ file, system }) => {
    const arch = /arm64/u.test(path.basename(file)) ? 'arm64' : 'x64';
    const { name, text, signature } = feedFor({ file, system, arch, version, releasedAt: new Date(), stagingPercentage }, keyFile);
    writeFileSync(path.join(outDir, name), text);
    writeFileSync(path.join(outDir, `${name}.sig`), signature);
    return name;
  });
}
