import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { accountLossesSchema, unsentNoteSchema } from '../../../../shared/model/account.ts';
import { UNSENT_FILE } from '../../../../shared/store-file.ts';
import { removeDurably, syncFolderOf, writeDurable } from '../../core/durable-file.ts';

/** What goes along with a database file when it is set aside. */
const PARTS = ['-wal', '-shm', '.packs', '.before-migration', ''] as const;
const DAY_MS = 86_400_000;
/** A disk that damages every file must not be filled with them. */
const MAX_A_DAY = 5;

/** `moving`: the damaged files are on their way; `moved`: the new file is made from what can be read of them. */
const journalSchema = z.strictObject({
  stage: z.enum(['moving', 'moved']),
  /** Name of the damaged file where it is kept. */
  aside: z.string().regex(/^[\w.-]+$/u),
  /** Commits were lost with the WAL, whatever can be read. */
  isCut: z.boolean(),
});
export type Journal = z.infer<typeof journalSchema>;

const reportSchema = z.strictObject({
  aside: z.string(),
  rows: z.number(),
  isWhole: z.boolean(),
  /** There was no file to set aside: it had been removed. */
  isMissing: z.boolean().default(false),
  /** What had been noted beside the stores of what is nowhere but there; null where that cannot be known. */
  losses: accountLossesSchema.nullable().default(null),
});
/** What became of a damaged store: kept until a person was told. */
export type MendReport = z.infer<typeof reportSchema>;
type ReportInput = z.input<typeof reportSchema>;

const journalFile = (path: string): string => `${path}.mending`;
const reportFile = (path: string): string => `${path}.mended`;

function parsed<T>(file: string, schema: z.ZodType<T>): T | null {
  if (!existsSync(file)) return null;
  const result = schema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  return result.success ? result.data : null;
}

export const readJournal = (path: string): Journal | null => parsed(journalFile(path), journalSchema);
export const writeJournal = (path: string, journal: Journal): void => writeDurable(journalFile(path), JSON.stringify(journal));
export const endJournal = (path: string): void => removeDurably(journalFile(path));

export const readReport = (path: string): MendReport | null => parsed(reportFile(path), reportSchema);
export const writeReport = (path: string, report: ReportInput): void => writeDurable(reportFile(path), JSON.stringify(report));
export const endReport = (path: string): void => removeDurably(reportFile(path));

/** What was nowhere but in the stores when it was last noted beside them. Figures that cannot be read are no figures. */
export function notedLosses(path: string): MendReport['losses'] {
  try {
    return parsed(join(dirname(path), UNSENT_FILE), unsentNoteSchema)?.losses ?? null;
  } catch {
    return null; // the person is told that it cannot be known
  }
}

/** A name that is not taken, or null where too much was set aside lately. */
export function asideName(path: string, now: number): string | null {
  const prefix = `${basename(path)}.damaged-`;
  const times = readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix))
    .map((name) => Number(/^\d+/u.exec(name.slice(prefix.length))?.[0] ?? 0));
  const lately = new Set(times.filter((time) => now - time < DAY_MS && time <= now));
  return lately.size >= MAX_A_DAY ? null : `${prefix}${Math.max(now, ...times.map((time) => time + 1))}`;
}

/** Moves the damaged files aside; the database itself goes last. Each step can be taken again after a kill. */
export function moveAside(path: string, asidePath: string, step: (name: string) => void): void {
  for (const part of PARTS) {
    if (!existsSync(path + part) || existsSync(asidePath + part)) continue;
    renameSync(path + part, asidePath + part);
    syncFolderOf(path);
    step(`moved${part}`);
  }
}
