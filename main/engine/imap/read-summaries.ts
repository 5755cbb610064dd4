import type { Uid } from '../../../shared/model/ids.ts';
import type { ImapSession, RemoteSummary } from './gateway.ts';

/** Summaries of these messages of the selected mailbox that can be read, all at once: for a handful, not for a mailbox. */
export async function readSummaries(session: ImapSession, uids: readonly Uid[]): Promise<RemoteSummary[]> {
  const summaries: RemoteSummary[] = [];
  if (uids.length === 0) return summaries;
  for await (const one of session.fetchSummaries(uids)) if (!('error' in one)) summaries.push(one);
  return summaries;
}
