import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { app } from 'electron';
import { MailError } from '../../../shared/errors.ts';
import { makeFolderDurable, removeDurably, writeDurable } from '../../engine/core/durable-file.ts';
import { HIDDEN_SWITCH } from '../command-line.ts';
import { autostartEntry, isEntryOn } from './autostart-entry.ts';
import { startCommand } from './start-command.ts';

const entryFile = (): string => {
  const config = process.env['XDG_CONFIG_HOME'];
  return path.join(config && path.isAbsolute(config) ? config : path.join(homedir(), '.config'), 'autostart', 'holdover.desktop');
};

/** Whether the package starts the app for everybody whom the policy wants it for; an entry of the person's takes its place by its name. */
function hasSystemEntry(): boolean {
  if (!app.isPackaged || process.env['APPIMAGE'] !== undefined) return false;
  const folders = (process.env['XDG_CONFIG_DIRS'] || '/etc/xdg').split(':').filter((folder) => path.isAbsolute(folder));
  return folders.some((folder) => existsSync(path.join(folder, 'autostart', path.basename(entryFile()))));
}

const loginItem = () => {
  const [program, ...args] = startCommand();
  return { path: program, args: [...args, HIDDEN_SWITCH] };
};

/** Whether the app starts at log-in, as the system has it; null where that cannot be told. */
export function startsAtLogin(): boolean | null {
  if (process.platform !== 'linux') {
    // Unpackaged, it is Electron that would be started.
    return app.isPackaged ? app.getLoginItemSettings(process.platform === 'win32' ? loginItem() : {}).openAtLogin : null;
  }
  try {
    const file = entryFile();
    return existsSync(file) && isEntryOn(readFileSync(file, 'utf8'));
  } catch {
    return null; // not to be read, and so not to be written either
  }
}

/** Lets the app start at log-in, without a window, or no more. @throws MailError `desktop-refused` */
export function setStartAtLogin(isOn: boolean, comment: string): void {
  if (process.platform !== 'linux') {
    app.setLoginItemSettings(process.platform === 'win32' ? { openAtLogin: isOn, ...loginItem() } : { openAtLogin: isOn });
    return;
  }
  try {
    const file = entryFile();
    makeFolderDurable(path.dirname(file));
    if (isOn) writeDurable(file, autostartEntry([...startCommand(), HIDDEN_SWITCH], comment));
    else removeDurably(file);
  } catch (error) {
    const detail = `autostart ${(error as NodeJS.ErrnoException).code ?? 'failed'}`;
    throw new MailError('desktop-refused', { scope: 'account', retry: 'ask', detail });
  }
}

/**
 * Makes it so as IT wants it. Where the package has an entry for everybody, none of the person's is written: there would be one left
 * when IT lets go. @throws MailError `desktop-refused`
 */
export function obeyAtLogin(isOn: boolean, comment: string): void {
  const isSo = startsAtLogin();
  if (isSo === null || isSo === isOn) return;
  const isByPackage = isOn && process.platform === 'linux' && hasSystemEntry();
  setStartAtLogin(isOn && !isByPackage, comment);
}

/** An image that was moved or renewed is started from where it is now. Never throws. */
export function renewAutostart(comment: string): void {
  if (process.platform !== 'linux' || startsAtLogin() !== true) return;
  try {
    const wanted = autostartEntry([...startCommand(), HIDDEN_SWITCH], comment);
    const file = entryFile();
    if (readFileSync(file, 'utf8') !== wanted) writeDurable(file, wanted);
  } catch {
    // The old entry stays; it is compared again at the next start
  }
}
