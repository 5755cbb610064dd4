import { asUid, type Uid } from '../../../shared/model/ids.ts';
import { localError, selectedMailbox, type SessionContext } from './session-context.ts';
import { splitUidSet } from './uid-set.ts';
import { quoted } from './wire/command-text.ts';
import { formatSearchDay } from './wire/dates.ts';
import { readFetchItems } from './wire/fetch-items.ts';
import { headerFields } from './wire/header-fields.ts';
import { SearchAnswer } from './wire/search-answer.ts';
import type { AnswerBounds } from './wire/wire.ts';
import { firstMessageId } from '../mime/message-ids.ts';

const MIB = 1024 * 1024;
/** A SEARCH line without ESEARCH holds up to 11 bytes for each message of the mailbox. */
const searchBounds: AnswerBounds = { line: 16 * MIB, literal: 64 * 1024 };
/** Messages whose Message-ID is compared in full after a search. */
const MAX_CANDIDATES = 1000;

/**
 * UID SEARCH that never takes silence for "nothing": iCloud leaves the untagged line out when nothing matches, and a broken
 * answer looks the same. Asked again with one message that has to match, the line must come.
 * @throws MailError answer-incomplete when it does not.
 */
async function search(context: SessionContext, criteria: string): Promise<Uid[]> {
  const { exists } = selectedMailbox(context);
  const first = await ask(context, criteria);
  if (first.wasAnswered) return first.uids();
  if (exists === 0) return [];
  const second = await ask(context, `OR (${criteria}) UID *`);
  if (second.wasAnswered) return second.uids();
  throw localError(context, 'answer-incomplete', { scope: 'mailbox', retry: 'later', detail: 'SEARCH without its line' });
}

async function ask(context: SessionContext, criteria: string): Promise<SearchAnswer> {
  const answer = new SearchAnswer();
  const result = context.caps.esearch ? 'RETURN (ALL) ' : '';
  await context.wire.run('UID SEARCH', [`${result}${criteria}`], {
    bounds: searchBounds,
    on: {
      SEARCH: ({ text, at }) => answer.readSearch(text, at),
      ESEARCH: ({ text, at }) => answer.readEsearch(text, at),
    },
  });
  return answer;
}

/** UIDs since a day, and flagged ones where wanted. The last message of the mailbox may be among them without matching. */
export function searchWindow(context: SessionContext, since: number, orFlagged: boolean): Promise<readonly Uid[]> {
  const day = `SINCE ${formatSearchDay(since)}`;
  return search(context, orFlagged ? `OR ${day} FLAGGED` : day);
}

/** All UIDs in the range that exist. */
export async function searchUidRange(context: SessionContext, from: Uid, to: Uid): Promise<readonly Uid[]> {
  if (to < from) return [];
  const found = await search(context, `UID ${from}:${to}`);
  return found.filter((uid) => uid >= from && uid <= to);
}

/** UIDs whose Message-ID is exactly this one: the server looks for a part of it (RFC 9051 6.4.4), we compare. */
export async function searchMessageId(context: SessionContext, messageId: string, from: Uid | undefined): Promise<readonly Uid[]> {
  const wanted = firstMessageId(messageId);
  // What servers find without a charset is ASCII; the longest such part of an odd id narrows the search enough.
  const part = (messageId.match(/[\x20-\x7e]+/g) ?? []).sort((a, b) => b.length - a.length)[0];
  if (wanted === null || part === undefined)
    throw localError(context, 'call-rejected', { scope: 'mailbox', retry: 'never', detail: 'no Message-ID' });
  const range = from === undefined ? '' : `UID ${from}:* `;
  const found = await search(context, `${range}HEADER Message-ID ${quoted(part, 'Message-ID')}`);
  const candidates = found.filter((uid) => from === undefined || uid >= from).slice(-MAX_CANDIDATES);
  const ids = await messageIds(context, candidates);
  return candidates.filter((uid) => ids.get(uid) === wanted);
}

async function messageIds(context: SessionContext, uids: readonly Uid[]): Promise<Map<number, string | null>> {
  const found = new Map<number, string | null>();
  for (const { set } of splitUidSet(uids)) {
    await context.wire.run('UID FETCH', [`${set} (UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]<0.4096>)`], {
      on: {
        FETCH: ({ text, literals, at }) => {
          const items = readFetchItems(text, literals, at);
          if (items.uid === undefined || !items.header) return;
          found.set(items.uid, firstMessageId(headerFields(items.header).get('message-id')?.[0] ?? ''));
        },
      },
    });
  }
  return found;
}

/** Which of these messages the server answers for at all. */
export async function existingUids(context: SessionContext, uids: readonly Uid[]): Promise<ReadonlySet<number>> {
  const found = new Set<number>();
  for (const { set } of splitUidSet(uids)) {
    await context.wire.run('UID FETCH', [`${set} (UID)`], {
      on: {
        FETCH: ({ text, literals, at }) => {
          const { uid } = readFetchItems(text, literals, at);
          if (uid !== undefined) found.add(asUid(uid));
        },
      },
    });
  }
  return found;
}
