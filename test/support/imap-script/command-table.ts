import { changeCommands } from './commands-change.ts';
import { mailboxCommands } from './commands-mailboxes.ts';
import { readCommands } from './commands-read.ts';
import { selectCommands } from './commands-select.ts';
import { sessionCommands } from './commands-session.ts';
import type { Handler } from './session-state.ts';

/** All commands by name. */
export const commandTable: Readonly<Record<string, Handler>> = {
  ...sessionCommands,
  ...mailboxCommands,
  ...selectCommands,
  ...readCommands,
  ...changeCommands,
};

const BEFORE_LOGIN = new Set(['CAPABILITY', 'LOGIN', 'AUTHENTICATE', 'ID', 'STARTTLS', 'LOGOUT', 'NOOP']);
const NOT_AFTER_LOGIN = new Set(['LOGIN', 'AUTHENTICATE', 'STARTTLS']);

/** True when the command fits the state: most need a login, a few come only before it. */
export function isAllowed(name: string, isLoggedIn: boolean): boolean {
  return isLoggedIn ? !NOT_AFTER_LOGIN.has(name) : BEFORE_LOGIN.has(name);
}
