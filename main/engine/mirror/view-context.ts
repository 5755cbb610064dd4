import type { AccountId, MailboxId } from '../../../shared/model/ids.ts';
import type { MailboxRole } from '../../../shared/model/mailbox.ts';
import type { DeriveContext } from '../store/derive-entry.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { Mailbox } from '../store/mailboxes.ts';

/** Roles under which the relay's mail is folded into the primary's mailbox. */
const FOLDED: ReadonlySet<MailboxRole> = new Set(['inbox', 'sent', 'drafts', 'archive']);
/** Mail in transit between relay and primary at the first look must not be taken for deleted mail. */
const TRANSIT_MS = 86_400_000;

const firstPassKey = (accountId: AccountId) => `first-primary-pass:${accountId}`;

/** Notes the first complete pass of the primary; true when it was the first. */
export function recordFirstPrimaryPass(store: EngineStore, accountId: AccountId, at: number): boolean {
  if (store.meta.get(firstPassKey(accountId)) !== null) return false;
  store.meta.set(firstPassKey(accountId), String(at));
  return true;
}

/** The mailbox under which a mailbox's mail is shown. Pure. */
export function viewMailbox(of: Mailbox, all: readonly Mailbox[]): Mailbox {
  if (of.side === 'primary' || !FOLDED.has(of.role)) return of;
  return all.find((one) => one.side === 'primary' && one.role === of.role && one.isMirrored) ?? of;
}

/** What deriving an entry needs to know of the account's mailboxes. Make a new one when mailboxes changed. */
export function viewContext(store: EngineStore, accountId: AccountId): DeriveContext {
  const all = store.mailboxes.list(accountId, undefined, true);
  const byId = new Map(all.map((one) => [one.id as number, one]));
  const views = new Map(all.map((one) => [one.id as number, viewMailbox(one, all).id]));
  const first = store.meta.get(firstPassKey(accountId));
  return {
    roleOf: (id) => byId.get(id)?.role ?? 'other',
    viewOf: (id) => views.get(id) ?? id,
    relayOnlyListedFrom: first === null ? null : Number(first) - TRANSIT_MS,
  };
}

export type ChangeListener = (mailboxIds: readonly MailboxId[]) => void;
