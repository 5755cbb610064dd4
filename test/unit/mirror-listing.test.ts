import { describe, expect, it } from 'vitest';
import { diffListing, type ListingInput } from '../../main/engine/mirror/mailbox-listing.ts';
import type { Mailbox } from '../../main/engine/store/mailboxes.ts';
import type { RemoteMailbox } from '../../main/engine/imap/gateway.ts';
import { accountConfigSchema } from '../../shared/model/account.ts';
import { asAccountId, asMailboxId, asUid, asUidValidity } from '../../shared/model/ids.ts';

const endpoint = { host: 'imap.example.com', port: 993, security: 'tls' as const, user: 'anna' };
const config = accountConfigSchema.parse({ email: 'anna@example.com', primary: { imap: endpoint, smtp: null } });
const accountId = asAccountId(1);

const remote = (path: string, change: Partial<RemoteMailbox> = {}): RemoteMailbox => ({
  ...{ path, delimiter: '/', attributes: [], isSubscribed: true, isSelectable: true, objectId: null, status: null },
  ...change,
});
let nextId = 1;
const stored = (path: string, change: Partial<Mailbox> = {}): Mailbox => ({
  ...{ id: asMailboxId(nextId++), accountId, side: 'primary', path, delimiter: '/', role: 'other', kind: 'incoming' },
  ...{ objectId: null, isSubscribed: true, isSelectable: true, isMirrored: true, highestModSeq: null, remoteMessages: 5 },
  ...{ coveredSince: 0, lastPassAt: 0, lastError: null, heldSince: null, vanishedAt: null },
  ...{ uidValidity: asUidValidity(77), uidNext: asUid(10) },
  ...change,
});
const status = (uidValidity: number, uidNext: number, messages = 5) => ({
  ...{ uidValidity: asUidValidity(uidValidity), uidNext: asUid(uidNext), messages, unseen: null, highestModSeq: null },
});
const input = (known: Mailbox[], answered: RemoteMailbox[]): ListingInput => ({
  ...{ accountId, side: 'primary', config, stored: known, remote: answered, hasLabels: false, roles: new Map() },
});

describe('diffListing', () => {
  const inbox = remote('INBOX');

  it('reports new and vanished mailboxes', () => {
    const gone = stored('Old');
    const diff = diffListing(input([stored('INBOX'), gone], [inbox, remote('New')]));
    expect(diff.found.map((one) => one.path)).toEqual(['INBOX', 'New']);
    expect(diff.vanished).toEqual([gone]);
    expect(diff.renamed).toEqual([]);
  });

  it('draws no deletion from an answer without INBOX', () => {
    const diff = diffListing(input([stored('INBOX'), stored('Old')], []));
    expect(diff.vanished).toEqual([]);
  });

  it('takes MAILBOXID for the word of the server', () => {
    const old = stored('Old', { objectId: 'F1' });
    const diff = diffListing(input([stored('INBOX'), old], [inbox, remote('New', { objectId: 'F1' })]));
    expect(diff.renamed).toEqual([{ mailbox: old, path: 'New' }]);
    expect(diff.vanished).toEqual([]);
  });

  it('does not take another MAILBOXID for a rename, whatever the counters', () => {
    const old = stored('Old', { objectId: 'F1' });
    const answered = remote('New', { objectId: 'F2', status: status(77, 10) });
    expect(diffListing(input([stored('INBOX'), old], [inbox, answered])).renamed).toEqual([]);
  });

  it('proposes a rename where epoch and counters fit and only one pair does', () => {
    const old = stored('Old');
    const fitting = remote('New', { status: status(77, 12) });
    expect(diffListing(input([stored('INBOX'), old], [inbox, fitting])).renamed).toEqual([{ mailbox: old, path: 'New' }]);
  });

  it.each([
    ['another epoch', [remote('New', { status: status(78, 12) })]],
    ['UIDNEXT gone back', [remote('New', { status: status(77, 9) })]],
    ['an empty mailbox', [remote('New', { status: status(77, 12, 0) })]],
    ['two that fit', [remote('New', { status: status(77, 12) }), remote('Newer', { status: status(77, 12) })]],
  ])('does not with %s', (_name, answered) => {
    const diff = diffListing(input([stored('INBOX'), stored('Old')], [inbox, ...answered]));
    expect(diff.renamed).toEqual([]);
    expect(diff.vanished.map((one) => one.path)).toEqual(['Old']);
  });

  it('does not when two vanished mailboxes claim the same new one', () => {
    const diff = diffListing(input([stored('INBOX'), stored('A'), stored('B')], [inbox, remote('C', { status: status(77, 12) })]));
    expect(diff.renamed).toEqual([]);
  });
});
