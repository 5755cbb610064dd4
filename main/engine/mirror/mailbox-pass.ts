import { limits } from '../../../shared/limits.ts';
import { asUid, type Uid } from '../../../shared/model/ids.ts';
import { MailError } from '../../../shared/errors.ts';
import type { ImapSession, MailboxStatus, RemoteFlags, RemoteSummary, SelectedMailbox } from '../imap/gateway.ts';
import { hasFlag } from '../imap/has-flag.ts';
import type { KnownPlacement } from '../store/placements.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import { flagsToText } from '../store/flags.ts';
import { applyFlags, applyVanished, releaseSuperseded, type FlagChange } from './apply-changes.ts';
import { ChangeBatch } from './change-batch.ts';
import type { MirrorContext } from './mirror-context.ts';
import { planMailboxPass, type MailboxPlan } from './plan.ts';
import { bareSummary } from '../imap/summary-digest.ts';
import { recordSummary } from './record-summary.ts';
import { pastAsSent } from './sent-window.ts';
import { noteSetBack } from './set-back.ts';
import { isLive, UidProof } from './uid-proof.ts';
import { viewContext } from './view-context.ts';
import { isInWindow, mailboxWindowStart } from './window.ts';

export interface PassResult {
  readonly plan: MailboxPlan;
  readonly recorded: number;
  readonly vanished: number;
  readonly flagChanges: number;
}

/** New messages up to this many are looked at one by one; above, the server is asked which of them are in the window. */
const FEW_NEW = 200;

const toStatus = (selected: SelectedMailbox): MailboxStatus => ({
  uidValidity: selected.uidValidity,
  uidNext: selected.uidNext,
  messages: selected.exists,
  unseen: null,
  highestModSeq: selected.highestModSeq,
});

/**
 * Brings the store in line with one mailbox: headers, flags, and what is gone. Counters are those SELECT answered before
 * anything was fetched, and are saved only after everything they cover is stored; a kill in between repeats the pass.
 */
export class MailboxPass {
  readonly #context: MirrorContext;
  readonly #session: ImapSession;
  readonly #uids: UidProof;

  constructor(context: MirrorContext, session: ImapSession) {
    this.#context = context;
    this.#session = session;
    this.#uids = new UidProof(context, session);
  }

  /** The plan by counters known from LIST or STATUS, without selecting the mailbox. */
  planByStatus(mailbox: Mailbox, status: MailboxStatus): MailboxPlan {
    return planMailboxPass(mailbox, status, this.#since(mailbox));
  }

  /**
   * @param isLive the server told of it a moment ago, in a watch
   * @throws MailError of scope mailbox or connection.
   */
  async run(mailbox: Mailbox, isLive = false): Promise<PassResult> {
    const selected = await this.#session.select(mailbox.path);
    const planned = this.planByStatus(mailbox, toStatus(selected));
    const { log } = this.#context.deps;
    log.info({ ev: 'mirror.plan', mailbox: mailbox.id, side: mailbox.side, type: planned.type, reason: planned.reason });
    if (planned.type === 'none') return { plan: planned, recorded: 0, vanished: 0, flagChanges: 0 };
    const current = this.#enterEpoch(mailbox, selected, planned);
    const plan: MailboxPlan = (await this.#uids.displaceReused(current)) ? { type: 'full', reason: 'uids-given-anew' } : planned;
    // Read local rows before FETCH: a stale server list must meet an equally stale local one, or new mail looks deleted.
    const known = this.#context.store.placements.known(current.id, selected.uidValidity);
    const isFull = plan.type !== 'delta';
    const { flags, vanished } = await this.#compare(current, selected, known, isFull);
    const fresh = await this.#findNew(current, selected, known, flags, isFull);
    const flagChanges = this.#applyFlags(known, flags);
    noteSetBack(this.#context, plan.reason, vanished.length);
    const gone = applyVanished(this.#context, current, known, vanished);
    const recorded = await this.#recordNew(current, fresh);
    if (isLive) this.#noteClock(current, fresh);
    this.#finish(current, selected, plan);
    if (recorded > 0) this.#context.onReceived({ ...current, uidNext: selected.uidNext }, recorded);
    return { plan, recorded, vanished: gone, flagChanges };
  }

  #since(mailbox: Mailbox): number {
    return mailboxWindowStart(this.#context.deps.clock.now(), this.#context.account().config.retention, mailbox);
  }

  #enterEpoch(mailbox: Mailbox, selected: SelectedMailbox, plan: MailboxPlan): Mailbox {
    const { store, deps, step } = this.#context;
    if (mailbox.uidValidity === selected.uidValidity) return mailbox;
    store.handle.tx('mirror.begin-epoch', () => {
      if (plan.type === 'reset') store.placements.supersede(mailbox.id, selected.uidValidity, deps.clock.now());
      store.mailboxes.beginEpoch(mailbox.id, selected.uidValidity);
    });
    step('mirror.begin-epoch');
    return { ...mailbox, uidValidity: selected.uidValidity, uidNext: null, highestModSeq: null };
  }

  async #compare(
    mailbox: Mailbox,
    selected: SelectedMailbox,
    known: readonly KnownPlacement[],
    isFull: boolean,
  ): Promise<{ flags: readonly RemoteFlags[]; vanished: readonly Uid[] }> {
    const live = known.filter(isLive).map((one) => one.uid);
    const session = this.#session;
    if (!isFull && mailbox.highestModSeq !== null && selected.highestModSeq !== null) {
      const changes = await session.changes(mailbox.highestModSeq, live);
      if (changes.vanished === null) return { flags: changes.flags, vanished: await this.#missing(live) };
      const told = new Set(changes.vanished);
      return { flags: changes.flags, vanished: await this.#proveGone(live.filter((uid) => told.has(uid))) };
    }
    const flags = live.length === 0 ? [] : await session.fetchFlags(live);
    return { flags, vanished: await this.#missing(live) };
  }

  /** UIDs that a complete answer over their whole range does not hold. */
  async #missing(live: readonly Uid[]): Promise<readonly Uid[]> {
    const first = live[0];
    const last = live.at(-1);
    if (first === undefined || last === undefined) return [];
    const existing = new Set(await this.#session.searchUidRange(first, last));
    return this.#proveGone(live.filter((uid) => !existing.has(uid)));
  }

  /** What a server calls gone has to be gone for a FETCH, too: one answer that lies, or was garbled, removes nothing. */
  async #proveGone(uids: readonly Uid[]): Promise<readonly Uid[]> {
    if (uids.length === 0 || (await this.#session.fetchFlags(uids)).length === 0) return uids;
    throw this.#disagrees('what is gone is answered for');
  }

  #disagrees(detail: string): MailError {
    return new MailError('answer-incomplete', { scope: 'mailbox', retry: 'later', side: this.#context.side, detail });
  }

  async #findNew(
    mailbox: Mailbox,
    selected: SelectedMailbox,
    known: readonly KnownPlacement[],
    flags: readonly RemoteFlags[],
    isFull: boolean,
  ): Promise<Uid[]> {
    const have = new Set(known.filter(isLive).map((one) => one.uid));
    const since = this.#since(mailbox);
    const below = (uid: Uid) => uid < selected.uidNext && !have.has(uid);
    if (isFull) return (await this.#session.searchWindow(since, true)).filter(below);
    // An old message that was flagged elsewhere comes into the window by its flag.
    const flagged = flags.filter((one) => !have.has(one.uid) && hasFlag(one.flags, '\\flagged'));
    const found = new Set<Uid>(flagged.map((one) => one.uid).filter(below));
    if (mailbox.uidNext !== null && selected.uidNext > mailbox.uidNext) {
      const added = await this.#session.searchUidRange(mailbox.uidNext, asUid(selected.uidNext - 1));
      const wanted = added.length > FEW_NEW ? new Set(await this.#session.searchWindow(since, true)) : null;
      for (const uid of added) if (below(uid) && (wanted === null || wanted.has(uid))) found.add(uid);
    }
    return [...found];
  }

  #applyFlags(known: readonly KnownPlacement[], flags: readonly RemoteFlags[]): number {
    const byUid = new Map(known.map((one) => [one.uid as number, one]));
    const changes: FlagChange[] = [];
    for (const one of flags) {
      const placement = byUid.get(one.uid);
      const text = flagsToText(one.flags);
      if (placement && (placement.flags !== text || placement.state === 'held')) changes.push({ placement, text, modSeq: one.modSeq });
    }
    applyFlags(this.#context, changes);
    return changes.length;
  }

  async #recordNew(mailbox: Mailbox, uids: Uid[]): Promise<number> {
    // Newest first: the highest UIDs are the latest arrivals.
    const order = uids.sort((a, b) => b - a);
    let recorded = 0;
    const unanswered: Uid[] = [];
    for (let start = 0; start < order.length;) {
      const size = start === 0 ? limits.firstSummaryBatch : limits.summaryBatch;
      const batch = order.slice(start, start + size);
      const summaries = await this.#fetchBatch(batch);
      recorded += this.#recordBatch(mailbox, summaries);
      const answered = new Set(summaries.map((one) => one.uid));
      unanswered.push(...batch.filter((uid) => !answered.has(uid)));
      start += size;
      const { onProgress } = this.#context;
      onProgress({ phase: 'headers', done: Math.min(start, order.length), total: order.length, mailboxId: mailbox.id });
    }
    await this.#requireGone(unanswered);
    return recorded;
  }

  /** What the relay's clock says of a mail whose arrival we have just watched: one of each look, so that a heap of late ones is one. */
  #noteClock(mailbox: Mailbox, fresh: readonly Uid[]): void {
    const { store, accountId } = this.#context;
    if (mailbox.side !== 'relay' || mailbox.role !== 'inbox' || fresh.length === 0) return;
    const newest = store.placements.findByUid(mailbox.id, mailbox.uidValidity!, asUid(Math.max(...fresh)));
    // What was moved here has the date of its arrival elsewhere.
    if (newest === null || newest.arrivedAfter === null || newest.arrivedAfter !== store.relayClock.lookedAt(accountId)) return;
    store.handle.tx('mirror.relay-clock', () => store.relayClock.note(accountId, newest.internalDate - newest.stateSince));
  }

  /** New mail that FETCH did not answer for was removed meanwhile. If not, it must be asked for again: the counters stay as they were. */
  async #requireGone(uids: readonly Uid[]): Promise<void> {
    if (uids.length === 0) return;
    const [first, last] = [Math.min(...uids), Math.max(...uids)];
    const existing = new Set(await this.#session.searchUidRange(asUid(first), asUid(last)));
    if (uids.some((uid) => existing.has(uid))) throw this.#disagrees('new mail is listed and not answered for');
  }

  async #fetchBatch(uids: readonly Uid[]): Promise<RemoteSummary[]> {
    const summaries: RemoteSummary[] = [];
    const unreadable: Uid[] = [];
    for await (const one of this.#session.fetchSummaries(uids)) {
      if ('error' in one) unreadable.push(one.uid);
      else summaries.push(one);
    }
    if (unreadable.length === 0) return summaries;
    const { deps, side } = this.#context;
    deps.log.warn({ ev: 'mirror.summaries-unreadable', side, messages: unreadable.length });
    // Still listed: the source says later what the summary could not.
    const flags = await this.#session.fetchFlags(unreadable);
    return [...summaries, ...flags.map((one) => bareSummary(one, deps.clock.now()))];
  }

  #recordBatch(mailbox: Mailbox, summaries: readonly RemoteSummary[]): number {
    const { store, deps, accountId, onListsChanged, step } = this.#context;
    const now = deps.clock.now();
    const since = this.#since(mailbox);
    const isPastAsSent = pastAsSent(store, this.#context.account(), mailbox, now);
    const changes = new ChangeBatch(onListsChanged);
    let recorded = 0;
    store.handle.tx('mirror.record-summaries', () => {
      const view = viewContext(store, accountId);
      for (const summary of summaries) {
        const isFlagged = hasFlag(summary.flags, '\\flagged');
        if (isPastAsSent(summary)) continue;
        if (!isInWindow(summary.internalDate, since, isFlagged)) {
          // By a fast clock new mail may look old: it is asked for again once the window reaches back to it.
          store.mailboxes.raiseCovered(mailbox.id, summary.internalDate + 1);
          continue;
        }
        changes.add(recordSummary(store, mailbox, summary, view, now).changed);
        recorded += 1;
      }
    });
    step('mirror.record-summaries');
    changes.flush();
    return recorded;
  }

  #finish(mailbox: Mailbox, selected: SelectedMailbox, plan: MailboxPlan): void {
    const { store, deps, step } = this.#context;
    const known = store.mailboxes.get(mailbox.id)?.coveredSince;
    const coveredSince = plan.type === 'delta' ? (known ?? this.#since(mailbox)) : this.#since(mailbox);
    store.handle.tx('mirror.save-progress', () => {
      const { uidNext, highestModSeq, exists } = selected;
      const at = deps.clock.now();
      store.mailboxes.saveProgress(mailbox.id, { uidNext, highestModSeq, remoteMessages: exists, coveredSince, at });
      releaseSuperseded(this.#context, mailbox);
    });
    step('mirror.save-progress');
  }
}
