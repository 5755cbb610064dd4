import { existsSync } from 'node:fs';
import { capture, mustRun } from './run.mjs';
import { SetupError } from './steps.mjs';

/** Debian packages by what needs them. An entry with several names: any of them will do, the first known one is installed. */
const groups = {
  compile: [['g++'], ['make'], ['python3'], ['pkg-config', 'pkgconf'], ['libsecret-1-dev']],
  electron: [
    ['libgtk-3-0t64', 'libgtk-3-0'],
    ['libasound2t64', 'libasound2'],
    ['libatk-bridge2.0-0t64', 'libatk-bridge2.0-0'],
    ['libnss3'],
    ['libgbm1'],
    ['libxss1'],
    ['libnotify4'],
    ['libsecret-1-0'],
    ['fonts-dejavu-core'],
    ['unzip'],
  ],
  display: [['xvfb'], ['xauth']],
  keyring: [['gnome-keyring'], ['dbus'], ['libsecret-1-0']],
  dovecot: [['dovecot-imapd'], ['dovecot-lmtpd'], ['dovecot-sieve'], ['openssl']],
  postfix: [['postfix']],
  ldap: [['slapd']],
  tracing: [['strace']],
  mbsync: [['isync']],
  desktop: [['at-spi2-core'], ['gir1.2-atspi-2.0'], ['python3-gi'], ['xdotool'], ['desktop-file-utils']],
  dist: [['rpm'], ['libxml2-utils'], ['xz-utils'], ['7zip', 'p7zip-full'], ['wixl'], ['msitools']],
};

/** @typedef {keyof typeof groups} PackageGroup */

/**
 * Installs as root. Servers that come with a package are for our tests, which start them by themselves on loopback: the
 * system's own instance is neither started now nor at the next boot, unless it was there before us.
 */
const INSTALL_SCRIPT = `
set -e
export DEBIAN_FRONTEND=noninteractive
guard=/usr/sbin/policy-rc.d
if [ ! -e "$guard" ]; then
  trap 'rm -f "$guard"' EXIT
  trap 'exit 130' INT TERM HUP
  printf '#!/bin/sh\\nexit 101\\n' > "$guard"
  chmod 755 "$guard"
fi
foreign=
for server in dovecot:dovecot-core postfix:postfix slapd:slapd; do
  if dpkg-query -W -f '\${Status}' "\${server#*:}" 2>/dev/null | grep -q 'ok installed'; then foreign="$foreign \${server%%:*}"; fi
done
apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@"
if [ -d /run/systemd/system ]; then
  for server in dovecot postfix slapd; do
    case "$foreign" in *"$server"*) continue ;; esac
    for unit in "$server.service" "$server.socket"; do
      if [ -e "/lib/systemd/system/$unit" ]; then systemctl disable "$unit" || true; fi
    done
  done
fi
`;

/** Whether Debian's package tools are at hand. */
export function isDebianLike() {
  return process.platform === 'linux' && existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg-query');
}

async function installedAmong(names) {
  const { output } = await capture('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...names]);
  const lines = output.split('\n').map((line) => line.split(' '));
  return new Set(lines.filter(([, status]) => status === 'installed').map(([name]) => name));
}

/**
 * Sets of names of which nothing is installed yet.
 * @param {readonly PackageGroup[]} wanted
 * @returns {Promise<readonly (readonly string[])[]>}
 */
export async function missingPackages(wanted) {
  if (!isDebianLike()) return [];
  const choices = wanted.flatMap((group) => groups[group]);
  const installed = await installedAmong([...new Set(choices.flat())]);
  return choices.filter((names) => !names.some((name) => installed.has(name)));
}

/** Names that apt knows as real packages; asks once for all. */
async function chooseNames(choices) {
  const { output } = await capture('apt-cache', ['policy', ...choices.flat()], { env: { ...process.env, LC_ALL: 'C' } });
  const known = new Set([...output.matchAll(/^(\S+):\n {2}Installed: .*\n {2}Candidate: (?!\(none\))/gmu)].map((match) => match[1]));
  return choices.map((names) => names.find((name) => known.has(name)) ?? names.at(-1));
}

async function asRoot() {
  if (process.getuid?.() === 0) return [];
  const { code } = await capture('sudo', ['-n', 'true']).catch(() => ({ code: 1 }));
  return code === 0 ? ['sudo', '-n'] : null;
}

/**
 * Installs the packages of these groups that are missing; nothing on a system without Debian's tools.
 * @param {readonly PackageGroup[]} wanted
 * @param {ReturnType<typeof import('./steps.mjs').stepPrinter>} printer
 * @throws {SetupError} naming the packages where we may not install them
 */
export async function ensurePackages(wanted, printer) {
  const missing = await missingPackages(wanted);
  if (missing.length === 0) return;
  const root = await asRoot();
  if (root === null) {
    const names = (await chooseNames(missing)).join(' ');
    throw new SetupError(
      `Some Debian packages are needed, and installing them takes root rights:\n\n  sudo apt-get install ${names}\n\nThen start the same command again.`,
    );
  }
  await printer.step(`Debian packages (${missing.length})`, async () => {
    const run = ([command, ...args], how) => how(command, args);
    // A fresh system has no package lists, and without them no name is known. Old lists are better than none.
    await run([...root, 'apt-get', 'update', '-q'], capture);
    await run([...root, 'sh', '-c', INSTALL_SCRIPT, 'install', ...(await chooseNames(missing))], mustRun);
  });
}
