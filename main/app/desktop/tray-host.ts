import { execFile } from 'node:child_process';

const TIMEOUT_MS = 2_000;
/** StatusNotifierItem: the watcher tells whether anything shows the icons that it knows. */
const QUESTION = [
  '--session',
  '--print-reply=literal',
  `--reply-timeout=${TIMEOUT_MS}`,
  '--dest=org.kde.StatusNotifierWatcher',
  '/StatusNotifierWatcher',
  'org.freedesktop.DBus.Properties.Get',
  'string:org.kde.StatusNotifierWatcher',
  'string:IsStatusNotifierHostRegistered',
];

/**
 * Whether the desktop shows icons of programs. Windows and macOS always do; of a Linux desktop it is asked over the session's
 * bus, since nothing tells a program that its icon is seen by nobody. Never throws.
 */
export async function hasTrayHost(platform: NodeJS.Platform): Promise<boolean> {
  if (platform !== 'linux') return true;
  return new Promise((resolve) => {
    execFile('dbus-send', QUESTION, { timeout: TIMEOUT_MS }, (error, stdout) => resolve(error === null && /boolean true/u.test(stdout)));
  });
}
