import { describe, expect, it } from 'vitest';
import { deriveEntry, type DeriveContext } from '../../main/engine/store/derive-entry.ts';
import type { Placement } from '../../main/engine/store/placements.ts';
import { asEntryId, asMailboxId, asPlacementId, asSourceId, asUid, asUidValidity } from '../../shared/model/ids.ts';

const INBOX = asMailboxId(1);
const ARCHIVE = asMailboxId(2);
const RELAY_INBOX = asMailboxId(3);
const QUARANTINE = asMailboxId(4);

let next = 1;
const placement = (change: Partial<Placement> = {}): Placement => ({
  ...{ id: asPlacementId(next++), entryId: asEntryId(1), mailboxId: INBOX, side: 'primary', uidValidity: asUidValidity(1) },
  ...{ uid: asUid(1), flags: '', internalDate: 5_000, sizeBytes: 10, messageId: '<a@example.com>', summaryDigest: '00' },
  ...{ structureDigest: '', emailId: null, sourceId: null, bodyState: 'missing', fetchAttempts: 0, state: 'present', stateSince: 9_000 },
  arrivedAfter: null,
  ...change,
});
const relay = (change: Partial<Placement> = {}) => placement({ side: 'relay', mailboxId: RELAY_INBOX, ...change });
const context: DeriveContext = {
  roleOf: (id) => (id === QUARANTINE ? 'quarantine' : 'inbox'),
  viewOf: (id) => (id === RELAY_INBOX ? INBOX : id),
  hasLabels: false,
  relayOnlyListedFrom: 1_000,
};

describe('deriveEntry', () => {
  it('shows mail of both sides once, where the primary has it', () => {
    const shown = deriveEntry([relay(), placement({ mailboxId: ARCHIVE })], context);
    expect(shown).toMatchObject({ viewMailboxId: ARCHIVE, sideBits: 3, isListed: true, recoverableSince: null });
  });

  it('shows mail that only the relay holds in the inbox', () => {
    expect(deriveEntry([relay()], context)).toMatchObject({ viewMailboxId: INBOX, sideBits: 2, isListed: true });
  });

  it('does not bring back to the inbox what was deleted before the first look at the primary', () => {
    const old = deriveEntry([relay({ internalDate: 999 })], context);
    expect(old).toMatchObject({ isListed: false, recoverableSince: 9_000 });
    expect(deriveEntry([relay({ internalDate: 999 })], { ...context, relayOnlyListedFrom: null }).isListed).toBe(true);
  });

  it('does not bring back to the inbox what the primary lost, though the relay still has it', () => {
    const shown = deriveEntry([placement({ state: 'vanished', stateSince: 7_000 }), relay()], context);
    expect(shown).toMatchObject({ isListed: false, recoverableSince: 7_000, sideBits: 2 });
  });

  it('shows nothing while a message is in transit between mailboxes', () => {
    expect(deriveEntry([placement({ state: 'unlinked' })], context)).toMatchObject({ isListed: false, recoverableSince: null });
  });

  it('follows a moved message', () => {
    const moved = deriveEntry([placement({ state: 'unlinked' }), placement({ mailboxId: ARCHIVE })], context);
    expect(moved).toMatchObject({ viewMailboxId: ARCHIVE, isListed: true });
  });

  it.each(['superseded', 'held'] as const)('keeps %s mail where it is', (state) => {
    expect(deriveEntry([placement({ state })], context)).toMatchObject({ viewMailboxId: INBOX, isListed: true, sideBits: 1 });
  });

  it('takes a message marked as deleted on the server for gone', () => {
    const shown = deriveEntry([placement({ flags: '\\deleted \\seen' })], context);
    expect(shown).toMatchObject({ isListed: false, recoverableSince: 9_000, sideBits: 0 });
  });

  it('takes flags from the primary', () => {
    const shown = deriveEntry([placement({ flags: '\\flagged \\seen' }), relay({ flags: '' })], context);
    expect(shown.flagBits).toBe(3);
  });

  it('marks quarantined mail until the primary has it, and lists it whatever its age', () => {
    const held = relay({ mailboxId: QUARANTINE, internalDate: 1 });
    expect(deriveEntry([held], context)).toMatchObject({ isQuarantined: true, isListed: true, viewMailboxId: QUARANTINE });
    expect(deriveEntry([held, placement()], context)).toMatchObject({ isQuarantined: false, viewMailboxId: INBOX });
  });

  it('reads the body from wherever it is complete, the primary first', () => {
    const here = asSourceId(8);
    const there = asSourceId(9);
    const both = [relay({ bodyState: 'complete', sourceId: there }), placement({ bodyState: 'complete', sourceId: here })];
    expect(deriveEntry(both, context)).toMatchObject({ bodyState: 'complete', sourceId: here });
    expect(deriveEntry([relay({ bodyState: 'complete', sourceId: there }), placement()], context).sourceId).toBe(there);
  });
});
