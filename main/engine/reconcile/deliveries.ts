import { ownAddressTest } from '../../../shared/model/account.ts';
import type { AccountId, EntryId } from '../../../shared/model/ids.ts';
import type { ImapSession } from '../imap/gateway.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { Delivery, RelayArrival } from '../store/relay-arrivals.ts';
import { evidenceOf } from './gather.ts';
import { lookAtPrimary, type WantedMail } from './look-at-primary.ts';
import { isDelivered } from './plan.ts';

/** Read of each mailbox at first: in calm weather the newest tells; then so many and no more, for so much that never came says enough. */
const PAGES = [10, 100] as const;

/**
 * Mail from others that the relay took since then, where it reaches the person, newest first. Read step by step: the first one that was
 * delivered ends what there is to ask in calm weather. `since` and the dates of what comes are by our clock, where the relay's is known
 * to be wrong.
 */
export function* deliveriesSince(store: EngineStore, accountId: AccountId, since: number): Generator<Delivery> {
  const isOwn = ownAddressTest(store.accounts.get(accountId).config);
  const relayClockMs = store.relayClock.offsetMs(accountId);
  const seen = new Set<EntryId>();
  for (const dated of arrivals(store, accountId, since + relayClockMs)) {
    if (seen.has(dated.entryId)) continue;
    seen.add(dated.entryId);
    const arrival = { ...dated, internalDate: dated.internalDate - relayClockMs };
    const found = deliveryOf(store, accountId, arrival, isOwn);
    if (found !== null) yield found;
  }
}

/** Newest first over all mailboxes; what is read twice comes twice. */
function* arrivals(store: EngineStore, accountId: AccountId, since: number): Generator<RelayArrival> {
  const mailboxes = store.mailboxes
    .list(accountId, 'relay')
    .filter(({ role }) => isDelivered([role]) && role !== 'all' && role !== 'flagged');
  for (const limit of PAGES) {
    const lists = mailboxes.map(({ id }) => store.relayArrivals.newest(id, since, limit));
    const cut = lists.filter((list) => list.length === limit);
    // Below that, the next ones of a mailbox that was cut off come before what others have.
    const sureFrom = limit === PAGES[1] ? -Infinity : Math.max(-Infinity, ...cut.map((list) => list.at(-1)!.internalDate));
    const found = lists.flat().sort((a, b) => b.internalDate - a.internalDate);
    yield* found.filter((one) => one.internalDate >= sureFrom);
    if (cut.length === 0) return;
  }
}

/** Null: nothing can be said by this mail. */
function deliveryOf(store: EngineStore, accountId: AccountId, arrival: RelayArrival, isOwn: (address: string) => boolean): Delivery | null {
  const { entryId, messageId } = arrival;
  // Nothing to look for it by, and what is not told apart by it is not said to be missing.
  if (messageId === null) return null;
  const places = store.reconcileFacts.primaryPlaces(accountId, entryId, messageId);
  if (places.length > 0) {
    // A half match is enough here: what is risked is a question that is not asked. But what we have filed ourselves was not delivered.
    return wasFiledByUs(store, entryId) ? null : { ...arrival, sender: '', isDelivered: true };
  }
  // In Sent or Drafts of the primary, or handed over here: a copy of what the person wrote.
  if (store.placements.withMessageId(accountId, 'primary', messageId, '').length > 0) return null;
  if (store.outbox.withMessageId(accountId, messageId) !== null) return null;
  const sender = (evidenceOf(store, entryId)?.from[0]?.address ?? '').toLowerCase();
  return isOwn(sender) ? null : { ...arrival, sender, isDelivered: false };
}

function wasFiledByUs(store: EngineStore, entryId: EntryId): boolean {
  const item = store.reconcile.receivedItemOf(entryId);
  return item?.operation === 'append-received' && item.state === 'confirmed' && item.stepResult['uid'] !== undefined;
}

/** What a look at the primary's mailboxes says of mail that the mirror has not seen there. */
export interface DeliveryLook {
  readonly found: ReadonlySet<EntryId>;
  /** What was not found is nowhere: every mailbox was looked into that the server lets us see. */
  readonly isWhole: boolean;
}

/**
 * Looks for mail in all mailboxes of the primary, those that are not mirrored included, and ends with the first that has some.
 *
 * @param mayGoOn asked before each mailbox
 * @throws MailError of scope connection, as lookAtPrimary
 */
export async function lookForDeliveries(
  store: EngineStore,
  accountId: AccountId,
  session: ImapSession,
  mails: readonly RelayArrival[],
  mayGoOn: () => boolean,
): Promise<DeliveryLook> {
  const byItem = new Map<number, EntryId>(mails.map(({ entryId }) => [Number(entryId), entryId]));
  const wanted = mails.flatMap(({ entryId, internalDate }): WantedMail[] => {
    const known = evidenceOf(store, entryId);
    return known === null ? [] : [{ ...known, itemId: Number(entryId), internalDate, isOwn: false }];
  });
  const stored = store.mailboxes.list(accountId, 'primary');
  const look = await lookAtPrimary(session, stored, wanted, (found) => found === 0 && mayGoOn());
  // A mailbox that is not mirrored and that the server keeps shut (of somebody else, say) is none into which mail is delivered.
  const isShut = (path: string): boolean => !stored.some((one) => one.path === path && one.isMirrored);
  const found = new Set([...look.found.keys()].flatMap((item) => byItem.get(item) ?? []));
  return { found, isWhole: !look.isCutShort && look.unsearched.every(isShut) };
}
