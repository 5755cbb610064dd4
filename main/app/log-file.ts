import { closeSync, fstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { LogLevel } from '../../shared/ipc/engine-port.ts';

/** Event name, ids and figures; see LogEntry of the engine. */
export interface AppLogEntry {
  readonly ev: string;
  readonly [field: string]: string | number | boolean | null | undefined;
}

export interface AppLog {
  write(level: LogLevel, entry: AppLogEntry): void;
}

const MAX_FILE_BYTES = 1024 * 1024;
const MAX_FILES = 5;
const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
/** What ids, codes and reasons look like. Anything else could be an address, a path or text of a mail. */
const HARMLESS = /^[A-Za-z0-9_.:+-]{0,80}$/;
const FIELD_NAME = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;

/** Copies an entry, with every text that is no plain word replaced by its length. */
export function redactEntry(entry: AppLogEntry): Record<string, string | number | boolean | null> {
  const safe: Record<string, string | number | boolean | null> = {};
  for (const [field, value] of Object.entries(entry)) {
    if (value === undefined || !FIELD_NAME.test(field)) continue;
    safe[field] = typeof value === 'string' && !HARMLESS.test(value) ? `[${value.length} chars]` : value;
  }
  return safe;
}

/** JSON lines in `holdover.log`, mode 0600, moved on to `.1` to `.4` at 1 MiB. A log that cannot be written is given up. */
export class LogFile implements AppLog {
  readonly #file: string;
  #threshold: number;
  readonly #maxFileBytes: number;
  readonly #now: () => number;
  #fd: number | null = null;
  #sizeBytes = 0;

  constructor(dir: string, options: { level?: LogLevel; maxFileBytes?: number; now?: () => number } = {}) {
    this.#file = path.join(dir, 'holdover.log');
    this.#threshold = LEVELS.indexOf(options.level ?? 'info');
    this.#maxFileBytes = options.maxFileBytes ?? MAX_FILE_BYTES;
    this.#now = options.now ?? Date.now;
  }

  /** Writes down nothing below it from now on. */
  setLevel(level: LogLevel): void {
    this.#threshold = LEVELS.indexOf(level);
  }

  write(level: LogLevel, entry: AppLogEntry): void {
    if (LEVELS.indexOf(level) < this.#threshold) return;
    const line = `${JSON.stringify({ at: new Date(this.#now()).toISOString(), level, ...redactEntry(entry) })}\n`;
    try {
      if (this.#fd !== null && this.#sizeBytes + line.length > this.#maxFileBytes) this.#rotate();
      this.#fd ??= this.#open();
      this.#sizeBytes += writeSync(this.#fd, line);
    } catch {
      // best effort: a full or read-only disk must not stop the app because of its log
    }
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #open(): number {
    const fd = openSync(this.#file, 'a', 0o600);
    this.#sizeBytes = fstatSync(fd).size;
    return fd;
  }

  #rotate(): void {
    this.close();
    rmSync(`${this.#file}.${MAX_FILES - 1}`, { force: true });
    for (let n = MAX_FILES - 2; n >= 0; n -= 1) {
      const from = n === 0 ? this.#file : `${this.#file}.${n}`;
      try {
        renameSync(from, `${this.#file}.${n + 1}`);
      } catch {
        // best effort: there are fewer old files at first
      }
    }
  }
}
