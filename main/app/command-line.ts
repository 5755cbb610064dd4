/** Switches that would open the app to a debugger, weaken its walls or write its traffic to files. */
const REFUSED = [
  'allow-file-access-from-files',
  'allow-running-insecure-content',
  'auto-open-devtools-for-tabs',
  'browser-subprocess-path',
  'disable-extensions-except',
  'disable-features',
  'disable-site-isolation-trials',
  'disable-web-security',
  'enable-features',
  'enable-logging',
  'enable-precise-memory-info',
  'gpu-launcher',
  'host-resolver-rules',
  'host-rules',
  'ignore-certificate-errors',
  'ignore-certificate-errors-spki-list',
  'js-flags',
  'load-extension',
  'log-file',
  'log-net-log',
  'no-sandbox',
  'ppapi-plugin-launcher',
  'proxy-bypass-list',
  'proxy-pac-url',
  'proxy-server',
  'remote-allow-origins',
  'remote-debugging-address',
  'remote-debugging-io-pipes',
  'remote-debugging-pipe',
  'remote-debugging-port',
  'renderer-cmd-prefix',
  'renderer-startup-dialog',
  'ssl-key-log-file',
  'trace-startup',
  'unsafely-treat-insecure-origin-as-secure',
  'user-data-dir',
  'utility-cmd-prefix',
  'wait-for-debugger-children',
];
const REFUSED_PREFIXES = ['inspect', 'debug'];

/**
 * Names of switches on the command line that a released build does not start with. Chromium accepts `-`, `--` and on
 * Windows `/` in front, any case, and a value after `=`.
 */
export function findRefusedSwitches(argv: readonly string[], platform: NodeJS.Platform): string[] {
  const found: string[] = [];
  for (const argument of argv) {
    if (argument === '--') break;
    const match = (platform === 'win32' ? /^(?:--?|\/)([^=]+)/ : /^--?([^=]+)/).exec(argument);
    const name = match?.[1]?.toLowerCase();
    if (name === undefined) continue;
    if (REFUSED.includes(name) || REFUSED_PREFIXES.some((prefix) => name.startsWith(prefix))) found.push(name);
  }
  return found;
}

/** Ends the process when the command line has such a switch. */
export function refuseSwitches(argv: readonly string[]): void {
  const refused = findRefusedSwitches(argv, process.platform);
  if (refused.length === 0) return;
  process.stderr.write(`Holdover does not start with: ${refused.join(', ')}\n`);
  process.exit(2);
}

/** More than is read of a link: a longer one is refused there. */
const MAX_LINK_CHARS = 70_000;

/** The `mailto:` link of this start, as it was given. */
export const findMailLink = (argv: readonly string[]): string | undefined =>
  argv.find((argument) => /^mailto:/iu.test(argument))?.slice(0, MAX_LINK_CHARS);

/** Given where the system starts the app at log-in: it opens no window. */
export const HIDDEN_SWITCH = '--hidden';
