import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../main/engine/core/log.ts';
import { deliveriesSince } from '../../main/engine/reconcile/deliveries.ts';
import { gather } from '../../main/engine/reconcile/gather.ts';
import { createEngineStore, type EngineStore } from '../../main/engine/store/engine-store.ts';
import { openProfileStores } from '../../main/engine/store/open-profile.ts';
import { accountConfigSchema } from '../../shared/model/account.ts';
import { asUidValidity, type AccountId, type EntryId } from '../../shared/model/ids.ts';
import { mirrorMail, summaryOf } from '../support/delivery-rig.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { StoreFixture } from '../support/store-fixture.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.UTC(2026, 10, 28);

let store: EngineStore;
let accountId: AccountId;
let close: () => void;
beforeEach(() => {
  const fixture = new StoreFixture();
  const stores = openProfileStores({ dir: fixture.dir, key: fixture.key, clock: new ManualClock(NOW), log: silentLog, create: true });
  store = createEngineStore(stores.handle, stores.outboxHandle);
  close = () => {
    stores.handle.close();
    stores.outboxHandle.close();
    fixture.remove();
  };
  const endpoint = (port: number) => ({ host: 'mail.example.com', port, security: 'tls' as const, user: 'anna' });
  const side = (n: number) => ({ imap: endpoint(n), smtp: endpoint(n + 1) });
  const config = accountConfigSchema.parse({ email: 'anna@example.com', primary: side(1000), relay: side(2000) });
  accountId = store.accounts.add(config, NOW).id;
});
afterEach(() => close());

const tx = <T>(work: () => T): T => store.handle.tx('test', work);
const looked = (at: number): void => tx(() => store.relayClock.noteLook(accountId, at));
const takes = (name: string, uid: number, now: number, date = now, path = 'INBOX'): EntryId =>
  mirrorMail(store, 'relay', path, summaryOf(name, date, uid), now);
const placed = (entry: EntryId) => store.placements.ofEntry(entry).filter(({ side }) => side === 'relay');
const bounds = (entry: EntryId) => placed(entry).map((one) => one.arrivedAfter);
const isOffBy = (ms: number): void => tx(() => Array.from({ length: 5 }).forEach(() => store.relayClock.note(accountId, ms)));

describe('when a mail came at the relay', () => {
  it('is known to be after the last look, for a UID that was not there then', () => {
    looked(NOW);
    // The first look at a mailbox finds mail of any age.
    expect(bounds(takes('first', 10, NOW))).toEqual([null]);
    expect(bounds(takes('next', 11, NOW + MINUTE))).toEqual([NOW]);
    looked(NOW + 2 * MINUTE);
    expect(bounds(takes('then', 12, NOW + 3 * MINUTE))).toEqual([NOW + 2 * MINUTE]);
    // Let into the window by a flag, say: its UID is older than the look.
    expect(bounds(takes('flagged', 5, NOW + 4 * MINUTE))).toEqual([null]);
  });

  it('is not known of the first mail of a new epoch', () => {
    looked(NOW);
    takes('first', 10, NOW);
    const inbox = store.mailboxes.list(accountId, 'relay')[0]!;
    tx(() => store.mailboxes.beginEpoch(inbox.id, asUidValidity(9n)));
    expect(bounds(takes('again', 11, NOW + MINUTE))).toEqual([null]);
  });

  it('stays what it was when the mail is moved there, and is not made up when it is copied', () => {
    looked(NOW);
    takes('first', 10, NOW);
    takes('other', 1, NOW, NOW, 'Lists');
    const known = takes('mail', 11, NOW + MINUTE);
    const old = takes('old', 5, NOW + MINUTE);
    looked(NOW + HOUR);
    tx(() => placed(known).forEach((one) => store.placements.setState(one.id, 'unlinked', NOW + HOUR)));
    expect(takes('mail', 2, NOW + HOUR, NOW + MINUTE, 'Lists')).toBe(known);
    expect(placed(known).filter(({ state }) => state === 'present')).toMatchObject([{ arrivedAfter: NOW }]);
    const copy = takes('old', 3, NOW + HOUR, NOW + MINUTE, 'Lists');
    expect([...bounds(old), ...bounds(copy)].filter((one) => one !== null)).toEqual([]);
  });

  it('is asked for by date, by the looks around it, and by order', () => {
    looked(NOW - 9 * HOUR);
    const early = takes('early', 1, NOW - 8 * HOUR);
    takes('wrong', 2, NOW - 8 * HOUR, NOW - 20 * HOUR);
    const mark = placed(takes('dated', 3, NOW - 7 * HOUR, NOW)).at(-1)!.id;
    looked(NOW);
    const watched = takes('watched', 4, NOW + MINUTE, NOW - 20 * HOUR);
    const names = (wanted: { datedFrom: number; arrivedFrom: number; mark: number }) =>
      store.reconcileFacts.relayMail(accountId, wanted).map((one) => one.subject);
    const never = Number.MAX_SAFE_INTEGER;
    expect(names({ datedFrom: NOW, arrivedFrom: never, mark: never })).toEqual(['dated']);
    expect(names({ datedFrom: never, arrivedFrom: NOW, mark: never })).toEqual(['watched']);
    expect(names({ datedFrom: never, arrivedFrom: never, mark })).toEqual(['watched']);
    expect(store.reconcileFacts.relayMailOf(watched, mark)).toMatchObject({ isNew: true, isWatched: true, arrivedAfter: NOW });
    expect(store.reconcileFacts.relayMailOf(early, mark)).toMatchObject({ isNew: false, isWatched: false, arrivedAfter: null });
  });

  it('was not watched where the look before is long ago, or after it by a clock that was put back', () => {
    looked(NOW);
    takes('first', 1, NOW);
    const late = takes('late', 2, NOW + 2 * HOUR);
    const odd = takes('odd', 3, NOW - HOUR);
    for (const entry of [late, odd]) expect(store.reconcileFacts.relayMailOf(entry, 0)).toMatchObject({ isNew: true, isWatched: false });
  });
});

describe('what a plan is made of', () => {
  const facts = (startedAt: number, relayMark: number) =>
    gather(store, { accountId, startedAt, relayMark, primaryBackAt: NOW + 5 * HOUR, now: NOW + 5 * HOUR, describe: () => '' });

  it('holds mail of a relay that is behind by hours, and how far it is', () => {
    isOffBy(-3 * HOUR);
    takes('first', 1, NOW - HOUR);
    const mark = tx(() => {
      const id = store.outages.start(accountId, { cause: 'forced', isDrill: false, troubleAt: NOW, startedAt: NOW });
      return store.outages.get(id)!.relayMark;
    });
    expect(mark).toBe(placed(takes('mail', 2, NOW + HOUR, NOW - 2 * HOUR))[0]!.id - 1);
    const input = facts(NOW, mark);
    expect(input.relayClockMs).toBe(-3 * HOUR);
    expect(input.received.filter((one) => one.isNew).map((one) => one.subject)).toEqual(['mail']);
  });

  it('keeps the newest sightings of each account, and forgets the clock once it is set right', () => {
    isOffBy(3 * HOUR);
    expect(store.relayClock.offsetMs(accountId)).toBe(3 * HOUR);
    for (let n = 0; n < 3; n += 1) isOffBy(0);
    expect(store.relayClock.offsetMs(accountId)).toBe(0);
    expect(JSON.parse(store.meta.get(`relay-clock:${accountId}`)!)).toHaveLength(15);
  });
});

describe('whether the primary delivers', () => {
  it('is asked by our own clock', () => {
    isOffBy(3 * HOUR);
    takes('before', 1, NOW, NOW - HOUR + 3 * HOUR);
    takes('since', 2, NOW, NOW + 3 * HOUR);
    expect([...deliveriesSince(store, accountId, NOW - MINUTE)].map((one) => [one.messageId, one.internalDate])).toEqual([
      ['<since@partner.test>', NOW],
    ]);
  });
});
