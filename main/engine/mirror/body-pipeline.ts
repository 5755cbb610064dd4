import { createHash } from 'node:crypto';
import { MailError } from '../../../shared/errors.ts';
import type { PlacementId } from '../../../shared/model/ids.ts';
import { collectBuffers } from '../core/collect-buffers.ts';
import type { ImapSession, RemoteSummary } from '../imap/gateway.ts';
import { isLesserFailure } from '../imap/lesser-failure.ts';
import { readSummaries } from '../imap/read-summaries.ts';
import { isSameMessage } from '../imap/same-message.ts';
import type { Placement } from '../store/placements.ts';
import { ChangeBatch } from './change-batch.ts';
import type { MirrorContext } from './mirror-context.ts';
import { storeSource, type ReadSource, type ReadySource } from './store-source.ts';
import { viewContext } from './view-context.ts';

/** Bytes being read by the worker or waiting to be stored. */
const IN_FLIGHT_BYTES = 4 * 1024 * 1024;
/** Fetched again after a kill, at most. Content is in its pack by then, so little of it is in memory. */
const COMMIT_BYTES = 8 * 1024 * 1024;
/** Bounds how long a transaction keeps everything else waiting, and how much text waits for the index. */
const COMMIT_MESSAGES = 128;

const bare = (id: string | null): string => (id ?? '').replace(/[<>\s]/gu, '').toLowerCase();

/** Whether an id stands by itself in a field "Message-ID" of this header, in brackets or not, folded or not. */
function hasId(header: string, id: string): boolean {
  const fields = header.replace(/\r?\n[ \t]+/gu, '').split(/\r?\n/u);
  const named = fields.filter((one) => /^message-id\s*:/iu.test(one)).map((one) => one.replace(/\s/gu, '').toLowerCase());
  return named.some((field) => field.split(/[<>:(),;"]/u).includes(id));
}

/**
 * Between the connection and the store: hands sources to the worker while the next ones arrive, and stores what was read in
 * transactions of some size. Bounded in memory by waiting for the oldest.
 */
export class BodyPipeline {
  readonly #context: MirrorContext;
  readonly #session: ImapSession;
  readonly #onStored: (ids: readonly PlacementId[]) => void;
  readonly #reading: { readonly placement: Placement; readonly bytes: number; readonly result: Promise<ReadSource | Error> }[] = [];
  #readingBytes = 0;
  #ready: ReadySource[] = [];
  #readyBytes = 0;
  #suspects: ReadySource[] = [];

  constructor(context: MirrorContext, session: ImapSession, onStored: (ids: readonly PlacementId[]) => void) {
    this.#context = context;
    this.#session = session;
    this.#onStored = onStored;
  }

  async push(placement: Placement, raw: Uint8Array): Promise<void> {
    const bytes = raw.byteLength;
    const result = this.#context.deps.ingest.ingest(raw).then(
      (ingested): ReadSource => ({ placement, ingested, slicedInto: null }),
      (error: unknown) => (error instanceof Error ? error : new Error('ingest failed')),
    );
    this.#reading.push({ placement, bytes, result });
    this.#readingBytes += bytes;
    while (this.#readingBytes > IN_FLIGHT_BYTES) await this.#takeOldest();
  }

  async pushRead(read: ReadSource): Promise<void> {
    while (this.#reading.length > 0) await this.#takeOldest();
    this.#accept(read);
  }

  /** Stores everything that is still on its way. */
  async drain(): Promise<void> {
    while (this.#reading.length > 0) await this.#takeOldest();
    this.#commit();
    await this.clearSuspects();
  }

  async #takeOldest(): Promise<void> {
    const oldest = this.#reading.shift();
    if (!oldest) return;
    this.#readingBytes -= oldest.bytes;
    const read = await oldest.result;
    if (!(read instanceof Error)) this.#accept(read);
    else if (read instanceof MailError && read.scope === 'message') this.#fail(oldest.placement, read.code);
    else throw read;
  }

  #accept({ ingested, ...rest }: ReadSource): void {
    const segments = this.#context.store.sources.writeAhead(ingested.segments);
    const read: ReadySource = { ...rest, ingested: { ...ingested, segments } };
    const told = read.placement.messageId;
    // Summary and source disagree: the mailbox may have got a new epoch in between. Ask again before storing.
    if (told !== null && bare(told) !== bare(read.ingested.parsed.messageId)) {
      this.#suspects.push(read);
      return;
    }
    this.#ready.push(read);
    this.#readyBytes += read.ingested.digest.sizeBytes;
    if (this.#readyBytes >= COMMIT_BYTES || this.#ready.length >= COMMIT_MESSAGES) this.#commit();
  }

  #commit(): void {
    const ready = this.#ready;
    if (ready.length === 0) return;
    this.#ready = [];
    this.#readyBytes = 0;
    const { store, accountId, onListsChanged, step } = this.#context;
    const lists = new ChangeBatch(onListsChanged);
    store.handle.tx('mirror.store-bodies', () => {
      const view = viewContext(store, accountId);
      for (const read of ready) storeSource(this.#context, read, view, lists);
    });
    step('mirror.store-bodies');
    collectBuffers();
    lists.flush();
    this.#onStored(ready.map((one) => one.placement.id));
  }

  /**
   * Two parsers may read an odd Message-ID differently; the server's own summary, asked anew, decides. True when there were
   * any, and the selected mailbox is another one now.
   */
  async clearSuspects(): Promise<boolean> {
    const suspects = this.#suspects;
    if (suspects.length === 0) return false;
    this.#suspects = [];
    for (const read of suspects) {
      if (this.#session.isOpen && (await this.#isStillSame(read))) this.#ready.push(read);
      else this.#reject(read);
    }
    this.#commit();
    return true;
  }

  async #isStillSame(read: ReadySource): Promise<boolean> {
    const { placement } = read;
    const mailbox = this.#context.store.mailboxes.get(placement.mailboxId);
    if (!mailbox) return false;
    const selected = await this.#session.select(mailbox.path);
    if (selected.uidValidity !== placement.uidValidity) return false;
    const [summary] = await readSummaries(this.#session, [placement.uid]);
    return summary !== undefined && isSameMessage(placement, summary) && (await this.#isSourceOf(read, summary));
  }

  /** Its head is the source's, and has that Message-ID in it, however it is written; else size and date have to be those of the summary. */
  async #isSourceOf({ placement, ingested: { digest, parsed } }: ReadySource, summary: RemoteSummary): Promise<boolean> {
    const header = await this.#headerOf(placement);
    if (header === null || !createHash('sha256').update(header).digest().equals(digest.header)) return false;
    if (hasId(Buffer.from(header).toString('utf8'), bare(placement.messageId))) return true;
    return summary.sizeBytes === digest.sizeBytes && summary.sentDate === parsed.sentDate;
  }

  async #headerOf({ uid }: Placement): Promise<Uint8Array | null> {
    try {
      return await this.#session.fetchHeader(uid);
    } catch (error) {
      if (isLesserFailure(error, this.#session)) return null;
      throw error;
    }
  }

  #reject({ placement, ingested }: ReadySource): void {
    const { store } = this.#context;
    store.sources.abandon(ingested.segments);
    this.#fail(placement, 'source-mismatch');
  }

  /** One message that could not be read, or is not the one asked for, is no reason to stop at the others. */
  #fail(placement: Placement, reason: string): void {
    const { store, deps } = this.#context;
    deps.log.warn({ ev: 'mirror.source-failed', placement: placement.id, reason });
    store.handle.tx('mirror.count-attempts', () => store.placements.countAttempt(placement.id));
    this.#onStored([placement.id]);
  }
}
