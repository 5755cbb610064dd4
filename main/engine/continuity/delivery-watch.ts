import type { Side } from '../../../shared/model/account.ts';
import type { ContinuityMode } from '../../../shared/model/continuity.ts';
import type { AccountId, EntryId } from '../../../shared/model/ids.ts';
import type { SideSyncState } from '../../../shared/model/sync.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { Throttle } from '../core/throttle.ts';
import type { ImapSession } from '../imap/gateway.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { Outage } from '../store/outages.ts';
import type { Delivery } from '../store/relay-arrivals.ts';
import { DELIVERY_MEMORY_MS, DELIVERY_MIN_MAILS, DELIVERY_PATIENCE_MS, judgeDeliveries, type DeliveryJudgement } from './delivery.ts';

/** What of mail the watch is lent: the monitor itself knows endpoints only. */
export interface DeliverySource {
  /** Mail from others that the relay took since then, newest first. */
  since(accountId: AccountId, since: number): Iterable<Delivery>;
  /** Looks for mail in every mailbox of the primary until one has some. `isWhole`: what was not found is nowhere. */
  look(
    accountId: AccountId,
    session: ImapSession,
    mails: readonly Delivery[],
    mayGoOn: () => boolean,
  ): Promise<{ readonly found: ReadonlySet<EntryId>; readonly isWhole: boolean }>;
  /** Lets the jobs of the primary's session run soon. */
  wake(accountId: AccountId): void;
}

export interface DeliveryWatchOptions {
  readonly store: EngineStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly accountId: AccountId;
  readonly deliveries: DeliverySource;
  /** `isHeld`: a person or IT holds the mode, and nobody is asked anything. */
  readonly standing: () => { readonly mode: ContinuityMode; readonly outage: Outage | null; readonly isHeld: boolean };
  readonly safely: (work: () => void) => void;
  /** Told, told otherwise, or over. */
  readonly onNews: () => void;
}

/** Mail that does not reach the primary. Times in milliseconds since 1970. */
export interface Stall {
  /** When the relay took the oldest of it. */
  readonly since: number;
  readonly count: number;
  readonly toldAt: number;
}

const JUDGE_MS = 5_000;
/** The mailboxes of the primary are looked through no more often, and twice as far apart each time in a row, ... */
const LOOK_GAP_MS = 10 * 60_000;
/** ... up to this. */
const LOOK_GAP_MAX_MS = 80 * 60_000;
const LOOK_MS = 60_000;
/** The newest ones tell: any of them that is found disproves the older ones. */
const LOOK_MAILS = 5;
/** A relay's queue tries again at growing distances: for so long after an outage late mail says nothing. */
const AFTER_OUTAGE_MS = 90 * 60_000;

/** Watches whether what the relay takes for a person still reaches the primary (README.md, "Delivery"). Decides nothing. */
export class DeliveryWatch {
  readonly #options: DeliveryWatchOptions;
  readonly #sides = new Map<Side, SideSyncState>();
  readonly #judging: Throttle;
  /** Found by a look in a mailbox that is not mirrored; and those that were nowhere. */
  readonly #found = new Set<EntryId>();
  readonly #sought = new Set<EntryId>();
  #wanted: readonly Delivery[] = [];
  #looks = 0;
  #lookedAt = -Infinity;
  #declinedAt: number | null;
  #stall: Stall | null = null;
  /** Servers date mail by whole seconds: another of the second in which the missing began was delivered, and shows nothing. */
  #isTied = false;
  #cancel: (() => void) | null = null;
  #isRunning = false;

  constructor(options: DeliveryWatchOptions) {
    this.#options = options;
    const { store, accountId, safely, clock } = options;
    this.#declinedAt = store.outages.lastChangeFor(accountId, 'declined-by-person');
    this.#judging = new Throttle(clock, JUDGE_MS, () => safely(() => this.#judge()));
    const outage = ownOutage(options.standing().outage);
    if (outage !== null) this.#stall = { since: outage.troubleAt, count: 0, toldAt: outage.startedAt };
  }

  start(): void {
    this.#isRunning = true;
    if (this.#sides.size > 0) this.#judging.trigger();
  }

  stop(): void {
    this.#isRunning = false;
    this.#judging.cancel();
    this.#cancel?.();
    this.#cancel = null;
  }

  /** Mail that does not arrive, in a situation in which that means something; null for none. */
  get stall(): Stall | null {
    return this.#isOpen() ? this.#stall : null;
  }

  sideChanged(state: SideSyncState): void {
    const before = this.#sides.get(state.side);
    this.#sides.set(state.side, state);
    // Nothing that came is known before a pass has ended.
    const isNews = state.phase === 'watching' || state.lastCompleteAt !== before?.lastCompleteAt;
    if (this.#isRunning && isNews) this.#judging.trigger();
  }

  /** A person wants to go on with the primary: not asked again before something that came later was delivered. */
  declined(): void {
    this.#declinedAt = this.#options.clock.now();
    this.#forget();
  }

  /** On the primary's session: asks its other mailboxes for mail that is missed, where that is due. @throws MailError of scope connection */
  async look(session: ImapSession): Promise<void> {
    const { clock, deliveries, accountId, log } = this.#options;
    const t = clock.monotonic();
    if (!this.#isRunning || this.#wanted.length === 0 || !this.#isOpen() || t < this.#nextLookAt()) return;
    const wanted = this.#wanted;
    this.#looks += 1;
    this.#lookedAt = t;
    const mayGoOn = (): boolean => this.#isRunning && clock.monotonic() < t + LOOK_MS;
    const { found, isWhole } = await deliveries.look(accountId, session, wanted, mayGoOn);
    log.info({ ev: 'continuity.delivery-look', account: accountId, wanted: wanted.length, found: found.size, isWhole });
    for (const one of found) this.#found.add(one);
    if (isWhole && found.size === 0) for (const { entryId } of wanted) this.#sought.add(entryId);
    this.#judging.trigger();
  }

  /** Calm, or an outage of this very kind. In any other one, in a drill and while things are carried back mail comes late anyway. */
  #isOpen(): boolean {
    const { mode, outage, isHeld } = this.#options.standing();
    if (outage !== null) return mode === 'continuity' && ownOutage(outage) !== null;
    return !isHeld && (mode === 'normal' || mode === 'degraded');
  }

  #judge(): void {
    if (!this.#isRunning) return;
    const { clock, standing } = this.#options;
    const { mode, outage } = standing();
    if (mode === 'offline') return;
    if (!this.#isOpen()) return this.#forget();
    const began = ownOutage(outage)?.troubleAt ?? null;
    if (began === null && !this.#canTell()) return;
    const now = clock.now();
    const since = began ?? this.#stall?.since ?? null;
    const countsFrom = Math.min(now - DELIVERY_MEMORY_MS, since ?? Infinity);
    const { judged, isSeenByMirror } = this.#ask({ now, countsFrom });
    if (isSeenByMirror && judged.undelivered.length === 0) this.#clearLooks();
    this.#tell(judged, since, now);
    const isMissed = this.#stall !== null || (judged.isSuspicious && !this.#isDeclined(judged));
    this.#wanted = isMissed ? judged.undelivered.slice(0, LOOK_MAILS) : [];
    this.#plan(judged.dueAt, now);
  }

  #ask(times: { now: number; countsFrom: number }): { judged: DeliveryJudgement; isSeenByMirror: boolean } {
    const { deliveries, accountId } = this.#options;
    // Back to the person's last word: whether anything was delivered since.
    const from = Math.min(times.countsFrom, this.#declinedAt ?? Infinity);
    let isSeenByMirror = false;
    const found = this.#found;
    function* mails(): Generator<Delivery> {
      for (const mail of deliveries.since(accountId, from)) {
        isSeenByMirror ||= mail.isDelivered;
        yield found.has(mail.entryId) ? { ...mail, isDelivered: true } : mail;
      }
    }
    const judged = judgeDeliveries(mails(), { ...times, lookedAt: this.#sides.get('primary')?.lastCompleteAt ?? null });
    return { judged, isSeenByMirror };
  }

  #tell({ undelivered, deliveredAt, isSuspicious }: DeliveryJudgement, since: number | null, now: number): void {
    const before = this.#stall;
    if (since !== null) {
      const isOver = deliveredAt !== null && (this.#isTied ? deliveredAt > since : deliveredAt >= since);
      const count = Math.max(undelivered.length, before?.count ?? 0);
      this.#stall = isOver || before === null ? null : { ...before, count };
    } else if (isSuspicious && !this.#isDeclined({ deliveredAt }) && this.#isSought(undelivered)) {
      this.#stall = { since: undelivered.at(-1)!.internalDate, count: undelivered.length, toldAt: now };
      this.#isTied = deliveredAt === this.#stall.since;
    }
    if (before?.since !== this.#stall?.since || before?.count !== this.#stall?.count) this.#options.onNews();
  }

  #isSought(undelivered: readonly Delivery[]): boolean {
    return undelivered.filter(({ entryId }) => this.#sought.has(entryId)).length >= DELIVERY_MIN_MAILS;
  }

  #isDeclined({ deliveredAt }: Pick<DeliveryJudgement, 'deliveredAt'>): boolean {
    return this.#declinedAt !== null && (deliveredAt ?? -Infinity) <= this.#declinedAt;
  }

  /** Both sides are mirrored and the primary is watched; a mailbox that cannot be read may hold what is missed. */
  #canTell(): boolean {
    const { store, clock, accountId } = this.#options;
    const [primary, relay] = [this.#sides.get('primary'), this.#sides.get('relay')];
    const isWhole = [primary, relay].every((one) => one && one.lastCompleteAt !== null && one.completeSince !== null);
    if (!isWhole || !primary?.isConnected || primary.failedMailboxes.length > 0) return false;
    const [last] = store.outages.list(accountId, 1);
    return clock.now() - (last?.endedAt ?? -Infinity) >= AFTER_OUTAGE_MS;
  }

  #nextLookAt(): number {
    return this.#lookedAt + Math.min(LOOK_GAP_MAX_MS, LOOK_GAP_MS * 2 ** Math.max(0, this.#looks - 1));
  }

  /** Judges again when time alone may say more; a clock that is put back must not keep it from that. */
  #plan(dueAt: number | null, now: number): void {
    const { clock, deliveries, accountId, safely } = this.#options;
    const lookInMs = this.#wanted.length === 0 ? null : Math.max(0, this.#nextLookAt() - clock.monotonic());
    if (lookInMs === 0) deliveries.wake(accountId);
    const waits = [dueAt === null ? null : Math.min(dueAt - now, DELIVERY_PATIENCE_MS), lookInMs === 0 ? null : lookInMs];
    const due = waits.filter((one): one is number => one !== null);
    this.#cancel?.();
    this.#cancel = due.length === 0 ? null : clock.after(Math.ceil(Math.min(...due)) + 1, () => safely(() => this.#judge()));
  }

  #clearLooks(): void {
    this.#found.clear();
    this.#sought.clear();
    this.#looks = 0;
  }

  #forget(): void {
    this.#clearLooks();
    this.#wanted = [];
    this.#stall = null;
    this.#cancel?.();
    this.#cancel = null;
  }
}

function ownOutage(outage: Outage | null): Outage | null {
  return outage?.cause === 'primary-not-delivering' && outage.backAt === null ? outage : null;
}
