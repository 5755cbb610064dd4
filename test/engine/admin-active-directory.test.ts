import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runEnrol } from '../../main/admin/enrol-command.ts';
import type { RolloutState } from '../../main/admin/rollout-state.ts';
import { ActiveDirectory, type AdEntry } from '../support/active-directory.ts';

const BASE = 'DC=corp,DC=example,DC=com';
const dnOf = (name: string): string => `CN=${name},OU=People,${BASE}`;
const groupDn = (name: string): string => `CN=${name},OU=Groups,${BASE}`;
/** Bytes 00, 01, … with one that tells people apart; as text the first three groups are turned round. */
const guidOf = (n: number): Buffer => Buffer.from(Array.from({ length: 16 }, (_, at) => (at === 15 ? n : at)));
const idOf = (n: number): string => `03020100-0504-0706-0809-0a0b0c0d0e${n.toString(16).padStart(2, '0')}`;

const person = (n: number, name: string, values: AdEntry = {}): AdEntry => ({
  objectCategory: ['person'],
  objectClass: ['user'],
  objectGUID: [guidOf(n)],
  uSNChanged: [String(1000 + n)],
  sAMAccountName: [name.toLowerCase()],
  displayName: [name],
  mail: [`${name.toLowerCase()}@example.com`],
  userAccountControl: ['512'],
  primaryGroupID: ['513'],
  ...values,
});
const group = (token: string, ...memberOf: string[]): AdEntry => ({ objectClass: ['group'], primaryGroupToken: [token], memberOf });

let directory: ActiveDirectory;
let folder: string;
beforeEach(async () => {
  directory = await ActiveDirectory.start();
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-ad-'));
  ['Anna', 'Bernd', 'Clara'].forEach((name, n) => directory.entries.set(dnOf(name), person(n + 1, name)));
  return async () => {
    await directory.close();
    rmSync(folder, { recursive: true, force: true });
  };
});
afterEach(() => (directory.questions.length = 0));

interface Figures {
  readonly enrolled: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly fetched: number;
  readonly lists: Record<'added' | 'changed' | 'removed', string[]>;
}

const side = (host: string) => ({
  imap: { host, port: 993, security: 'tls', user: '{samAccountName}' },
  smtp: { host, port: 465, security: 'tls', user: '{mail}' },
});

async function run(select: readonly object[] = [{ all: true }], isFull = false): Promise<Figures> {
  directory.questions.length = 0;
  const file = path.join(folder, 'rollout.json');
  const account = { displayName: '{displayName}', primary: side('imap.example.com'), relay: side('relay.example.net') };
  const own = { url: directory.url, security: 'plain', bindDn: 'it@corp.example.com', baseDn: BASE, secret: { from: 'prompt' } };
  writeFileSync(file, JSON.stringify({ directory: own, select, account, output: 'out', vanishPercent: 50 }));
  const lines: string[] = [];
  const keyring = { get: () => Promise.resolve(null), set: () => Promise.resolve() };
  const secrets = { keyring, env: {}, ask: () => Promise.resolve('secret') };
  await runEnrol(
    { config: file, isConfirmed: true, vanish: null, isFull, isJson: true },
    { print: (line) => lines.push(line), secrets, now: Date.now },
  );
  return JSON.parse(lines.join('\n')) as Figures;
}

const state = (): RolloutState => JSON.parse(readFileSync(path.join(folder, 'out/rollout-state.json'), 'utf8')) as RolloutState;
/** Whom the run asked for by name, with everything. */
const readAgain = (): string[] =>
  directory.questions.filter(({ isBase, attributes }) => isBase && attributes.includes('displayName')).map(({ base }) => base);
const change = (name: string, values: AdEntry): void =>
  void directory.entries.set(dnOf(name), { ...directory.entries.get(dnOf(name)), ...values });

describe('an Active Directory', () => {
  it('is known as one by itself, and read whole at the first run, with lasting names out of their bytes', async () => {
    expect(await run()).toMatchObject({ enrolled: 3, added: 3, fetched: 3 });
    expect(state().invocationId).toBe('01'.repeat(16));
    expect(
      state()
        .enrolled.map(({ person: one }) => [one.id, one.change])
        .sort(),
    ).toEqual([1, 2, 3].map((n) => [idOf(n), String(1000 + n)]));
  });

  it('is read again only where uSNChanged is another', async () => {
    await run();
    expect(await run()).toMatchObject({ enrolled: 3, added: 0, changed: 0, removed: 0, fetched: 0 });
    expect(readAgain()).toEqual([]);
    // What is asked of everybody are marks alone.
    expect(directory.questions.filter(({ isBase }) => !isBase).flatMap(({ attributes }) => attributes)).not.toContain('mail');

    change('Bernd', { uSNChanged: ['2001'], displayName: ['Bernd B.'] });
    expect(await run()).toMatchObject({ changed: 1, fetched: 1, lists: { changed: ['bernd@example.com'] } });
    expect(readAgain()).toEqual([dnOf('Bernd')]);
    expect(await run([{ all: true }], true)).toMatchObject({ changed: 0, fetched: 3 });
  });

  it('is read whole where another domain controller answers: its numbers say nothing about those of the first', async () => {
    await run();
    // Number and name are by chance what the other one had.
    change('Anna', { displayName: ['Anna of the other one'] });
    expect(await run()).toMatchObject({ changed: 0, fetched: 0 });
    directory.invocationId = Buffer.alloc(16, 2);
    expect(await run()).toMatchObject({ changed: 1, fetched: 3, lists: { changed: ['anna@example.com'] } });
    expect(state().invocationId).toBe('02'.repeat(16));
    expect(await run()).toMatchObject({ changed: 0, fetched: 0 });
  });

  it('that does not say which controller it is proves nothing by its numbers', async () => {
    directory.tellsService = false;
    await run();
    expect(state().invocationId).toBeNull();
    expect(await run()).toMatchObject({ changed: 0, fetched: 3 });
  });

  it('no longer has who was deleted: a tombstone elsewhere is no person below the base', async () => {
    await run();
    const gone = directory.entries.get(dnOf('Clara'))!;
    directory.entries.delete(dnOf('Clara'));
    const { mail: _mail, objectCategory: _category, ...left } = gone;
    directory.entries.set(`CN=Clara\\0ADEL:x,CN=Deleted Objects,${BASE}`, { ...left, isDeleted: ['TRUE'], uSNChanged: ['3001'] });
    expect(await run()).toMatchObject({ enrolled: 2, removed: 1, fetched: 0, lists: { removed: ['clara@example.com'] } });
  });

  it('has the same person under another name and in another place', async () => {
    await run();
    const before = directory.entries.get(dnOf('Anna'))!;
    directory.entries.delete(dnOf('Anna'));
    const moved = `CN=Anna Neu,OU=Board,${BASE}`;
    directory.entries.set(moved, { ...before, uSNChanged: ['4001'], sAMAccountName: ['anna.neu'], mail: ['anna.neu@example.com'] });
    expect(await run()).toMatchObject({ enrolled: 3, added: 0, changed: 1, removed: 0, fetched: 1 });
    expect(readAgain()).toEqual([moved]);
    expect(state().enrolled.find(({ person: one }) => one.id === idOf(1))?.person).toMatchObject({
      dn: moved,
      mail: 'anna.neu@example.com',
    });
  });

  it('finds people of groups within groups by its own rule, and those whose primary group it is', async () => {
    directory.entries.set(groupDn('Outer'), group('1101'));
    directory.entries.set(groupDn('Inner'), group('1102', groupDn('Outer')));
    change('Anna', { memberOf: [groupDn('Inner')] });
    change('Bernd', { primaryGroupID: ['1101'] });
    const select = [{ group: groupDn('Outer') }];
    expect((await run(select)).lists.added.sort()).toEqual(['anna@example.com', 'bernd@example.com']);
    expect(directory.questions.map(({ filter }) => filter).join()).toContain(`memberOf:1.2.840.113556.1.4.1941:=${groupDn('Outer')}`);
    // Leaving a group within the group changes no number of the person.
    directory.entries.set(groupDn('Inner'), group('1102'));
    expect(await run(select)).toMatchObject({ removed: 1, fetched: 0, lists: { removed: ['anna@example.com'] } });
    await expect(run([{ group: groupDn('Nowhere') }])).rejects.toMatchObject({ code: 'group-missing' });
  });
});
