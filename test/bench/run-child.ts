import { spawn } from 'node:child_process';

/** Runs a command to its end with this standard input; gives what it printed and the wall time in milliseconds. */
export function runChild(
  command: string,
  args: readonly string[],
  { input = '', env = {} }: { readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<{ stdout: string; wallMs: number }> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = spawn(command, [...args], { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (piece: Buffer) => (stdout += piece.toString()));
    child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve({ stdout, wallMs: performance.now() - startedAt });
      else reject(new Error(`${command} ended with ${code}: ${stderr.slice(-2000)}`));
    });
    child.stdin.end(input);
  });
}
