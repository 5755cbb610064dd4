import { serverWords } from '../core/server-words.ts';

const ALERT = /^\S+ (?:OK|NO|BAD|BYE|PREAUTH) \[ALERT\](.*)/isu;
/** The first letters of status lines: a list of messages is thousands of lines of others. */
const STATUS = new Set('ONBPonbp');
/** Room for the text in any encoding; a line may be a megabyte long. */
const READ_BYTES = 4_096;

/**
 * The words of a status line with the response code ALERT, which a person has to be shown (RFC 3501 and RFC 9051 7.1); null for every
 * other line. They are whatever the server wrote: one line, without marks that hide or turn text, to be shown as text.
 *
 * @param payload the line as it came, tagged or untagged
 */
export function alertText(payload: Buffer): string | null {
  const isUntagged = payload[0] === 0x2a;
  if (isUntagged && !STATUS.has(String.fromCharCode(payload[2] ?? 0))) return null;
  const words = ALERT.exec(payload.toString('utf8', 0, READ_BYTES))?.[1];
  return words === undefined ? null : serverWords(words);
}
