import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFuses, wantedFuses } from '../../scripts/pack/fuses.mjs';
import { nativesBelow, targetOf } from '../../scripts/pack/natives.mjs';
import { buildOnce, PUBLISHER } from './support/build.ts';
import { foreignKeytarOf, shippedKeytar } from './support/foreign-keytar.ts';

const root = path.join(import.meta.dirname, '../..');
const made = path.join(root, 'release/stand-in');
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
const TARGETS = [
  { arch: 'x64', template: 'x64', folder: 'win-unpacked' },
  { arch: 'arm64', template: 'Arm64', folder: 'win-arm64-unpacked' },
];
const POLICY_KEY = 'SOFTWARE\\Policies\\Holdover';
/** msidb's bits. */
const IS_64_BIT = 256;

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'holdover-msi-'));
  buildOnce('elsewhere');
  // What it is compared with.
  buildOnce('linux');
}, 600_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Rows of a table by column; an installer's text format has three lines of head. */
function rowsOf(msi: string, name: string): Record<string, string>[] {
  const [head = '', , , ...lines] = execFileSync('msiinfo', ['export', msi, name], { encoding: 'utf8' }).trimEnd().split(/\r?\n/u);
  const columns = head.split('\t');
  return lines.map((line) => Object.fromEntries(line.split('\t').map((value, n) => [columns[n], value])));
}

function digests(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(path.join(folder, name)).isFile());
  return new Map(
    files.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(path.join(folder, name)))
        .digest('hex'),
    ]),
  );
}

describe.each(TARGETS)('the Windows package for $arch', ({ arch, template, folder }) => {
  const MSI = path.join(made, `Holdover-${version}-win-${arch}-stand-in.msi`);
  const STAGED = path.join(made, folder);
  const table = (name: string) => rowsOf(MSI, name);

  it('is for the machine, and known again by Windows as the same product', () => {
    const properties = Object.fromEntries(table('Property').map(({ Property, Value }) => [Property, Value]));
    expect(properties).toMatchObject({
      ALLUSERS: '1',
      UpgradeCode: '{6F2B8C7E-3D0A-4B57-9E61-8A4C5D17E2F0}',
      ProductVersion: `${version}.0`,
      ProductName: 'Holdover',
      Manufacturer: PUBLISHER,
    });
    expect(properties['ProductCode']).toMatch(/^\{[0-9A-F-]{36}\}$/u);
    const summary = execFileSync('msiinfo', ['suminfo', MSI], { encoding: 'utf8' }).split(/\r?\n/u);
    expect(summary).toEqual(
      expect.arrayContaining([
        `Template: ${template};1033`,
        'Subject: Holdover',
        `Author: ${PUBLISHER}`,
        expect.stringMatching(/^Version: 500 /u),
      ]),
    );
  });

  it('takes the place of an older version before it lays its own files, and refuses to go back', () => {
    const upgrade = table('Upgrade');
    expect(upgrade.map((one) => one['ActionProperty'])).toEqual(['WIX_UPGRADE_DETECTED', 'WIX_DOWNGRADE_DETECTED']);
    expect(new Set(upgrade.map((one) => one['UpgradeCode']))).toEqual(new Set(['{6F2B8C7E-3D0A-4B57-9E61-8A4C5D17E2F0}']));
    const order = new Map(table('InstallExecuteSequence').map(({ Action, Sequence }) => [Action, Number(Sequence)]));
    expect(order.get('RemoveExistingProducts')).toBeGreaterThan(order.get('InstallValidate')!);
    expect(order.get('RemoveExistingProducts')).toBeLessThan(order.get('InstallInitialize')!);
    expect(table('LaunchCondition').map(({ Condition }) => Condition)).toContain('NOT WIX_DOWNGRADE_DETECTED');
  });

  it('installs into the folder of programs of the machine, with an entry in the start menu', () => {
    const parents = new Map(table('Directory').map(({ Directory, Directory_Parent }) => [Directory, Directory_Parent]));
    expect(parents.get('APPLICATIONFOLDER')).toBe('ProgramFiles64Folder');
    expect(parents.get('ProgramFiles64Folder')).toBe('TARGETDIR');
    const [shortcut] = table('Shortcut');
    expect(shortcut).toMatchObject({ Directory_: 'ProgramMenuFolder', Name: 'Holdover', WkDir: 'APPLICATIONFOLDER' });
    const program = table('File').find(({ File }) => File === 'mainExecutable');
    expect(shortcut?.['Component_']).toBe(program?.['Component_']);
    // By it, notifications and the taskbar know which program it is.
    expect(table('MsiShortcutProperty')).toMatchObject([{ PropertyKey: 'System.AppUserModel.ID', PropVariantValue: 'com.holdover.app' }]);
  });

  it('leaves the place of the policy in the registry where it is told one, and keeps it at an upgrade', () => {
    expect(table('Registry')).toMatchObject([
      { Root: '2', Key: POLICY_KEY, Name: 'PolicyPath', Value: '[POLICYPATH]', Component_: 'PolicyPath' },
    ]);
    expect(table('Component').find(({ Component }) => Component === 'PolicyPath')).toMatchObject({ Condition: 'POLICYPATH' });
    expect(table('RegLocator')).toMatchObject([{ Root: '2', Key: POLICY_KEY, Name: 'PolicyPath' }]);
    const [secure] = table('Property').filter(({ Property }) => Property === 'SecureCustomProperties');
    expect(secure?.['Value']?.split(';')).toEqual(expect.arrayContaining(['POLICYPATH', 'POLICYPATHBEFORE']));
    const order = new Map(table('InstallExecuteSequence').map((one) => [one['Action'], one]));
    expect(order.get('KeepPolicyPath')?.['Condition']).toBe('POLICYPATHBEFORE AND NOT POLICYPATH');
    expect(Number(order.get('KeepPolicyPath')?.['Sequence'])).toBeGreaterThan(Number(order.get('AppSearch')?.['Sequence']));
    expect(Number(order.get('KeepPolicyPath')?.['Sequence'])).toBeLessThan(Number(order.get('CostFinalize')?.['Sequence']));
  });

  it('holds every file of the app, byte for byte, each as a component of its own for 64 bits', () => {
    const staged = digests(STAGED);
    const components = table('Component').filter(({ Component }) => Component !== 'PolicyPath');
    expect(components).toHaveLength(staged.size);
    expect(components.filter(({ Attributes }) => (Number(Attributes) & IS_64_BIT) === 0)).toEqual([]);
    expect(new Set(components.map(({ ComponentId }) => ComponentId)).size).toBe(staged.size);
    expect(table('File')).toHaveLength(staged.size);
    const place = path.join(scratch, arch);
    execFileSync('msiextract', ['-C', place, MSI], { stdio: 'pipe' });
    const inside = readdirSync(place, { recursive: true, encoding: 'utf8' }).find((name) => path.basename(name) === 'Holdover');
    expect(digests(path.join(place, inside!))).toEqual(staged);
    expect(staged.has('Holdover.exe') && staged.has('resources/app.asar')).toBe(true);
  });

  it('has natives of Windows only, and its fuses set', async () => {
    const natives = nativesBelow(path.join(STAGED, 'resources/app.asar.unpacked'));
    expect(natives.map((file) => path.basename(file)).sort()).toEqual(['keytar.node', `win32-${arch}.node`]);
    for (const file of natives) expect(targetOf(file), file).toEqual({ platform: 'win32', archs: [arch] });
    expect(targetOf(path.join(STAGED, 'Holdover.exe'))).toEqual({ platform: 'win32', archs: [arch] });
    expect(await readFuses(path.join(STAGED, 'Holdover.exe'))).toEqual(wantedFuses);
  });

  it('carries the digest of its archive in the program, for the runtime to compare', () => {
    const program = readFileSync(path.join(STAGED, 'Holdover.exe'), 'latin1');
    const found = /\[\{"file":"resources\\\\app\.asar","alg":"SHA256","value":"([0-9a-f]{64})"\}\]/u.exec(program);
    const archive = readFileSync(path.join(STAGED, 'resources/app.asar'));
    // The head of an archive: four lengths, then the list of files that the digest is of.
    const head = archive.subarray(16, 16 + archive.readUInt32LE(12));
    expect(found?.[1]).toBe(createHash('sha256').update(head).digest('hex'));
  });

  it('names the native of the keyring, and who built it, in its bill and its licences', () => {
    const notices = path.join(STAGED, 'resources/notices');
    expect(foreignKeytarOf(notices)).toEqual(shippedKeytar);
    expect(foreignKeytarOf(path.join(root, 'release/linux-unpacked/resources/notices'))).toBeNull();
  });

  it('lists the same files as the package for Linux, apart from the natives', () => {
    const listed = (place: string): string[] =>
      readFileSync(path.join(place, 'resources/notices/archive.sha256'), 'utf8')
        .trimEnd()
        .split('\n')
        .filter((line) => !line.endsWith('.node'));
    expect(listed(STAGED)).toEqual(listed(path.join(root, 'release/linux-unpacked')));
    expect(listed(STAGED).length).toBeGreaterThan(100);
  });
});
