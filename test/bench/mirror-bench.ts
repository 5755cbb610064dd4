import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import runtime from '../../shared/engine-runtime.json';
import type { Dovecot } from '../support/dovecot.ts';
import { median, type BenchResult } from './report.ts';
import { runChild } from './run-child.ts';

/** Figures of one run of engine-child. */
interface EngineRun {
  readonly mirrorMs: number;
  readonly againMs: number;
  readonly firstRowsMs: number;
  readonly peakRssBytes: number;
  readonly storeBytes: number;
  readonly missing: number;
  readonly present: number;
}

export interface Children {
  readonly engine: string;
  readonly imapflow: string;
}

function mbsyncConfig(server: Dovecot, dir: string): string {
  const file = join(dir, 'mbsyncrc');
  const { name, password } = server.user();
  const text = `IMAPAccount bench
Host 127.0.0.1
Port ${server.imapPort}
User ${name}
Pass ${password}
SSLType None
AuthMechs LOGIN

IMAPStore remote
Account bench

MaildirStore local
Path ${dir}/mail/
Inbox ${dir}/mail/INBOX
SubFolders Verbatim

Channel bench
Far :remote:
Near :local:
Patterns *
Create Near
Sync Pull
SyncState *
`;
  mkdirSync(join(dir, 'mail'), { recursive: true });
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

function enrolFile(server: Dovecot, dir: string): string {
  const { name, password } = server.user();
  const imap = { host: '127.0.0.1', port: server.imapPort, security: 'plain', user: name, auth: { type: 'password' } };
  const retention = { incomingDays: 90, outgoingDays: 90, quarantinedDays: 90 };
  const config = { email: 'bench@example.com', primary: { imap, smtp: null }, retention };
  const file = join(dir, 'enrol.json');
  writeFileSync(file, JSON.stringify({ accounts: [{ config, secrets: { primary: { imap: { type: 'password', password } } } }] }), {
    mode: 0o600,
  });
  return file;
}

/** The three that are compared, each with a folder of its own. */
export class MirrorBench {
  readonly #server: Dovecot;
  readonly #children: Children;

  constructor(server: Dovecot, children: Children) {
    this.#server = server;
    this.#children = children;
  }

  scratch(): string {
    return mkdtempSync(join(tmpdir(), 'holdover-bench-'));
  }

  async mbsync(dir: string): Promise<number> {
    return (await runChild('mbsync', ['-c', mbsyncConfig(this.#server, dir), '-q', '-a'])).wallMs;
  }

  async engine(dir: string, keyHex: string): Promise<EngineRun> {
    const task = { profileDir: dir, keyHex, enrolFile: enrolFile(this.#server, dir) };
    const args = [...runtime.v8Flags, this.#children.engine];
    const { stdout } = await runChild(process.execPath, args, { input: JSON.stringify(task), env: runtime.env });
    return JSON.parse(stdout) as EngineRun;
  }

  async imapflow(): Promise<number> {
    const { name: user, password: pass } = this.#server.user();
    const input = JSON.stringify({ port: this.#server.imapPort, user, pass });
    const { stdout } = await runChild(process.execPath, [this.#children.imapflow], { input });
    return (JSON.parse(stdout) as { ms: number }).ms;
  }
}

const progress = (text: string): void => void process.stderr.write(`${text}\n`);

/** Initial mirror of a large mailbox: ours against mbsync and against a bare fetch. */
export async function benchInitial(bench: MirrorBench, rawBytes: number, rounds: number): Promise<BenchResult[]> {
  progress('warming the server');
  await bench.imapflow();
  const ours: EngineRun[] = [];
  const theirs: number[] = [];
  const floor: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const [mine, other] = [bench.scratch(), bench.scratch()];
    theirs.push(await bench.mbsync(other));
    ours.push(await bench.engine(mine, randomBytes(32).toString('hex')));
    floor.push(await bench.imapflow());
    rmSync(mine, { recursive: true, force: true });
    rmSync(other, { recursive: true, force: true });
    const last = ours.at(-1)!;
    progress(
      `round ${round}: mbsync ${Math.round(theirs.at(-1)!)} ms, Holdover ${Math.round(last.mirrorMs)} ms, bare imapflow ${Math.round(floor.at(-1)!)} ms`,
    );
    if (last.missing > 0) throw new Error(`${last.missing} bodies are missing`);
  }
  const seconds = (values: readonly number[]) => values.map((ms) => ms / 1000);
  const mirror = seconds(ours.map((one) => one.mirrorMs));
  const peak = ours.map((one) => one.peakRssBytes / 1e6);
  const size = ours.map((one) => one.storeBytes / rawBytes);
  const first = seconds(ours.map((one) => one.firstRowsMs));
  const reference = (name: string, values: readonly number[]) => ({ name, value: median(values), runs: values });
  const note = `${ours[0]?.present ?? 0} messages, ${Math.round(rawBytes / 1e6)} MB`;
  return [
    {
      bar: 'initial mirror',
      unit: 's',
      ours: median(mirror),
      runs: mirror,
      reference: reference('mbsync', seconds(theirs)),
      atMost: 0.7,
      note,
    },
    {
      bar: 'initial mirror against a bare fetch',
      unit: 's',
      ours: median(mirror),
      runs: mirror,
      reference: reference('imapflow', seconds(floor)),
      atMost: Infinity,
      note: 'for information',
    },
    { bar: 'first rows after log-in', unit: 's', ours: median(first), runs: first, atMost: 1 },
    { bar: 'peak memory of the engine', unit: 'MB', ours: Math.max(...peak), runs: peak, atMost: 200 },
    { bar: 'store size against raw size', unit: 'x', ours: median(size), runs: size, atMost: 0.7 },
  ];
}

/** A look at 50 mailboxes in which nothing happened. */
export async function benchUnchanged(bench: MirrorBench, rounds: number): Promise<BenchResult[]> {
  const [mine, other] = [bench.scratch(), bench.scratch()];
  const keyHex = randomBytes(32).toString('hex');
  await bench.mbsync(other);
  await bench.engine(mine, keyHex);
  const theirs: number[] = [];
  const cold: number[] = [];
  const warm: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    theirs.push(await bench.mbsync(other));
    const run = await bench.engine(mine, keyHex);
    cold.push(run.mirrorMs);
    warm.push(run.againMs);
  }
  rmSync(mine, { recursive: true, force: true });
  rmSync(other, { recursive: true, force: true });
  const reference = { name: 'mbsync', value: median(theirs) / 1000, runs: theirs.map((ms) => ms / 1000) };
  const result = (bar: string, values: readonly number[], note: string): BenchResult => {
    const seconds = values.map((ms) => ms / 1000);
    return { bar, unit: 's', ours: median(seconds), runs: seconds, reference, atMost: 1, note };
  };
  return [
    result('no change in 50 mailboxes, first look of a new process', cold, 'connect, log in, look; mbsync as a whole process'),
    result('no change in 50 mailboxes, running engine', warm, 'connect, log in, look'),
  ];
}
