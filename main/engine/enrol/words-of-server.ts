import { MailError } from '../../../shared/errors.ts';
import { serverWords } from '../core/server-words.ts';

/** What imapflow and nodemailer keep of a refusal. */
interface Refusal {
  readonly authenticationFailed?: unknown;
  readonly responseText?: unknown;
  readonly response?: unknown;
  readonly command?: unknown;
}

/**
 * What the server itself said when it refused a log-in, for the person who tries it: often the only hint ("application-specific password
 * required"). Null for every other error: the answer to a log-in comes behind the encryption that was asked for, so that nobody on the way
 * can have put words in. One line, without marks that hide or turn text; to be shown as text, and kept nowhere.
 */
export function wordsOfServer(error: unknown): string | null {
  const { authenticationFailed, responseText, response, command } = (error instanceof MailError ? (error.cause ?? {}) : {}) as Refusal;
  const isSmtp = typeof command === 'string' && command.startsWith('AUTH');
  const text = authenticationFailed === true ? responseText : isSmtp ? response : null;
  if (typeof text !== 'string') return null;
  // A reply in several lines repeats its code before each.
  return serverWords(text.replaceAll(/\r?\n\d{3}[- ]?/gu, ' '));
}
