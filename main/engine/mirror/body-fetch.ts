import { createHash } from 'node:crypto';
import { limits } from '../../../shared/limits.ts';
import { MailError } from '../../../shared/errors.ts';
import type { MailboxId, PlacementId } from '../../../shared/model/ids.ts';
import type { ImapSession } from '../imap/gateway.ts';
import { isSameLabelled } from '../store/labels.ts';
import type { Placement } from '../store/placements.ts';
import { ChangeBatch } from './change-batch.ts';
import { BodyPipeline } from './body-pipeline.ts';
import { fetchSliced } from './body-slices.ts';
import { matchOnSameServer } from './match.ts';
import type { MirrorContext } from './mirror-context.ts';
import { adoptSource } from './store-source.ts';
import { viewContext } from './view-context.ts';

/** Times a body is asked for until the next start. */
export const MAX_BODY_ATTEMPTS = 2;

/** So much and no more in one go; of one that is larger, all of it. */
export interface Portion {
  readonly messages: number;
  readonly bytes: number;
}

const WHOLE_BATCH: Portion = { messages: limits.batchMessages, bytes: limits.batchBytes };

/** Fetches the sources that are missing, newest first over all mailboxes of one side. */
export class BodyFetch {
  readonly #context: MirrorContext;
  readonly #session: ImapSession;
  readonly #pipeline: BodyPipeline;
  readonly #inFlight = new Map<PlacementId, Placement>();
  #selected: MailboxId | null = null;
  #done: number;
  #total = 0;

  /** @param done bodies that came before in the same download: its progress goes on from there */
  constructor(context: MirrorContext, session: ImapSession, done = 0) {
    this.#context = context;
    this.#session = session;
    this.#done = done;
    this.#pipeline = new BodyPipeline(context, session, (ids) => {
      for (const id of ids) this.#inFlight.delete(id);
      this.#done += ids.length;
      this.#report();
    });
  }

  /** Bodies that came, those before included. */
  get done(): number {
    return this.#done;
  }

  /** Runs until nothing is missing or the signal aborts. @throws MailError of scope connection, account or store. */
  run(signal: AbortSignal): Promise<void> {
    return this.#fetchAll(async () => {
      while (!signal.aborted && (await this.#fetchBatch(WHOLE_BATCH)));
    });
  }

  /** Fetches the newest of what is missing. @throws MailError of scope connection, account or store. */
  runPortion(portion: Portion): Promise<void> {
    return this.#fetchAll(async () => void (await this.#fetchBatch(portion)));
  }

  async #fetchAll(fetch: () => Promise<void>): Promise<void> {
    const { store, accountId, side } = this.#context;
    this.#total = this.#done + store.placements.countMissing(accountId, side, MAX_BODY_ATTEMPTS).missing;
    this.#report();
    try {
      await fetch();
    } finally {
      await this.#pipeline.drain();
    }
  }

  /** False where nothing was missing. */
  async #fetchBatch(portion: Portion): Promise<boolean> {
    let batch = this.#nextBatch(portion);
    if (batch.length === 0 && this.#inFlight.size > 0) {
      // What is left may be other labels of what is on its way.
      await this.#pipeline.drain();
      batch = this.#nextBatch(portion);
    }
    for (const group of groupByMailbox(batch)) await this.#fetchGroup(group);
    return batch.length > 0;
  }

  #report(): void {
    this.#context.onProgress({ phase: 'bodies', done: this.#done, total: Math.max(this.#total, this.#done) });
  }

  #nextBatch(portion: Portion): Placement[] {
    const { store, accountId, side } = this.#context;
    const wanted = portion.messages + this.#inFlight.size;
    const batch: Placement[] = [];
    const isOnItsWay = (one: Placement): boolean => [...this.#inFlight.values(), ...batch].some((other) => isSameLabelled(one, other));
    let bytes = 0;
    for (const one of store.placements.missingBodies(accountId, side, wanted, MAX_BODY_ATTEMPTS)) {
      if (this.#inFlight.has(one.id) || (this.#session.caps.labels && isOnItsWay(one))) continue;
      if (batch.length > 0 && bytes + one.sizeBytes > portion.bytes) break;
      batch.push(one);
      bytes += one.sizeBytes;
    }
    return batch;
  }

  async #fetchGroup(group: readonly Placement[]): Promise<void> {
    // Those of which neither success nor failure was noted yet: an error of the mailbox counts as an attempt for each, once.
    const open = new Set(group);
    try {
      if (!(await this.#select(group[0]!))) return this.#countFailures(group);
      for (const one of group) if (await this.#orPassOver(one, open, () => this.#adoptKnownBody(one))) open.delete(one);
      const whole = [...open].filter((one) => one.sizeBytes <= limits.wholeFetchBytes && one.bodyState !== 'partial');
      for (const one of whole) open.delete(one);
      await this.#fetchWhole(whole);
      for (const one of [...open]) {
        await this.#orPassOver(one, open, () => this.#fetchLarge(one));
        open.delete(one);
      }
      if (await this.#pipeline.clearSuspects()) this.#selected = null;
    } catch (error) {
      this.#selected = null;
      this.#countFailures([...open]);
      if (!(error instanceof MailError) || (error.scope !== 'mailbox' && error.scope !== 'message')) throw error;
      this.#context.deps.log.warn({ ev: 'mirror.bodies-failed', mailbox: group[0]!.mailboxId, code: error.code });
    }
  }

  /** Where a message itself is the reason of a failure, no other suffers from it: one that vanished a moment ago, for example. */
  async #orPassOver<T>(one: Placement, open: Set<Placement>, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof MailError) || error.scope !== 'message') throw error;
      open.delete(one);
      this.#countFailures([one]);
      this.#context.deps.log.info({ ev: 'mirror.body-failed', placement: one.id, code: error.code });
      return undefined;
    }
  }

  /** False when the mailbox is not of the epoch the placement was seen in: its UIDs mean other messages now. */
  async #select(placement: Placement): Promise<boolean> {
    if (this.#selected === placement.mailboxId) return true;
    const mailbox = this.#context.store.mailboxes.get(placement.mailboxId);
    if (!mailbox || mailbox.vanishedAt !== null) return false;
    const selected = await this.#session.select(mailbox.path);
    if (selected.uidValidity !== placement.uidValidity) return false;
    this.#selected = placement.mailboxId;
    return true;
  }

  async #adoptKnownBody(placement: Placement): Promise<boolean> {
    const { store, deps, accountId } = this.#context;
    const known = store.placements.withBody(placement, accountId).find((one) => matchOnSameServer(placement, one) !== 'none');
    const expected = known?.sourceId ? store.sources.headerDigest(known.sourceId) : null;
    if (!known?.sourceId || expected === null) return false;
    // Received and other trace lines make a header block unique: equal blocks on one server are one message.
    const header = createHash('sha256')
      .update(await this.#session.fetchHeader(placement.uid))
      .digest();
    if (Buffer.compare(header, expected) !== 0) return false;
    const isIndexed = store.entries.isIndexed(placement.entryId);
    const opened = isIndexed ? null : await deps.ingest.open(store.sources.segments(known.sourceId));
    const lists = new ChangeBatch(this.#context.onListsChanged);
    store.handle.tx('mirror.adopt-body', () => {
      const view = viewContext(store, accountId);
      adoptSource(this.#context, placement, known, opened?.parsed ?? null, view, lists);
    });
    this.#context.step('mirror.adopt-body');
    lists.flush();
    this.#done += 1;
    return true;
  }

  async #fetchWhole(group: readonly Placement[]): Promise<void> {
    if (group.length === 0) return;
    const byUid = new Map(group.map((one) => [one.uid as number, one]));
    for (const one of group) this.#inFlight.set(one.id, one);
    try {
      for await (const answer of this.#session.fetchSources([...byUid.keys()] as Placement['uid'][])) {
        const placement = byUid.get(answer.uid);
        if (!placement) continue;
        byUid.delete(answer.uid);
        // What was refused twice is not asked for again: a server that cannot read a mail is not to be kept busy with it.
        if ('error' in answer) this.#countFailures(answer.isAskedTwice ? [placement, placement] : [placement]);
        else await this.#pipeline.push(placement, answer.raw);
      }
    } finally {
      // Not answered: expunged meanwhile, or the connection ended. The next pass tells which.
      this.#countFailures([...byUid.values()]);
    }
  }

  async #fetchLarge(placement: Placement): Promise<void> {
    this.#inFlight.set(placement.id, placement);
    const read = await fetchSliced(this.#context, this.#session, placement);
    await this.#pipeline.pushRead(read);
  }

  #countFailures(group: readonly Placement[]): void {
    const { store } = this.#context;
    for (const one of group) this.#inFlight.delete(one.id);
    if (group.length === 0 || !this.#session.isOpen) return;
    store.handle.tx('mirror.count-attempts', () => {
      for (const one of group) {
        const row = store.placements.get(one.id);
        if (row && row.bodyState !== 'complete') store.placements.countAttempt(one.id);
      }
    });
  }
}

function groupByMailbox(batch: readonly Placement[]): Placement[][] {
  const groups = new Map<MailboxId, Placement[]>();
  for (const one of batch) {
    const group = groups.get(one.mailboxId);
    if (group) group.push(one);
    else groups.set(one.mailboxId, [one]);
  }
  return [...groups.values()];
}
