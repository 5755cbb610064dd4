import { dialog, type BrowserWindow } from 'electron';
import type { PackedError } from '../../shared/errors.ts';
import type { AppText } from './app-text.ts';
import { enrolFromFile, type Enroller } from './enrol-from-file.ts';
import type { AppLog } from './log-file.ts';

/** The enrolment file named at start: taken once, as soon as the engine runs for the first time. */
export class EnrolmentAtStart {
  readonly #log: AppLog;
  #file: string | undefined;

  constructor(file: string | undefined, log: AppLog) {
    this.#file = file || undefined;
    this.#log = log;
  }

  /** Does nothing on later calls. Tells the person, and whoever started the app, where the file is wrong. */
  async run(engine: Enroller, window: () => BrowserWindow | null, text: AppText): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    const error = await enrolFromFile(file, engine, this.#log);
    if (error) await tell(error, window(), text);
  }
}

async function tell(error: PackedError, window: BrowserWindow | null, text: AppText): Promise<void> {
  const reason = error.detail || error.code;
  process.stderr.write(`enrolment file: ${reason}\n`);
  if (!window || window.isDestroyed()) return;
  const detail = `${reason}\n\n${text.enrolmentFileKept}`;
  await dialog.showMessageBox(window, { type: 'error', message: text.enrolmentFileTitle, detail });
}
