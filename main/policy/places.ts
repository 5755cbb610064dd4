import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import type { z } from 'zod';
import { policySchema } from '../../shared/policy/schema.ts';
import type { PolicyPlaceName } from '../../shared/policy/state.ts';
import { PolicyAway, placeFault } from './fault.ts';
import { machineFile, packageFile, preferenceFiles } from './policy-paths.ts';
import { policyFromPreferences } from './plist.ts';
import { policyFromRegistry, policyPathOf, REGISTRY_KEY } from './registry.ts';
import { findOwnerFault, sddlFault } from './safe-owner.ts';

/** One place where a policy can stand. */
export interface PolicyPlace {
  readonly name: PolicyPlaceName;
  /** Files whose change is noticed at once. */
  readonly files: readonly string[];
  /** As in `policies.json`, unchecked; null where there is none. @throws PolicyError where it is there and cannot be read */
  read(): Promise<unknown>;
}

/** What a program of the system printed, or with which code it ended. */
export type RunProgram = (file: string, args: readonly string[]) => Promise<{ readonly code: number; readonly output: string }>;

const MAX_BYTES = 1024 * 1024;
const PROGRAM_MS = 10_000;

export const runProgram: RunProgram = (file, args) =>
  new Promise((resolve, reject) => {
    const options = { timeout: PROGRAM_MS, maxBuffer: MAX_BYTES, windowsHide: true, encoding: 'utf8' as const };
    execFile(file, [...args], options, (error, output) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ code: error ? Number(error.code) : 0, output });
    });
  });

/** Whether the schema wants yes or no there: the registry has numbers only. */
function isSwitch(section: string, name: string): boolean {
  const shapeOf = (type: unknown): Record<string, unknown> | undefined => {
    const { shape, unwrap } = type as { shape?: Record<string, unknown>; unwrap?: () => unknown };
    return shape ?? (unwrap ? shapeOf(unwrap.call(type)) : undefined);
  };
  const field = shapeOf(shapeOf(policySchema)?.[section])?.[name] as z.ZodType | undefined;
  return field?.safeParse(true).success ?? false;
}

function readJsonFile(name: PolicyPlaceName, file: string): unknown {
  if (statSync(file).size > MAX_BYTES) throw placeFault(name, 'the file is larger than 1 MiB');
  try {
    return JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    // The parser's own words quote the text around the fault.
    if (error instanceof SyntaxError) throw placeFault(name, `the file is not JSON${lineOf(error)}`);
    throw placeFault(name, `the file cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
}

const lineOf = (error: SyntaxError): string => {
  const [, line, column] = /line (\d+) column (\d+)/.exec(error.message) ?? [];
  return line === undefined ? '' : ` (line ${line}, column ${column})`;
};

const filePlace = (
  name: PolicyPlaceName,
  file: string,
  findFault: (file: string) => Promise<string | null> | string | null,
): PolicyPlace => ({
  name,
  files: [file],
  read: async () => {
    if (!existsSync(file)) return null;
    const fault = await findFault(file);
    if (fault !== null) throw placeFault(name, fault);
    return readJsonFile(name, file);
  },
});

/** Whoever can change a file of the installed app can change the app. */
export const packagePlace = (resourcesDir: string): PolicyPlace => filePlace('package-file', packageFile(resourcesDir), () => null);

/** What the registry tool prints of our key; empty where there is none. @throws PolicyError */
async function queryRegistry(run: RunProgram, systemRoot: string): Promise<string> {
  // The tool writes in the code page of its console; 65001 is UTF-8.
  const command = `chcp 65001 >nul & "${systemRoot}\\System32\\reg.exe" query ${REGISTRY_KEY} /s /reg:64`;
  const { code, output } = await run(path.win32.join(systemRoot, 'System32', 'cmd.exe'), ['/d', '/s', '/c', command]);
  // 1: there is no such key.
  if (code > 1) throw placeFault('registry', `the registry cannot be read (code ${code})`);
  return code === 0 ? output : '';
}

const registryPlace = (run: RunProgram, systemRoot: string): PolicyPlace => ({
  name: 'registry',
  files: [],
  read: async () => policyFromRegistry(await queryRegistry(run, systemRoot), isSwitch),
});

const isShare = (file: string): boolean => file.startsWith('\\\\');

/** The file that the registry names; else that below ProgramData. Who may write to a share is its owner's to settle. */
const windowsFilePlace = (run: RunProgram, systemRoot: string, usual: string): PolicyPlace => ({
  name: 'machine-file',
  files: [usual],
  read: async () => {
    const named = policyPathOf(await queryRegistry(run, systemRoot));
    const place = filePlace('machine-file', named ?? usual, named !== null && isShare(named) ? () => null : windowsFault(run, systemRoot));
    if (named !== null && !existsSync(named)) throw new PolicyAway('the policy file that the registry names is not there');
    return place.read();
  },
});

const preferencesPlace = (run: RunProgram, file: string): PolicyPlace => ({
  name: 'managed-preferences',
  files: [file],
  read: async () => {
    if (!existsSync(file)) return null;
    const { code, output } = await run('/usr/bin/plutil', ['-convert', 'xml1', '-o', '-', '--', file]);
    if (code !== 0) throw placeFault('managed-preferences', 'the property list cannot be read');
    try {
      return policyFromPreferences(output);
    } catch (error) {
      throw placeFault('managed-preferences', (error as Error).message);
    }
  },
});

/** Rights of a file and its folder, as PowerShell says them. */
const windowsFault =
  (run: RunProgram, systemRoot: string) =>
  async (file: string): Promise<string | null> => {
    const shell = path.win32.join(systemRoot, 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe');
    for (const [what, name] of [
      ['file', file],
      ['folder', path.win32.dirname(file)],
    ] as const) {
      const script = `(Get-Acl -LiteralPath '${name.replaceAll("'", "''")}').Sddl`;
      const { code, output } = await run(shell, ['-NoProfile', '-NonInteractive', '-Command', script]);
      const fault = code === 0 ? sddlFault(what, output.trim()) : `the rights of the ${what} cannot be read`;
      if (fault !== null) return fault;
    }
    return null;
  };

export interface PlacesOptions {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  /** Folder `resources` of the installed app; null for none. */
  readonly resourcesDir: string | null;
  readonly run?: RunProgram;
  readonly userName?: string;
}

/** Every place of this machine, first those that win. */
export function policyPlaces({ platform, env, resourcesDir, run = runProgram, userName }: PlacesOptions): PolicyPlace[] {
  const shipped = resourcesDir === null ? [] : [packagePlace(resourcesDir)];
  const machine = machineFile(platform, env);
  if (platform === 'win32') {
    const systemRoot = env['SystemRoot'] ?? 'C:\\Windows';
    return [registryPlace(run, systemRoot), windowsFilePlace(run, systemRoot, machine), ...shipped];
  }
  if (platform === 'darwin') {
    const preferences = preferenceFiles(userName ?? userInfo().username).map((file) => preferencesPlace(run, file));
    return [...preferences, filePlace('machine-file', machine, findOwnerFault), ...shipped];
  }
  return [filePlace('machine-file', machine, findOwnerFault), ...shipped];
}

/** For tests of the app, which cannot write to the machine's own places. */
export const testPlace = (file: string): PolicyPlace => filePlace('machine-file', file, findOwnerFault);
