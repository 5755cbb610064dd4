import { createHash } from 'node:crypto';
import { MailError } from '../../../shared/errors.ts';
import type { Account, Side } from '../../../shared/model/account.ts';
import type { SubmissionPhase } from '../../../shared/model/outbox.ts';
import type { Credentials } from '../imap/gateway.ts';
import type { RecipientReply, SubmissionResult } from '../smtp/gateway.ts';
import type { OutboxRow } from '../store/outbox-item.ts';
import type { OutboxContext } from './context.ts';
import { recordRecipients, recordSettlement } from './record-settlement.ts';
import { recipientAfter, settle, type Settlement } from './settle.ts';
import { nextOutboxState } from './state.ts';

/** A claim not renewed for this long may be taken over by another machine that has the same profile. */
const LEASE_MS = 30 * 60_000;
/** After this many pieces of a large mail others get a turn. */
const PIECES_PER_TURN = 16;
/** A result that the store does not take is offered again after this time: it must not be lost. */
const STORE_RETRY_MS = 5_000;

const OPEN = ['pending', 'transient'];

/** One submission of one mail: claim (durable), submit, settle (durable). Never throws for what the server does. */
export class Submission {
  readonly row: OutboxRow;
  readonly #context: OutboxContext;
  readonly #account: Account;
  readonly #side: Side;
  readonly #claim: string;
  readonly #abort = new AbortController();
  #attempt = 0;
  #isBodyStarted = false;

  constructor(context: OutboxContext, account: Account, row: OutboxRow, side: Side) {
    this.#context = context;
    this.#account = account;
    this.row = row;
    this.#side = side;
    this.#claim = `${context.machine}/${row.id}-${Math.floor(context.random.next() * 2 ** 48).toString(36)}`;
  }

  /** The first byte of the body may have left. */
  get isBodyStarted(): boolean {
    return this.#isBodyStarted;
  }

  /** Names the claim in the store. */
  get claim(): string {
    return this.#claim;
  }

  /** Ends the conversation where it stands. */
  abort(): void {
    this.#abort.abort(new MailError('cancelled', { scope: 'message', retry: 'now', side: this.#side }));
  }

  /**
   * @returns what it came to; null when the mail was taken back, or somebody else has it.
   * @throws MailError of scope store: before the claim nothing has happened, after it `recoverClaim` finds out.
   */
  async run(): Promise<Settlement | null> {
    if (!this.#recordClaim()) return null;
    this.#context.step('outbox.claimed');
    this.#context.changed();
    if (!(await this.#isIntact())) return this.#quarantine();
    const result = await this.#submit();
    this.#context.step('outbox.replied');
    this.#tellMonitor(result);
    const settlement = await this.#settle(result);
    this.#context.step('outbox.settled');
    return settlement;
  }

  #recordClaim(): boolean {
    const { handle, store, clock } = this.#context;
    const now = clock.now();
    return handle.tx('outbox.claim', () => {
      const current = store.get(this.row.id);
      if (current.state !== 'queued') return false;
      store.change(current.id, {
        ...{ state: nextOutboxState('queued', 'claim'), route: this.#side, claimedBy: this.#claim, leaseUntil: now + LEASE_MS },
        ...{ bodyStarted: false, hold: null, nextAttemptAt: null },
      });
      // Put off earlier, asked again now: until the server has spoken their fate is this attempt's.
      store.setRecipients(current.id, ['transient'], 'pending');
      this.#attempt = store.evidence.beginAttempt(current.id, now, this.#side);
      return true;
    });
  }

  /** What leaves are the bytes that were frozen, or nothing does (bar O4). */
  async #isIntact(): Promise<boolean> {
    const hash = createHash('sha256');
    let count = 0;
    for (const piece of this.#context.store.bytes.pieces(this.row.id)) {
      hash.update(piece);
      count += 1;
      if (count % PIECES_PER_TURN === 0) await this.#context.clock.sleep(0);
    }
    return hash.digest().equals(this.row.rawSha256);
  }

  #quarantine(): null {
    const { handle, store, clock, log } = this.#context;
    const error = new MailError('store-corrupt', { scope: 'message', retry: 'never', detail: 'not the bytes that were handed over' });
    handle.tx('outbox.quarantine', () => {
      const state = nextOutboxState('submitting', 'quarantine');
      const { code, scope, retry, detail } = error;
      const isOurs = store.changeClaimed(this.row.id, this.#claim, {
        ...{ state, claimedBy: null, error: { code, scope, retry, side: null, detail }, endedAt: clock.now(), route: null },
      });
      if (isOurs) store.evidence.endOpenAttempts(this.row.id, clock.now(), 'permanent');
    });
    log.error({ ev: 'outbox.quarantined', item: this.row.id });
    return null;
  }

  async #submit(): Promise<SubmissionResult> {
    const endpoint = this.#account.config[this.#side]?.smtp;
    const to = this.row.recipients.filter((one) => OPEN.includes(one.state)).map((one) => one.address);
    if (!endpoint) return failed(to, 'connect', new MailError('no-route', { scope: 'account', retry: 'later', side: this.#side }));
    let login: Credentials;
    try {
      login = await this.#context.credentials(this.#account, this.#side);
    } catch (error) {
      return failed(to, 'login', asMailError(error));
    }
    const { id, sizeBytes, from, needsSmtpUtf8 } = this.row;
    const raw = (): Iterable<Uint8Array> => this.#context.store.bytes.pieces(id);
    const request = { raw, sizeBytes, from, to, needsSmtpUtf8 };
    const result = await this.#context.smtp.submit(endpoint, login, request, {
      ...{ side: this.#side, signal: this.#abort.signal },
      onPhase: (phase, settled) => this.#phase(phase, settled),
    });
    if (result.error?.code === 'auth-rejected') this.#context.rejectCredentials(this.#account, this.#side, login);
    return result;
  }

  /** Commits what has to be durable before the phase begins. */
  #phase(phase: SubmissionPhase, settled: readonly RecipientReply[]): void {
    if (phase === 'body') this.#recordBody(settled);
    else if (phase === 'data-sent') this.#noteDot();
    else if (phase === 'mail' || phase === 'data') this.#context.step(`outbox.before-${phase}`);
  }

  /** C5. From here on no other route, no cancelling, and after a kill no resending. @throws MailError cancelled: nothing leaves */
  #recordBody(settled: readonly RecipientReply[]): void {
    const { handle, store, clock } = this.#context;
    const isOurs = handle.tx('outbox.body', () => {
      const held = store.changeClaimed(this.row.id, this.#claim, { bodyStarted: true, leaseUntil: clock.now() + LEASE_MS });
      if (!held) return false;
      store.evidence.notePhase(this.#attempt, 'body');
      // C4: whom the server has refused or put off gets no byte, whatever happens from here on.
      const before = new Map(this.row.recipients.map((one) => [one.address, one]));
      recordRecipients(
        store,
        this.row,
        settled.flatMap((reply) => {
          const one = before.get(reply.address);
          return one ? [recipientAfter(one, reply, 'recipients')] : [];
        }),
      );
      return true;
    });
    if (!isOurs) throw new MailError('cancelled', { scope: 'message', retry: 'never', side: this.#side, detail: 'taken back' });
    this.#isBodyStarted = true;
    this.#context.step('outbox.body-marked');
  }

  /** For the eye only: a store that fails here changes nothing. */
  #noteDot(): void {
    const { handle, store, log } = this.#context;
    try {
      handle.tx('outbox.dot', () => store.evidence.notePhase(this.#attempt, 'data-sent'));
    } catch {
      log.warn({ ev: 'outbox.phase-not-noted', item: this.row.id }); // the attempt then ends without it
    }
    this.#context.step('outbox.dot-noted');
  }

  /** The verdict is known and must not be lost: a full disk is waited for. @throws what the store says when the engine ends meanwhile */
  async #settle(result: SubmissionResult): Promise<Settlement | null> {
    const { clock, random, log } = this.#context;
    const settlement = settle(this.row, result, clock.now(), random.next());
    for (;;) {
      try {
        const where = { claim: this.#claim, attempt: this.#attempt, side: this.#side };
        return recordSettlement(this.#context, this.row, where, result, settlement) ? settlement : null;
      } catch (error) {
        if (!(error instanceof MailError) || error.scope !== 'store' || this.#abort.signal.aborted) throw error;
        log.error({ ev: 'outbox.not-settled', item: this.row.id, code: error.code });
        await clock.sleep(STORE_RETRY_MS, this.#abort.signal);
      }
    }
  }

  /** Refused at our own door, taken back, or no secret: that says nothing of the server. */
  #tellMonitor(result: SubmissionResult): void {
    const { phase, verdict, replyCode, error } = result;
    const isOurs = error !== null && ['cancelled', 'call-rejected', 'no-route', 'secret-missing', 'config-invalid'].includes(error.code);
    if (isOurs || (error?.code.startsWith('keyring') ?? false) || (phase === 'connect' && verdict === 'permanent')) return;
    const isAnswer = replyCode !== null && replyCode !== 421 && !['connect', 'tls', 'login'].includes(phase);
    // Put off after the envelope was taken, the mail may be the reason; put off before, hardly. A recipient put off is no news of the server.
    const isPutOff = isAnswer && verdict === 'transient' && phase !== 'recipients';
    const isGood = verdict === 'accepted' || (isAnswer && !isPutOff);
    const mail = isPutOff && phase !== 'mail' ? this.row.id : null;
    this.#context.report(this.row.accountId, this.#side, isGood ? null : error, mail);
  }
}

function asMailError(error: unknown): MailError {
  return error instanceof MailError ? error : new MailError('internal', { scope: 'account', retry: 'later', cause: error });
}

/** A submission that ended before it reached the server. */
function failed(to: readonly string[], phase: SubmissionPhase, error: MailError): SubmissionResult {
  const recipients = to.map((address): RecipientReply => ({
    address,
    verdict: 'transient',
    replyCode: null,
    reply: null,
    enhancedCode: null,
  }));
  return { verdict: 'transient', phase, recipients, replyCode: null, reply: null, enhancedCode: null, queueId: null, error };
}
