import type { AccountId, MailboxId } from '../../../shared/model/ids.ts';
import type { Account, Side } from '../../../shared/model/account.ts';
import type { EngineDeps } from '../deps.ts';
import type { DeliveryReport } from '../../../shared/model/outbox.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { ChangeListener } from './view-context.ts';

/** What the parts of one side's mirror share. */
export interface MirrorContext {
  readonly store: EngineStore;
  readonly deps: Pick<EngineDeps, 'clock' | 'log' | 'ingest'>;
  readonly accountId: AccountId;
  readonly side: Side;
  /** Reads the account anew: retention and mailbox choice may change while running. */
  account(): Account;
  readonly onListsChanged: ChangeListener;
  /** A mail turned out to be a report about the delivery of another; `at` is its date. Must not throw. */
  readonly onDeliveryReport: (report: DeliveryReport, at: number) => void;
  /** New mail was found in a mailbox, in one look. Must not throw. */
  readonly onReceived: (mailbox: Mailbox, count: number) => void;
  readonly onProgress: (progress: PassCounts) => void;
  /** Called after each durable step with its name; crash tests stop there. */
  readonly step: (name: string) => void;
}

export interface PassCounts {
  readonly phase: 'listing' | 'headers' | 'bodies';
  readonly done: number;
  readonly total: number;
  readonly mailboxId?: MailboxId;
}
