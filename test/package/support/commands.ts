import { execFile, execFileSync } from 'node:child_process';

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

export interface Outcome {
  /** Null where it was ended by a signal. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs a command of the package as an ordinary person does at a shell of a machine without display, session bus or Node on the path.
 * @param asRoot as root instead, for whom Chromium has no sandbox
 */
export function runCommand(argv: readonly string[], home: string, { asRoot = false } = {}): Promise<Outcome> {
  const drop = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--'];
  const [program = '', ...args] = isRoot && !asRoot ? [...drop, ...argv] : argv;
  const env = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', HOME: home, TMPDIR: home, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus' };
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd: home, env, timeout: 120_000 }, (error, out, err) => {
      const code = error ? error.code : 0;
      if (typeof code === 'string') reject(error!);
      else resolve({ code: code ?? null, out, err });
    });
  });
}

/** Runs something of this machine, as whoever runs the tests. Returns what it wrote. @throws when it fails */
export function run(...argv: string[]): string {
  const [command = '', ...args] = argv;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return execFileSync(command, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
}
