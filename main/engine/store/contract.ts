import type { EntryId, PlacementId, SourceId } from '../../../shared/model/ids.ts';
import type { IngestedSource, ParsedMessage, SearchText, Segment } from '../ingest/protocol.ts';
import type { SealedSegment, SegmentPacks } from './segment-packs.ts';
import type { TxParticipant } from './transaction.ts';

/** An open, keyed, checked database. Everything is synchronous; no await inside a transaction. */
export interface DatabaseHandle {
  readonly path: string;
  /** The raw connection: SQL lives in main/engine/store only. */
  readonly db: import('better-sqlite3').Database;
  /** Runs in BEGIN IMMEDIATE; nested calls join the outer one. Named for the log; warns over 100 ms. SQLite failures come out as MailError (store-full, store-io, store-read-only, store-corrupt, store-in-use). */
  tx<T>(name: string, work: () => T): T;
  /** Lets something take part in every transaction from now on. */
  join(participant: TxParticipant): void;
  /** PRAGMA wal_checkpoint(TRUNCATE). */
  checkpoint(): void;
  /** All files of it. */
  sizeBytes(): number;
  /** Truncates the WAL and closes; safe to call twice. */
  close(): void;
}

/** The store of mirrored mail. */
export interface StoreHandle extends DatabaseHandle {
  /** Large segments, in files beside the database. */
  readonly packs: SegmentPacks;
  /** Gives room of deleted segments back, a portion at a time; returns bytes. */
  compact(): number;
}

/** A segment to be stored, its content in memory or in a pack already. */
export type StorableSegment = Segment | (Omit<Segment, 'content'> & { readonly sealed: SealedSegment });
export type StorableSource = ReadMarks & { readonly segments: readonly StorableSegment[] };

/** What is kept with a source of what was read from it. */
export type ReadMarks = Pick<IngestedSource, 'digest'> & { readonly parsed: Pick<ParsedMessage, 'contentDigest' | 'contentBlocks'> };

/** What two copies of one mail are known by; see isSameContent(). */
export interface ContentMarks {
  /** SHA-256 of the body without trailing white space. */
  readonly body: Uint8Array;
  /** See SeenContent; null where that is not known. */
  readonly content: Uint8Array | null;
  readonly blocks: Uint8Array | null;
}

/** Stored sources: segments shared by digest, never rewritten. */
export interface SourceStore {
  /**
   * Brings large segments into their pack ahead of the transaction that records the source, so that what waits for it is
   * small; their contents are freed. Follow with record() or abandon(). @throws MailError store-full, store-io, store-read-only.
   */
  writeAhead(segments: readonly Segment[]): readonly StorableSegment[];
  /** Lets go of segments that were written ahead and will not be recorded. */
  abandon(segments: readonly StorableSegment[]): void;
  /** Stores a complete source, or finds the one with the same raw digest. Call inside tx. */
  record(source: StorableSource): SourceId;
  /** Starts a source that arrives in slices. */
  begin(sizeBytes: number): SourceId;
  /** Appends segments reaching up to rawEnd. Call inside tx; durable on return of the tx. */
  append(id: SourceId, segments: readonly StorableSegment[], rawEnd: number): void;
  /** Marks complete; returns another id when an equal source already existed (this one is then removed). */
  complete(id: SourceId, source: ReadMarks): SourceId;
  storedBytes(id: SourceId): number;
  /** Segments in order, read one by one: bounded memory. */
  segments(id: SourceId): Iterable<Segment>;
  /** Raw bytes in order, one piece per segment. */
  raw(id: SourceId): Iterable<Uint8Array>;
  headerDigest(id: SourceId): Uint8Array | null;
  /** SHA-256 of the body without trailing white space; null while incomplete. */
  bodyDigest(id: SourceId): Uint8Array | null;
  /** Null while incomplete. */
  contentMarks(id: SourceId): ContentMarks | null;
  /** Complete sources are removed only when no placement or entry refers to them; returns how many were removed. */
  removeUnreferenced(ids: readonly SourceId[]): number;
}

/** One answer of a search, newest first. */
export interface SearchHits {
  readonly entryIds: readonly EntryId[];
  readonly hasMore: boolean;
}

export interface SearchIndex {
  /** Call inside tx. Replaces what was indexed for the entry. */
  index(entryId: EntryId, text: SearchText): void;
  remove(entryId: EntryId): void;
  /**
   * Words are prefixes; a word also matches inside longer words (substring) from 3 characters on; "quoted words" are a phrase; from: to:
   * subject: file: restrict a word; all words must match. Newest first. `accepts` filters by view (pushed into SQL where possible).
   */
  query(text: string, options: { limit: number; viewMailboxIds?: readonly number[]; accountId?: number; before?: EntryId }): SearchHits;
  /** Merges parts of the index, at most about this many pages; false when there is nothing to merge. Queries get quicker by it. */
  merge(pages: number): boolean;
  /** Removes words that no message holds any more, this many batches of 500 a call, going round; returns words removed. */
  sweepTerms(batches: number): number;
}

export type { PlacementId };
