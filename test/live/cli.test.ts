import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { makeCheapVault } from '../support/cheap-vault.ts';
import { CLI, CommandLine, runAlone, type EndedCommand } from '../support/command-line.ts';
import { startDovecot, usualMailboxes, type Dovecot } from '../support/dovecot.ts';
import { seedMailbox } from '../support/dovecot-seed.ts';
import type { SecondClient } from '../support/second-client.ts';
import { until } from '../support/until.ts';

/** What a shell sees of `npm run engine`: output, exit codes, and what is said about bad input. */
const PASSPHRASE = 'correct horse battery';
const HOUR = 3_600_000;

let primary: Dovecot;
let relay: Dovecot;
let dir: string;
let client: SecondClient;
let cli: CommandLine;

const profile = () => path.join(dir, 'profile');
const secretFile = (name: string, text: string): string => {
  const file = path.join(dir, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
};
const passphraseFile = () => secretFile('passphrase', `${PASSPHRASE}\n`);
/** No session bus: as on a server without a keyring. */
const env = () => ({ ...process.env, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus', XDG_DATA_HOME: dir });

const ofProfile = (args: readonly string[]): string[] => [...args, '--profile', profile(), '--passphrase-file', passphraseFile()];
const raw = (args: readonly string[]): Promise<EndedCommand> => cli.run(args, env());
const run = (...args: readonly string[]): Promise<EndedCommand> => raw(ofProfile(args));
/** The same as a process of its own. */
const alone = (...args: readonly string[]): Promise<EndedCommand> => runAlone(ofProfile(args), env());
const json = async <T>(...args: readonly string[]): Promise<T> => JSON.parse((await run(...args, '--json')).out) as T;

const mail = (id: string, text = 'Some words.'): Buffer =>
  Buffer.from(
    `From: Anna <anna@example.com>\r\nTo: b@example.com\r\nSubject: Offer ${id}\r\nMessage-ID: <${id}@example.com>\r\n\r\n${text}\r\n`,
  );

function enrolment(password = primary.user('alice').password): unknown {
  const side = (server: Dovecot) => ({
    imap: { host: '127.0.0.1', port: server.imapPort, security: 'plain', user: 'alice' },
    smtp: null,
  });
  const secret = (text: string) => ({ imap: { type: 'password', password: text } });
  const config = { email: 'alice@example.com', primary: side(primary), relay: side(relay) };
  return { accounts: [{ config, secrets: { primary: secret(password), relay: secret(relay.user('alice').password) } }] };
}

beforeAll(async () => {
  cli = new CommandLine();
  dir = mkdtempSync(path.join(tmpdir(), 'holdover-cli-'));
  makeCheapVault(profile(), PASSPHRASE);
  [primary, relay] = await Promise.all([startDovecot({ users: ['alice'], mailboxes: usualMailboxes }), startDovecot({ users: ['alice'] })]);
  const now = Math.floor(Date.now() / 1000) * 1000;
  const seeds = ['a', 'b', 'c', 'd'].map((id, n) => ({ raw: mail(id), internalDate: now - (n + 1) * HOUR, flags: ['\\Seen'] }));
  await seedMailbox(primary, 'alice', 'INBOX', seeds);
  await seedMailbox(relay, 'alice', 'INBOX', seeds.slice(0, 2));
  client = await primary.connect('alice');
});
afterAll(async () => {
  await client?.close();
  await cli?.close();
  await Promise.all([primary?.dispose(), relay?.dispose()]);
  rmSync(dir, { recursive: true, force: true });
});

describe('wrong usage', () => {
  it('without a command, or with help, names all commands', async () => {
    const none = await runAlone([], env());
    expect(none.code).toBe(2);
    for (const name of [
      'enrol',
      'mirror',
      'watch',
      'list',
      'show',
      'search',
      'verify',
      'drill',
      'reports',
      'recovery-key',
      'recover',
      'set-aside',
    ]) {
      expect(none.out).toMatch(new RegExp(`^  ${name} `, 'mu'));
    }
    expect(await raw(['help'])).toEqual({ ...none, code: 0 });
  });

  it('ends with 2, says why, and opens nothing', async () => {
    for (const [args, words] of [
      [['constructor'], 'unknown command: constructor'],
      [['list', '--limit', '0'], '--limit is a number from 1 to 10000\n\n  list [--mailbox KEY]'],
    ] as const) {
      const { code, out, err } = await raw([...args, '--profile', path.join(dir, 'untouched')]);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toContain(words);
      expect(existsSync(path.join(dir, 'untouched'))).toBe(false);
    }
  });
});

describe('an enrolment file', () => {
  it.each([
    ['is not there', 'file cannot be read (ENOENT)'],
    ['has a wrong port', 'accounts[0].config.primary.imap.port: '],
  ])('that %s is refused with its path, the place and the remedy', async (kind, words) => {
    const file = path.join(dir, 'bad.json');
    rmSync(file, { force: true });
    const faulty = structuredClone(enrolment('SECRET-CANARY')) as { accounts: { config: { primary: { imap: { port: unknown } } } }[] };
    faulty.accounts[0]!.config.primary.imap.port = 'SECRET-CANARY';
    if (kind.includes('port')) writeFileSync(file, JSON.stringify(faulty));
    const { code, err } = await run('enrol', '--file', file);
    expect(code).toBe(1);
    expect(err).toContain(`config-invalid: ${file}: ${words}`);
    expect(err).toContain('\n  correct the place named');
    expect(err).not.toContain('SECRET-CANARY');
  });

  it('with a passphrase file that is not there, or empty, is not even read', async () => {
    for (const [name, why] of [
      ['none', 'file cannot be read (ENOENT)'],
      ['empty', 'file is empty'],
    ] as const) {
      const file = path.join(dir, name);
      if (name === 'empty') writeFileSync(file, '');
      const { code, err } = await raw(['list', '--profile', profile(), '--passphrase-file', file]);
      expect({ code, err }).toEqual({ code: 1, err: `config-invalid: ${file}: ${why}\n  correct the place named\n` });
    }
  });

  it('enrols its accounts, once', async () => {
    expect(await run('mirror')).toMatchObject({
      code: 1,
      err: expect.stringContaining('account-missing\n  enrol an account first') as string,
    });
    const file = secretFile('enrol.json', JSON.stringify(enrolment()));
    expect(await run('enrol', '--file', file)).toEqual({ code: 0, out: 'enrolled account 1\n', err: '' });
    expect(await run('enrol', '--file', file)).toEqual({
      code: 0,
      out: 'account 1 was enrolled before; its servers and what IT holds of it are as in the file\n',
      err: '',
    });
  });
});

describe('mail', () => {
  it('is mirrored, listed, shown and found', async () => {
    expect(await alone('mirror')).toMatchObject({ code: 0, err: '' });
    const again = await run('mirror');
    expect(again.out).toMatch(/^primary: 0 mailboxes read, \d+ unchanged, 0 new, 0 gone, 0 failed$/mu);
    expect(again.out).toMatch(/^relay: /mu);
    const runs = await json<{ side: string; error: null; result: { failed: number } }[]>('mirror');
    expect(runs.map(({ side, error, result }) => [side, error, result.failed])).toEqual([
      ['primary', null, 0],
      ['relay', null, 0],
    ]);
    expect((await run('list')).out.split('\n')[0]).toMatch(/^key +mailbox +role +side +messages +unread +bodies missing$/u);
    const boxes = await json<{ key: string; role: string; total: number }[]>('list');
    const inbox = boxes.find((one) => one.role === 'inbox');
    expect(inbox?.total).toBe(4);
    const rows = await run('list', '--mailbox', inbox!.key, '--limit', '3');
    expect(rows.out.trimEnd().split('\n')).toHaveLength(3);
    const [id] = /^\d+/u.exec(rows.out) ?? [];
    expect(rows.out).toMatch(/^\d+ {5}\S+ \[primary\+relay\] Anna: Offer a$/mu);
    const shown = await run('show', id!);
    expect(shown.err).toBe('');
    expect(shown.out).toMatch(/^Subject: Offer a$/mu);
    expect(shown.out).toMatch(/^Seen: primary INBOX UID \d+ \(present\)$/mu);
    expect((await alone('show', id!, '--source')).out).toBe(mail('a').toString());
    expect((await run('search', 'offer')).out).toMatch(/\n4 found in [\d.]+ ms\n$/u);
  });

  it('is readable by its owner alone, in a folder that was there and open to all', () => {
    const folder = path.join(dir, 'open to all');
    makeCheapVault(folder, PASSPHRASE);
    chmodSync(folder, 0o755);
    const command = [process.execPath, CLI, 'list', '--profile', folder, '--passphrase-file', passphraseFile()];
    // A person's own mask.
    const { status, stderr } = spawnSync('sh', ['-c', 'umask 022; exec "$@"', 'sh', ...command], { encoding: 'utf8', env: env() });
    expect(status, stderr).toBe(0);
    const made = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    expect(made.map(({ name }) => name)).toContain('mail.db');
    const modes = made.map((one) => `${one.name} ${(statSync(path.join(one.parentPath, one.name)).mode & 0o077).toString(8)}`);
    expect(modes.filter((line) => !line.endsWith(' 0'))).toEqual([]);
  });

  it('that is not there is told as such', async () => {
    for (const args of [
      ['list', '--mailbox', '99'],
      ['show', '999999'],
    ]) {
      const { code, out, err } = await run(...args);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toContain('not-found');
      expect(err).toContain('\n  there is none of this number or key');
    }
  });

  it('arrives while it is watched; meanwhile no second process gets at the store', async () => {
    const watching = spawn(process.execPath, [CLI, 'watch', '--profile', profile(), '--passphrase-file', passphraseFile()], { env: env() });
    const out = collect(watching);
    onTestFinished(() => void watching.kill('SIGKILL'));
    await until('both sides are watched', () => /primary: watching/u.test(out()) && /relay: watching/u.test(out()));
    expect(await run('list')).toMatchObject({ code: 1, err: expect.stringContaining('store-in-use') as string });
    const mark = primary.mark('alice');
    await client.append('INBOX', mail('e'));
    // Its text is asked for when its summary is stored.
    const isStored = () => primary.commandsSince(mark, { user: 'alice' }).some(({ text }) => /UID FETCH .*BODY\.PEEK\[\]/u.test(text));
    await until('the new mail is stored', isStored);
    watching.kill('SIGTERM');
    const code = await new Promise((resolve) => watching.on('close', resolve));
    expect(code).toBe(0);
    expect((await json<{ rows: unknown[] }>('search', 'subject:e')).rows).toHaveLength(1);
  });

  it('has reports, empty before any outage', async () => {
    expect(await run('reports')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^run +state +outage since +expected +carried back +exceptions\n$/u) as string,
    });
    expect(await run('reports', '--account', 'nobody@example.com')).toMatchObject({
      code: 1,
      err: expect.stringContaining('account-missing') as string,
    });
  });
});

function collect(child: ChildProcess): () => string {
  let text = '';
  child.stdout?.on('data', (piece: Buffer) => (text += piece.toString()));
  return () => text;
}

describe('verify', () => {
  interface Verified {
    mailboxes: { side: string; path: string; place: string; missing: number; surplus: number }[];
    totals: Record<string, number>;
    failures: { side: string; code: string }[];
  }

  it('ends with 0 when every mailbox and message is equal, and names what is left out', async () => {
    const { code, out } = await run('verify');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^account +side +mailbox +where +on server +equal +missing +surplus +flags differ +date or size differs +bytes differ +body missing +too large +unreadable +error$/mu,
    );
    expect(out).toMatch(/^mailboxes: 0 not here, 0 not on the server, [1-9]\d* left out$/mu);
    expect(out).toMatch(/^ +total +7 +7( +0){8}$/mu);
  });

  it('counts each difference: mail missing, surplus and flagged otherwise, mailboxes unknown on either side, servers away', async () => {
    await client.append('INBOX', mail('f'));
    await client.run('SELECT INBOX');
    await client.run('STORE 1 +FLAGS (\\Flagged)');
    await client.run('STORE 2 +FLAGS (\\Deleted)');
    await client.run('EXPUNGE');
    await client.run('CREATE New');
    await client.run('SUBSCRIBE New');
    await client.append('New', mail('g'));
    const { mailboxes, totals } = await json<Verified>('verify');
    expect(totals).toMatchObject({ missing: 2, surplus: 1, flagsDiffer: 1, mailboxesNotHere: 1, mailboxesNotOnServer: 0 });
    expect(mailboxes.find((one) => one.path === 'New')).toMatchObject({ side: 'primary', place: 'not-here', missing: 1 });
    expect((await run('mirror')).code).toBe(0);
    expect((await run('verify')).code).toBe(0);

    await client.run('DELETE New');
    expect((await json<Verified>('verify')).mailboxes.find((one) => one.path === 'New')).toMatchObject({
      place: 'not-on-server',
      surplus: 1,
    });
    await relay.stop('KILL');
    expect(await run('verify')).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^alice@example.com relay: connect-refused\b/mu) as string,
    });
    const mirrored = await alone('mirror');
    expect(mirrored.code).toBe(1);
    expect(mirrored.out).toMatch(/^relay: connect-refused[^\n]*\n  nothing listens at that host and port$/mu);
    await relay.start();
  });
});

describe('the key', () => {
  it('is shown as text, and brought back by it', async () => {
    const shown = await run('recovery-key');
    expect(shown).toMatchObject({ code: 0, err: '' });
    expect(shown.out).toMatch(/^([0-9A-Z]{5}-){11}[0-9A-Z]\n$/u);
    const vault = path.join(profile(), 'vault.json');
    renameSync(vault, `${vault}.kept`);
    const keyFile = secretFile('recovery-key', shown.out);
    const wrong = await run(
      'recover',
      '--recovery-key-file',
      secretFile(
        'wrong-key',
        shown.out.replace(/^./u, (one) => (one === '7' ? '8' : '7')),
      ),
    );
    expect(wrong).toMatchObject({ code: 1, out: '', err: expect.stringContaining('recovery-key-wrong') as string });
    expect(existsSync(vault)).toBe(false);
    expect(await run('recover', '--recovery-key-file', keyFile)).toEqual({
      code: 0,
      out: 'the store is open; its key is sealed by the passphrase\n',
      err: '',
    });
    // The account's password was in the vault that is gone: enrolled again, all that was mirrored is still here.
    expect(await run('mirror')).toMatchObject({ code: 1, out: expect.stringContaining('secret-missing') as string });
    expect(await run('enrol', '--file', secretFile('enrol.json', JSON.stringify(enrolment())))).toMatchObject({
      code: 0,
      out: 'enrolled account 1\n',
    });
  });

  it('is given up only when it is lost, with consent, and nothing is deleted', async () => {
    const refused = await run('set-aside', '--accept-losses');
    expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringContaining('the key of this store is not lost') as string });
    const before = readdirSync(profile()).sort();
    const lost = (...more: string[]) =>
      raw(['set-aside', ...more, '--profile', profile(), '--passphrase-file', secretFile('forgotten', 'not this one')]);
    const asked = await lost();
    expect(asked.code).toBe(1);
    expect(asked.out).toMatch(
      /^the store does not open \(passphrase-wrong\); only in this store, as of \S+: 0 unsent mails, 0 drafts, 0 changes/u,
    );
    expect(asked.out).toContain('nothing was done');
    expect(readdirSync(profile()).sort()).toEqual(before);
    const done = await lost('--accept-losses');
    expect(done.code).toBe(0);
    const folder = /^set aside: (.*)$/mu.exec(done.out)?.[1] ?? '';
    const isKept = (name: string) => !name.endsWith('.lock');
    expect(readdirSync(folder).filter(isKept).sort()).toEqual(before.filter(isKept));
    expect(await raw(['list', '--profile', folder, '--passphrase-file', passphraseFile()])).toMatchObject({ code: 0 });
    expect(await run('mirror')).toMatchObject({ code: 1, err: expect.stringContaining('account-missing') as string });
  });
});

it('nothing was written outside of the profile', () => {
  expect(readdirSync(dir).filter((name) => name.startsWith('holdover'))).toEqual([]);
  expect(readFileSync(path.join(dir, 'passphrase'), 'utf8')).toBe(`${PASSPHRASE}\n`);
});
