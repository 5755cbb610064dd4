import { readFileSync, renameSync } from 'node:fs';
import { z } from 'zod';
import { settingsSchema, type Settings, type SettingsPatch } from '../../shared/model/settings.ts';
import { writeDurable } from '../engine/core/durable-file.ts';
import type { AppLog } from './log-file.ts';

export const windowPlaceSchema = z.strictObject({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(100).max(100_000),
  height: z.number().int().min(100).max(100_000),
  isMaximized: z.boolean(),
});
export type WindowPlace = z.infer<typeof windowPlaceSchema>;

const fileSchema = z.strictObject({
  version: z.literal(1),
  settings: settingsSchema,
  window: windowPlaceSchema.nullable().default(null),
  /** The person knows that closing the window does not end the app. */
  isCloseTold: z.boolean().default(false),
});
type FileContent = z.infer<typeof fileSchema>;

const DEFAULTS: FileContent = { version: 1, settings: settingsSchema.parse({}), window: null, isCloseTold: false };

/** Preferences and the place of the window: no secret, no mail content, so a plain file. */
export class SettingsFile {
  readonly #file: string;
  readonly #log: AppLog;
  #content: FileContent;

  constructor(file: string, log: AppLog) {
    this.#file = file;
    this.#log = log;
    this.#content = this.#read();
  }

  get settings(): Settings {
    return this.#content.settings;
  }

  get windowPlace(): WindowPlace | null {
    return this.#content.window;
  }

  get isCloseTold(): boolean {
    return this.#content.isCloseTold;
  }

  noteCloseTold(): void {
    this.#content = { ...this.#content, isCloseTold: true };
    this.#write();
  }

  /** Changes only the given fields and writes the file; a disk that refuses leaves the change for this run. */
  change(patch: SettingsPatch): Settings {
    const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
    this.#content = { ...this.#content, settings: settingsSchema.parse({ ...this.#content.settings, ...given }) };
    this.#write();
    return this.#content.settings;
  }

  rememberWindow(place: WindowPlace): void {
    this.#content = { ...this.#content, window: windowPlaceSchema.parse(place) };
    this.#write();
  }

  /** A missing file gives the defaults; one that does not parse is set aside as `.broken` and gives them too. */
  #read(): FileContent {
    let text: string;
    try {
      text = readFileSync(this.#file, 'utf8');
    } catch {
      // No file before the first change; an unreadable one is met again, and logged, when it is written.
      return DEFAULTS;
    }
    try {
      return fileSchema.parse(JSON.parse(text));
    } catch {
      this.#log.write('warn', { ev: 'settings.broken', sizeBytes: text.length });
      this.#setAside();
      return DEFAULTS;
    }
  }

  #setAside(): void {
    try {
      renameSync(this.#file, `${this.#file}.broken`);
    } catch {
      // best effort: the next write replaces the broken file
      this.#log.write('warn', { ev: 'settings.set-aside-failed' });
    }
  }

  #write(): void {
    try {
      writeDurable(this.#file, `${JSON.stringify(this.#content, null, 2)}\n`);
    } catch (error) {
      this.#log.write('error', { ev: 'settings.write-failed', code: (error as NodeJS.ErrnoException).code });
    }
  }
}
