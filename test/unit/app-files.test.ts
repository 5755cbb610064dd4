import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { excludeMemoryFromCoreDumps } from '../../main/app/core-dumps.ts';
import { enrolFromFile } from '../../main/app/enrol-from-file.ts';
import { LogFile, redactEntry, type AppLogEntry } from '../../main/app/log-file.ts';
import { findProfileArgument, openProfile } from '../../main/app/profile.ts';
import { SettingsFile } from '../../main/app/settings-file.ts';
import { MailError } from '../../shared/errors.ts';
import type { HeldRules } from '../../main/app/engine-link-types.ts';

let dir: string;
let logged: AppLogEntry[];
const log = { write: (_level: string, entry: AppLogEntry) => void logged.push(entry) };
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'holdover-files-'));
  logged = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('profile folder', () => {
  it('is named by the command line first, then by the environment', () => {
    expect(findProfileArgument(['.', '--profile', '/a'], { HOLDOVER_PROFILE: '/b' })).toBe('/a');
    expect(findProfileArgument(['--profile=/a'], {})).toBe('/a');
    expect(findProfileArgument(['.'], { HOLDOVER_PROFILE: '/b' })).toBe('/b');
    expect(findProfileArgument(['--profile'], {})).toBeNull();
    expect(findProfileArgument(['--', '--profile=/a'], {})).toBeNull();
    expect(findProfileArgument([], { HOLDOVER_PROFILE: '' })).toBeNull();
  });

  it('of the demo is told by its mark', () => {
    expect(openProfile(dir).isDemo).toBe(false);
    writeFileSync(path.join(dir, 'demo-profile'), '');
    expect(openProfile(dir).isDemo).toBe(true);
  });

  it('and all folders in it are readable by their owner only', () => {
    const profile = openProfile(path.join(dir, 'deep', 'p'));
    for (const folder of [profile.dir, profile.chromiumDir, profile.logsDir]) {
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      expect(folder.startsWith(path.join(dir, 'deep', 'p'))).toBe(true);
    }
  });
});

describe('settings file', () => {
  const file = () => path.join(dir, 'settings.json');

  it('gives defaults when there is none and writes nothing by itself', () => {
    const settings = new SettingsFile(file(), log);
    expect(settings.settings).toEqual({
      language: 'system',
      theme: 'system',
      density: 'comfortable',
      listView: 'messages',
      spelling: 'both',
      previewLines: 1,
      markSeenAfterMs: 1500,
      navigationWidth: 236,
      listWidth: 400,
      notifyMail: 'arrival',
      notifyState: true,
      closeToTray: true,
      lockAfterIdleMinutes: 0,
      lockOnSystemLock: false,
    });
    expect(settings.windowPlace).toBeNull();
    expect(existsSync(file())).toBe(false);
  });

  it('keeps changes and the place of the window over a restart, in a file of the owner', () => {
    const settings = new SettingsFile(file(), log);
    settings.change({ theme: 'dark', language: undefined });
    settings.rememberWindow({ x: -5, y: 10, width: 900, height: 700, isMaximized: true });
    const again = new SettingsFile(file(), log);
    expect(again.settings.theme).toBe('dark');
    expect(again.settings.language).toBe('system');
    expect(again.windowPlace).toEqual({ x: -5, y: 10, width: 900, height: 700, isMaximized: true });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(['settings.json']);
  });

  it.each([
    '',
    '{',
    '[]',
    'null',
    '{"version":2,"settings":{}}',
    '{"version":1,"settings":{"theme":"pink"}}',
    '{"version":1,"settings":{},"extra":1}',
    '\u0000\u0000',
  ])('sets a broken file aside and starts with defaults: %j', (text) => {
    writeFileSync(file(), text);
    expect(new SettingsFile(file(), log).settings.theme).toBe('system');
    expect(readFileSync(`${file()}.broken`, 'utf8')).toBe(text);
    expect(existsSync(file())).toBe(false);
    expect(logged[0]?.ev).toBe('settings.broken');
  });

  it('keeps a change for this run when the disk refuses it', () => {
    const settings = new SettingsFile(path.join(dir, 'missing', 'settings.json'), log);
    expect(settings.change({ density: 'compact' }).density).toBe('compact');
    expect(settings.settings.density).toBe('compact');
    expect(logged).toContainEqual({ ev: 'settings.write-failed', code: 'ENOENT' });
  });
});

describe('log file', () => {
  const lines = (name = 'holdover.log') =>
    readFileSync(path.join(dir, name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

  it('writes one JSON object a line, of the owner', () => {
    const file = new LogFile(dir, { now: () => 0 });
    file.write('info', { ev: 'mirror.plan', mailbox: 3, type: 'delta', ok: true, none: null, missing: undefined });
    file.write('debug', { ev: 'not.written' });
    file.close();
    expect(lines()).toEqual([
      { at: '1970-01-01T00:00:00.000Z', level: 'info', ev: 'mirror.plan', mailbox: 3, type: 'delta', ok: true, none: null },
    ]);
    expect(statSync(path.join(dir, 'holdover.log')).mode & 0o777).toBe(0o600);
  });

  it.each([
    'jane@example.org',
    'Re: Gehalt',
    '/home/jane/mail',
    'INBOX/Bewerbungen',
    'a b',
    'ä',
    'x'.repeat(81),
    'line\nbreak',
    '<id@example.org>',
    'C:\\x',
  ])('never writes text that could be of a mail: %j', (value) => {
    expect(JSON.stringify(redactEntry({ ev: 'x', value }))).not.toContain(value);
    expect(redactEntry({ ev: 'x', value })['value']).toBe(`[${value.length} chars]`);
  });

  it.each(['auth-rejected', 'modseq-unchanged', 'engine.phase', 'TLSv1.2', '2026-11-24T04:00:00.000Z', ''])(
    'keeps plain words: %j',
    (value) => {
      expect(redactEntry({ ev: 'x', value })['value']).toBe(value);
    },
  );

  it('leaves out fields whose name could carry text', () => {
    expect(redactEntry({ ev: 'x', 'jane@example.org': 1 })).toEqual({ ev: 'x' });
  });

  it('keeps five files of bounded size', () => {
    const file = new LogFile(dir, { maxFileBytes: 500 });
    for (let n = 0; n < 100; n += 1) file.write('info', { ev: 'fill', n });
    file.close();
    expect(readdirSync(dir).sort()).toEqual(['holdover.log', 'holdover.log.1', 'holdover.log.2', 'holdover.log.3', 'holdover.log.4']);
    for (const name of readdirSync(dir)) expect(statSync(path.join(dir, name)).size).toBeLessThanOrEqual(500);
    expect(lines().at(-1).n).toBe(99);
  });

  it('goes on with the file of the last run', () => {
    for (const n of [1, 2]) {
      const file = new LogFile(dir);
      file.write('warn', { ev: 'run', n });
      file.close();
    }
    expect(lines().map(({ n }) => n)).toEqual([1, 2]);
  });

  it('never throws, whatever the disk does', () => {
    const file = new LogFile(path.join(dir, 'missing'));
    expect(() => file.write('error', { ev: 'x' })).not.toThrow();
  });
});

describe('enrolment file', () => {
  const endpoint = { host: '127.0.0.1', port: 1143, security: 'plain', user: 'jane' };
  const account = (email: string) => ({
    config: { email, primary: { imap: endpoint, smtp: null } },
    secrets: { primary: { imap: { type: 'password', password: 'canary-password' } } },
  });
  const write = (content: unknown) => {
    const file = path.join(dir, 'enrol.json');
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  };
  const enroller = (answer: (email: string) => void) => {
    const seen: string[] = [];
    const policies: unknown[] = [];
    return {
      ...{ seen, policies },
      setPolicy: (email: string, { managed, template, own }: HeldRules) =>
        Promise.resolve(void policies.push([email, managed, template?.primary.imap.port ?? null, own?.retention.incomingDays ?? null])),
      call: (_name: string, args: readonly unknown[]) => {
        const email = (args[0] as { config: { email: string } }).config.email;
        seen.push(email);
        return Promise.resolve().then(() => answer(email));
      },
    };
  };

  it('enrols every account and is erased', async () => {
    const file = write({ accounts: [account('a@example.org'), account('b@example.org')] });
    const engine = enroller(() => undefined);
    expect(await enrolFromFile(file, engine, log)).toEqual({ accounts: 2 });
    expect(engine.seen).toEqual(['a@example.org', 'b@example.org']);
    expect(existsSync(file)).toBe(false);
  });

  it('takes over of accounts that exist servers, rules and retention, and tells those of new ones for the next file', async () => {
    const known = account('a@example.org');
    const managed = { failover: 'ask', control: 'forced-normal' };
    const file = write({
      accounts: [{ ...known, config: { ...known.config, managed, retention: { incomingDays: 30 } } }, account('b@example.org')],
    });
    const exists = new MailError('account-exists', { scope: 'account', retry: 'never' });
    const engine = enroller((email) => {
      if (email.startsWith('a')) throw exists;
    });
    expect(await enrolFromFile(file, engine, log)).toEqual({ accounts: 2 });
    expect(logged.map(({ outcome }) => outcome)).toEqual(['existed', 'enrolled']);
    expect(engine.policies).toEqual([
      ['a@example.org', managed, 1143, 30],
      ['b@example.org', {}, null, 14],
    ]);
    expect(existsSync(file)).toBe(false);
  });

  it('is kept when the engine refuses an account', async () => {
    const file = write({ accounts: [account('a@example.org')] });
    const engine = enroller(() => {
      throw new MailError('keyring-locked', { scope: 'store', retry: 'ask' });
    });
    expect(await enrolFromFile(file, engine, log)).toMatchObject({ error: { code: 'keyring-locked' } });
    expect(existsSync(file)).toBe(true);
  });

  it.each([
    [
      'a wrong port',
      {
        accounts: [
          { ...account('a@example.org'), config: { email: 'a@example.org', primary: { imap: { ...endpoint, port: 'x' }, smtp: null } } },
        ],
      },
      'accounts[0].config.primary.imap.port',
    ],
    ['an unknown key', { accounts: [{ ...account('a@example.org'), extra: 1 }] }, 'accounts[0]'],
    [
      'clear text to a foreign host',
      {
        accounts: [
          {
            ...account('a@example.org'),
            config: { email: 'a@example.org', primary: { imap: { ...endpoint, host: 'mail.example.org' }, smtp: null } },
          },
        ],
      },
      'accounts[0].config.primary.imap.security',
    ],
    ['no accounts', {}, 'accounts'],
    ['something else', [], 'the file'],
    ['no JSON', '{"accounts": [{"password": "canary-password"', 'not JSON'],
  ])('says where it is wrong and never what stands there: %s', async (_name, content, place) => {
    const file = write(content);
    const engine = enroller(() => undefined);
    const enrolment = await enrolFromFile(file, engine, log);
    expect(enrolment).toMatchObject({ error: { code: 'config-invalid', detail: expect.stringContaining(place) } });
    expect(JSON.stringify(enrolment)).not.toContain('canary-password');
    expect(engine.seen).toEqual([]);
    expect(existsSync(file)).toBe(true);
  });

  it('says so when it is missing', async () => {
    const enrolment = await enrolFromFile(
      path.join(dir, 'none.json'),
      enroller(() => undefined),
      log,
    );
    expect(enrolment).toMatchObject({ error: { code: 'config-invalid', detail: 'file cannot be read (ENOENT)' } });
  });
});

describe('core dumps', () => {
  it.runIf(process.platform === 'linux')('hold no memory of the process', () => {
    const before = readFileSync('/proc/self/coredump_filter', 'utf8').trim();
    try {
      expect(excludeMemoryFromCoreDumps('self')).toBe(true);
      expect(readFileSync('/proc/self/coredump_filter', 'utf8').trim()).toBe('00000000');
    } finally {
      writeFileSync('/proc/self/coredump_filter', `0x${before}`);
    }
  });

  it('are left to the system elsewhere, and a process that is gone is no error', () => {
    expect(excludeMemoryFromCoreDumps('self', 'darwin')).toBe(false);
    expect(excludeMemoryFromCoreDumps(2 ** 30, 'linux')).toBe(false);
  });
});
