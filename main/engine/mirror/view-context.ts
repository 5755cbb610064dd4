import type { AccountId, MailboxId } from '../../../shared/model/ids.ts';
import type { DeriveContext } from '../store/derive-entry.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { hasLabels } from '../store/labels.ts';
import { viewMailbox } from '../store/view-mailbox.ts';

/** Mail in transit between relay and primary at the first look must not be taken for deleted mail. */
const TRANSIT_MS = 86_400_000;

const firstPassKey = (accountId: AccountId) => `first-primary-pass:${accountId}`;

/** What only the relay has was looked at anew since then. */
const relayOnlyKey = (accountId: AccountId) => `relay-only-settled:${accountId}`;

/** Notes the first complete pass of the primary; later ones change nothing. Call inside a transaction. `at` in milliseconds since 1970. */
export function recordFirstPrimaryPass(store: EngineStore, accountId: AccountId, at: number): void {
  if (store.meta.get(firstPassKey(accountId)) === null) store.meta.set(firstPassKey(accountId), String(at));
}

/** Whether mail that only the relay has may still be shown as if the primary had never been read. */
export const isRelayOnlySettled = ({ meta }: EngineStore, accountId: AccountId): boolean => meta.get(relayOnlyKey(accountId)) !== null;

/** Call inside a transaction. */
export const recordRelayOnlySettled = ({ meta }: EngineStore, accountId: AccountId): void => meta.set(relayOnlyKey(accountId), '1');

/** What deriving an entry needs to know of the account's mailboxes. Make a new one when mailboxes changed. */
export function viewContext(store: EngineStore, accountId: AccountId): DeriveContext {
  const all = store.mailboxes.list(accountId, undefined, true);
  const byId = new Map(all.map((one) => [one.id as number, one]));
  const views = new Map(all.map((one) => [one.id as number, viewMailbox(one, all).id]));
  const first = store.meta.get(firstPassKey(accountId));
  return {
    roleOf: (id) => byId.get(id)?.role ?? 'other',
    viewOf: (id) => views.get(id) ?? id,
    hasLabels: hasLabels(store, accountId),
    relayOnlyListedFrom: first === null ? null : Number(first) - TRANSIT_MS,
  };
}

export type ChangeListener = (mailboxIds: readonly MailboxId[]) => void;
