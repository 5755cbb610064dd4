import { app } from 'electron';
import { startCommand } from './start-command.ts';

/** On Windows what follows `--` is no switch, whatever a link holds; elsewhere the system knows the program by its desktop file or bundle. */
const REGISTERED: readonly [string, string?, string[]?] =
  process.platform === 'win32' ? ['mailto', startCommand()[0], [...startCommand().slice(1), '--']] : ['mailto'];

/** Whether links to mail addresses open here, as the system has it; null where only an installed app can be asked for. */
export function isMailProgram(): boolean | null {
  return app.isPackaged ? app.isDefaultProtocolClient(...REGISTERED) : null;
}

/** False where the system refuses. Windows asks the person itself. */
export function becomeMailProgram(): boolean {
  return app.isPackaged && app.setAsDefaultProtocolClient(...REGISTERED);
}
