import { packError, type MailError } from '../../../shared/errors.ts';
import type { ImapSession, MailboxChanged, MailboxStatus } from '../imap/gateway.ts';
import { isMailboxError } from '../imap/lesser-failure.ts';
import { readSummaries } from '../imap/read-summaries.ts';
import { rolesOf } from '../imap/special-use.ts';
import { noteLabels } from '../store/labels.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import type { Placement } from '../store/placements.ts';
import { loseMailboxes } from './apply-changes.ts';
import { ChangeBatch } from './change-batch.ts';
import { diffListing } from './mailbox-listing.ts';
import { MailboxPass } from './mailbox-pass.ts';
import { passOrder } from './mailbox-selection.ts';
import type { MirrorContext } from './mirror-context.ts';
import { isSameProgress } from './plan.ts';
import { expire, releaseHeld, settleRelayOnly, settleUnlinked } from './settle.ts';
import { upkeep } from './upkeep.ts';

export interface CycleResult {
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Mailboxes whose counters said that nothing changed. */
  readonly unchanged: number;
  readonly passed: number;
  readonly failed: number;
  /** Not one mailbox could be read: this was no look at the server at all. */
  readonly isBlind: boolean;
  /** Messages in transit whose end was looked for: changes to those that were found need wait no longer. */
  readonly settled: number;
  readonly recorded: number;
  readonly vanished: number;
}

/** Messages compared before a mailbox is taken for a renamed one. */
const RENAME_SAMPLE = 5;

/** One look at a whole side: which mailboxes there are, then every one whose counters moved. */
export class MirrorCycle {
  readonly #context: MirrorContext;
  readonly #session: ImapSession;
  readonly #pass: MailboxPass;
  #endedAt: number | null = null;

  constructor(context: MirrorContext, session: ImapSession) {
    this.#context = context;
    this.#session = session;
    this.#pass = new MailboxPass(context, session);
  }

  /** @throws MailError of scope connection, account or store; a mailbox that fails is noted and passed over. */
  async run(): Promise<CycleResult> {
    const { store, deps, accountId, side, step } = this.#context;
    const now = deps.clock.now();
    // What the look before this one missed in the very same millisecond was missed before it.
    const cycleStart = now === this.#endedAt ? now + 1 : now;
    this.#context.onProgress({ phase: 'listing', done: 0, total: 0 });
    const statuses = await this.#readListing();
    const mailboxes = store.mailboxes.list(accountId, side).filter((one) => one.isMirrored);
    mailboxes.sort((a, b) => passOrder(a.role) - passOrder(b.role) || a.path.localeCompare(b.path));
    const totals = { unchanged: 0, passed: 0, failed: 0, recorded: 0, vanished: 0 };
    let isInboxRead = true;
    for (const mailbox of mailboxes) {
      const result = await this.#visit(mailbox, statuses.get(mailbox.path) ?? null);
      if (result === 'unchanged') totals.unchanged += 1;
      else if (result === 'failed') {
        totals.failed += 1;
        if (mailbox.role === 'inbox') isInboxRead = false;
      } else {
        totals.passed += 1;
        totals.recorded += result.recorded;
        totals.vanished += result.vanished;
      }
    }
    if (side === 'relay' && totals.failed === 0) {
      store.handle.tx('mirror.relay-looked', () => store.relayClock.noteLook(accountId, cycleStart));
    }
    step('mirror.cycle-passed');
    const isBlind = totals.failed > 0 && totals.passed + totals.unchanged === 0;
    const settled = isBlind
      ? 0
      : await settleUnlinked(this.#context, { lookedFrom: cycleStart, lostBefore: this.#lostBefore(cycleStart, totals.failed) });
    await this.#settle(isInboxRead && !isBlind);
    this.#endedAt = deps.clock.now();
    return { ...totals, isBlind, settled, startedAt: cycleStart };
  }

  /** A pass over one mailbox because something happened there; `isLive`: a moment ago. */
  async visitPath(path: string, isLive = false): Promise<void> {
    const mailbox = this.#find(path);
    if (mailbox?.isMirrored) await this.#visit(mailbox, null, isLive);
  }

  /** Whether the store holds a mailbox as this news has it: the news came from a command of our own, or before a pass. */
  isTakenIn({ path, status }: MailboxChanged): boolean {
    if (status === null) return false;
    const mailbox = this.#find(path);
    return mailbox !== undefined && isSameProgress(mailbox, status);
  }

  #find(path: string): Mailbox | undefined {
    const { store, accountId, side } = this.#context;
    return store.mailboxes.list(accountId, side).find((one) => one.path === path);
  }

  async #readListing(): Promise<Map<string, MailboxStatus>> {
    const { store, accountId, side, step } = this.#context;
    const remote = await this.#session.list();
    const stored = store.mailboxes.list(accountId, side);
    const { config } = this.#context.account();
    const isLabelled = side === 'primary' && this.#session.caps.labels;
    const diff = diffListing({ accountId, side, config, stored, remote, roles: rolesOf(remote), hasLabels: isLabelled });
    for (const { mailbox, path } of diff.renamed) await this.#rename(mailbox, path);
    // A mailbox that the person needs and that is yet to be created stands here already.
    const vanished = diff.vanished.filter((one) => !store.ops.isToBeCreated(accountId, one.path));
    const taken = new Set(store.mailboxes.list(accountId, side).map((one) => one.path));
    const lists = new ChangeBatch(this.#context.onListsChanged);
    store.handle.tx('mirror.record-mailboxes', () => {
      if (side === 'primary') noteLabels(store.meta, accountId, isLabelled);
      for (const one of diff.found) store.mailboxes.record(one);
      const lost = [...vanished, ...diff.renamed.map((pair) => pair.mailbox)].filter(
        (one) => taken.has(one.path) && store.mailboxes.get(one.id)?.path === one.path,
      );
      if (lost.length > 0) lists.add(loseMailboxes(this.#context, lost));
    });
    lists.flush();
    step('mirror.record-mailboxes');
    return new Map(remote.flatMap((one) => (one.status ? [[one.path, one.status] as const] : [])));
  }

  /** Only messages that still have their UID and Message-ID prove that a mailbox was renamed; others may be gone meanwhile. */
  async #rename(mailbox: Mailbox, path: string): Promise<void> {
    const { store, deps, step } = this.#context;
    const sample = store.placements.inMailbox(mailbox.id, 'present').slice(-RENAME_SAMPLE);
    try {
      if (!(await this.#holds(path, mailbox, sample))) return;
    } catch (error) {
      if (!isMailboxError(error)) throw error;
      deps.log.warn({ ev: 'mirror.rename-unproven', mailbox: mailbox.id, code: error.code });
      return;
    }
    store.handle.tx('mirror.rename-mailbox', () => store.mailboxes.rename(mailbox.id, path));
    step('mirror.rename-mailbox');
    deps.log.info({ ev: 'mirror.mailbox-renamed', mailbox: mailbox.id });
  }

  async #holds(path: string, mailbox: Mailbox, sample: readonly Placement[]): Promise<boolean> {
    const selected = await this.#session.select(path);
    if (sample.length === 0 || selected.uidValidity !== mailbox.uidValidity) return false;
    const uids = sample.map((row) => row.uid);
    const seen = new Map((await readSummaries(this.#session, uids)).map((one) => [one.uid, one.messageId]));
    const still = sample.filter((row) => seen.has(row.uid));
    return still.length > 0 && still.every((row) => seen.get(row.uid) === row.messageId);
  }

  async #visit(
    mailbox: Mailbox,
    status: MailboxStatus | null,
    isLive = false,
  ): Promise<'unchanged' | 'failed' | { recorded: number; vanished: number }> {
    try {
      const known = status ?? (await this.#session.status(mailbox.path));
      if (this.#pass.planByStatus(mailbox, known).type === 'none') {
        if (mailbox.lastError !== null) this.#saveError(mailbox, null);
        return 'unchanged';
      }
      return await this.#pass.run(mailbox, isLive);
    } catch (error) {
      this.#noteFailure(mailbox, error);
      return 'failed';
    }
  }

  #noteFailure(mailbox: Mailbox, error: unknown): void {
    if (!isMailboxError(error)) throw error;
    this.#context.deps.log.warn({ ev: 'mirror.mailbox-failed', mailbox: mailbox.id, code: error.code });
    this.#saveError(mailbox, error);
  }

  #saveError(mailbox: Mailbox, error: MailError | null): void {
    const { store } = this.#context;
    store.handle.tx('mirror.save-error', () => store.mailboxes.saveError(mailbox.id, error && packError(error)));
  }

  /**
   * Mail missed since before this instant, and found nowhere, is lost. Where mailboxes could not be read it may stand in one of
   * them: it is given another look. Should it turn up there after all, it takes over its entry and is recoverable no more.
   */
  #lostBefore(cycleStart: number, failed: number): number {
    if (failed === 0) return cycleStart;
    const { store, accountId, side } = this.#context;
    const key = `partial-look:${accountId}:${side}`;
    const earlier = Number(store.meta.get(key) ?? 0);
    store.handle.tx('mirror.partial-look', () => store.meta.set(key, String(cycleStart)));
    return Math.min(earlier, cycleStart);
  }

  /** What follows from the clock and from rows alone; no mailbox that fails puts it off. */
  async #settle(isInboxRead: boolean): Promise<void> {
    const { side } = this.#context;
    await releaseHeld(this.#context);
    await expire(this.#context, () => this.#session.isOpen);
    upkeep(this.#context);
    // Without its INBOX the primary was not read: the relay's copies are what there is.
    if (side === 'primary' && isInboxRead) await settleRelayOnly(this.#context);
  }
}
