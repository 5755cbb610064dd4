import type { MailError } from '../../../shared/errors.ts';
import type { Account, Side } from '../../../shared/model/account.ts';
import type { AccountId, DraftId, OutageId } from '../../../shared/model/ids.ts';
import type { Route } from '../../../shared/model/outbox.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Random } from '../core/random.ts';
import type { Credentials } from '../imap/gateway.ts';
import type { SmtpGateway, SubmissionResult } from '../smtp/gateway.ts';
import type { DatabaseHandle } from '../store/contract.ts';
import type { OutboxRow } from '../store/outbox-item.ts';
import type { OutboxStore } from '../store/outbox.ts';
import type { ContentReader } from './find-copy.ts';

/** What the outbox is lent; other parts of the engine are reached through functions only. */
export interface OutboxContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly smtp: SmtpGateway;
  readonly handle: DatabaseHandle;
  readonly store: OutboxStore;
  /** Tells this machine's claims from another's that has the same profile. */
  readonly machine: string;
  accounts(): readonly Account[];
  credentials(account: Account, side: Side): Promise<Credentials>;
  /** The server refused them: a token is renewed before the next try. */
  rejectCredentials(account: Account, side: Side, credentials: Credentials): void;
  /** `isToSelf`: the mail goes to the account's own address and to nobody else. */
  route(accountId: AccountId, isToSelf: boolean): Route;
  /** What a submission tells of its server; null: well. `mail`: the item, where its refusal may be about this mail alone. */
  report(accountId: AccountId, side: Side, error: MailError | null, mail: number | null): void;
  /** The outage that is going on, for the reconciliation. */
  outageId(accountId: AccountId): OutageId | null;
  /** The copy in Sent may be filed now; in an outage it waits for the reconciliation. */
  maySentCopy(accountId: AccountId): boolean;
  /** For a mail that is to be compared by what a person sees of it. */
  readContent(): ContentReader;
  /** Marks the mail answered or forwarded; doing it twice must do no harm. */
  markOriginal(row: OutboxRow): void;
  /**
   * Opens the draft of a mail again, inside the transaction that takes it back or lets it be changed; null when there is none any more.
   * `only`: recipients it is still to go to, when others have it already.
   */
  reopenDraft(row: OutboxRow, only: readonly string[] | null): DraftId | null;
  /** A submission has an outcome; called inside the transaction that keeps it. */
  audited(row: OutboxRow, side: Side, result: SubmissionResult): void;
  /** Lets the jobs of a side run soon. */
  wake(accountId: AccountId, side?: Side): void;
  /** The window is told to ask again. */
  changed(): void;
  /** Nothing is told any more. */
  closed(): void;
  /** Called after each durable step with its name. */
  step(name: string): void;
}
