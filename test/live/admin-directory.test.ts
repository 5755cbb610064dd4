import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Attribute, Change } from 'ldapts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AdminError } from '../../main/admin/admin-error.ts';
import { runEnrol } from '../../main/admin/enrol-command.ts';
import { readEnrolmentFile } from '../../main/keys/enrolment-file.ts';
import {
  isSlapdInstalled,
  SLAPD_ADMIN,
  SLAPD_BASE,
  SLAPD_LIMITED,
  SLAPD_PASSWORD,
  startCutter,
  startSlapd,
  type Slapd,
} from '../support/slapd.ts';
import { isFull } from '../support/this-run.ts';
import { tlsIdentity } from '../support/tls.ts';

/** Five pages of an answer in the sampled run: what comes of a page is the same with twenty. */
const PEOPLE = isFull ? 10_000 : 2_500;
const DAY_MS = 86_400_000;
/** Loaded long ago, so that marks of change prove something. */
const LOADED = '20261101000000Z';
const dnOf = (n: number): string => `uid=p${n},ou=${n % 4 === 0 ? 'Board' : 'People'},${SLAPD_BASE}`;
const groupDn = (name: string): string => `cn=${name},ou=Groups,${SLAPD_BASE}`;

function person(n: number): string {
  const tail = createHash('sha256').update(String(n)).digest('hex').slice(0, 12);
  return [
    ...[`dn: ${dnOf(n)}`, 'objectClass: inetOrgPerson', `uid: p${n}`, `cn: Person ${n}`, `sn: ${n}`, `mail: P${n}@example.com`],
    ...[`entryUUID: 00000000-0000-4000-8000-${tail}`, `modifyTimestamp: ${LOADED}`, '', ''],
  ].join('\n');
}

const AD_NEEDS = `objectClass: windowsPerson\ninstanceType: 4\nnTSecurityDescriptor: x\nobjectCategory: cn=person,${SLAPD_BASE}\n`;
const group = (name: string, ...members: string[]): string =>
  `dn: ${groupDn(name)}\nobjectClass: groupOfNames\ncn: ${name}\n${members.map((one) => `member: ${one}\n`).join('')}\n`;
const range = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, n) => dnOf(from + n));

function ldif(): string {
  const ous = ['People', 'Board', 'Groups', 'Empty', 'Windows'].map(
    (ou) => `dn: ou=${ou},${SLAPD_BASE}\nobjectClass: organizationalUnit\nou: ${ou}\n\n`,
  );
  const people = Array.from({ length: PEOPLE }, (_, n) => person(n));
  const windows =
    `dn: cn=Anna,ou=Windows,${SLAPD_BASE}\nobjectClass: user\n${AD_NEEDS}cn: Anna\nsn: A\nsAMAccountName: anna\nuserPrincipalName: anna@corp.example.com\n` +
    `proxyAddresses: smtp:old@example.com\nproxyAddresses: SMTP:Anna@example.com\nuSNChanged: 4711\nuserAccountControl: 512\n\n` +
    `dn: cn=Gone,ou=Windows,${SLAPD_BASE}\nobjectClass: user\n${AD_NEEDS}cn: Gone\nsn: G\nsAMAccountName: gone\nmail: gone@example.com\nuserAccountControl: 514\n\n`;
  const groups = [
    // Outer holds inner, inner holds outer again: a circle.
    group('outer', groupDn('inner'), ...range(0, 10), `cn=stranger,${SLAPD_BASE}`),
    group('inner', groupDn('outer'), groupDn('deep'), ...range(5, 20)),
    group('deep', ...range(20, 25)),
    group('large', groupDn('deep'), ...range(100, 400)),
    `dn: ${groupDn('posix')}\nobjectClass: posixGroup\ncn: posix\ngidNumber: 1\nmemberUid: p7\nmemberUid: p8\n\n`,
  ];
  return [...ous, ...people, windows, ...groups].join('');
}

let slapd: Slapd;
let folder: string;
beforeAll(async () => {
  expect(isSlapdInstalled()).toBe(true);
  slapd = await startSlapd(ldif(), tlsIdentity());
});
afterAll(() => slapd.dispose());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdover-admin-'));
  return () => rmSync(folder, { recursive: true, force: true });
});

const side = (host: string) => ({
  imap: { host, port: 993, security: 'tls', user: '{uid}' },
  smtp: { host, port: 465, security: 'tls', user: '{mail}' },
});

interface Run {
  readonly directory?: object;
  readonly now?: number;
  readonly isFull?: boolean;
  readonly isConfirmed?: boolean;
  readonly vanish?: number;
  readonly step?: (name: string) => void;
  readonly [key: string]: unknown;
}

interface Figures {
  readonly enrolled: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly leftOut: number;
  readonly fetched: number;
  readonly notes: string[];
  readonly lists: Record<'added' | 'changed' | 'removed', string[]>;
}

async function run({
  directory,
  now = Date.now(),
  isFull = false,
  isConfirmed = true,
  vanish,
  step,
  ...config
}: Run = {}): Promise<Figures> {
  const file = join(folder, 'rollout.json');
  const base = {
    url: `ldap://127.0.0.1:${slapd.port}`,
    security: 'plain',
    bindDn: SLAPD_ADMIN,
    baseDn: SLAPD_BASE,
    secret: { from: 'prompt' },
  };
  const account = { primary: side('imap.example.com'), relay: side('relay.example.net') };
  const all = { directory: { ...base, ...directory }, select: [{ filter: 'uid=*' }], account, output: 'out', ...config };
  writeFileSync(file, JSON.stringify(all));
  const lines: string[] = [];
  const secrets = {
    keyring: { get: () => Promise.resolve(null), set: () => Promise.resolve() },
    env: {},
    ask: () => Promise.resolve(SLAPD_PASSWORD),
  };
  const options = { config: file, isConfirmed, isFull, isJson: true, vanish: vanish ?? null };
  await runEnrol(options, { print: (line) => lines.push(line), secrets, now: () => now, ...(step ? { step } : {}) });
  return JSON.parse(lines.join('\n')) as Figures;
}

const files = (): string[] => (existsSync(join(folder, 'out')) ? readdirSync(join(folder, 'out')).filter((one) => one.includes('@')) : []);
const replace = (dn: string, type: string, values: string[]) =>
  slapd.change((client) => client.modify(dn, new Change({ operation: 'replace', modification: new Attribute({ type, values }) })));
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing',
    (error: unknown) => (error instanceof AdminError ? error.code : String(error)),
  );

describe(`a directory of ${PEOPLE} people`, () => {
  it('is read page by page; the next run reads only what changed', async () => {
    expect(await run()).toMatchObject({ enrolled: PEOPLE, added: PEOPLE, fetched: PEOPLE });
    expect(files()).toHaveLength(PEOPLE);
    const [{ config, secrets } = { config: null, secrets: undefined }] = readEnrolmentFile(
      join(folder, 'out', 'p17@example.com.json'),
    ).accounts;
    expect(config).toMatchObject({
      email: 'p17@example.com',
      primary: { imap: { user: 'p17' } },
      relay: { smtp: { user: 'p17@example.com' } },
    });
    expect(secrets).toBeNull();

    // Nothing changed; and after a day without change no attribute is read again.
    const later = Date.now() + DAY_MS;
    expect(await run({ now: later })).toMatchObject({ added: 0, changed: 0, removed: 0, fetched: 0, enrolled: PEOPLE });

    await replace(dnOf(3), 'mail', ['new3@example.com']);
    await slapd.change((client) => client.del(dnOf(PEOPLE - 1)));
    await slapd.change((client) =>
      client.add(dnOf(PEOPLE + 1), { objectClass: 'inetOrgPerson', uid: `p${PEOPLE + 1}`, cn: 'New', sn: 'N', mail: 'new@example.com' }),
    );
    const delta = await run({ now: later + DAY_MS });
    expect(delta).toMatchObject({ added: 1, changed: 1, removed: 1, fetched: 2 });
    expect(delta.lists).toEqual({ added: ['new@example.com'], changed: ['new3@example.com'], removed: [`p${PEOPLE - 1}@example.com`] });
    expect(files()).toHaveLength(PEOPLE);
    expect(files()).toContain('new3@example.com.json');
    expect(files()).not.toContain('p3@example.com.json');
    const before = readFileSync(join(folder, 'out', 'rollout-state.json'), 'utf8');
    // A tenth and one more would vanish, and the place that holds nobody is no reason to remove everybody.
    expect(await codeOf(run({ select: [{ filter: '(uid=p1*)' }] }))).toBe('too-many-vanish');
    expect(await codeOf(run({ select: [{ ou: `ou=Empty,${SLAPD_BASE}` }] }))).toBe('too-many-vanish');
    // A part of an answer is no answer, wherever it breaks off.
    for (const bytes of [0, 100, 2_000, 40_000, 30 * PEOPLE, 100 * PEOPLE]) {
      const cutter = await startCutter(slapd.port, bytes);
      const directory = { url: `ldap://127.0.0.1:${cutter.port}` };
      expect(await codeOf(run({ directory, vanish: 100 })), `after ${bytes} bytes`).toMatch(/^directory-(incomplete|unreachable)$/u);
      cutter.close();
    }
    expect(await codeOf(run({ directory: { bindDn: SLAPD_LIMITED }, vanish: 100 }))).toBe('directory-incomplete');
    expect(readFileSync(join(folder, 'out', 'rollout-state.json'), 'utf8')).toBe(before);
    expect(files()).toHaveLength(PEOPLE);
  });
});

describe('who is selected', () => {
  it('a group with groups in a circle gives everyone once, and names nobody who is none', async () => {
    const found = await run({ select: [{ group: groupDn('outer') }], isConfirmed: false });
    expect(found.enrolled).toBe(25);
    expect(found.notes).toEqual(['1 members of groups are neither people nor groups and were left out']);
    expect((await run({ select: [{ group: groupDn('inner').toUpperCase() }], isConfirmed: false })).enrolled).toBe(25);
    expect(
      (
        await run({
          select: [{ group: groupDn('deep') }, { group: groupDn('posix') }, { filter: '(&(uid=p2*)(cn=Person 21))' }],
          isConfirmed: false,
        })
      ).enrolled,
    ).toBe(7);
    expect((await run({ select: [{ group: groupDn('large') }], isConfirmed: false })).enrolled).toBe(305);
    expect(await codeOf(run({ select: [{ group: groupDn('nothing') }] }))).toBe('group-missing');
    expect(await codeOf(run({ select: [{ group: `ou=People,${SLAPD_BASE}` }] }))).toBe('group-missing');
  });

  it('leaving a group counts, though it leaves no mark on the person', async () => {
    const select = [{ group: groupDn('deep') }];
    expect(await run({ select, isConfirmed: false })).toMatchObject({ enrolled: 5, added: 5 });
    expect(existsSync(join(folder, 'out'))).toBe(false);
    await run({ select });
    const stays = range(20, 24);
    await replace(groupDn('deep'), 'member', stays);
    const left = await run({ select, vanish: 50, now: Date.now() + DAY_MS });
    expect(left).toMatchObject({ removed: 1, fetched: 0 });
    await replace(groupDn('deep'), 'member', range(20, 25));
    // A whole comparison finds the same as one by marks.
    expect(await run({ select, isFull: true })).toMatchObject({ added: 1, removed: 0, fetched: 5 });
  });

  it('by place, with exceptions, and with a class of its own', async () => {
    const retention = { incomingDays: 30, outgoingDays: 30, quarantinedDays: 30 };
    const classes = [{ name: 'board', of: { group: groupDn('deep') }, retention }];
    const board = { ou: `ou=Board,${SLAPD_BASE}` };
    const found = await run({ select: [board], exclude: [{ filter: '(!(uid=p2*))' }], classes });
    expect(found.enrolled).toBeGreaterThan(100);
    const days = (n: number) => readEnrolmentFile(join(folder, 'out', `p${n}@example.com.json`)).accounts[0]?.config.retention.incomingDays;
    expect([days(20), days(200)]).toEqual([30, 14]);
    expect(existsSync(join(folder, 'out', 'p4@example.com.json'))).toBe(false);
    expect(await codeOf(run({ select: [{ ou: `ou=Missing,${SLAPD_BASE}` }] }))).toBe('base-missing');
  });

  it('people as Active Directory describes them: aliases, disabled accounts', async () => {
    const account = { primary: side('imap.example.com'), relay: null };
    account.primary.imap.user = '{userPrincipalName}';
    const found = await run({ select: [{ ou: `ou=Windows,${SLAPD_BASE}` }], account, isConfirmed: true });
    expect(found).toMatchObject({ enrolled: 1, leftOut: 1 });
    expect(found.lists.added).toEqual(['anna@example.com']);
  }, 20_000);
});

describe('more changed people than are read one by one', () => {
  /** A run at the moment at which all was loaded proves nothing of any mark: the next one reads everybody again. */
  const now = Date.parse('2026-11-01T00:00:00Z');

  it('are all read again where they belong to a branch outside the base', async () => {
    const choice = { select: [{ group: groupDn('large') }], directory: { baseDn: `ou=People,${SLAPD_BASE}` }, now };
    // Those of the group within the group, which is of another branch too, are among them.
    expect(await run(choice)).toMatchObject({ enrolled: 305, added: 305, notes: [] });
    expect(await run(choice)).toMatchObject({ enrolled: 305, added: 0, changed: 0, removed: 0, fetched: 305 });
  }, 60_000);

  it('are all read again where they are accounts of a system and no "person"', async () => {
    const ou = `ou=Posix,${SLAPD_BASE}`;
    await slapd.change(async (client) => {
      await client.add(ou, { objectClass: 'organizationalUnit', ou: 'Posix' });
      for (let n = 0; n < 210; n += 1) {
        const posix = { cn: `x${n}`, uidNumber: String(n), gidNumber: '1', homeDirectory: '/', mail: `x${n}@example.com` };
        await client.add(`uid=x${n},${ou}`, { objectClass: ['account', 'posixAccount', 'extensibleObject'], uid: `x${n}`, ...posix });
      }
    });
    const choice = { select: [{ ou }] };
    expect(await run(choice)).toMatchObject({ enrolled: 210, added: 210 });
    expect(await run(choice)).toMatchObject({ enrolled: 210, added: 0, changed: 0, removed: 0, fetched: 210 });
  }, 60_000);
});

describe('the connection to the directory', () => {
  const small = { select: [{ group: groupDn('deep') }], isConfirmed: false };
  const { caFile } = tlsIdentity();
  const directoryOf = (security: string, host: string, file?: string) => ({
    ...{ url: security === 'tls' ? `ldaps://${host}:${slapd.tlsPort}` : `ldap://${host}:${slapd.port}`, security },
    ...(file ? { caFile: file } : {}),
  });

  it.each(['tls', 'starttls'])('%s trusts the authority of the company and no other, and that under the right name', async (security) => {
    expect((await run({ ...small, directory: directoryOf(security, 'localhost', caFile) })).enrolled).toBe(5);
    expect(await codeOf(run({ ...small, directory: directoryOf(security, '127.0.0.1') }))).toBe('directory-untrusted');
    expect(await codeOf(run({ ...small, directory: directoryOf(security, '127.0.0.2', caFile) }))).toMatch(
      /directory-un(trusted|reachable)/u,
    );
    expect(await codeOf(run({ ...small, directory: directoryOf(security, 'localhost', join(folder, 'none.pem')) }))).toBe('config-invalid');
  });

  it('a wrong password, and nobody there, are told apart', async () => {
    expect(await codeOf(run({ ...small, directory: { bindDn: `cn=nobody,${SLAPD_BASE}` } }))).toBe('directory-login-refused');
    expect(await codeOf(run({ ...small, directory: { url: 'ldap://127.0.0.1:1' } }))).toBe('directory-unreachable');
  });
});

describe('a run that is cut off while it writes', () => {
  it('is finished by the next, from every step', async () => {
    const select = [{ group: groupDn('deep') }];
    for (const stopAt of [1, 2, 4, 6]) {
      rmSync(join(folder, 'out'), { recursive: true, force: true });
      let steps = 0;
      const cut = run({
        select,
        step: () => {
          steps += 1;
          if (steps === stopAt) throw new Error('cut off');
        },
      });
      await expect(cut).rejects.toThrow('cut off');
      await run({ select, vanish: 100 });
      expect(files()).toHaveLength(5);
      expect(JSON.parse(readFileSync(join(folder, 'out', 'rollout-state.json'), 'utf8'))).toMatchObject({ pending: null });
      expect(await run({ select })).toMatchObject({ added: 0, changed: 0, removed: 0 });
    }
  });
});
