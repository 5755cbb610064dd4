import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  dovecotConfigText,
  mailOwner,
  usualMailboxes,
  type DefaultMailbox,
  type DovecotConfig,
  type MailFormat,
} from './dovecot-config.ts';
import { doveadmBinary, startDovecotProcess } from './dovecot-process.ts';
import { RawlogReader, type CommandMark, type LoggedCommand, type LogQuery } from './dovecot-rawlog.ts';
import { freePort } from './ports.ts';
import { SecondClient } from './second-client.ts';
import type { ServerProcess } from './server-process.ts';
import type { TlsIdentity } from './tls.ts';

export { usualMailboxes, type DefaultMailbox } from './dovecot-config.ts';
export { isDovecotInstalled } from './dovecot-process.ts';
export type { CommandMark, LoggedCommand } from './dovecot-rawlog.ts';

export interface DovecotOptions {
  /** Login names; a list gives each the password `pw-<name>`. Default: one user, `alice`. */
  readonly users?: readonly string[] | Readonly<Record<string, string>>;
  /** The whole capability list after login, in place of the server's own (commands stay accepted). */
  readonly capabilities?: readonly string[];
  /** Certificate for STARTTLS and IMAPS; without it the server is plain. */
  readonly tls?: TlsIdentity;
  /** Connections one user may hold from one address (default 50). */
  readonly maxUserIpConnections?: number;
  /** Mailboxes each user has from the start (default: Drafts, Sent, Trash, Junk, Archive with their special use). */
  readonly mailboxes?: readonly DefaultMailbox[];
  readonly separator?: '/' | '.';
  /** Default `maildir`, the only one that can be seeded by writing files. */
  readonly mailFormat?: MailFormat;
  /** Folder for dovecot.log (default: the instance's own temp folder). */
  readonly logDir?: string;
  /** Fixed IMAP port; else a free one. */
  readonly port?: number;
  /** Storage limit of each user, e.g. `10M`: APPEND and COPY beyond answer NO [OVERQUOTA]. */
  readonly quota?: string;
  /** `never` (default) for speed; `default` is Dovecot's own. */
  readonly fsync?: 'never' | 'default';
  /** Record what clients send (default true). Off for measurements: it writes all traffic to disk. */
  readonly rawlog?: boolean;
  /** Offers what a Postfix needs of it: its logins (SASL) and delivery (LMTP), on `postfixSockets()`. Default false. */
  readonly isForPostfix?: boolean;
  /** More configuration, appended as it is. */
  readonly extraConfig?: string;
}

export interface DovecotUser {
  readonly name: string;
  readonly password: string;
  /** Root folder of the user's mail (Maildir: INBOX itself, other mailboxes below as `.Name`). */
  readonly maildir: string;
}

/** One Dovecot instance of the tests. Ports and mail stay the same over stop, start and restart. */
export interface Dovecot {
  readonly imapPort: number;
  /** Answers only with `tls`. */
  readonly imapsPort: number;
  readonly root: string;
  readonly mailFormat: MailFormat;
  readonly separator: string;
  user(name?: string): DovecotUser;
  /** TERM: an orderly end; KILL: every process at once. Resolves when none is left. Does nothing when stopped. */
  stop(signal?: 'TERM' | 'KILL'): Promise<void>;
  start(): Promise<void>;
  restart(signal?: 'TERM' | 'KILL'): Promise<void>;
  readonly isRunning: boolean;
  /** Stops and removes all files. */
  dispose(): Promise<void>;
  /** The server's log so far. */
  log(): string;
  /** Of all users, or of one: with many users the rest need not be read. */
  mark(user?: string): CommandMark;
  /** Commands that clients sent after login and since the mark (default: since the first start), SecondClient's left out. */
  commandsSince(mark?: CommandMark, query?: LogQuery): LoggedCommand[];
  /** Those of commandsSince() that could change a mailbox. */
  mutatingSince(mark?: CommandMark, query?: LogQuery): LoggedCommand[];
  /** Drops the log of a user's commands so far. */
  forgetCommands(user: string): void;
  /** Runs doveadm on this instance and gives its output; throws with its error text. */
  doveadm(args: readonly string[]): Promise<string>;
  /** A second client, logged in on the plain port. */
  connect(user?: string): Promise<SecondClient>;
  /** Gives a mailbox another UIDVALIDITY; its UIDs stay. */
  setUidValidity(user: string, path: string, uidValidity: number): Promise<void>;
}

const START_TRIES = 5;
const MAX_ROOT_LENGTH = 60;

function passwords(users: DovecotOptions['users']): Map<string, string> {
  if (users === undefined) return new Map([['alice', 'pw-alice']]);
  if (Array.isArray(users)) return new Map(users.map((name: string) => [name, `pw-${name}`]));
  return new Map(Object.entries(users as Record<string, string>));
}

function makeRoot(): string {
  // Unix socket paths below it must stay under 108 bytes.
  const parent = tmpdir().length > MAX_ROOT_LENGTH ? '/tmp' : tmpdir();
  const root = mkdtempSync(join(parent, 'hd-'));
  chmodSync(root, 0o755); // the server's own users must get through
  return root;
}

function makeFolders(config: DovecotConfig, users: ReadonlyMap<string, string>): void {
  const { uid, gid } = mailOwner();
  const folders = ['mail', 'home', ...(config.rawlogDir ? ['rawlog', ...[...users.keys()].map((name) => `rawlog/${name}`)] : [])];
  for (const folder of folders) {
    mkdirSync(join(config.root, folder));
    if (userInfo().uid === 0) chownSync(join(config.root, folder), uid, gid);
  }
  const lines = [...users].map(([name, password]) => `${name}:{PLAIN}${password}\n`);
  writeFileSync(join(config.root, 'users'), lines.join(''), { mode: 0o644 });
}

/** The folder and all below it, but for those that hold the messages themselves. */
function* foldersBelow(folder: string): Generator<string> {
  yield folder;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && !/^(cur|new|tmp)$/.test(entry.name)) yield* foldersBelow(join(folder, entry.name));
  }
}

async function makeConfig(options: DovecotOptions): Promise<DovecotConfig> {
  const root = makeRoot();
  const logDir = options.logDir ?? root;
  mkdirSync(logDir, { recursive: true });
  return {
    root,
    imapPort: options.port ?? (await freePort()),
    imapsPort: await freePort(),
    logFile: join(logDir, 'dovecot.log'),
    rawlogDir: options.rawlog === false ? null : join(root, 'rawlog'),
    mailFormat: options.mailFormat ?? 'maildir',
    mailboxes: options.mailboxes ?? usualMailboxes,
    separator: options.separator ?? '/',
    capabilities: options.capabilities ?? null,
    tls: options.tls ?? null,
    maxUserIpConnections: options.maxUserIpConnections ?? 50,
    quota: options.quota ?? null,
    fsync: options.fsync ?? 'never',
    isForPostfix: options.isForPostfix ?? false,
    extra: options.extraConfig ?? '',
  };
}

class DovecotInstance implements Dovecot {
  #config: DovecotConfig;
  readonly #users: ReadonlyMap<string, string>;
  readonly #rawlog: RawlogReader;
  #run: ServerProcess | null = null;

  constructor(config: DovecotConfig, users: ReadonlyMap<string, string>) {
    this.#config = config;
    this.#users = users;
    this.#rawlog = new RawlogReader(join(config.root, 'rawlog'));
  }

  get imapPort(): number {
    return this.#config.imapPort;
  }

  get imapsPort(): number {
    return this.#config.imapsPort;
  }

  get root(): string {
    return this.#config.root;
  }

  get mailFormat(): MailFormat {
    return this.#config.mailFormat;
  }

  get separator(): string {
    return this.#config.separator;
  }

  get isRunning(): boolean {
    return this.#run !== null;
  }

  get #configFile(): string {
    return join(this.#config.root, 'dovecot.conf');
  }

  user(name = 'alice'): DovecotUser {
    const password = this.#users.get(name);
    if (password === undefined) throw new Error(`no user ${name} on this server`);
    return { name, password, maildir: join(this.#config.root, 'mail', name) };
  }

  async start(): Promise<void> {
    if (this.#run) return;
    this.#clearLocks();
    writeFileSync(this.#configFile, dovecotConfigText(this.#config), { mode: 0o644 });
    try {
      this.#run = await startDovecotProcess(this.#configFile, this.imapPort, this.root);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${this.log()}`, { cause: error });
    }
  }

  // A killed server leaves lock files behind, for which the next one would wait ten seconds and more.
  #clearLocks(): void {
    rmSync(join(this.root, 'run'), { recursive: true, force: true });
    for (const folder of foldersBelow(join(this.root, 'mail'))) {
      for (const name of readdirSync(folder)) if (name.endsWith('.lock')) rmSync(join(folder, name), { force: true });
    }
  }

  /** First start: another program may have taken a port since it was found free. */
  async startOnFreePorts(isPortFixed: boolean): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.start();
      } catch (error) {
        if (isPortFixed || attempt === START_TRIES || !this.log().includes('Address already in use')) throw error;
        this.#config = { ...this.#config, imapPort: await freePort(), imapsPort: await freePort() };
      }
    }
  }

  async stop(signal: 'TERM' | 'KILL' = 'TERM'): Promise<void> {
    const run = this.#run;
    this.#run = null;
    await run?.stop(signal);
  }

  async restart(signal: 'TERM' | 'KILL' = 'TERM'): Promise<void> {
    await this.stop(signal);
    await this.start();
  }

  async dispose(): Promise<void> {
    await this.stop('KILL');
    rmSync(this.root, { recursive: true, force: true });
  }

  log(): string {
    return existsSync(this.#config.logFile) ? readFileSync(this.#config.logFile, 'utf8') : '';
  }

  mark(user?: string): CommandMark {
    return this.#rawlog.mark(user);
  }

  commandsSince(mark?: CommandMark, query?: LogQuery): LoggedCommand[] {
    if (this.#config.rawlogDir === null) throw new Error('this instance was started with rawlog: false');
    return this.#rawlog.commandsSince(mark ?? null, query);
  }

  mutatingSince(mark?: CommandMark, query?: LogQuery): LoggedCommand[] {
    return this.commandsSince(mark, query).filter((command) => command.isMutating);
  }

  forgetCommands(user: string): void {
    this.#rawlog.forget(user);
  }

  async doveadm(args: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(doveadmBinary(), ['-c', this.#configFile, ...args], { maxBuffer: 1 << 28 });
    return stdout;
  }

  connect(user = 'alice'): Promise<SecondClient> {
    return SecondClient.connect({ port: this.imapPort, user, password: this.user(user).password });
  }

  async setUidValidity(user: string, path: string, uidValidity: number): Promise<void> {
    await this.doveadm(['mailbox', 'update', '-u', user, '--uid-validity', String(uidValidity), path]);
  }
}

/**
 * Starts an own Dovecot on loopback with its files in a temp folder, and resolves when it answers (some 0.1 s). Works
 * as root and as a normal user. Its processes end with dispose(), and also when the test process dies.
 */
export async function startDovecot(options: DovecotOptions = {}): Promise<Dovecot> {
  const users = passwords(options.users);
  const config = await makeConfig(options);
  makeFolders(config, users);
  const instance = new DovecotInstance(config, users);
  await instance.startOnFreePorts(options.port !== undefined);
  return instance;
}
