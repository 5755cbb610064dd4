import { ipcMain, type WebContents } from 'electron';
import { MailError } from '../../../shared/errors.ts';
import { callChannel } from '../../../shared/ipc/channels.ts';
import type { AppLog } from '../log-file.ts';
import { dispatch, type Handlers } from './dispatch.ts';
import { isTrustedSender } from './sender.ts';

/** Answers the contract's calls from the main frame of the window and rejects everybody else, without saying why. */
export function registerIpc(options: { handlers: Handlers; log: AppLog; window: () => WebContents | null }): void {
  const { handlers, log, window } = options;
  ipcMain.handle(callChannel, (event, name: unknown, ...args: unknown[]) => {
    if (isTrustedSender(event, window())) return dispatch(handlers, log, name, args);
    log.write('warn', { ev: 'ipc.untrusted-sender', webContentsId: event.sender.id });
    throw new MailError('call-rejected', { scope: 'account', retry: 'never' });
  });
}
