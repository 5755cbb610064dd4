import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import type { CallArgs, CallName } from '../../../shared/ipc/contract.ts';
import type { CallAnswer, ContinuityBridge } from '../../../shared/ipc/bridge.ts';

/** The page's global object, for functions that run there. */
interface PageGlobal {
  readonly continuity: ContinuityBridge;
}

export interface StartOptions {
  /** Profile folder of an earlier run; without it a new one that is removed by dispose(). */
  readonly profile?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** BCP 47 of the system. */
  readonly locale?: string;
}

/** The built app in a real Electron, driven from outside. */
export interface RunningApp {
  readonly electron: ElectronApplication;
  readonly window: Page;
  readonly profile: string;
  /** A call over the bridge, as the page makes it. */
  call<N extends CallName>(name: N, ...args: CallArgs<N>): Promise<CallAnswer<N>>;
  /** Entries of the app's own log so far. */
  log(): Record<string, unknown>[];
  /** Id of the engine's process; null while there is none. */
  enginePid(): Promise<number | null>;
  /** Quits as a person would; resolves when the process has ended. */
  quit(): Promise<void>;
  /** Quits and removes a profile that was made for this run. */
  dispose(): Promise<void>;
}

interface Runtime {
  readonly executablePath: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const root = path.join(import.meta.dirname, '../../..');
const START_TIMEOUT_MS = 60_000;

/** What starts Electron here. */
export async function electronRuntime(): Promise<Runtime> {
  const module = path.join(root, 'scripts/lib/electron.mjs');
  const { resolveElectron } = (await import(module)) as { resolveElectron: () => Runtime };
  return resolveElectron();
}

/** What starts the app on a profile. @throws when it is not built */
async function launchOf({ locale = 'en-US', args = [], env = {} }: StartOptions, profile: string): Promise<Runtime> {
  const dist = process.env['HOLDOVER_TEST_DIST'] ?? path.join(root, 'dist');
  if (!existsSync(path.join(dist, 'main/index.js'))) throw new Error('the app is not built: run `npm run build` first');
  const runtime = await electronRuntime();
  const own = [path.join(import.meta.dirname, 'bootstrap'), '--profile', profile, `--lang=${locale}`];
  return { ...runtime, args: [...runtime.args, ...own, ...args], env: { ...definedEnv(), ...runtime.env, ...env } };
}

/** Starts the app, which opens no window by itself. To be closed by close(). @throws when it is not built, or there is no display */
export async function startHidden(options: StartOptions & { readonly profile: string }): Promise<ElectronApplication> {
  const { executablePath, args, env } = await launchOf(options, options.profile);
  return _electron.launch({ executablePath, args: [...args, '--hidden'], env: { ...env }, timeout: START_TIMEOUT_MS });
}

/** Starts the app a second time, as a click on its icon or on a link does; resolves with its exit code. */
export async function startAgain(options: StartOptions & { readonly profile: string }): Promise<number | null> {
  const { executablePath, args, env } = await launchOf(options, options.profile);
  const child = spawn(executablePath, args, { env: { ...env }, stdio: 'ignore', timeout: START_TIMEOUT_MS });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

/**
 * V8 now and then collects the promise of an answer before the inspector has read it: the function did run, its answer is lost and is asked
 * for again. What is evaluated has to bear being run twice.
 */
function askAgainWhereCollected(electron: ElectronApplication): void {
  const evaluate = electron.evaluate.bind(electron) as (...given: unknown[]) => Promise<unknown>;
  const patient = async (...given: unknown[]): Promise<unknown> => {
    try {
      return await evaluate(...given);
    } catch (error) {
      if (!String(error).includes('promise was garbage collected')) throw error;
      return evaluate(...given);
    }
  };
  electron.evaluate = patient as ElectronApplication['evaluate'];
}

/** Starts the app. @throws when it is not built, or there is no display */
export async function startApp(options: StartOptions = {}): Promise<RunningApp> {
  const profile = options.profile ?? mkdtempSync(path.join(tmpdir(), 'holdover-app-'));
  const { executablePath, args, env } = await launchOf(options, profile);
  const electron = await _electron.launch({ executablePath, args: [...args], env: { ...env }, timeout: START_TIMEOUT_MS });
  askAgainWhereCollected(electron);
  const child = electron.process();
  const window = await electron.firstWindow({ timeout: START_TIMEOUT_MS });
  await window.waitForLoadState('load');
  return { ...appActions(electron, child, window, profile), electron, window, profile, dispose };

  async function dispose(): Promise<void> {
    await quit(electron, child);
    if (options.profile === undefined) rmSync(profile, { recursive: true, force: true });
  }
}

function appActions(electron: ElectronApplication, child: ChildProcess, window: Page, profile: string) {
  return {
    call: <N extends CallName>(name: N, ...args: CallArgs<N>) =>
      window.evaluate(
        ([called, given]) => {
          const { calls } = (globalThis as unknown as PageGlobal).continuity;
          return (calls[called] as (...values: unknown[]) => Promise<unknown>)(...given);
        },
        [name, args as unknown[]] as const,
      ) as Promise<CallAnswer<N>>,
    log: () => readLog(profile),
    enginePid: () => electron.evaluate(({ app }) => app.getAppMetrics().find(({ name }) => name === 'Holdover engine')?.pid ?? null),
    quit: () => quit(electron, child),
  };
}

async function quit(electron: ElectronApplication, { exitCode, signalCode }: ChildProcess): Promise<void> {
  if (exitCode === null && signalCode === null) await electron.close();
}

function readLog(profile: string): Record<string, unknown>[] {
  const file = path.join(profile, 'logs/holdover.log');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>);
}

function definedEnv(): Record<string, string> {
  const kept = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(kept.filter(([name]) => !name.startsWith('VITEST') && name !== 'NODE_OPTIONS' && name !== 'NODE_ENV'));
}
