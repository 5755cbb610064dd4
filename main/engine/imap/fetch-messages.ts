import { limits } from '../../../shared/limits.ts';
import type { ModSeq, Uid } from '../../../shared/model/ids.ts';
import type { RemoteChanges, RemoteFlags, RemoteSource, RemoteSummary, UnreadableMessage } from './gateway.ts';
import { hasFlag } from './has-flag.ts';
import { fetchEach, fetchOne, type FetchKind } from './fetch-each.ts';
import { localError, selectedMailbox, type SessionContext } from './session-context.ts';
import { splitUidSet } from './uid-set.ts';
import type { AnswerLine } from './wire/answer-line.ts';
import { readFetchItems } from './wire/fetch-items.ts';
import { isCompleteSummary, makeSummary, modSeqOf, SUMMARY_HEADER_BYTES, summaryItems } from './wire/summary.ts';
import { VanishedUids } from './wire/vanished-uids.ts';
import type { AnswerBounds } from './wire/wire.ts';

const MIB = 1024 * 1024;
const SUMMARY_WEIGHT = 4 * 1024;

/** BODYSTRUCTURE comes inside the line and a sender decides its size: more is allowed than elsewhere. */
const summaryBounds: AnswerBounds = { line: 16 * MIB, literal: 16 * MIB };
const sourceBounds: AnswerBounds = { line: limits.maxAnswerLineBytes, literal: limits.maxAnswerLiteralBytes };
/** VANISHED tells in one line what may have gone in years. */
const changesBounds: AnswerBounds = { line: 16 * MIB, literal: SUMMARY_HEADER_BYTES };
const smallBounds: AnswerBounds = { line: limits.maxAnswerLineBytes, literal: SUMMARY_HEADER_BYTES };

/** Summaries of many messages. */
export function fetchSummaries(context: SessionContext, uids: readonly Uid[]): AsyncGenerator<RemoteSummary | UnreadableMessage> {
  const { emailIdItem } = context;
  const kind: FetchKind<RemoteSummary> = {
    name: 'summary',
    items: summaryItems({ hasModSeq: hasModSeq(context), emailIdItem }),
    bounds: summaryBounds,
    isComplete: isCompleteSummary,
    make: makeSummary,
    weigh: () => SUMMARY_WEIGHT,
  };
  return fetchEach(context, uids, kind);
}

const sourceKind: FetchKind<RemoteSource> = {
  name: 'source',
  items: '(UID BODY.PEEK[])',
  bounds: sourceBounds,
  isComplete: (items) => items.body !== undefined,
  make: (uid, { body }) => (body ? { uid, raw: body } : null),
  weigh: ({ raw }) => raw.byteLength,
};

/** Whole sources of many messages, known to be small. */
export function fetchSources(context: SessionContext, uids: readonly Uid[]): AsyncGenerator<RemoteSource | UnreadableMessage> {
  return fetchEach(context, uids, sourceKind);
}

/** Bytes [offset, offset + length) of one source. */
export async function fetchSlice(context: SessionContext, uid: Uid, offset: number, length: number): Promise<Uint8Array> {
  const bounds: AnswerBounds = { line: limits.maxAnswerLineBytes, literal: length };
  const { body } = await fetchOne(context, uid, 'slice', `(UID BODY.PEEK[]<${offset}.${length}>)`, bounds);
  if (body === undefined || body === null) {
    // NIL stands for nothing there (RFC 9051 7.5.2): past the end that is right, at the beginning it is a message without text.
    if (body === null && offset > 0) return Buffer.alloc(0);
    throw localError(context, 'message-unreadable', { scope: 'message', retry: 'later', detail: 'answer without content' });
  }
  return body;
}

/** The header block of one message, bounded by limits.maxAnswerLiteralBytes. */
export async function fetchHeader(context: SessionContext, uid: Uid): Promise<Uint8Array> {
  const bounds: AnswerBounds = { line: limits.maxAnswerLineBytes, literal: limits.maxAnswerLiteralBytes };
  const { header } = await fetchOne(context, uid, 'header', `(UID BODY.PEEK[HEADER]<0.${limits.maxAnswerLiteralBytes}>)`, bounds);
  if (!header) throw localError(context, 'message-unreadable', { scope: 'message', retry: 'later', detail: 'answer without content' });
  if (header.length >= limits.maxAnswerLiteralBytes)
    throw localError(context, 'message-too-large', { scope: 'message', retry: 'never', detail: 'header' });
  return header;
}

/** NOMODSEQ mailboxes (RFC 7162 3.1.2.2) refuse MODSEQ with BAD. */
function hasModSeq(context: SessionContext): boolean {
  return context.caps.condstore && selectedMailbox(context).highestModSeq !== null;
}

function toFlags(line: AnswerLine): RemoteFlags | null {
  const { uid, flags, modSeq } = readFetchItems(line.text, line.literals, line.at);
  if (uid === undefined || flags === undefined) return null;
  return { uid: uid as Uid, flags, modSeq: modSeqOf(modSeq) };
}

/** Flags of these messages; of those that exist. */
export async function fetchFlags(context: SessionContext, uids: readonly Uid[]): Promise<readonly RemoteFlags[]> {
  selectedMailbox(context);
  const asked = new Set<number>(uids);
  const found = new Map<number, RemoteFlags>();
  const items = hasModSeq(context) ? '(UID FLAGS MODSEQ)' : '(UID FLAGS)';
  for (const { set } of splitUidSet(uids)) {
    await context.wire.run('UID FETCH', [`${set} ${items}`], {
      bounds: smallBounds,
      on: {
        FETCH: (line) => {
          const one = toFlags(line);
          if (one && asked.has(one.uid)) found.set(one.uid, one);
        },
      },
    });
  }
  return [...found.values()];
}

/** Changes since a MODSEQ. Bounded by what is known: neither a million changed flags nor a range of 2^32 UIDs is kept. */
export async function fetchChanges(context: SessionContext, since: ModSeq, knownUids: readonly Uid[]): Promise<RemoteChanges> {
  const { wire, caps } = context;
  selectedMailbox(context);
  if (!caps.condstore)
    throw localError(context, 'operation-unsafe', { scope: 'mailbox', retry: 'never', detail: 'CONDSTORE is not offered' });
  const known = new Set<number>(knownUids);
  const flags = new Map<number, RemoteFlags>();
  const vanished = new VanishedUids(knownUids);
  const from = since > 0n ? since : 1n; // CHANGEDSINCE takes no zero (RFC 7162 3.1.4.1)
  await wire.run('UID FETCH', [`1:* (UID FLAGS) (CHANGEDSINCE ${from}${caps.qresync ? ' VANISHED' : ''})`], {
    bounds: changesBounds,
    on: {
      FETCH: (line) => {
        const one = toFlags(line);
        if (one && (known.has(one.uid) || hasFlag(one.flags, '\\flagged'))) flags.set(one.uid, one);
      },
      VANISHED: ({ text, at }) => vanished.read(text, at),
    },
  });
  return { flags: [...flags.values()], vanished: caps.qresync ? vanished.uids() : null };
}
