import { readFileSync } from 'node:fs';
import { MailError } from '../../shared/errors.ts';

const MAX_CHARS = 4096;

/** The text of a file that holds one secret, without its last line break. @throws MailError config-invalid with the path, never the text */
export function readSecretFile(path: string): string {
  const invalid = (why: string, cause?: unknown) =>
    new MailError('config-invalid', { scope: 'store', retry: 'ask', detail: `${path}: ${why}`, cause });
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replace(/\r?\n$/u, '');
  } catch (error) {
    throw invalid(`file cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`, error);
  }
  if (text === '' || text.length > MAX_CHARS) throw invalid(text === '' ? 'file is empty' : 'file is too long');
  return text;
}
