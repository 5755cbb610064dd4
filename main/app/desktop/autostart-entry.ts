/** Desktop Entry Specification 1.5, "The Exec key": reserved characters are quoted, `%` is doubled. */
function execArgument(argument: string): string {
  const plain = argument.replaceAll('%', '%%');
  return /^[\w./:=@+-]+$/u.test(plain) ? plain : `"${plain.replaceAll(/["`$\\]/gu, '\\$&')}"`;
}

/** A value of type string: a backslash and a line end are escaped once more. */
const value = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');

/** The file in `autostart` that starts a program at log-in (Desktop Application Autostart Specification 0.5). Pure. */
export function autostartEntry(command: readonly string[], comment: string): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Holdover',
    `Comment=${value(comment)}`,
    `Exec=${value(command.map(execArgument).join(' '))}`,
    'Icon=holdover',
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n');
}

/** Whether such a file starts anything: desktops switch one off by a key in it. Pure. */
export function isEntryOn(text: string): boolean {
  return /^Exec=./mu.test(text) && !/^\s*(?:Hidden\s*=\s*true|X-GNOME-Autostart-enabled\s*=\s*false)\s*$/imu.test(text);
}
