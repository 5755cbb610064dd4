import { spawn, type ChildProcess } from 'node:child_process';
import { chownSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '../../support/until.ts';

/** Chromium keeps its sandbox only for those who are not root. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** The keyring is opened, the accessibility bus is there, then the driver takes commands. */
const SESSION = `printf %s session | gnome-keyring-daemon --unlock --components=secrets > /dev/null
/usr/libexec/at-spi-bus-launcher --launch-immediately --a11y=1 > /dev/null 2>&1 &
exec /usr/bin/python3 "$0"`;

export interface Command {
  readonly do: 'start' | 'stop' | 'wait' | 'press' | 'fill' | 'focus' | 'key' | 'text';
  readonly [name: string]: unknown;
}

/** A desktop of an ordinary user: display, keyring, accessibility bus and home of its own. */
export class Desktop {
  readonly home: string;
  readonly #child: ChildProcess;
  readonly #answers: ((line: string) => void)[] = [];
  #errors = '';

  private constructor(home: string, child: ChildProcess) {
    this.home = home;
    this.#child = child;
    createInterface({ input: child.stdout! }).on('line', (line) => this.#answers.shift()?.(line));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#errors = (this.#errors + text).slice(-4000)));
    child.once('exit', () => {
      for (const answer of this.#answers.splice(0)) answer(JSON.stringify({ error: `the desktop ended: ${this.#errors}` }));
    });
  }

  static open(): Desktop {
    const home = mkdtempSync(path.join(tmpdir(), 'holdover-desktop-'));
    mkdirSync(path.join(home, 'run'), { mode: 0o700 });
    // The checkout may lie where only root can read.
    const script = path.join(home, 'screen-reader.py');
    copyFileSync(path.join(import.meta.dirname, 'screen-reader.py'), script);
    if (isRoot) for (const place of [home, path.join(home, 'run'), script]) chownSync(place, NOBODY, NOBODY);
    const session = ['xvfb-run', '-a', '-s', '-screen 0 1280x800x24', 'dbus-run-session', '--', 'sh', '-c', SESSION, script];
    const drop = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--'];
    const [command = '', ...args] = isRoot ? [...drop, ...session] : session;
    const { PATH = '', LANG = 'C.UTF-8' } = process.env;
    const env = { PATH, LANG, LANGUAGE: 'en', HOME: home, TMPDIR: home, XDG_RUNTIME_DIR: path.join(home, 'run'), NO_AT_BRIDGE: '0' };
    return new Desktop(home, spawn(command, args, { env, cwd: home, stdio: ['pipe', 'pipe', 'pipe'] }));
  }

  /** @throws what the driver could not do, in its words */
  async run(command: Command): Promise<unknown> {
    const line = await new Promise<string>((resolve) => {
      this.#answers.push(resolve);
      this.#child.stdin!.write(`${JSON.stringify(command)}\n`);
    });
    const { value, error } = JSON.parse(line) as { value?: unknown; error?: string };
    if (error !== undefined) throw new Error(`${command.do}: ${error}`);
    return value;
  }

  /** Everything a screen reader could read out now. */
  async text(): Promise<string[]> {
    return (await this.run({ do: 'text' })) as string[];
  }

  async start(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number> {
    // Without a graphics card, looking for one takes seconds; the tree is built for whoever asks for it from the start.
    const full = [...argv, '--disable-gpu', '--force-renderer-accessibility'];
    return (await this.run({
      do: 'start',
      argv: full,
      env: { LANG: 'en_GB.UTF-8', ...env },
      log: path.join(this.home, 'app.log'),
    })) as number;
  }

  /** Runs a script of a shell in this session, with its keyring. Returns what it wrote and its exit code. */
  async shell(script: string): Promise<{ code: number; out: string }> {
    const [out, code] = ['shell.out', 'shell.code'].map((name) => path.join(this.home, name)) as [string, string];
    rmSync(code, { force: true });
    const argv = ['sh', '-c', `{ ${script}; } > '${out}' 2>&1; echo $? > '${code}.new'; mv '${code}.new' '${code}'`];
    await this.run({ do: 'start', argv, log: path.join(this.home, 'app.log') });
    await until('the script has ended', () => existsSync(code), 60_000);
    return { code: Number(readFileSync(code, 'utf8')), out: readFileSync(out, 'utf8') };
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin!.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(timer);
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
