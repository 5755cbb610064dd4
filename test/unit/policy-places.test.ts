import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { findAttributes } from '../../main/policy/user-attributes.ts';
import { policyPlaces, testPlace, type PolicyPlace, type RunProgram } from '../../main/policy/places.ts';
import { policyFromPreferences } from '../../main/policy/plist.ts';
import { prepareAccounts } from '../../main/policy/prepare-accounts.ts';
import { readPolicy } from '../../main/policy/read-policy.ts';
import { ownerFault, sddlFault } from '../../main/policy/safe-owner.ts';
import { policySchema } from '../../shared/policy/schema.ts';
import { examplePolicy } from '../../scripts/policy/example.ts';
import { policyFiles } from '../../scripts/policy/files.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'holdover-policy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let file: string;
beforeEach(() => {
  const own = mkdtempSync(path.join(folder, 'place-'));
  file = path.join(own, 'policies.json');
});

const put = (content: unknown, mode = 0o644): void => {
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  chmodSync(file, mode);
};

/** As `reg query HKLM\SOFTWARE\Policies\Holdover /s /reg:64` prints it, PEM and JSON on several lines included. */
const REGISTRY = [
  '',
  'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Holdover',
  '    accounts    REG_MULTI_SZ    [\\0  {"primary": {"imap": {"host": "imap.company.example", "port": 993, "security": "tls",\\0   "user": "{mail}", "caFile": "C:\\\\0-ca\\\\root.pem"}, "smtp": null}}\\0]',
  '',
  'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Holdover\\Lock',
  '    afterIdleMinutes    REG_DWORD    0xa',
  '    onSystemLock    REG_DWORD    0x1',
  '    onSuspend    REG_DWORD    0x0',
  '',
  'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Holdover\\mail',
  '    remoteImages    REG_SZ    never',
  '',
  'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Holdover\\mail\\trustedAuthservIds',
  '    10    REG_SZ    mx10.company.example',
  '    1    REG_SZ    mx1.company.example',
  '    2    REG_SZ    mx2.company.example',
  '',
  'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Holdover\\escrow',
  `    publicKey    REG_MULTI_SZ    ${examplePolicy.escrow?.publicKey?.trimEnd().replaceAll('\n', '\\0')}`,
  '    target    REG_SZ    \\\\server\\keys',
  '',
  'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Holdover\\updates',
  '    (Default)    REG_SZ    (value not set)',
  '',
].join('\r\n');

const windows = (run: RunProgram): PolicyPlace[] => policyPlaces({ platform: 'win32', env: {}, resourcesDir: null, run });

describe('a policy of the Windows registry', () => {
  it('is read from what the registry tool prints', async () => {
    const reading = await readPolicy(windows(() => Promise.resolve({ code: 0, output: REGISTRY })));
    expect(reading).toEqual({
      isRight: true,
      from: { accounts: 'registry', lock: 'registry', mail: 'registry', escrow: 'registry' },
      policy: policySchema.parse({
        accounts: [
          {
            primary: {
              imap: { host: 'imap.company.example', port: 993, security: 'tls', user: '{mail}', caFile: 'C:\\0-ca\\root.pem' },
              smtp: null,
            },
          },
        ],
        lock: { afterIdleMinutes: 10, onSystemLock: true, onSuspend: false },
        mail: { remoteImages: 'never', trustedAuthservIds: ['mx1.company.example', 'mx2.company.example', 'mx10.company.example'] },
        escrow: { publicKey: examplePolicy.escrow?.publicKey?.trimEnd(), target: '\\\\server\\keys' },
      }),
    });
  });

  it.each([
    ['no such key', { code: 1, output: '' }, { isRight: true, policy: {}, from: {} }],
    ['a tool that fails', { code: 5, output: '' }, { isRight: false }],
    ['JSON that is none', { code: 0, output: REGISTRY.replace('\\0]', '\\0') }, { isRight: false }],
    ['a number where a switch belongs', { code: 0, output: REGISTRY.replace('0x1\r', '0x2\r') }, { isRight: false }],
    ['a type that no policy uses', { code: 0, output: REGISTRY.replace('REG_DWORD    0xa', 'REG_BINARY    0A') }, { isRight: false }],
  ])('%s', async (_what, answer, expected) => {
    expect(await readPolicy(windows(() => Promise.resolve(answer)))).toMatchObject(expected);
  });

  it('names a file, which stands in for the usual one; a share that is away is no fault and no proof of absence', async () => {
    put({ log: { level: 'warn' } });
    const output = (named: string) => `\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Holdover\r\n    PolicyPath    REG_SZ    ${named}\r\n`;
    const rights = 'O:BAG:SYD:(A;;FA;;;SY)(A;;FA;;;BA)';
    const run =
      (named: string, sddl: string): RunProgram =>
      (program) =>
        Promise.resolve({ code: 0, output: program.endsWith('powershell.exe') ? sddl : output(named) });
    expect(await readPolicy(windows(run(file, rights)))).toEqual({
      isRight: true,
      policy: { log: { level: 'warn' } },
      from: { log: 'machine-file' },
    });
    expect(await readPolicy(windows(run(file, `${rights}(A;;FA;;;WD)`)))).toMatchObject({
      isRight: false,
      faults: [{ place: 'machine-file' }],
    });
    expect(await readPolicy(windows(run(`${file}.away`, rights)))).toEqual({ isRight: false, faults: [] });
  });

  it('is no proof of absence where the tool cannot be started', async () => {
    const missing = Object.assign(new Error('spawn'), { code: 'ENOENT' });
    expect(await readPolicy(windows(() => Promise.reject(missing)))).toMatchObject({
      isRight: false,
      faults: ['registry', 'machine-file'].map((place) => ({ place, what: 'cannot be read (ENOENT)' })),
    });
  });
});

describe('the places of a machine', () => {
  const resourcesDir = path.join(path.sep, 'opt', 'Holdover', 'resources');
  const shipped = ['package-file', [path.join(resourcesDir, 'policies.json')]];
  const placesOn = (platform: NodeJS.Platform, env = {}, resources: string | null = resourcesDir) =>
    policyPlaces({ platform, env, resourcesDir: resources, userName: 'anna' }).map(({ name, files }) => [name, files]);

  it('are in the order of the reference, on each system', () => {
    expect(placesOn('linux')).toEqual([['machine-file', ['/etc/holdover/policies.json']], shipped]);
    expect(placesOn('darwin')).toEqual([
      ['managed-preferences', ['/Library/Managed Preferences/anna/com.holdover.app.plist']],
      ['managed-preferences', ['/Library/Managed Preferences/com.holdover.app.plist']],
      ['machine-file', ['/Library/Application Support/Holdover/policies.json']],
      shipped,
    ]);
    expect(placesOn('win32', { ProgramData: 'D:\\Data' })).toEqual([
      ['registry', []],
      ['machine-file', ['D:\\Data\\Holdover\\policies.json']],
      shipped,
    ]);
  });

  it.each(['linux', 'darwin', 'win32'] as const)('have none of a package on %s where nothing is installed', (platform) => {
    expect(placesOn(platform, {}, null)).toEqual(placesOn(platform).slice(0, -1));
  });

  it.each(['en', 'de'])('are those that the reference names (%s)', (language) => {
    const page = policyFiles()[`reference.${language}.md`] ?? '';
    const machineFiles = (['linux', 'darwin'] as const).flatMap((platform) =>
      placesOn(platform).flatMap(([name, files]) => (name === 'machine-file' ? files : [])),
    );
    for (const file of machineFiles) expect(page).toContain(`\`${String(file)}\``);
  });
});

describe('managed preferences of macOS', () => {
  it('are read as the generated profile holds them, without what the system adds', () => {
    const [payload = ''] = /<array>\n([\s\S]*)<\/array>/.exec(policyFiles()['macos/holdover.mobileconfig'] ?? '')?.slice(1) ?? [];
    const { $schema: _editor, ...policy } = examplePolicy;
    expect(policySchema.parse(policyFromPreferences(`<?xml version="1.0"?><plist version="1.0">${payload}</plist>`))).toEqual(
      policySchema.parse(policy),
    );
  });

  it('win by person over machine, section by section', async () => {
    const plist = (level: string) =>
      `<plist version="1.0"><dict><key>log</key><dict><key>level</key><string>${level}</string></dict></dict></plist>`;
    expect(policyFromPreferences(plist('warn'))).toEqual({ log: { level: 'warn' } });
    const places = ['managed-preferences', 'managed-preferences', 'package-file'].map((name, n) => ({
      name: name as PolicyPlace['name'],
      files: [],
      read: () =>
        Promise.resolve(
          [{ log: { level: 'warn' } }, { log: { level: 'debug' }, updates: { mode: 'off' } }, { retention: { incomingDays: 2 } }][n],
        ),
    }));
    expect(await readPolicy(places)).toEqual({
      isRight: true,
      policy: { log: { level: 'warn' }, updates: { mode: 'off' }, retention: { incomingDays: 2 } },
      from: { log: 'managed-preferences', updates: 'managed-preferences', retention: 'package-file' },
    });
  });

  it.each([
    '<plist version="1.0"></plist>',
    '<plist><dict><string>a</string></dict></plist>',
    '<dict/>',
    '<plist><data>AA==</data></plist>',
    'bplist00',
  ])('are refused where they are none: %s', (text) => {
    expect(() => policyFromPreferences(text)).toThrow();
  });
});

describe('the policy file of the machine', () => {
  const faults = async (): Promise<unknown> => {
    const reading = await readPolicy([testPlace(file)]);
    return reading.isRight ? [] : reading.faults.map(({ path: at, what, value }) => ({ at, what, value }));
  };

  it('is taken as it is, with the mark of an editor in front', async () => {
    put(`\uFEFF${JSON.stringify(examplePolicy)}`);
    expect(await readPolicy([testPlace(file)])).toMatchObject({ isRight: true, policy: { retention: { incomingDays: 14 } } });
  });

  it('is refused as a whole with every place and value at fault, and no secret', async () => {
    const imap = { host: 'imap.company.example', port: 99999, security: 'tls', user: '{mail}' };
    put({
      lock: { afterIdleMinutes: 0 },
      accounts: [{ primary: { imap, smtp: null, password: 'hunter2-canary' } }],
      log: { level: 'info' },
    });
    const found = await faults();
    expect(found).toEqual([
      { at: 'accounts[0].primary.imap.port', what: expect.stringContaining('65535') as string, value: '99999' },
      { at: 'accounts[0].primary', what: expect.stringContaining('password') as string, value: null },
      { at: 'lock.afterIdleMinutes', what: expect.stringContaining('1') as string, value: '0' },
    ]);
    expect(JSON.stringify(found)).not.toContain('canary');
  });

  it('is refused where it is not JSON, without a word of it', async () => {
    put('{"lock": {"passphrase": "canary-secret" }');
    expect(JSON.stringify(await faults())).toMatch(/not JSON(?!.*canary)/);
  });

  it.skipIf(process.getuid?.() !== 0)('is refused where somebody else than root owns it or can write it', async () => {
    put({ log: { level: 'warn' } });
    expect(await faults()).toEqual([]);
    chownSync(file, 1000, 1000);
    expect(await faults()).toMatchObject([{ what: 'the file does not belong to root' }]);
    chownSync(file, 0, 0);
    chmodSync(file, 0o666);
    expect(await faults()).toMatchObject([{ what: 'the file can be written by others than root' }]);
    chmodSync(file, 0o644);
    chmodSync(path.dirname(file), 0o777);
    expect(await faults()).toMatchObject([{ what: 'the folder can be written by others than root' }]);
    chmodSync(path.dirname(file), 0o755);
    const real = path.join(path.dirname(file), 'elsewhere');
    mkdirSync(real);
    rmSync(file);
    symlinkSync(path.join(real, 'policies.json'), file);
    writeFileSync(path.join(real, 'policies.json'), '{}');
    expect(await faults()).toMatchObject([{ what: 'it is not a plain file' }]);
  });

  it('judges rights as the systems state them', () => {
    expect(ownerFault('folder', { uid: 0, mode: 0o41777 })).toBeNull();
    expect(ownerFault('file', { uid: 0, mode: 0o101777 })).not.toBeNull();
    const right = 'O:BAG:SYD:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;0x1200a9;;;BU)';
    expect(sddlFault('file', right)).toBeNull();
    expect(sddlFault('file', right.replace('O:BA', 'O:S-1-5-21-1-2-3-1001'))).toContain('does not belong');
    expect(sddlFault('file', `${right}(A;ID;0x1301bf;;;AU)`)).toContain('written by others');
    expect(sddlFault('file', `${right}(A;;FW;;;WD)`)).toContain('written by others');
    // Below ProgramData everybody may add files, which replaces none.
    const folderRights =
      'O:SYG:SYD:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIIOID;GA;;;CO)(A;OICIID;0x1200a9;;;BU)(A;CIID;DCLCRPCR;;;BU)';
    expect(sddlFault('folder', folderRights)).toBeNull();
    expect(sddlFault('file', folderRights)).toContain('written by others');
    expect(sddlFault('folder', folderRights.replace('DCLCRPCR', 'DCLCRPCRDT'))).toContain('written by others');
    expect(sddlFault('file', 'O:BAG:SY')).toContain('no list of rights');
  });
});

describe('prepared accounts', () => {
  const run: RunProgram = (program) =>
    Promise.resolve(
      program.endsWith('whoami.exe')
        ? { code: 0, output: 'anna.weiss@company.example\r\n' }
        : { code: 0, output: 'anna:x:1:1:Anna Weiß,,,:/home/anna:/bin/sh\n' },
    );
  const policy = policySchema.parse(examplePolicy);

  it('are filled in from who is signed in', async () => {
    const attributes = await findAttributes({ platform: 'win32', env: {}, userName: 'COMPANY\\anna', run });
    expect(attributes).toEqual({
      samAccountName: 'anna',
      userPrincipalName: 'anna.weiss@company.example',
      mail: 'anna.weiss@company.example',
      domain: 'company.example',
    });
    const [account] = prepareAccounts(policy, attributes);
    expect(account).toMatchObject({
      missing: null,
      config: {
        email: 'anna.weiss@company.example',
        displayName: '',
        primary: { imap: { user: 'anna.weiss@company.example' } },
        retention: { incomingDays: 14, outgoingDays: 30, quarantinedDays: 14 },
      },
    });
  });

  it('know a name from the list of users', async () => {
    const env = { HOLDOVER_MAIL: 'anna@company.example' };
    const attributes = await findAttributes({ platform: 'linux', env, userName: 'anna', run });
    expect(prepareAccounts(policy, attributes)[0]?.config).toMatchObject({ email: 'anna@company.example', displayName: 'Anna Weiß' });
  });

  it('fill in further addresses, and say where they are not all of them', async () => {
    const of = (aliases?: string[]) => ({ ...policy, accounts: policy.accounts!.map((one) => ({ ...one, aliases })) }) as typeof policy;
    const env = {
      HOLDOVER_MAIL: 'Anna@company.example',
      HOLDOVER_PROXY_ADDRESSES: 'SMTP:anna@company.example;smtp:Chef@company.example, x500:/o=a@b.example x@y',
    };
    const attributes = await findAttributes({ platform: 'linux', env, userName: 'anna', run });
    const made = (aliases?: string[], who = attributes) => {
      const [account] = prepareAccounts(of(aliases), who);
      return [account?.config?.aliases, account?.keepsAliases];
    };
    const { proxyAddresses: _none, ...without } = attributes;
    expect(made(['{proxyAddresses}', '{samAccountName}@brand.example'])).toEqual([['chef@company.example', 'anna@brand.example'], false]);
    expect(made(['{proxyAddresses}', '{samAccountName}@brand.example'], without)).toEqual([['anna@brand.example'], true]);
    expect(made(['{userPrincipalName}'])).toEqual([[], true]);
    expect(made([])).toEqual([[], false]);
    expect(made()).toEqual([[], true]);
    for (const wrong of ['{proxyAddresses}@x.example', '{nobody}@x.example', 'no address', '{mail} x'])
      expect(policySchema.safeParse(of([wrong])).success, wrong).toBe(false);
  });

  it('say what is not known, and are for those that are named', () => {
    expect(prepareAccounts(policy, { samAccountName: 'anna' })).toMatchObject([{ config: null, missing: 'mail' }]);
    const users = { ...policy, accounts: policy.accounts?.map((one) => ({ ...one, users: ['a.*', 'board-*'] })) ?? [] };
    const mail = 'x@company.example';
    expect(prepareAccounts(users, { samAccountName: 'anna', mail })).toEqual([]);
    expect(prepareAccounts(users, { samAccountName: 'Board-3', mail })).toHaveLength(1);
    expect(prepareAccounts(users, { samAccountName: 'a.weiss', mail })).toHaveLength(1);
  });

  it('are refused where an attribute would end a line of a protocol', () => {
    expect(prepareAccounts(policy, { samAccountName: 'anna', mail: 'a@b.example\r\nA1 DELETE' })).toMatchObject([{ config: null }]);
  });
});
