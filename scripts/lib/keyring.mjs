import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { resolveElectron } from './electron.mjs';
import { runInherited } from './run.mjs';

/** Of a keyring that lives as long as the session, in a folder that is removed after it. */
const PASSWORD = 'session';

/**
 * The daemon gets its password on its input and puts itself in the background once the keyring is open; it ends with the
 * session's bus. `exec` keeps signals and the exit code those of the command.
 */
const SESSION_SCRIPT = `printf %s ${PASSWORD} | gnome-keyring-daemon --unlock --components=secrets > /dev/null && exec "$@"`;

/** Folders that a program would otherwise look for below the user's home. */
const ownFolders = {
  HOME: '.',
  XDG_CACHE_HOME: '.cache',
  XDG_CONFIG_HOME: '.config',
  XDG_DATA_HOME: '.local/share',
  XDG_STATE_HOME: '.local/state',
  XDG_RUNTIME_DIR: 'run',
};

function sessionEnv(home, env) {
  const folders = Object.entries(ownFolders).map(([name, folder]) => [name, path.join(home, folder)]);
  for (const [, folder] of folders) mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Resolved here, since the cache they lie in cannot be found from inside the session.
  const { executablePath, env: found } = resolveElectron();
  const { DBUS_SESSION_BUS_ADDRESS: _bus, ...kept } = env;
  return { ...kept, ...found, HOLDOVER_ELECTRON: executablePath, ...Object.fromEntries(folders) };
}

/**
 * Wraps a command in a session with a keyring of its own (Linux; elsewhere the system's keyring is there anyway and the
 * launch is returned as it is). Home and XDG folders are temporary, so nothing of the user's is read or written.
 * @param {import('./display.mjs').Launch} launch
 * @returns {{ launch: import('./display.mjs').Launch, dispose: () => void }} to be disposed of after the command's end
 */
export function keyringSession({ command, args, env }) {
  if (process.platform !== 'linux') return { launch: { command, args, env }, dispose: () => undefined };
  const home = mkdtempSync(path.join(tmpdir(), 'holdover-session-'));
  const launch = {
    command: 'dbus-run-session',
    args: ['--', 'sh', '-c', SESSION_SCRIPT, 'session', command, ...args],
    env: sessionEnv(home, env),
  };
  return { launch, dispose: () => rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }) };
}

/**
 * Runs a command on this terminal inside a session with a keyring of its own.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>} its exit code
 */
export async function withKeyring(command, args, { cwd, env = process.env } = {}) {
  const { launch, dispose } = keyringSession({ command, args, env });
  try {
    return await runInherited(launch.command, launch.args, { ...(cwd ? { cwd } : {}), env: launch.env });
  } finally {
    dispose();
  }
}
