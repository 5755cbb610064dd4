import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { whyNot } from '../../scripts/pack/host.mjs';
import { publisherOf } from '../../scripts/pack/publisher.mjs';
import { addPolicyPath } from '../../scripts/pack/msi-project.mjs';

const root = path.join(import.meta.dirname, '../..');
const require = createRequire(path.join(root, 'package.json'));
const builder = createRequire(require.resolve('electron-builder/package.json'));
const { DebugLogger } = builder('builder-util') as { DebugLogger: new (isEnabled: boolean) => unknown };
const library = builder.resolve('app-builder-lib/out/util/config/config.js');
const { getConfig, validateConfiguration } = builder(library) as {
  getConfig(projectDir: string, file: string | null, own: unknown): Promise<Config>;
  validateConfiguration(config: Config, logger: unknown): Promise<void>;
};
type Config = Record<string, Record<string, unknown>>;

const load = (): Promise<Config> => getConfig(root, null, null);
const validate = (config: Config): Promise<void> => validateConfiguration(config, new DebugLogger(false));

describe('the configuration of the packages', () => {
  it("holds to electron-builder's schema, and what does not would be noticed", async () => {
    const config = await load();
    await validate(config);
    const places: [string, string][] = [
      ['msi', 'perMashine'],
      ['nsis', 'perUser'],
      ['dmg', 'signed'],
      ['pkg', 'location'],
      ['mac', 'hardened'],
      ['win', 'ico'],
    ];
    for (const [section, wrong] of places) {
      const changed = structuredClone(config);
      changed[section]![wrong] = true;
      await expect(validate(changed), `${section}.${wrong}`).rejects.toThrow(`configuration.${section} should be`);
    }
  });

  it('makes every kind of package, for both processors', async () => {
    const { linux, mac, win } = await load();
    expect(linux!['target']).toEqual(['AppImage', 'deb', 'rpm', 'tar.gz']);
    for (const [system, names] of [
      [mac, ['dmg', 'pkg']],
      [win, ['msi', 'nsis']],
    ] as const) {
      expect(system!['target']).toEqual(names.map((target) => ({ target, arch: ['x64', 'arm64'] })));
    }
  });

  it('installs for the machine on Windows, with the upgrade code that it always had', async () => {
    const { msi, nsis } = await load();
    expect(msi).toMatchObject({ perMachine: true, oneClick: true, upgradeCode: '6F2B8C7E-3D0A-4B57-9E61-8A4C5D17E2F0' });
    expect(nsis).toMatchObject({ perMachine: true, deleteAppDataOnUninstall: false });
  });

  it('hardens the runtime on macOS, with no more than the entitlement without which there is no script engine', async () => {
    const { mac, pkg } = await load();
    expect(mac).toMatchObject({ hardenedRuntime: true, notarize: true });
    expect(mac!['entitlementsInherit']).toBe(mac!['entitlements']);
    const entitlements = readFileSync(path.join(root, mac!['entitlements'] as string), 'utf8');
    expect([...entitlements.matchAll(/<key>([^<]+)<\/key>/gu)].map((one) => one[1])).toEqual(['com.apple.security.cs.allow-jit']);
    expect(pkg).toMatchObject({ installLocation: '/Applications', allowAnywhere: false, allowCurrentUserHome: false });
  });
});

describe('who gives the packages out', () => {
  const given = { HOLDOVER_HOMEPAGE: 'https://www.company.example/mail', HOLDOVER_MAINTAINER: 'Mail of Company <mail@company.example>' };

  it('is named by two variables, and taken by the configuration', async () => {
    const { config, missing } = publisherOf(given);
    expect(missing).toEqual([]);
    const merged = await getConfig(root, null, config);
    await validate(merged);
    expect(merged['linux']).toMatchObject({ maintainer: given.HOLDOVER_MAINTAINER, vendor: 'Mail of Company', category: 'Office' });
    expect(merged['extraMetadata']).toEqual({
      ...{ homepage: given.HOLDOVER_HOMEPAGE },
      author: { name: 'Mail of Company', email: 'mail@company.example' },
    });
  });

  it('is else a placeholder that leads nowhere, and what is missing is named', async () => {
    expect(publisherOf({ HOLDOVER_HOMEPAGE: ' ' })).toEqual({ config: {}, missing: ['HOLDOVER_HOMEPAGE', 'HOLDOVER_MAINTAINER'] });
    expect(publisherOf({ ...given, HOLDOVER_MAINTAINER: '' }).missing).toEqual(['HOLDOVER_MAINTAINER']);
    const own = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { homepage: string };
    expect([new URL(own.homepage).hostname, (await load())['linux']!['maintainer']]).toEqual([
      'holdover.invalid',
      expect.stringMatching(/@holdover\.invalid>$/u),
    ]);
  });

  it.each([
    ['HOLDOVER_HOMEPAGE', 'company.example'],
    ['HOLDOVER_HOMEPAGE', 'file:///etc/passwd'],
    ['HOLDOVER_MAINTAINER', 'mail@company.example'],
    ['HOLDOVER_MAINTAINER', 'Mail <mail@company.example>\nDepends: x'],
    ['HOLDOVER_MAINTAINER', ' <mail@company.example>'],
  ])('%s is refused as %s', (name, value) => expect(() => publisherOf({ ...given, [name]: value })).toThrow(name));
});

describe('what a machine cannot build', () => {
  const web = { runtime: { arch: 'x64', canFetch: true } };
  const offline = { runtime: { arch: process.arch, canFetch: false } };
  const isLinux = process.platform === 'linux';

  it.runIf(isLinux)('is said with the reason', () => {
    expect(whyNot({ system: 'mac', target: 'pkg', arch: 'x64' }, web)).toBe('Apple signs and packs only on macOS');
    expect(whyNot({ system: 'mac', target: 'dmg', arch: 'x64' }, web)).toMatch(/^Apple signs .*--stand-in/u);
    expect(whyNot({ system: 'mac', target: 'dmg', arch: 'x64' }, { ...offline, isStandIn: true })).toBeNull();
    expect(whyNot({ system: 'linux', target: 'deb', arch: process.arch }, offline)).toBeNull();
    expect(whyNot({ system: 'win', target: 'nsis', arch: 'x64' }, web)).toBeNull();
    expect(whyNot({ system: 'win', target: 'nsis', arch: 'x64' }, offline)).toMatch(/Electron runtime of win x64/u);
    expect(whyNot({ system: 'win', target: 'msi', arch: 'arm64' }, offline)).toMatch(/--stand-in/u);
    expect(whyNot({ system: 'win', target: 'nsis', arch: 'x64' }, { ...offline, isStandIn: true })).toMatch(/out of reach/u);
  });
});

describe('the project of the MSI', () => {
  const project = '<Wix><Product><ComponentGroup><Component/></ComponentGroup></Product></Wix>';

  it('gets the place of the policy, inside its parts', () => {
    const made = addPolicyPath(project);
    expect(made.indexOf('<Component Id="PolicyPath"')).toBeLessThan(made.indexOf('</ComponentGroup>'));
    expect(made.indexOf('<Property Id="POLICYPATH"')).toBeGreaterThan(made.indexOf('</ComponentGroup>'));
    expect(made.indexOf('<Property Id="POLICYPATH"')).toBeLessThan(made.indexOf('</Product>'));
  });

  it('is not built without it when electron-builder writes another one', () => {
    expect(() => addPolicyPath('<Wix><Package/></Wix>')).toThrow('</ComponentGroup>');
  });
});
