import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { commands, runCommand, usage } from '../../main/cli/commands.ts';
import { explain } from '../../main/cli/explain.ts';
import { askKeys } from '../../main/cli/open-profile.ts';
import { checkPolicyFile } from '../../main/cli/policy-commands.ts';
import { readSecretFile } from '../../main/cli/read-secret-file.ts';
import { UsageError } from '../../main/cli/usage-error.ts';
import { readEnrolmentFile } from '../../main/keys/enrolment-file.ts';
import type { PolicyReading } from '../../main/policy/read-policy.ts';
import type { Policy } from '../../shared/policy/schema.ts';
import { errorCodeSchema, MailError, packError } from '../../shared/errors.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'holdover-usage-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function plainFile(): string {
  const file = path.join(dir, 'a-file');
  writeFileSync(file, '');
  return file;
}

describe('where IT keeps mail from whoever finds the computer', () => {
  const right = (policy: Policy): PolicyReading => ({ isRight: true, policy, from: {} });
  const keepers: readonly (readonly [string, PolicyReading])[] = [
    ['lock', right({ lock: { onSystemLock: true } })],
    ['lease', right({ lease: { days: 3 } })],
    ['wipe', right({ wipe: { devices: ['*'], order: '1' } })],
    ['policy', { isRight: false, faults: [] } as unknown as PolicyReading],
  ];
  const printing = [['list'], ['show', '1'], ['search', 'word'], ['reports'], ['audit', 'export'], ['recovery-key']] as const;
  const cases = printing.flatMap(([name, ...args]) => keepers.map(([held, reading]) => [name, args, held, reading] as const));

  it.each(cases)('%s %j is refused with %s, before anything is opened', async (name, args, held, reading) => {
    const profile = path.join(dir, 'unread');
    const work = runCommand(commands[name]!, name, [...args, '--profile', profile], () => Promise.resolve(reading));
    await expect(work).rejects.toMatchObject({ code: 'held-by-policy', detail: held });
    expect(existsSync(profile)).toBe(false);
  });

  it.each([['list'], ['audit', 'verify'], ['verify']])(
    '%s is looked for where IT holds nothing of the kind, or it prints no mail',
    async (...words) => {
      const [name = '', ...args] = words;
      const policy: Policy = name === 'list' ? { log: { level: 'debug' } } : { lease: { days: 3 } };
      const profile = path.join(dir, `none-${name}`);
      const work = runCommand(commands[name]!, name, [...args, '--profile', profile], () => Promise.resolve(right(policy)));
      await expect(work).rejects.not.toMatchObject({ code: 'held-by-policy' });
    },
  );
});

it('an enrolment file that cannot be read is told before a profile or a keyring is touched', async () => {
  const profile = path.join(dir, 'untouched');
  const file = path.join(dir, 'nowhere.json');
  const work = runCommand(commands['enrol']!, 'enrol', ['--file', file, '--profile', profile]);
  await expect(work).rejects.toMatchObject({ code: 'config-invalid', detail: `${file}: file cannot be read (ENOENT)` });
  expect(existsSync(profile)).toBe(false);
});

describe('wrong usage', () => {
  it.each([
    [['mirror', '--all'], "Unknown option '--all'"],
    [['mirror', 'everything'], 'unexpected word: everything'],
    [['mirror', '--json=yes'], "Option '--json' does not take an argument"],
    [['enrol'], '--file FILE is needed'],
    [['enrol', '--file'], "Option '--file' argument is ambiguous"],
    [['recover'], '--recovery-key-file FILE is needed'],
    [['list', '--limit', '0'], '--limit is a number from 1 to 10000'],
    [['list', '--limit', 'many'], '--limit is a number from 1 to 10000'],
    [['list', '--limit', '1e3'], '--limit is a number from 1 to 10000'],
    [['show'], 'ID is one number'],
    [['show', 'x1'], 'ID is one number'],
    [['show', '-1'], "Unknown option '-1'"],
    [['show', '99999999999999999999'], 'ID is one number'],
    [['show', '1', '2'], 'ID is one number'],
    [['search'], 'words to search for are needed'],
    [['search', ' '], 'words to search for are needed'],
    [['set-aside', 'now'], 'unexpected word: now'],
    [['recovery-key', 'now'], 'unexpected word: now'],
  ])('%j is told before anything is opened', async ([name = '', ...args], words) => {
    const profile = path.join(dir, 'untouched');
    const work = runCommand(commands[name]!, name, [...args, '--profile', profile]);
    await expect(work).rejects.toBeInstanceOf(UsageError);
    await expect(work).rejects.toThrow(words);
    expect(existsSync(profile)).toBe(false);
  });

  it('every command has its line of help', () => {
    for (const name of Object.keys(commands)) expect(usage()).toMatch(new RegExp(`^  ${name} `, 'mu'));
  });
});

describe('a policy file that is checked', () => {
  const check = (file: string): string[] => {
    const lines: string[] = [];
    checkPolicyFile(file, { print: (line) => void lines.push(line), isJson: false });
    return lines;
  };

  it('is named with each place at fault and what to do', () => {
    const file = path.join(dir, 'policies.json');
    writeFileSync(file, JSON.stringify({ continuity: { failover: 'automatc' } }));
    const [fault, remedy, ...more] = check(file);
    expect(fault).toMatch(new RegExp(`^${file}: continuity.failover: .*given: "automatc"`, 'u'));
    expect(remedy).toContain('take nothing of it');
    expect(more).toEqual([]);
  });

  it('is named where it is not there', () => {
    const file = path.join(dir, 'none.json');
    expect(() => check(file)).toThrow(`config-invalid: ${file}: file cannot be read (ENOENT)`);
  });
});

describe('a profile', () => {
  it.each([
    ['below a file', (): string => path.join(plainFile(), 'profile'), 'ENOTDIR'],
    ['that is a file', plainFile, 'ENOTDIR'],
    ['where no folder can be', (): string => '/proc/holdover/profile', 'ENOENT'],
  ])('whose folder cannot be made is named: one %s', async (_what, place, code) => {
    const profile = place();
    await expect(askKeys({ profile, passphraseFile: undefined, isVerbose: false })).rejects.toThrow(
      `config-invalid: ${profile}: folder of the profile cannot be made (${code})`,
    );
  });
});

describe('what went wrong', () => {
  it.each(errorCodeSchema.options)('%s has a remedy', (code) => {
    const error = new MailError(code, { scope: 'account', retry: 'ask', detail: 'DETAIL' });
    expect(explain(packError(error), error)).toMatch(new RegExp(`^${code}: DETAIL\\n  \\S.{10,}$`, 'u'));
  });

  it.each([
    ['password=SECRET-CANARY', 'file is not JSON'],
    [JSON.stringify({ accounts: [] }), 'accounts: '],
    [JSON.stringify({ accounts: [{ config: 'SECRET-CANARY' }] }), 'accounts[0].config: '],
    [JSON.stringify({ accounts: [{ 'SECRET-CANARY': 1 }] }), 'accounts[0].config: '],
  ])('an enrolment file %j is refused by its place, never by what is in it', (text, words) => {
    const file = path.join(dir, 'enrol.json');
    writeFileSync(file, text);
    const said = (() => {
      try {
        return String(readEnrolmentFile(file));
      } catch (error) {
        return (error as MailError).message;
      }
    })();
    expect(said).toContain(`config-invalid: ${words}`);
  });

  it.each([
    ['', 'file is empty'],
    ['x'.repeat(5000), 'file is too long'],
  ])('a file with a secret that is of no use is named, not quoted (%#)', (text, words) => {
    const file = path.join(dir, 'secret');
    writeFileSync(file, text);
    expect(() => readSecretFile(file)).toThrow(`${file}: ${words}`);
  });
});
