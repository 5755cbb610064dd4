import path from 'node:path';
import { app, dialog, type BrowserWindow } from 'electron';
import { safeSaveName } from './save-name.ts';

/** Asks the person where to save a file; null when cancelled. The dialog asks before it returns the name of a file that exists. */
export async function chooseFile(window: BrowserWindow | null, folder: 'downloads' | 'documents', name: string): Promise<string | null> {
  const options = {
    defaultPath: path.join(app.getPath(folder), safeSaveName(name)),
    properties: ['createDirectory' as const, 'showOverwriteConfirmation' as const, 'dontAddToRecent' as const],
  };
  const choice = await (window ? dialog.showSaveDialog(window, options) : dialog.showSaveDialog(options));
  return choice.canceled || !choice.filePath ? null : choice.filePath;
}
