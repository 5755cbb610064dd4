import { app, dialog, type BrowserWindow, type OpenDialogOptions } from 'electron';
import { unpackError } from '../../shared/errors.ts';
import { enrolFromFile, type Enroller } from './enrol-from-file.ts';
import type { AppLog } from './log-file.ts';

/**
 * Asks the person for the file that IT gave them, and enrols its accounts; the file is erased then, for it holds passwords or tokens.
 * @throws MailError `config-invalid` (the file is kept), and those of the engine
 */
export async function enrolFromChosen(engine: Enroller, window: BrowserWindow | null, log: AppLog): Promise<{ accounts: number | null }> {
  const options: OpenDialogOptions = {
    defaultPath: app.getPath('downloads'),
    properties: ['openFile', 'dontAddToRecent'],
    filters: [{ name: 'JSON', extensions: ['json'] }],
  };
  const { canceled, filePaths } = await (window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options));
  const [file] = filePaths;
  if (canceled || file === undefined) return { accounts: null };
  const enrolment = await enrolFromFile(file, engine, log);
  if ('error' in enrolment) throw unpackError(enrolment.error);
  return enrolment;
}
