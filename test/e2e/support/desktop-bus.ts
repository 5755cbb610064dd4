import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';

export interface ShownNotice {
  readonly id: number;
  readonly summary: string;
  readonly body: string;
  readonly actions: readonly string[];
  readonly isOpen: boolean;
}

export interface ShownTray {
  readonly tooltip: string;
  /** Width, height and digest of each image. */
  readonly icon: readonly (readonly [number, number, number])[];
  readonly menu: readonly { readonly label: string; readonly isEnabled: boolean }[];
}

/** A session's bus with a keyring and something that shows notifications and icons: no other test's app is on it. */
export class DesktopBus {
  readonly #home: string;
  readonly #bus: ChildProcess;
  readonly #desktop: ChildProcess;
  readonly #lines: Interface;
  /** What an app needs to be on it. */
  readonly env: Readonly<Record<string, string>>;

  private constructor(home: string, bus: ChildProcess, desktop: ChildProcess, lines: Interface, env: Readonly<Record<string, string>>) {
    this.#home = home;
    this.#bus = bus;
    this.#desktop = desktop;
    this.#lines = lines;
    this.env = env;
  }

  /** @param hasTray whether icons of programs are shown */
  static async start({ hasTray = true } = {}): Promise<DesktopBus> {
    const home = mkdtempSync(path.join(tmpdir(), 'holdover-desk-'));
    for (const folder of ['run', 'config', 'data']) mkdirSync(path.join(home, folder), { mode: 0o700 });
    const own = { HOME: home, XDG_RUNTIME_DIR: path.join(home, 'run'), XDG_CONFIG_HOME: path.join(home, 'config') };
    const folders = { ...own, XDG_DATA_HOME: path.join(home, 'data') };
    const bus = spawn('dbus-daemon', ['--session', '--nofork', '--print-address'], {
      env: { ...process.env, ...folders },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [address] = (await once(createInterface({ input: bus.stdout }), 'line')) as [string];
    const env = { ...folders, DBUS_SESSION_BUS_ADDRESS: address };
    spawnSync('gnome-keyring-daemon', ['--unlock', '--components=secrets'], { input: 'session', env: { ...process.env, ...env } });
    const script = path.join(import.meta.dirname, 'desktop-bus.py');
    const desktop = spawn('/usr/bin/python3', [script, ...(hasTray ? [] : ['--no-tray'])], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: desktop.stdout });
    await once(lines, 'line');
    return new DesktopBus(home, bus, desktop, lines, env);
  }

  get autostartFile(): string {
    return path.join(this.#home, 'config/autostart/holdover.desktop');
  }

  notices(): Promise<readonly ShownNotice[]> {
    return this.#ask({ do: 'notices' }) as Promise<readonly ShownNotice[]>;
  }

  /** Null while there is no icon. */
  tray(): Promise<ShownTray | null> {
    return this.#ask({ do: 'tray' }) as Promise<ShownTray | null>;
  }

  async click(notice: ShownNotice): Promise<void> {
    await this.#ask({ do: 'click', id: notice.id });
  }

  /** Chooses an item of the icon's menu. @throws when there is none of that name */
  async choose(label: string): Promise<void> {
    await this.#ask({ do: 'choose', label });
  }

  async dispose(): Promise<void> {
    this.#desktop.stdin!.end();
    this.#bus.kill();
    await Promise.all([this.#bus, this.#desktop].map(async (child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
    rmSync(this.#home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  async #ask(command: Readonly<Record<string, unknown>>): Promise<unknown> {
    const line = once(this.#lines, 'line') as Promise<[string]>;
    this.#desktop.stdin!.write(`${JSON.stringify(command)}\n`);
    const { value, error } = JSON.parse((await line)[0]) as { value?: unknown; error?: string };
    if (error !== undefined) throw new Error(error);
    return value;
  }
}
