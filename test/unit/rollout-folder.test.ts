import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AppLogEntry } from '../../main/app/log-file.ts';
import { RolloutDesk } from '../../main/app/policy/rollout-desk.ts';
import { PolicyInForce } from '../../main/app/policy/policy-in-force.ts';
import { keptStateFile } from '../../main/app/policy/kept-state.ts';
import { RolloutFolder } from '../../main/policy/rollout-folder.ts';

let dir: string;
let folder: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'holdover-rollout-'));
  folder = path.join(dir, 'rollout');
  mkdirSync(folder);
  return () => rmSync(dir, { recursive: true, force: true });
});

const ANNA = { file: 'anna@company.example.json', mail: 'anna@company.example', class: 'Board', account: 'anna', userPrincipalName: null };
const OTTO = { file: 'otto@company.example.json', mail: 'otto@company.example', class: null, account: 'otto', userPrincipalName: null };
const config = (email: string, port: unknown = 993) => ({
  email,
  primary: { imap: { host: 'imap.company.example', port, security: 'tls', user: email }, smtp: null },
  retention: { incomingDays: 30 },
});
const put = (name: string, content: unknown): void =>
  writeFileSync(path.join(folder, name), typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o644 });
const lay = (...people: readonly { file: string; mail: string }[]): void => {
  for (const { file, mail } of people) put(file, { accounts: [{ config: config(mail) }] });
  put('people.json', people);
};
const look = (who: object, reader = new RolloutFolder()) => reader.look(folder, who);
const foundEmail = async (who: object): Promise<string> => {
  const found = await look(who);
  return found.state === 'found' ? found.accounts.map((one) => one.config.email).join() : found.state;
};

describe('who somebody is in the rollout folder', () => {
  it('is found by the name of the system user, whatever its case, and never by a part of it', async () => {
    lay(ANNA, OTTO);
    expect(await foundEmail({ samAccountName: 'Anna' })).toBe('anna@company.example');
    for (const samAccountName of ['ann', 'anna.b', 'an*', '', 'änna', 'otto2']) expect(await foundEmail({ samAccountName })).toBe('none');
    expect(await foundEmail({})).toBe('none');
  });

  it('is decided by the principal name where both know it: another domain may have the same short name', async () => {
    const [here, there] = [
      { ...ANNA, userPrincipalName: 'Anna@corp.example' },
      { ...OTTO, account: 'anna', userPrincipalName: 'anna@other.example' },
    ];
    lay(here, there);
    expect(await foundEmail({ samAccountName: 'anna', userPrincipalName: 'ANNA@other.example' })).toBe('otto@company.example');
    expect(await foundEmail({ samAccountName: 'anna', userPrincipalName: 'anna@third.example' })).toBe('none');
    expect(await look({ samAccountName: 'anna' })).toEqual({
      state: 'wrong',
      faults: [
        { place: 'enrolment-folder', path: 'people.json: [0] [1]', what: expect.stringContaining('more than one') as string, value: null },
      ],
    });
  });

  it('is looked for again when the list is another one', async () => {
    const reader = new RolloutFolder();
    lay(OTTO);
    expect(await look({ samAccountName: 'anna' }, reader)).toEqual({ state: 'none' });
    lay(OTTO, ANNA);
    expect(await look({ samAccountName: 'anna' }, reader)).toMatchObject({ state: 'found' });
  });
});

describe('a rollout folder', () => {
  const anna = { samAccountName: 'anna' };

  it('is read and never written', async () => {
    lay(ANNA, OTTO);
    const state = () =>
      readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8'), statSync(path.join(folder, name)).mtimeMs]);
    const before = state();
    expect(await look(anna)).toMatchObject({
      state: 'found',
      accounts: [{ config: { retention: { incomingDays: 30, outgoingDays: 14 } } }],
    });
    expect(state()).toEqual(before);
  });

  it('that is away is no fault: without a folder, without its list, without the file of the person', async () => {
    expect(await look(anna)).toEqual({ state: 'away', code: 'ENOENT' });
    lay(ANNA);
    rmSync(path.join(folder, ANNA.file));
    expect(await look(anna)).toEqual({ state: 'away', code: 'ENOENT' });
    rmSync(folder, { recursive: true });
    expect(await look(anna)).toEqual({ state: 'away', code: 'ENOENT' });
  });

  it.each([
    ['a list that is none', 'people.json', '{"half', 'people.json', null],
    ['a list that leads out of the folder', 'people.json', [{ ...ANNA, file: '../x.json' }], 'people.json: [0].file', '"../x.json"'],
    [
      'a file with a wrong port',
      ANNA.file,
      { accounts: [{ config: config('anna@company.example', 99_999) }] },
      `${ANNA.file}: accounts[0].config.primary.imap.port`,
      '99999',
    ],
    ['a file with nothing in it', ANNA.file, {}, `${ANNA.file}: accounts`, null],
  ])('says where it is wrong: %s', async (_name, file, content, place, value) => {
    lay(ANNA);
    put(file, content);
    const found = await look(anna);
    expect(found).toMatchObject({ state: 'wrong', faults: [{ place: 'enrolment-folder', path: place, value }] });
  });

  it('shows no secret that stands at the wrong place', async () => {
    lay(ANNA);
    put(ANNA.file, {
      accounts: [{ config: config('anna@company.example'), secrets: { primary: { imap: { type: 'password', password: 7_777_777 } } } }],
    });
    expect(JSON.stringify(await look(anna))).not.toContain('7777777');
  });

  it.skipIf(process.platform === 'win32')('is not believed where everybody can write it', async () => {
    lay(ANNA);
    for (const one of [folder, path.join(folder, 'people.json'), path.join(folder, ANNA.file)]) {
      const { mode } = statSync(one);
      chmodSync(one, mode | 0o002);
      expect(await look(anna)).toMatchObject({
        state: 'wrong',
        faults: [{ what: expect.stringContaining('written by everybody') as string }],
      });
      chmodSync(one, mode);
    }
    expect(await look(anna)).toMatchObject({ state: 'found' });
  });
});

describe('what was read of it last', () => {
  it('is in force while it is away or wrong, over a restart, and is told once', async () => {
    const logged: AppLogEntry[] = [];
    const log = { write: (_level: string, entry: AppLogEntry) => void logged.push(entry) };
    const open = () => {
      const kept = keptStateFile(path.join(dir, 'policy.sealed'), log);
      const inForce = new PolicyInForce({ places: [], kept, log, onChange: () => undefined });
      inForce.keysOpened(new Uint8Array(32));
      return new RolloutDesk(inForce, log);
    };
    const anna = { samAccountName: 'anna' };
    const desk = open();
    lay(ANNA);
    const first = await desk.look(folder, anna);
    expect(first).toMatchObject({
      isKnown: true,
      prepared: [{ email: 'anna@company.example', missing: null, own: { retention: { incomingDays: 30 } } }],
    });

    renameSync(folder, `${folder}-away`);
    logged.length = 0;
    for (let n = 0; n < 3; n += 1) expect(await desk.look(folder, anna)).toMatchObject({ ...first, isKnown: false, isAway: true });
    expect(logged.filter(({ ev }) => ev.startsWith('rollout'))).toEqual([{ ev: 'rollout.away', code: 'ENOENT' }]);
    expect(await open().look(folder, anna)).toMatchObject({ prepared: first.prepared, isAway: true });

    renameSync(`${folder}-away`, folder);
    put(ANNA.file, 'x');
    expect(await desk.look(folder, anna)).toMatchObject({ prepared: first.prepared, isKnown: false, faults: [{ path: ANNA.file }] });
    // Names of files are addresses.
    expect(JSON.stringify(logged)).not.toContain('anna');

    lay(OTTO);
    expect(await desk.look(folder, anna)).toMatchObject({ prepared: [], isKnown: true });
    expect(await open().look(null, anna)).toMatchObject({ prepared: [], isKnown: true });
  });
});
