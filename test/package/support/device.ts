import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import { processIds, readProcessFile } from '../../support/process-files.ts';
import { runCommand } from './commands.ts';

/** Lines of a list that the installed package brings. */
export const listed = (installed: string, name: string): string[] =>
  readFileSync(path.join(installed, 'resources/notices', name), 'utf8')
    .trimEnd()
    .split('\n');

/** Names of the files that are not as they were packed: by the list of ours, and by the package manager's. */
export async function changedFiles(installed: string): Promise<{ ours: string[]; system: string[] }> {
  const check = `cd '${installed}/resources' && sha256sum --quiet -c notices/files.sha256 2> /dev/null`;
  const names = (text: string, line: RegExp): string[] => [...text.matchAll(line)].map(([, name = '']) => name);
  return {
    ours: names((await runCommand(['sh', '-c', check], '/')).out, /^(.*): FAILED/gmu),
    system: names((await runCommand(['dpkg', '-V', 'holdover'], '/', { asRoot: true })).out, /^\S+ +(\/.*)$/gmu),
  };
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
