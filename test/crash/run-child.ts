import { spawn } from 'node:child_process';

export interface EndedChild {
  readonly signal: string | null;
  readonly code: number | null;
  readonly out: string;
  readonly stderr: string;
  /** Points it had counted, where it lived to tell. */
  readonly steps: number;
}

/**
 * Runs a process that gets its task on standard input and kills itself at the point that the task names.
 *
 * @param onStart given the way to kill it from outside; it resolves when the process is gone
 */
export function runChild(
  file: string,
  task: unknown,
  timeoutMs = 60_000,
  onStart?: (kill: () => Promise<void>) => void,
  { args = [], env = {} }: { readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<EndedChild> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args, file], {
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: timeoutMs,
      env: { ...process.env, ...env },
    });
    let out = '';
    let stderr = '';
    child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
    child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ signal, code, out, stderr, steps: Number(/steps (\d+)/u.exec(out)?.[1] ?? 0) }));
    const gone = new Promise<void>((done) => child.once('exit', () => done()));
    onStart?.(() => {
      child.kill('SIGKILL');
      return gone;
    });
    child.stdin.end(JSON.stringify(task));
  });
}
