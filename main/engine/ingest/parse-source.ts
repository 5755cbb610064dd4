import { composeMessage, type ComposedMessage } from './parse-message.ts';
import type { ReadSource } from './message-reader.ts';
import { readMail } from './read-mail.ts';
import type { ReportedTerms } from './search-text.ts';

/** Lets the parsers at a source that was read; never throws. `withTextInHtml` as in readWithMailparser. */
export async function parseSource(source: ReadSource, reported: ReportedTerms, withTextInHtml: boolean): Promise<ComposedMessage> {
  const { mail, hasFailed } = await readMail(source, withTextInHtml);
  return composeMessage(source, mail, reported, hasFailed ? [{ code: 'parse-failed', detail: '' }] : []);
}
