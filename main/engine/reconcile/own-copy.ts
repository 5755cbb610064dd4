import { createHash } from 'node:crypto';
import { limits } from '../../../shared/limits.ts';
import { asSourceId } from '../../../shared/model/ids.ts';
import { headerFields } from '../imap/wire/header-fields.ts';
import { headBlock } from '../core/head-block.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { PrimaryPlace } from '../store/reconcile-facts.ts';
import type { AppendedCopy } from './step-result.ts';

/**
 * Digest of the trace lines of a message (RFC 5322 3.6.7), by which one way that a mail took is told from another; null where it has
 * none. Servers that write mail anew keep them. Pure.
 * @param pieces of its source, in order; read as far as the header goes
 */
export function traceDigest(pieces: Iterable<Uint8Array>): string | null {
  const lines = headerFields(headBlock(pieces, limits.maxHeaderBytes)).get('received') ?? [];
  if (lines.length === 0) return null;
  const text = lines.map((line) => line.replace(/\s+/gu, ' ').trim()).join('\n');
  return createHash('sha256').update(text, 'latin1').digest('hex');
}

export interface PartedCopies {
  readonly ours: readonly PrimaryPlace[];
  readonly others: readonly PrimaryPlace[];
  /** Either of the two: the mirror is fetching what tells. */
  readonly unread: readonly PrimaryPlace[];
}

/**
 * Which places of a mail hold the copy we filed, moved or copied by a person included: those keep bytes and internal date, while a
 * delivery has its own trace lines or its own date. A server that keeps mail in a form of its own tells another size of it, and again of
 * what is moved: there the internal date and the trace lines have to be those of what was filed. Nobody copies a mail into the mailbox
 * that it stands in: beside it there, another device of the person has filed it, too.
 */
export function partOwnCopies({ sources }: EngineStore, own: AppendedCopy, places: readonly PrimaryPlace[]): PartedCopies {
  const isFiledHere = (place: PrimaryPlace): boolean =>
    place.mailboxId === own.mailboxId && place.epoch === own.epoch && place.uid === own.uid;
  const isWhereFiled = places.some(isFiledHere);
  const judge = (place: PrimaryPlace): keyof PartedCopies => {
    if (isFiledHere(place)) return 'ours';
    if (isWhereFiled && place.mailboxId === own.mailboxId && place.epoch === own.epoch) return 'others';
    if (place.internalDate !== own.internalDate) return 'others';
    if (place.sizeBytes === own.sizeBytes) return 'ours';
    if (own.trace === null) return 'others';
    if (place.sourceId === null) return 'unread';
    return traceDigest(sources.raw(asSourceId(place.sourceId))) === own.trace ? 'ours' : 'others';
  };
  const parted = { ours: [], others: [], unread: [] } as Record<keyof PartedCopies, PrimaryPlace[]>;
  for (const place of places) parted[judge(place)].push(place);
  return parted;
}
