import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { basename } from 'node:path';
import { processIds, readProcessFile } from './process-files.ts';

const START_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 5_000;
const POLL_MS = 5;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

// A process that waits for its parent's end of the pipe to close and then kills the whole group: nothing survives a
// test process that is killed itself.
function startWatchdog(group: number, folder: string): ChildProcess {
  const script = 'read -r _; kill -s KILL -- "-$1"; rm -rf -- "$2"';
  const watchdog = spawn('/bin/sh', ['-c', script, 'watchdog', String(group), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watchdog.unref();
  (watchdog.stdin as unknown as { unref(): void }).unref();
  return watchdog;
}

const hasProc = existsSync('/proc/self/stat');

/** Live members of a process group; zombies that nobody reaps do not count. Null where the system has no /proc. */
class GroupMembers {
  readonly #group: number;
  #known: readonly number[] = [];

  constructor(group: number) {
    this.#group = group;
  }

  /** Whether a process that is accepted lives. All processes of the machine are read only when none of those known before is left. */
  some(isAccepted: (pid: number) => boolean): boolean | null {
    if (!hasProc) return null;
    const isLiveOne = (pid: number): boolean => isAccepted(pid) && isLiveMember(pid, this.#group);
    if (this.#known.some(isLiveOne)) return true;
    this.#known = processIds().filter((pid) => isLiveMember(pid, this.#group));
    return this.#known.some(isAccepted);
  }
}

function isGroupAlive(group: number, members: GroupMembers): boolean {
  try {
    process.kill(-group, 0);
  } catch {
    return false; // no such group
  }
  return members.some(() => true) !== false;
}

function isLiveMember(pid: number, group: number): boolean {
  const stat = readProcessFile(pid, 'stat')?.toString('latin1');
  if (stat === undefined) return false;
  const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(pgrp) === group && state !== 'Z' && state !== 'X';
}

function isGreeting(port: number, greeting: string | null): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const end = (isUp: boolean): void => {
      socket.destroy();
      resolve(isUp);
    };
    if (greeting === null) socket.once('connect', () => end(true));
    else socket.once('data', (data) => end(data.toString('latin1').startsWith(greeting)));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });
}

/** How a server is started, and how to see that it is up. */
export interface ServerCommand {
  /** Path of a program that stays in the foreground. */
  readonly program: string;
  readonly args: readonly string[];
  readonly port: number;
  /** What its greeting on the port begins with; null for a server that lets its clients speak first. */
  readonly greeting: string | null;
  /** Removed when the test process dies. */
  readonly folder: string;
}

/** One run of a server with all its children, from start to the last process gone. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #watchdog: ChildProcess;
  readonly #reaped: Promise<void>;

  private constructor(child: ChildProcess, watchdog: ChildProcess) {
    this.#child = child;
    this.#watchdog = watchdog;
    this.#reaped = new Promise((resolve) => child.once('exit', () => resolve()));
  }

  /** Starts it and resolves once the port greets; rejects when the server ends before. */
  static async start(command: ServerCommand): Promise<ServerProcess> {
    const child = spawn(command.program, command.args, { stdio: 'ignore', detached: true });
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    const run = new ServerProcess(child, startWatchdog(child.pid as number, command.folder));
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await isGreeting(command.port, command.greeting))) {
      if (child.exitCode !== null || Date.now() > deadline) {
        await run.stop('KILL');
        throw new Error(`${basename(command.program)} did not start (exit code ${child.exitCode})`);
      }
      await pause(POLL_MS);
    }
    return run;
  }

  /** Makes it read its configuration anew. */
  reload(): void {
    this.#signal(this.#child.pid as number, 'SIGHUP');
  }

  /** Ends the server and all its children; resolves when none is left. With TERM clients are told BYE. */
  async stop(signal: 'TERM' | 'KILL'): Promise<void> {
    const group = this.#child.pid as number;
    const members = new GroupMembers(group);
    const deadline = Date.now() + STOP_TIMEOUT_MS;
    // TERM to each of them, not to the master alone: its children would keep idle connections for ten seconds more.
    this.#signal(-group, `SIG${signal}`);
    while (this.#hasWorkLeft(group, members) && Date.now() < deadline) await pause(POLL_MS);
    this.#signal(-group, 'SIGKILL');
    while (isGroupAlive(group, members) && Date.now() < deadline) await pause(POLL_MS);
    await this.#reaped; // until then its process id counts as a running server to the next start
    this.#watchdog.kill('SIGKILL');
  }

  // Dovecot's master sleeps a second after its children have gone; there is nothing to wait for then.
  #hasWorkLeft(group: number, members: GroupMembers): boolean {
    return members.some((pid) => pid !== group) ?? this.#child.exitCode === null;
  }

  #signal(target: number, signal: NodeJS.Signals): void {
    try {
      process.kill(target, signal);
    } catch {
      // already gone
    }
  }
}
