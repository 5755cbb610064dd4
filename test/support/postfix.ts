import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Dovecot } from './dovecot.ts';
import { freePort } from './ports.ts';
import { mainText, masterText, tables, type PostfixConfig } from './postfix-config.ts';
import { ServerProcess } from './server-process.ts';
import type { TlsIdentity } from './tls.ts';

export const MASTER = '/usr/lib/postfix/sbin/master';
const POSTQUEUE = '/usr/sbin/postqueue';
const SIZE_LIMIT_BYTES = 157_286_400;
/** Queue folders and their rights, as Postfix's own installation makes them; null: root's. */
const QUEUE_FOLDERS: readonly (readonly [string, number])[] = [
  ...['active', 'bounce', 'corrupt', 'defer', 'deferred', 'flush', 'hold', 'incoming', 'private', 'saved', 'trace'].map(
    (name) => [name, 0o700] as const,
  ),
  ['maildrop', 0o730],
  ['public', 0o710],
];

export interface PostfixOptions {
  /** Its logins and mailboxes; started with `isForPostfix`. */
  readonly dovecot: Dovecot;
  /** Users of that Dovecot that have an address here (default `alice`). */
  readonly users?: readonly string[];
  /** Default `example.com`. */
  readonly domain?: string;
  /** Default `mail.test`. */
  readonly hostName?: string;
  /** Certificate for STARTTLS (forced then) on the submission port, and for the port of implicit TLS. */
  readonly tls?: TlsIdentity;
  /** Makes this a relay: mail of the domain goes on to this port and stays queued while nobody answers there; copies go to the Dovecot. */
  readonly forwardPort?: number;
  /** A copy of each submitted mail goes into the sender's mailbox Sent (default: as a relay). */
  readonly keepsSentCopies?: boolean;
  /** Where mail for other domains goes; default: it is dropped. */
  readonly outsidePort?: number;
  readonly sizeLimitBytes?: number;
  /** Recipients that one transaction may have (default 1,000, as Postfix's own). */
  readonly recipientLimit?: number;
  /** Tells the sender when a mail is still queued after so long (default: never). */
  readonly delayWarningSeconds?: number;
}

/** A mail in the queue. */
export interface QueuedMail {
  readonly queueId: string;
  readonly recipients: readonly string[];
}

/** One Postfix of the tests. Ports and queue stay the same over stop and start. */
export interface Postfix {
  /** Login needed; STARTTLS with `tls`, else plain. */
  readonly submissionPort: number;
  /** Implicit TLS; answers only with `tls`. */
  readonly smtpsPort: number;
  /** Takes mail for the domain without login, as from other servers. */
  readonly inboundPort: number;
  readonly root: string;
  readonly isRunning: boolean;
  start(): Promise<void>;
  stop(signal?: 'TERM' | 'KILL'): Promise<void>;
  /** From here on its disk is full, or has room again: every mail is put off (452 4.3.1), everything else works. */
  setFull(isFull: boolean): void;
  /** Tries to deliver all that is queued, now. */
  flush(): Promise<void>;
  queue(): Promise<QueuedMail[]>;
  log(): string;
  /** Stops and removes all files. */
  dispose(): Promise<void>;
}

/** True where Postfix is installed and may be run: it needs root to become its own users. */
export const canRunPostfix = (): boolean => existsSync(MASTER) && userInfo().uid === 0;

const ids = new Map<string, number>();

function idOf(database: 'passwd' | 'group', name: string): number {
  const key = `${database} ${name}`;
  const id = ids.get(key) ?? Number(execFileSync('getent', [database, name], { encoding: 'utf8' }).split(':')[2]);
  ids.set(key, id);
  return id;
}

/** Makes the folders that a Postfix needs below its root. */
export function makeFolders(root: string): void {
  const [owner, group] = [idOf('passwd', 'postfix'), idOf('group', 'postdrop')];
  for (const folder of ['etc', 'spool', 'spool/pid', 'data']) mkdirSync(join(root, folder), { mode: 0o755 });
  chownSync(join(root, 'data'), owner, 0);
  for (const [name, mode] of QUEUE_FOLDERS) {
    const path = join(root, 'spool', name);
    mkdirSync(path);
    chownSync(path, owner, mode === 0o700 ? 0 : group);
    chmodSync(path, mode);
  }
}

class PostfixInstance implements Postfix {
  #config: PostfixConfig;
  #run: ServerProcess | null = null;

  constructor(config: PostfixConfig) {
    this.#config = config;
  }

  get submissionPort(): number {
    return this.#config.submissionPort;
  }

  get smtpsPort(): number {
    return this.#config.smtpsPort;
  }

  get inboundPort(): number {
    return this.#config.inboundPort;
  }

  get root(): string {
    return this.#config.root;
  }

  get isRunning(): boolean {
    return this.#run !== null;
  }

  async start(): Promise<void> {
    if (this.#run) return;
    const etc = join(this.root, 'etc');
    const files = { 'main.cf': mainText(this.#config), 'master.cf': masterText(this.#config), ...tables(this.#config) };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(etc, name), text, { mode: 0o644 });
    try {
      const args = ['-c', etc, '-d'];
      this.#run = await ServerProcess.start({ program: MASTER, args, port: this.submissionPort, greeting: '220', folder: this.root });
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${this.log()}`, { cause: error });
    }
  }

  async stop(signal: 'TERM' | 'KILL' = 'TERM'): Promise<void> {
    const run = this.#run;
    this.#run = null;
    await run?.stop(signal);
  }

  setFull(isFull: boolean): void {
    // Larger than any disk.
    this.#config = { ...this.#config, minFreeBytes: isFull ? Number.MAX_SAFE_INTEGER : 0 };
    writeFileSync(join(this.root, 'etc/main.cf'), mainText(this.#config), { mode: 0o644 });
    this.#run?.reload();
  }

  async flush(): Promise<void> {
    await promisify(execFile)(POSTQUEUE, ['-c', join(this.root, 'etc'), '-f']);
  }

  async queue(): Promise<QueuedMail[]> {
    const { stdout } = await promisify(execFile)(POSTQUEUE, ['-c', join(this.root, 'etc'), '-j']);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const { queue_id: queueId, recipients } = JSON.parse(line) as { queue_id: string; recipients: { address: string }[] };
        return { queueId, recipients: recipients.map(({ address }) => address) };
      });
  }

  log(): string {
    const file = join(this.root, 'postfix.log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  async dispose(): Promise<void> {
    await this.stop('KILL');
    rmSync(this.root, { recursive: true, force: true });
  }
}

/**
 * Starts an own Postfix on loopback with its configuration, queue and log in a temp folder; several at once do not disturb each other or
 * the system's. Its processes end with dispose(), and also when the test process dies.
 */
export async function startPostfix(options: PostfixOptions): Promise<Postfix> {
  if (!canRunPostfix()) throw new Error('Postfix has to be installed, and needs root to become its own users');
  // Below /tmp whatever the system's temp folder is: paths of its sockets must stay short.
  const root = mkdtempSync('/tmp/hp-');
  chmodSync(root, 0o755);
  makeFolders(root);
  const instance = new PostfixInstance({
    root,
    hostName: options.hostName ?? 'mail.test',
    domain: options.domain ?? 'example.com',
    users: options.users ?? ['alice'],
    dovecotRoot: options.dovecot.root,
    submissionPort: await freePort(),
    smtpsPort: await freePort(),
    inboundPort: await freePort(),
    forwardPort: options.forwardPort ?? null,
    keepsSentCopies: options.keepsSentCopies ?? options.forwardPort !== undefined,
    outsidePort: options.outsidePort ?? null,
    sizeLimitBytes: options.sizeLimitBytes ?? SIZE_LIMIT_BYTES,
    recipientLimit: options.recipientLimit ?? 1_000,
    minFreeBytes: 0,
    tls: options.tls ?? null,
    delayWarningSeconds: options.delayWarningSeconds ?? 0,
  });
  try {
    await instance.start();
  } catch (error) {
    await instance.dispose();
    throw error;
  }
  return instance;
}
