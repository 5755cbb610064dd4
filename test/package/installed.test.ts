import {
  chownSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFuses, wantedFuses } from '../../scripts/pack/fuses.mjs';
import { nativesBelow, targetOf } from '../../scripts/pack/natives.mjs';
import { policyWords } from '../../renderer/text/policy.ts';
import { startDemoAccount, type DemoAccount } from '../e2e/support/demo-account.ts';
import { reportFigure } from '../support/figures.ts';
import { processIds, readProcessFile } from '../support/process-files.ts';
import { until } from '../support/until.ts';
import { buildOnce, PACKAGE_POLICY } from './support/build.ts';
import { run, runCommand } from './support/commands.ts';
import { Desktop } from './support/desktop.ts';
import { changedFiles, flipByte, isListening, listed, processesOf, renderersOf } from './support/device.ts';

const root = path.join(import.meta.dirname, '../..');
const release = path.join(root, 'release');
const [INSTALLED, PROGRAM] = ['/opt/Holdover', '/usr/bin/holdover'];
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
const DEB = path.join(release, `Holdover-${version}-linux-amd64.deb`);
const ARCHIVE = path.join(release, `Holdover-${version}-linux-x64.tar.gz`);
const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];

const apt = (...args: string[]): string => run(...asRoot, 'apt-get', '-y', '-q', '-o', 'DPkg::Lock::Timeout=300', ...args);

let scratch: string;

beforeAll(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'holdover-installed-'));
  // Others than root look into it.
  run('chmod', '755', scratch);
  buildOnce('linux');
  apt('install', '--reinstall', '--no-install-recommends', DEB);
}, 300_000);
afterAll(() => {
  apt('purge', 'holdover');
  rmSync(scratch, { recursive: true, force: true });
}, 120_000);

describe('the package', () => {
  it('is installed whole, for everybody, and writable for root alone', () => {
    expect(run('dpkg-query', '-W', '-f', '${Version} ${db:Status-Status}', 'holdover')).toBe(`${version} installed`);
    expect(run('dpkg', '-V', 'holdover')).toBe('');
    expect(readlinkSync('/etc/alternatives/holdover')).toBe(`${INSTALLED}/holdover`);
    const loose = readdirSync(INSTALLED, { recursive: true, encoding: 'utf8' }).filter((name) => {
      const { mode, uid } = lstatSync(path.join(INSTALLED, name));
      return uid !== 0 || (mode & 0o022) !== 0 || (mode & 0o004) === 0;
    });
    expect(loose).toEqual([]);
  });

  it('brings menu entry, icons of all sizes, licences and bill of materials', () => {
    const desktop = '/usr/share/applications/holdover.desktop';
    expect(run('desktop-file-validate', desktop)).toBe('');
    expect(readFileSync(desktop, 'utf8')).toMatch(/^MimeType=x-scheme-handler\/mailto;$/mu);
    for (const size of [16, 24, 32, 48, 64, 96, 128, 256, 512]) {
      const file = `/usr/share/icons/hicolor/${size}x${size}/apps/holdover.png`;
      expect(readFileSync(file).readUInt32BE(16), file).toBe(size);
    }
    const notices = path.join(INSTALLED, 'resources/notices');
    const bill = JSON.parse(readFileSync(path.join(notices, 'sbom.cdx.json'), 'utf8')) as {
      bomFormat: string;
      components: { name: string }[];
    };
    const names = bill.components.map(({ name }) => name);
    expect(bill.bomFormat).toBe('CycloneDX');
    expect(names).toEqual(expect.arrayContaining(['electron', 'svelte', 'imapflow', 'nodemailer', 'mailparser', 'zod', 'keytar']));
    // Under the GNU GPL: files of their own, with its text.
    expect(readdirSync(path.join(INSTALLED, 'resources/dictionaries'))).toEqual(
      expect.arrayContaining(['GPL-2.txt', 'README.txt', 'de.aff', 'de.dic', 'de.licence.txt', 'en.dic', 'en-gb.dic', 'hunspell.wasm']),
    );
    const licences = readFileSync(path.join(notices, 'third-party-licences.txt'), 'utf8');
    expect(names.filter((name) => name !== 'electron' && !licences.includes(`\n${name} `))).toEqual([]);
  });

  it('holds what is listed and nothing of the workshop', async () => {
    const [beside, inside] = [listed(INSTALLED, 'files.sha256'), listed(INSTALLED, 'archive.sha256')].map((lines) =>
      lines.map((line) => line.slice(66)),
    );
    expect(inside).toEqual(expect.arrayContaining(['dist/main/index.js', 'dist/preload/index.cjs', 'dist/renderer/index.html']));
    expect(beside).toEqual(
      expect.arrayContaining(['app.asar', 'admin/holdover-admin.mjs', 'notices/sbom.cdx.json', 'policies.json', '../holdover-engine']),
    );
    expect([...beside!, ...inside!].filter((name) => /\.map$|\.ts$|\/test\/|\.stamp$|\.env/u.test(name))).toEqual([]);
    expect(await changedFiles(INSTALLED)).toEqual({ ours: [], system: [] });
    const resources = path.join(INSTALLED, 'resources');
    const loose = readdirSync(resources, { recursive: true, encoding: 'utf8' }).filter((name) =>
      statSync(path.join(resources, name)).isFile(),
    );
    // The two lists, and what electron-builder adds for the system's own fence.
    const unlisted = loose.filter((name) => !beside!.includes(name));
    expect(unlisted.sort()).toEqual(['apparmor-profile', 'notices/archive.sha256', 'notices/files.sha256']);
  });

  it('tells of one changed byte wherever it is in the archive (E3)', async () => {
    const archive = path.join(INSTALLED, 'resources', 'app.asar');
    const size = statSync(archive).size;
    const offsets = Array.from({ length: 20 }, (_, n) => Math.floor((n * (size - 1)) / 19));
    const untold: number[] = [];
    for (const at of offsets) {
      flipByte(archive, at);
      // All files are looked at with the first byte, and once more at the end; else the two lists are asked for this one alone.
      const { ours, system } = await changedFiles(INSTALLED, at === 0 ? null : 'app.asar').finally(() => flipByte(archive, at));
      if (ours.join() !== 'app.asar' || system.join() !== archive) untold.push(at);
    }
    reportFigure('E3 changed bytes', { flipped: offsets.length, told: offsets.length - untold.length });
    expect(untold).toEqual([]);
    expect(await changedFiles(INSTALLED)).toEqual({ ours: [], system: [] });
  }, 180_000);

  it('has natives of this system only', () => {
    const natives = nativesBelow(path.join(INSTALLED, 'resources/app.asar.unpacked'));
    expect(natives).toHaveLength(2);
    for (const file of natives) expect(targetOf(file), file).toEqual({ platform: 'linux', archs: [process.arch] });
  });
});

describe('the program from the tar.gz', () => {
  const place = () => path.join(scratch, `Holdover-${version}-linux-x64`);
  beforeAll(() => void run('tar', '-xzf', ARCHIVE, '-C', scratch, '--no-same-owner'), 120_000);

  it('is the same as the installed one, with its fuses set and natives of this system', async () => {
    const sum = (folder: string): string => run('sha256sum', path.join(folder, 'resources/app.asar')).slice(0, 64);
    expect(sum(place())).toBe(sum(INSTALLED));
    expect(await readFuses(path.join(place(), 'holdover'))).toEqual(await readFuses(path.join(INSTALLED, 'holdover')));
    const natives = nativesBelow(path.join(place(), 'resources/app.asar.unpacked'));
    expect(natives.map((file) => targetOf(file))).toEqual([1, 2].map(() => ({ platform: 'linux', archs: [process.arch] })));
  });

  it('starts, asks for the first account, and ends', async () => {
    const desktop = Desktop.open();
    try {
      const pid = await desktop.start([path.join(place(), 'holdover')]);
      await desktop.run({ do: 'wait', name: 'Welcome to Holdover', seconds: 60 });
      await desktop.run({ do: 'stop', pid });
      // Its helpers see a moment later that it is gone.
      await until('nothing of it runs', () => processesOf(place()).length === 0, 10_000);
    } finally {
      await desktop.close();
    }
  });

  it('brings its commands beside it', async () => {
    expect((await runCommand([path.join(place(), 'holdover-admin'), '--help'], scratch)).out).toMatch(/^usage: holdover-admin COMMAND/u);
  });
});

describe('its commands', () => {
  it('say what IT holds here, the policy of the package with it, to root and to anybody', async () => {
    for (const asRoot of [true, false]) {
      const { code, out, err } = await runCommand(['holdover-engine', 'policy', 'show', '--json'], scratch, { asRoot });
      expect([code, JSON.parse(out), err]).toEqual([0, { policy: PACKAGE_POLICY, from: { log: 'package-file' } }, '']);
    }
  });

  it('name themselves as they were called, and give the exit code of what went wrong', async () => {
    const admin = await runCommand(['holdover-admin', 'enrol', '--config', path.join(scratch, 'none.json')], scratch);
    expect(admin).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^config-unreadable: .*none\.json/u) });
    const lost = await runCommand(['holdover-engine', 'list', '--profile', path.join(scratch, 'nowhere')], scratch);
    expect([lost.code, lost.out]).toEqual([1, '']);
    expect((await runCommand([PROGRAM, '--no-sandbox', '--engine'], scratch)).out).toMatch(/^usage: holdover --engine COMMAND/u);
  });

  it("keep the password of the directory in this person's keyring, and find it there", async () => {
    const desktop = Desktop.open();
    const config = path.join(desktop.home, 'rollout.json');
    const directory = { url: 'ldaps://127.0.0.1:1', bindDn: 'cn=reader', baseDn: 'dc=company,dc=example' };
    writeFileSync(config, JSON.stringify({ directory, select: [{ all: true }], account: {}, output: 'out' }), { mode: 0o644 });
    const enrol = `holdover-admin enrol --config '${config}'`;
    try {
      expect((await desktop.shell(enrol)).out).toContain('directory.secret: nothing in keyring');
      expect(await desktop.shell(`echo 'a secret' | holdover-admin secret --config '${config}'`)).toMatchObject({ code: 0 });
      expect(await desktop.shell(enrol)).toEqual({ code: 1, out: expect.stringMatching(/^directory-unreachable: /u) });
    } finally {
      await desktop.close();
    }
  });

  it('open no way around the fuses', async () => {
    const refused = await runCommand([PROGRAM, '--no-sandbox', '--engine', 'policy', '--remote-debugging-port=9338'], scratch);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('does not start with: remote-debugging-port') });
    expect((await runCommand([PROGRAM, '--no-sandbox', 'mailto:a@b.example', '--engine'], scratch)).code).toBe(2);
  });
});

describe('a released build', () => {
  it('has its fuses set (E2)', async () => {
    const found = Object.entries(await readFuses(path.join(INSTALLED, 'holdover')));
    for (const [name, isOn] of found) if (isOn !== null) expect(isOn, name).toBe(wantedFuses[name]);
    reportFigure('E2 fuses', { read: found.length, wrong: 0 });
    expect(found.length).toBeGreaterThanOrEqual(8);
  });

  it('does not become Node, loads nothing and opens to no debugger (E2)', async () => {
    const desktop = Desktop.open();
    const mark = path.join(desktop.home, 'mark');
    const script = path.join(desktop.home, 'evil.cjs');
    writeFileSync(script, `require('fs').writeFileSync(${JSON.stringify(mark)}, '1')`, { mode: 0o644 });
    const tries: { name: string; args?: string[]; env?: Record<string, string> }[] = [
      { name: 'run as node', args: [script], env: { ELECTRON_RUN_AS_NODE: '1' } },
      { name: 'NODE_OPTIONS', env: { NODE_OPTIONS: `--require ${script}` } },
      { name: '--inspect', args: ['--inspect=127.0.0.1:9339'] },
      { name: '--remote-debugging-port', args: ['--remote-debugging-port=9338'] },
    ];
    let ignored = 0;
    try {
      for (const { name, args = [], env = {} } of tries) {
        const pid = await desktop.start([PROGRAM, ...args], env);
        // Long enough for the code to have run and the port to be open, if they ever were.
        await new Promise((resolve) => setTimeout(resolve, 3_000));
        expect(existsSync(mark), name).toBe(false);
        for (const port of [9338, 9339]) expect(await isListening(port), `${name}, port ${port}`).toBe(false);
        ignored += 1;
        await desktop.run({ do: 'stop', pid, kill: true });
      }
    } finally {
      await desktop.close();
    }
    reportFigure('E2 ways in', { tried: tries.length, ignored });
    expect(ignored).toBe(4);
  });
});

/** What the top of the list shows, whatever the hour: which mail is the newest depends on when the sample is made. */
async function newestIn({ sample }: DemoAccount): Promise<string> {
  const inbox = sample.primary.find((mailbox) => mailbox.path === 'INBOX')!;
  const newest = inbox.messages.findLast(({ isMalformed }) => !isMalformed);
  const { subject = '' } = await simpleParser(newest!.raw);
  // A screen reader is told neither "Re:" nor what joins emoji.
  const [words = ''] = /[\p{L}\p{N} ]{8,}/u.exec(subject) ?? [];
  expect(words).not.toBe('');
  return words.trim();
}

describe('the installed app', () => {
  let account: DemoAccount;
  let newest = '';
  let desktop: Desktop;
  let pid = 0;
  beforeAll(async () => {
    account = await startDemoAccount({ undoSendSeconds: 0 });
    newest = await newestIn(account);
    desktop = Desktop.open();
  });
  afterAll(async () => {
    await desktop?.close();
    await account?.servers.close();
  });
  const sees = (name: string, seconds = 40) => desktop.run({ do: 'wait', name, seconds });

  it('enrols from the file that IT leaves, and shows the mail', async () => {
    const file = path.join(desktop.home, 'enrol.json');
    writeFileSync(file, account.enrolment, { mode: 0o600 });
    if (process.getuid?.() === 0) chownSync(file, 65_534, 65_534);
    pid = await desktop.start([PROGRAM], { HOLDOVER_ENROL_FILE: file });
    await desktop.run({ do: 'wait', role: 'list item', name: newest, seconds: 120 });
    await sees('Complete back to', 120);
  }, 300_000);

  it('does the same from a shell: no display, no Node, and the app beside it', async () => {
    const profile = path.join(desktop.home, 'shell');
    const [file, passphrase] = ['shell.json', 'passphrase'].map((name) => path.join(desktop.home, name)) as [string, string];
    writeFileSync(file, account.enrolment, { mode: 0o600 });
    writeFileSync(passphrase, 'correct horse battery\n', { mode: 0o600 });
    if (process.getuid?.() === 0) for (const one of [file, passphrase]) chownSync(one, 65_534, 65_534);
    const engine = (...args: string[]) =>
      runCommand(['holdover-engine', ...args, '--profile', profile, '--passphrase-file', passphrase], desktop.home);
    expect(await engine('enrol', '--file', file)).toMatchObject({ code: 0, err: '' });
    expect(await engine('mirror')).toMatchObject({ code: 0, err: '' });
    expect((await engine('search', 'subject:Datensicherung')).out).toContain('Datensicherung');
    expect(await engine('show')).toMatchObject({ code: 2, err: expect.stringContaining('ID is one number') });
  }, 180_000);

  it('keeps its window in the sandbox', () => {
    const found = renderersOf(INSTALLED);
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter(({ isConfined }) => !isConfined)).toEqual([]);
  });

  it('sends a mail that was written in it', async () => {
    await desktop.run({ do: 'press', role: 'push button', name: 'New mail' });
    await desktop.run({ do: 'focus', role: 'combo box', name: 'To' });
    await desktop.run({ do: 'key', args: ['type', '--delay', '20', 'jonas.weber@nordlicht.example,'] });
    await desktop.run({ do: 'focus', role: 'entry', name: 'Subject' });
    await desktop.run({ do: 'key', args: ['type', '--delay', '20', 'Sent from the installed app'] });
    await desktop.run({ do: 'press', role: 'push button', name: 'Send' });
    await until(
      'the mail is delivered',
      () => account.servers.delivered.some(({ raw }) => raw.includes('Subject: Sent from the installed app')),
      30_000,
    );
  });

  it('reads without any network after a new start', async () => {
    await desktop.run({ do: 'stop', pid });
    await account.servers.close();
    pid = await desktop.start([PROGRAM]);
    await sees('Complete back to', 40);
    const rows = (await desktop.text()).filter((line) => line.startsWith('list item: '));
    expect(rows.filter((row) => row.includes(newest))).not.toEqual([]);
    await desktop.run({ do: 'stop', pid });
  });
});

describe('the installed app under a policy of the machine', () => {
  const POLICY = '/etc/holdover/policies.json';
  const EMAIL = 'anna@company.example';
  const words = policyWords.de.prepared;
  const imap = { host: 'imap.company.example', port: 993, security: 'tls', user: EMAIL };
  let desktop: Desktop;
  let hadPolicy = false;
  /** As root lays it, for everybody to read and nobody else to write. */
  const lay = (policy: object): void => {
    const file = path.join(desktop.home, 'policy.json');
    writeFileSync(file, JSON.stringify(policy), { mode: 0o644 });
    run(...asRoot, 'install', '-D', '-o', 'root', '-g', 'root', '-m', '0644', file, POLICY);
  };
  const isRunning = (pid: number): boolean => readProcessFile(pid, 'cmdline')?.toString().includes('--if-held') ?? false;
  const startAsPackage = () => desktop.start([PROGRAM, '--hidden', '--if-held']);
  beforeAll(() => {
    // Whoever has one of their own on this machine keeps it.
    hadPolicy = existsSync(POLICY);
    expect(hadPolicy).toBe(false);
    desktop = Desktop.open();
  });
  afterAll(async () => {
    await desktop?.close();
    if (!hadPolicy) run(...asRoot, 'rm', '-rf', path.dirname(POLICY));
  });

  it('brings an entry that starts it at log-in, and ends at once where there is no policy', async () => {
    const entry = '/etc/xdg/autostart/holdover.desktop';
    expect(run('desktop-file-validate', entry)).toBe('');
    expect(readFileSync(entry, 'utf8')).toMatch(/^Exec=\/usr\/bin\/holdover --hidden --if-held$/mu);
    const pid = await startAsPackage();
    await until('it has ended', () => !isRunning(pid), 30_000);
    expect(existsSync(path.join(desktop.home, '.config/Holdover/mail.db'))).toBe(false);
  });

  it('speaks the language that IT holds, and has the account that IT prepared', async () => {
    lay({ appearance: { language: 'de' }, accounts: [{ email: EMAIL, primary: { imap, smtp: null } }] });
    const pid = await desktop.start([PROGRAM]);
    await desktop.run({ do: 'wait', name: words.password(EMAIL), seconds: 40 });
    await desktop.run({ do: 'wait', role: 'push button', name: words.finish, seconds: 20 });
    await desktop.run({ do: 'stop', pid });
  });

  it('prints no mail and no key at a shell where IT has set a lease', async () => {
    lay({ lease: { days: 3 } });
    for (const args of [['search', 'word'], ['recovery-key']]) {
      const { code, out, err } = await runCommand(['holdover-engine', ...args], desktop.home);
      expect([code, out]).toEqual([1, '']);
      expect(err).toContain('held-by-policy');
    }
  });

  it('is started at log-in where IT wants it, without a window', async () => {
    lay({ desktop: { startAtLogin: true } });
    const pid = await startAsPackage();
    await until(
      'it runs its engine',
      () => processIds().some((one) => /node\.mojom\.NodeService/u.test(readProcessFile(one, 'cmdline')?.toString() ?? '')),
      40_000,
    );
    expect(isRunning(pid)).toBe(true);
    expect(renderersOf(INSTALLED)).toEqual([]);
    expect(existsSync(path.join(desktop.home, '.config/Holdover/mail.db'))).toBe(true);
    // The package's entry is the one; none of the person's would be left when IT lets go.
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    expect(existsSync(path.join(desktop.home, '.config/autostart/holdover.desktop'))).toBe(false);
    await desktop.run({ do: 'stop', pid });
  });
});
