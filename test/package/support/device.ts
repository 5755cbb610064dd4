import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import { processIds, readProcessFile } from '../../support/process-files.ts';
import { runCommand } from './commands.ts';

/** Lines of a list that the installed package brings. */
export const listed = (installed: string, name: string): string[] =>
  readFileSync(path.join(installed, 'resources/notices', name), 'utf8')
    .trimEnd()
    .split('\n');

const FAILED = /^(.*): FAILED/gmu;

/**
 * Names of the files that are not as they were packed: by the list of ours, and by the package manager's.
 * @param only one of `resources`, by the same two lists; null: all files
 */
export async function changedFiles(installed: string, only: string | null = null): Promise<{ ours: string[]; system: string[] }> {
  const names = (text: string, line: RegExp): string[] => [...text.matchAll(line)].map(([, name = '']) => name);
  const check = async (place: string, list: string, tool: 'sha256sum' | 'md5sum', asRoot = false): Promise<string[]> => {
    const lines = only === null ? `cat '${list}'` : `grep '[ /]${only}$' '${list}'`;
    const script = `cd '${place}' && ${lines} | ${tool} --quiet -c - 2> /dev/null`;
    return names((await runCommand(['sh', '-c', script], '/', { asRoot })).out, FAILED);
  };
  const byManager = async (): Promise<string[]> =>
    only === null
      ? names((await runCommand(['dpkg', '-V', 'holdover'], '/', { asRoot: true })).out, /^\S+ +(\/.*)$/gmu)
      : (await check('/', '/var/lib/dpkg/info/holdover.md5sums', 'md5sum', true)).map((name) => `/${name}`);
  return { ours: await check(`${installed}/resources`, 'notices/files.sha256', 'sha256sum'), system: await byManager() };
}

/** Turns every bit of one byte of a file; done twice, the file is as it was. */
export function flipByte(file: string, at: number): void {
  const handle = openSync(file, 'r+');
  try {
    const byte = Buffer.alloc(1);
    readSync(handle, byte, 0, 1, at);
    writeSync(handle, Buffer.from([byte[0]! ^ 0xff]), 0, 1, at);
  } finally {
    closeSync(handle);
  }
}

export async function isListening(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/json/version`, { signal: AbortSignal.timeout(1_000) }).then(
    () => true,
    () => false,
  );
}

const read = (pid: number, file: 'cmdline' | 'status'): string => readProcessFile(pid, file)?.toString() ?? '';

/** Processes of the program in a folder. */
export const processesOf = (folder: string): number[] =>
  processIds().filter((pid) => read(pid, 'cmdline').startsWith(`${folder}/holdover`));

/** The windows' processes, and whether the kernel filters their calls: that is Chromium's sandbox at work. */
export function renderersOf(folder: string): { pid: number; isConfined: boolean }[] {
  return processesOf(folder)
    .filter((pid) => /^[^\0 ]*[\0 ]--type=renderer/u.test(read(pid, 'cmdline')))
    .map((pid) => ({ pid, isConfined: /^Seccomp:\s*2$/mu.test(read(pid, 'status')) }));
}
