import { MailError, packError } from '../../../shared/errors.ts';
import { asUid, asUidValidity, type AccountId, type Uid } from '../../../shared/model/ids.ts';
import type { CutPauses } from '../imap/cut-pauses.ts';
import type { ImapSession, MessagePieces, SelectedMailbox } from '../imap/gateway.ts';
import { isLesserFailure } from '../imap/lesser-failure.ts';
import type { SideJob } from '../imap/side-job.ts';
import { ownPrefix } from '../imap/own-prefix.ts';
import { rolesOf } from '../imap/special-use.ts';
import { bccField } from '../store/bcc-header.ts';
import type { OutboxRow, SentStep } from '../store/outbox-item.ts';
import type { OutboxStore } from '../store/outbox.ts';
import type { OutboxContext } from './context.ts';
import { copyRefusal, copyDueInMs, MAX_TRIES } from './copy-refusal.ts';
import type { DueTimes } from './due-times.ts';
import { findCopies } from './find-copy.ts';
import { fileWhereProved } from './record-settlement.ts';
import { retryDelayMs } from './retry.ts';
import { soughtMail } from './sought.ts';

/** A server that files its own copy may take this long (seen: up to two minutes). */
export const OWN_COPY_MS = 150_000;
const OWN_COPY_LOOK_MS = 20_000;
/** An APPEND whose answer was lost may still be going on there: not repeated before this. */
const APPEND_SETTLE_MS = 30_000;
const APPEND_LOOK_MS = 10_000;
const SENT_NAME = 'Sent';
const FRESH: SentStep = { tries: 0, looks: 0 };

/**
 * Sees to exactly one copy of each accepted mail in the primary's Sent (bar I7): looks before it acts, notes where new mail begins before
 * it files, and looks again before it repeats anything.
 */
export class SentCopyJob implements SideJob {
  readonly name = 'outbox.sent-copy';
  readonly #context: OutboxContext;
  readonly #accountId: AccountId;
  readonly #deadlines: DueTimes;
  readonly #cuts: CutPauses;
  #path: string | null = null;

  /**
   * @param deadlines until when a server's own copy is waited for
   * @param cuts by mail
   */
  constructor(context: OutboxContext, accountId: AccountId, deadlines: DueTimes, cuts: CutPauses) {
    this.#context = context;
    this.#accountId = accountId;
    this.#deadlines = deadlines;
    this.#cuts = cuts;
  }

  async run(session: ImapSession): Promise<void> {
    if (!this.#context.maySentCopy(this.#accountId)) return;
    for (const row of this.#context.store.awaitingCopy(this.#accountId)) {
      if (copyDueInMs(row, this.#context.clock.now()) > 0 || this.#cuts.isPaused(row.id)) continue;
      try {
        await this.#see(session, row);
      } catch (error) {
        if (!isLesserFailure(error, session)) {
          this.#cutOff(row.id, error);
          throw error;
        }
        this.#refused(row, error);
      }
    }
  }

  async #see(session: ImapSession, row: OutboxRow): Promise<void> {
    const path = (this.#path ??= await findSent(session));
    const step = row.sentStep ?? FRESH;
    const selected = await session.select(path, { forChange: true });
    if (await this.#isThere(session, row, step, selected)) return;
    if (step.isAcknowledged === true) return this.#notShown(row, step);
    if (step.appendedAt !== undefined && this.#isUnsettled(step)) {
      this.#wait(row, { ...step, looks: step.looks + 1 }, APPEND_LOOK_MS);
      return;
    }
    if (step.appendedAt === undefined && this.#waitsForServer(row, session.caps.labels)) {
      this.#wait(row, { ...step, looks: step.looks + 1 }, OWN_COPY_LOOK_MS);
      return;
    }
    await this.#cuts.around(row.id, session, () => this.#append(session, row, step, selected));
  }

  async #isThere(session: ImapSession, row: OutboxRow, step: SentStep, selected: SelectedMailbox): Promise<boolean> {
    const isSameEpoch = step.epoch === String(selected.uidValidity);
    const floor = isSameEpoch && step.floor !== undefined ? asUid(step.floor) : null;
    const [uid] = await findCopies(session, soughtMail(this.#context, row), floor);
    if (uid === undefined) return false;
    this.#context.step('outbox.copy-found');
    const isOurs = step.appendedAt !== undefined;
    if (!isOurs) this.#learn(row, true);
    this.#filed(row, { ...step, path: selected.path, epoch: String(selected.uidValidity), uid }, isOurs);
    return true;
  }

  /** The outcome of an APPEND is not known: a server may be slow to finish one whose connection is gone. */
  #isUnsettled(step: SentStep): boolean {
    const age = this.#context.clock.now() - (step.appendedAt ?? 0);
    return (age >= 0 && age < APPEND_SETTLE_MS) || step.looks < 2;
  }

  /** Only the primary's own submission files there, and only where it is not known not to. */
  #waitsForServer(row: OutboxRow, isLabelled: boolean): boolean {
    const host = this.#host(row);
    if (host === null) return false;
    const rule = this.#context.store.filesOwnCopy(host);
    // Gmail always files its own, sooner or later: that one came late says nothing of the next.
    if (rule === false && !isLabelled) return false;
    if (this.#deadlines.waitMs(row.id, (row.acceptedAt ?? 0) + OWN_COPY_MS) > 0) return true;
    // Once it did: that this copy has not come does not mean that the next will not.
    if (rule === null && !isLabelled) this.#learn(row, false);
    return false;
  }

  /** Submission server that took it, where it could file a copy on the primary. */
  #host(row: OutboxRow): string | null {
    if (row.route !== 'primary') return null;
    const account = this.#context.accounts().find((one) => one.id === row.accountId);
    return account?.config.primary.smtp?.host ?? null;
  }

  #learn(row: OutboxRow, value: boolean): void {
    const host = this.#host(row);
    if (host === null || this.#context.store.filesOwnCopy(host) === value) return;
    this.#context.handle.tx('outbox.learn', () => this.#context.store.learnFilesOwnCopy(host, value, this.#context.clock.now()));
  }

  async #append(session: ImapSession, row: OutboxRow, step: SentStep, { path, uidValidity }: SelectedMailbox): Promise<void> {
    const { store, clock } = this.#context;
    const copy = copyPieces(store, row);
    const { uidNext } = await session.status(path);
    const intent = { ...step, path, floor: uidNext, epoch: String(uidValidity), appendedAt: clock.now(), tries: step.tries + 1, looks: 0 };
    delete intent.nextAt;
    this.#note(row, intent);
    this.#context.step('outbox.copy-intended');
    const answer = await session.append(path, copy, ['\\Seen'], row.date).catch((error: unknown) => {
      // A refusal is an answer: nothing was filed. A lost connection is none, and the intention stays.
      if (isLesserFailure(error, session)) this.#note(row, { ...intent, appendedAt: undefined });
      throw error;
    });
    this.#context.step('outbox.copy-appended');
    if (answer.uid !== null) this.#filed(row, { ...intent, uid: answer.uid }, true);
    else await this.#proveAppended(session, row, intent, uidNext);
  }

  /** OK without APPENDUID. */
  async #proveAppended(session: ImapSession, row: OutboxRow, step: SentStep, floor: Uid): Promise<void> {
    const selected = await session.select(step.path ?? SENT_NAME, { forChange: true });
    const isSame = selected.uidValidity === asUidValidity(BigInt(step.epoch ?? '1'));
    const [uid] = await findCopies(session, soughtMail(this.#context, row), isSame ? floor : null);
    if (uid !== undefined) this.#filed(row, { ...step, uid }, true);
    else this.#notShown(row, { ...step, isAcknowledged: true });
  }

  /** Filed, the server said, but it does not show it: looked for again and again, never filed a second time. */
  #notShown(row: OutboxRow, step: SentStep): void {
    const { handle, store, clock, random } = this.#context;
    const looks = step.looks + 1;
    const error = new MailError('answer-incomplete', { scope: 'message', retry: 'later', side: 'primary', detail: 'filed, but not shown' });
    handle.tx('outbox.copy-not-shown', () =>
      store.change(row.id, {
        ...(looks >= MAX_TRIES ? { sentCopy: 'failed' as const } : {}),
        sentStep: { ...step, looks, nextAt: clock.now() + retryDelayMs(looks - 1, random.next()), error: packError(error) },
      }),
    );
  }

  #filed(row: OutboxRow, step: SentStep, isOurs: boolean): void {
    const { handle, store, clock, log } = this.#context;
    const rest = { ...step };
    delete rest.nextAt;
    delete rest.error;
    delete rest.full;
    handle.tx('outbox.copy-filed', () => {
      store.change(row.id, { sentCopy: isOurs ? 'filed' : 'by-server', sentStep: rest });
      fileWhereProved(store, store.get(row.id), clock.now());
    });
    log.info({ ev: 'outbox.copy-filed', item: row.id, isOurs });
    this.#context.step('outbox.copy-filed');
    this.#context.changed();
  }

  #wait(row: OutboxRow, step: SentStep, ms: number): void {
    this.#note(row, { ...step, nextAt: this.#context.clock.now() + ms });
  }

  #note(row: OutboxRow, step: SentStep): void {
    this.#context.handle.tx('outbox.copy-step', () => this.#context.store.change(row.id, { sentStep: step }));
  }

  /** A server that ends the connection instead of saying no, to this mail: after as many tries as for a refusal a person has to look. */
  #cutOff(id: OutboxRow['id'], error: unknown): void {
    const step = this.#context.store.get(id).sentStep;
    if (this.#cuts.total(id) < 2 || step?.appendedAt === undefined) return;
    const isFinal = step.tries >= MAX_TRIES;
    const { handle, store, log } = this.#context;
    handle.tx('outbox.copy-cut', () =>
      store.change(id, { ...(isFinal ? { sentCopy: 'failed' as const } : {}), sentStep: { ...step, error: packError(error) } }),
    );
    log.warn({ ev: 'outbox.copy-cut', item: id, tries: step.tries, isFinal });
    this.#context.changed();
  }

  #refused({ id, sentStep: before }: OutboxRow, error: MailError): void {
    const { handle, store, clock, random, log } = this.#context;
    if (error.code === 'mailbox-missing') this.#path = null;
    const left = store.get(id).sentStep ?? FRESH;
    const { step, isFinal } = copyRefusal(left, before?.tries ?? 0, error, clock.now(), random.next());
    handle.tx('outbox.copy-refused', () => store.change(id, { ...(isFinal ? { sentCopy: 'failed' as const } : {}), sentStep: step }));
    this.#context.step('outbox.copy-refused');
    log.warn({ ev: 'outbox.copy-refused', item: id, code: error.code, tries: step.tries, isFinal });
    this.#context.changed();
  }
}

/** What stands in Sent: the blind recipients named in front of the bytes that were sent, which stay in the store. */
function copyPieces({ bytes }: OutboxStore, { id, bcc, sizeBytes }: OutboxRow): MessagePieces {
  const field = bccField(bcc);
  return {
    sizeBytes: field.length + sizeBytes,
    pieces: function* () {
      yield field;
      yield* bytes.pieces(id);
    },
  };
}

/** Path of the mailbox for sent mail; made where there is none (TRYCREATE). */
async function findSent(session: ImapSession): Promise<string> {
  const all = await session.list();
  for (const [path, role] of rolesOf(all)) if (role === 'sent') return path;
  const path = `${ownPrefix(all)}${SENT_NAME}`;
  await session.createMailbox(path);
  await session.subscribe(path, true);
  return path;
}
