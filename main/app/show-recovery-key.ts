import path from 'node:path';
import { dialog, type BrowserWindow, type MessageBoxOptions } from 'electron';
import { chooseFile } from './choose-file.ts';
import { writeChosenFile } from './write-chosen-file.ts';

const FILE_NAME = 'holdover-recovery-key.txt';
const words = {
  en: {
    title: 'Recovery key of your mail on this computer',
    why: 'It opens your mail on this computer when the keyring or your passphrase is lost. Keep it apart from this computer, on paper or with your IT department. Whoever has it and this computer can read your mail.',
    save: 'Save…',
    close: 'Close',
  },
  de: {
    title: 'Wiederherstellungsschlüssel für Ihre Mail auf diesem Computer',
    why: 'Er öffnet Ihre Mail auf diesem Computer, wenn der Schlüsselbund oder Ihre Passphrase verloren ist. Bewahren Sie ihn getrennt von diesem Computer auf, auf Papier oder bei Ihrer IT-Abteilung. Wer ihn und diesen Computer hat, kann Ihre Mail lesen.',
    save: 'Speichern …',
    close: 'Schließen',
  },
};
const SAVE = 0;
const CLOSE = 1;

/** Two lines, so that it fits a dialog and a sheet of paper. */
const inLines = (text: string): string => {
  const groups = text.split('-');
  const half = Math.ceil(groups.length / 2);
  return `${groups.slice(0, half).join('-')}\n${groups.slice(half).join('-')}`;
};

/** Shows the recovery key in a dialog of the system, out of the window's reach, and saves it where the person wants. */
export async function showRecoveryKey(
  recoveryKey: string,
  window: BrowserWindow | null,
  language: 'de' | 'en',
): Promise<{ savedAs: string | null }> {
  const text = inLines(recoveryKey);
  const { title, why, save, close } = words[language];
  const options: MessageBoxOptions = {
    ...{ type: 'info', title, message: title, noLink: true },
    detail: `${text}\n\n${why}`,
    buttons: [save, close],
    ...{ defaultId: SAVE, cancelId: CLOSE },
  };
  const { response } = await (window ? dialog.showMessageBox(window, options) : dialog.showMessageBox(options));
  const target = response === SAVE ? await chooseFile(window, 'documents', FILE_NAME) : null;
  if (target === null) return { savedAs: null };
  await writeChosenFile(target, `${title}\n\n${text}\n\n${why}\n`);
  return { savedAs: path.basename(target) };
}
