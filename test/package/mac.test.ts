import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parsePlist } from '../../main/policy/plist.ts';
import { readFuses, wantedFuses } from '../../scripts/pack/fuses.mjs';
import { nativesBelow, targetOf } from '../../scripts/pack/natives.mjs';
import { buildOnce } from './support/build.ts';
import { foreignKeytarOf, shippedKeytar } from './support/foreign-keytar.ts';

const root = path.join(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
const TARGETS = [
  { arch: 'x64', folder: 'mac' },
  { arch: 'arm64', folder: 'mac-arm64' },
];

beforeAll(() => buildOnce('elsewhere'), 300_000);

describe.each(TARGETS)('the program for macOS on $arch, around an empty runtime', ({ arch, folder }) => {
  const BUNDLE = path.join(root, 'release/stand-in', folder, 'Holdover.app');
  const CONTENTS = path.join(BUNDLE, 'Contents');
  const RESOURCES = path.join(CONTENTS, 'Resources');
  let info: Record<string, unknown>;
  beforeAll(() => {
    info = parsePlist(readFileSync(path.join(CONTENTS, 'Info.plist'), 'utf8')) as Record<string, unknown>;
  });

  it('says who it is, what it opens, and on which systems it runs', () => {
    expect(info).toMatchObject({
      ...{ CFBundleIdentifier: 'com.holdover.app', CFBundleName: 'Holdover', CFBundleExecutable: 'Holdover' },
      ...{ CFBundleShortVersionString: version, CFBundlePackageType: 'APPL', LSMinimumSystemVersion: '11.0' },
      LSApplicationCategoryType: 'public.app-category.business',
      CFBundleURLTypes: [{ CFBundleURLName: 'Mail', CFBundleTypeRole: 'Viewer', CFBundleURLSchemes: ['mailto'] }],
    });
    expect(readFileSync(path.join(RESOURCES, String(info['CFBundleIconFile']))).toString('latin1', 0, 4)).toBe('icns');
    expect(targetOf(path.join(CONTENTS, 'MacOS/Holdover'))).toEqual({ platform: 'darwin', archs: [arch] });
  });

  it('may load over plain HTTP from this machine only', () => {
    expect(info['NSAppTransportSecurity']).toEqual({
      NSAllowsArbitraryLoads: false,
      NSAllowsLocalNetworking: true,
      NSExceptionDomains: { localhost: { NSExceptionAllowsInsecureHTTPLoads: true } },
    });
  });

  it('has helpers of its own name, each with the id that the keychain knows it by', () => {
    const frameworks = path.join(CONTENTS, 'Frameworks');
    const helpers = readdirSync(frameworks).filter((name) => name.endsWith('.app'));
    const names = ['', ' (GPU)', ' (Plugin)', ' (Renderer)'].map((kind) => `Holdover Helper${kind}`);
    expect(helpers.sort()).toEqual(names.map((name) => `${name}.app`).sort());
    for (const name of names) {
      const own = parsePlist(readFileSync(path.join(frameworks, `${name}.app/Contents/Info.plist`), 'utf8')) as Record<string, unknown>;
      expect(own['CFBundleExecutable']).toBe(name);
      expect(own['CFBundleIdentifier']).toMatch(/^com\.holdover\.app\.helper(?:\.[A-Za-z()]+)?$/u);
      expect(existsSync(path.join(frameworks, `${name}.app/Contents/MacOS/${name}`))).toBe(true);
    }
  });

  it('has natives of macOS only, its fuses set, and the languages it speaks', async () => {
    const natives = nativesBelow(path.join(RESOURCES, 'app.asar.unpacked'));
    expect(natives.map((file) => path.basename(file)).sort()).toEqual([`darwin-${arch}.node`, 'keytar.node']);
    for (const file of natives) expect(targetOf(file), file).toEqual({ platform: 'darwin', archs: [arch] });
    expect(await readFuses(BUNDLE)).toEqual(wantedFuses);
    const languages = readdirSync(path.join(CONTENTS, 'Frameworks/Electron Framework.framework/Versions/A/Resources'));
    expect(languages.sort()).toEqual(['de.lproj', 'en.lproj']);
  });

  it('carries the digest of its archive, for the runtime to compare', () => {
    const archive = readFileSync(path.join(RESOURCES, 'app.asar'));
    // The head of an archive: four lengths, then the list of files that the digest is of.
    const head = archive.subarray(16, 16 + archive.readUInt32LE(12));
    const hash = createHash('sha256').update(head).digest('hex');
    expect(info['ElectronAsarIntegrity']).toEqual({ 'Resources/app.asar': { algorithm: 'SHA256', hash } });
  });

  it('is allowed no more than a browser engine needs, and holds its notices', () => {
    const rights = parsePlist(readFileSync(path.join(root, 'assets/entitlements.mac.plist'), 'utf8'));
    expect(rights).toEqual({ 'com.apple.security.cs.allow-jit': true });
    expect(foreignKeytarOf(path.join(RESOURCES, 'notices'))).toEqual(shippedKeytar);
    for (const name of ['LICENSE', 'files.sha256', 'archive.sha256', 'sbom.cdx.json', 'third-party-licences.txt'])
      expect(statSync(path.join(RESOURCES, 'notices', name)).size, name).toBeGreaterThan(500);
  });
});
