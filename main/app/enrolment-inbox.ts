import { existsSync, unwatchFile, watchFile } from 'node:fs';
import { dialog, type BrowserWindow } from 'electron';
import type { PackedError } from '../../shared/errors.ts';
import { appText, type AppText } from './app-text.ts';
import type { Enroller } from './enrol-from-file.ts';
import type { AppLog } from './log-file.ts';

const LOOK_MS = 2_000;

export interface EnrolmentInboxOptions {
  readonly engine: Enroller;
  readonly log: AppLog;
  readonly window: () => BrowserWindow | null;
  readonly language: () => 'de' | 'en';
  /** Where others leave a file while the app runs. */
  readonly dropFile: string;
}

/** Enrolment files: named at a start, this one's or a later one's, or left in the profile. Each is taken once. */
export class EnrolmentInbox {
  readonly #options: EnrolmentInboxOptions;
  readonly #waiting: string[] = [];
  #isOpen = false;
  #working: Promise<void> = Promise.resolve();

  constructor(options: EnrolmentInboxOptions) {
    this.#options = options;
  }

  /** Taken as soon as the engine runs. */
  add(file: string | undefined): void {
    if (!file) return;
    this.#waiting.push(file);
    if (this.#isOpen) this.#work();
  }

  /** The engine runs: takes what waits, and from now on what comes. */
  open(): void {
    this.#work();
    if (this.#isOpen) return;
    this.#isOpen = true;
    const { dropFile } = this.#options;
    if (existsSync(dropFile)) this.add(dropFile);
    watchFile(dropFile, { interval: LOOK_MS }, ({ size }) => size > 0 && this.add(dropFile));
  }

  close(): void {
    unwatchFile(this.#options.dropFile);
  }

  #work(): void {
    this.#working = this.#working.then(async () => {
      for (let file = this.#waiting.shift(); file !== undefined; file = this.#waiting.shift()) await this.#take(file);
    });
  }

  /** Tells the person, and whoever started the app, where the file is wrong. */
  async #take(file: string): Promise<void> {
    const { engine, log, window, language, dropFile } = this.#options;
    // Seen a last time while it was being erased.
    if (file === dropFile && !existsSync(file)) return;
    const { enrolFromFile } = await import('./enrol-from-file.ts');
    const enrolment = await enrolFromFile(file, engine, log);
    if ('error' in enrolment) await tell(enrolment.error, window(), appText[language()]);
  }
}

async function tell(error: PackedError, window: BrowserWindow | null, text: AppText): Promise<void> {
  const reason = error.detail || error.code;
  process.stderr.write(`enrolment file: ${reason}\n`);
  if (!window || window.isDestroyed()) return;
  const detail = `${reason}\n\n${text.enrolmentFileKept}`;
  await dialog.showMessageBox(window, { type: 'error', message: text.enrolmentFileTitle, detail });
}
