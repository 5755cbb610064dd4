import { composeMessage } from '../../main/engine/ingest/parse-message.ts';
import { readWithMailparser, type ReadMail } from '../../main/engine/ingest/mailparser-reader.ts';
import { MessageReader, type ReadSource } from '../../main/engine/ingest/message-reader.ts';
import { readOrdinary } from '../../main/engine/ingest/ordinary-reader.ts';
import { ReportedTerms } from '../../main/engine/ingest/search-text.ts';
import { Segmenter } from '../../main/engine/ingest/segmenter.ts';

const MAX_TEXT_BYTES = 2 * 1024 * 1024;

/** What the passes before any parser make of a source. */
export function readSource(raw: Buffer): ReadSource {
  const reader = new MessageReader({ maxTextBytes: MAX_TEXT_BYTES, wanted: () => 0 });
  for (const piece of new Segmenter().whole(raw)) reader.push(piece);
  return reader.finish();
}

function essence(source: ReadSource, mail: ReadMail): unknown {
  const { parsed, text, html } = composeMessage(source, mail, new ReportedTerms(), []);
  return { ...parsed, search: { ...parsed.search, newTerms: [...parsed.search.newTerms].sort() }, text, html };
}

/** Null where the message is no ordinary one; else what the quick reading and mailparser make of it. */
export async function bothReadings(raw: Buffer): Promise<{ quick: unknown; parser: unknown } | null> {
  const source = readSource(raw);
  const quick = readOrdinary(source);
  if (quick === null) return null;
  return { quick: essence(source, quick), parser: essence(source, await readWithMailparser(source.skeleton(), false)) };
}
