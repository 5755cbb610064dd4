import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { MailError } from '../../shared/errors.ts';
import { enrolmentFileSchema, type EnrolmentFile } from '../../shared/model/enrolment-file.ts';

const MAX_BYTES = 1024 * 1024;

/**
 * Reads the file by which IT tools hand over accounts.
 * @throws MailError `config-invalid`; the detail names the place inside the JSON (`accounts[0].config.primary.imap.port`),
 * never a value.
 */
export function readEnrolmentFile(file: string): EnrolmentFile {
  const parsed = enrolmentFileSchema.safeParse(readJson(file));
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.slice(0, 10).map((issue) => `${placeName(issue.path)}: ${issue.message}`);
  throw invalid(places.join('; '), parsed.error);
}

/** Overwrites the file, which holds passwords, and removes it. @throws when the disk refuses. */
export function eraseEnrolmentFile(file: string): void {
  const fd = openSync(file, 'r+');
  try {
    writeSync(fd, Buffer.alloc(fstatSync(fd).size));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  rmSync(file);
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw invalid(`file cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`, cause);
  }
  if (text.length > MAX_BYTES) throw invalid('file is larger than 1 MiB', undefined);
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text around the fault, which may be a password.
    throw invalid('file is not JSON', undefined);
  }
}

function placeName(path: readonly PropertyKey[]): string {
  const name = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return name.replace(/^\./, '') || 'the file';
}

function invalid(detail: string, cause: unknown): MailError {
  return new MailError('config-invalid', { scope: 'account', retry: 'ask', detail, cause });
}
