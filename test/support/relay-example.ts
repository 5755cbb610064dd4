import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mailOwner } from './dovecot-config.ts';
import { doveadmBinary, startDovecotProcess } from './dovecot-process.ts';
import { freePort } from './ports.ts';
import { makeFolders, MASTER } from './postfix.ts';
import { ServerProcess } from './server-process.ts';
import type { TlsIdentity } from './tls.ts';

const docs = join(import.meta.dirname, '../../docs/relay');

type Changes = readonly (readonly [from: string, to: string])[];

export interface RelayExampleOptions {
  /** People with a mailbox, by local part; the password is `pw-<name>`. */
  readonly users: readonly string[];
  readonly tls: TlsIdentity;
  /** Where the company's mail server takes mail. */
  readonly primaryPort: number;
  /** Where mail for other domains goes. */
  readonly outsidePort: number;
  readonly filterPort: number;
}

interface Ports {
  readonly incoming: number;
  readonly smarthost: number;
  readonly submission: number;
  readonly submissions: number;
  readonly imap: number;
  readonly imaps: number;
}

/**
 * The text with each change made, wherever it stands; a change that changes nothing is an error: what is tested would no longer be
 * what is documented.
 */
function changed(name: string, text: string, changes: Changes): string {
  let result = text;
  for (const [from, to] of changes) {
    if (!result.includes(from)) throw new Error(`docs/relay/${name} has no "${from}"`);
    result = result.replaceAll(from, to);
  }
  return result;
}

/** The self-hosted relay of the admin guide, run with the guide's own files: changed are addresses, ports and folders. */
export class RelayExample {
  readonly ports: Ports;
  readonly #root: string;
  readonly #options: RelayExampleOptions;
  #postfix: ServerProcess | null = null;
  #dovecot: ServerProcess | null = null;

  private constructor(root: string, ports: Ports, options: RelayExampleOptions) {
    this.#root = root;
    this.ports = ports;
    this.#options = options;
  }

  static async start(options: RelayExampleOptions): Promise<RelayExample> {
    // Below /tmp whatever the system's temp folder is: paths of its sockets must stay short.
    const root = mkdtempSync('/tmp/hx-');
    chmodSync(root, 0o755);
    const [incoming, smarthost, submission, submissions, imap, imaps] = await Promise.all(Array.from({ length: 6 }, freePort));
    const ports = { incoming, smarthost, submission, submissions, imap, imaps } as Ports;
    const relay = new RelayExample(root, ports, options);
    try {
      relay.#install();
      relay.#dovecot = await startDovecotProcess(relay.#file('dovecot/dovecot.conf'), ports.imap, root);
      const args = ['-c', relay.#file('etc'), '-d'];
      relay.#postfix = await ServerProcess.start({ program: MASTER, args, port: ports.incoming, greeting: '220', folder: root });
    } catch (error) {
      const log = relay.log();
      await relay.dispose();
      throw new Error(`${(error as Error).message}\n${log}`, { cause: error });
    }
    return relay;
  }

  /** Dovecot again, with more changes of its documented configuration. */
  async restartDovecot(changes: Changes): Promise<void> {
    await this.#dovecot?.stop('TERM');
    this.#installDovecot(changes);
    this.#dovecot = await startDovecotProcess(this.#file('dovecot/dovecot.conf'), this.ports.imap, this.#root);
  }

  /** Subjects of the mails in a mailbox, in the order of their arrival. */
  async subjects(user: string, path: string): Promise<string[]> {
    const args = ['-c', this.#file('dovecot/dovecot.conf'), '-f', 'flow', 'fetch', '-u', user, 'hdr.subject', 'mailbox', path];
    const { stdout } = await promisify(execFile)(doveadmBinary(), args);
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => line.replace('hdr.subject=', ''));
  }

  /** Tries to deliver all that is queued, now. */
  flush(): void {
    execFileSync('/usr/sbin/postqueue', ['-c', this.#file('etc'), '-f']);
  }

  log(): string {
    return ['postfix.log', 'dovecot.log']
      .map((name) => this.#file(name))
      .filter((file) => existsSync(file))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
  }

  async dispose(): Promise<void> {
    await this.#postfix?.stop('KILL');
    await this.#dovecot?.stop('KILL');
    rmSync(this.#root, { recursive: true, force: true });
  }

  #file(name: string): string {
    return join(this.#root, name);
  }

  #install(): void {
    const { users, tls } = this.#options;
    makeFolders(this.#root);
    mkdirSync(this.#file('dovecot'));
    mkdirSync(this.#file('mail'));
    chownSync(this.#file('mail'), mailOwner().uid, mailOwner().gid);
    this.#installDovecot([]);
    const write = (name: string, text: string): void => writeFileSync(this.#file(`etc/${name}`), text, { mode: 0o644 });
    for (const name of readdirSync(join(docs, 'postfix'))) {
      const text = readFileSync(join(docs, 'postfix', name), 'utf8');
      if (name === 'main.cf')
        write(
          name,
          changed(name, text, this.#mainChanges(tls)) + readFileSync(join(docs, 'postfix/journal.cf'), 'utf8') + this.#mainOfTests(),
        );
      else if (name === 'master.cf') write(name, changed(name, text, this.#masterChanges()));
      else write(name, text);
    }
    write('addresses', users.map((user) => `${user}@example.com OK\n`).join(''));
    execFileSync('/usr/sbin/postmap', ['-c', this.#file('etc'), `hash:${this.#file('etc/addresses')}`]);
  }

  #installDovecot(changes: Changes): void {
    const { users, tls } = this.#options;
    const { uid, gid } = mailOwner();
    const own: Changes = [
      [
        'log_path = /var/log/dovecot.log',
        `log_path = ${this.#file('dovecot.log')}\nbase_dir = ${this.#file('run')}\nstate_dir = ${this.#file('run')}`,
      ],
      ['listen = *, ::', 'listen = 127.0.0.1'],
      ['/etc/ssl/relay/cert.pem', tls.certFile],
      ['/etc/ssl/relay/key.pem', tls.keyFile],
      ['/etc/dovecot/', `${this.#file('dovecot')}/`],
      ['uid=vmail gid=vmail', `uid=${uid} gid=${gid}`],
      ['/var/vmail', this.#file('mail')],
      ['/var/spool/postfix', this.#file('spool')],
    ];
    const text = changed('dovecot/dovecot.conf', readFileSync(join(docs, 'dovecot/dovecot.conf'), 'utf8'), [...own, ...changes]);
    const { imap, imaps } = this.ports;
    const listeners = `service imap-login {\n  inet_listener imap {\n    port = ${imap}\n  }\n  inet_listener imaps {\n    port = ${imaps}\n  }\n}\n`;
    const write = (name: string, content: string): void => writeFileSync(this.#file(`dovecot/${name}`), content, { mode: 0o644 });
    write('dovecot.conf', text + listeners + 'default_vsz_limit = 0\n');
    write('quarantine.sieve', readFileSync(join(docs, 'dovecot/quarantine.sieve'), 'utf8'));
    write('users', [...users, 'journal'].map((user) => `${user}:{PLAIN}pw-${user}\n`).join(''));
    execFileSync('/usr/bin/sievec', [this.#file('dovecot/quarantine.sieve')]);
  }

  #mainChanges(tls: TlsIdentity): Changes {
    const { primaryPort, filterPort } = this.#options;
    return [
      ['inet_interfaces = all', 'inet_interfaces = 127.0.0.1'],
      ['inet_protocols = all', 'inet_protocols = ipv4'],
      ['/var/log/postfix.log', this.#file('postfix.log')],
      ['maillog_file_prefixes = /var', `maillog_file_prefixes = ${this.#root}`],
      ['[mail.example.com]:25', `[127.0.0.1]:${primaryPort}`],
      ['inet:127.0.0.1:11332', `inet:127.0.0.1:${filterPort}`],
      ['/etc/postfix/', `${this.#file('etc')}/`],
      ['/etc/ssl/relay/cert.pem', tls.certFile],
      ['/etc/ssl/relay/key.pem', tls.keyFile],
    ];
  }

  /** Folders of this run, the world outside without DNS, and a queue that is quick to try again. */
  #mainOfTests(): string {
    const { outsidePort } = this.#options;
    return (
      `queue_directory = ${this.#file('spool')}\ndata_directory = ${this.#file('data')}\ndaemon_directory = /usr/lib/postfix/sbin\n` +
      `smtp_dns_support_level = disabled\nsmtp_host_lookup = native\nsmtpd_peername_lookup = no\n` +
      `default_transport = smtp:[127.0.0.1]:${outsidePort}\nminimal_backoff_time = 1s\nmaximal_backoff_time = 2s\nqueue_run_delay = 1s\n`
    );
  }

  #masterChanges(): Changes {
    const { incoming, smarthost, submission, submissions } = this.ports;
    return [
      ['smtp       inet', `127.0.0.1:${incoming} inet`],
      ['2525       inet', `127.0.0.1:${smarthost} inet`],
      ['submission inet', `127.0.0.1:${submission} inet`],
      ['submissions inet', `127.0.0.1:${submissions} inet`],
      ['192.0.2.10/32', '127.0.0.1/32'],
      ['/etc/postfix/', `${this.#file('etc')}/`],
    ];
  }
}
