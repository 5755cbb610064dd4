import type { AccountId, MailboxId } from '../../../shared/model/ids.ts';
import type { MailboxRole, ViewMailbox } from '../../../shared/model/mailbox.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import type { ListKey } from '../store/lists.ts';
import { MailError } from '../../../shared/errors.ts';
import { asAccountId, asMailboxId } from '../../../shared/model/ids.ts';
import { viewMailbox } from '../store/view-mailbox.ts';

const RECOVERABLE = /^recoverable:(\d{1,15})$/u;
const ROLE_ORDER: readonly MailboxRole[] = ['inbox', 'drafts', 'sent', 'archive', 'other', 'quarantine'];

const rank = (role: MailboxRole): number => {
  const index = ROLE_ORDER.indexOf(role);
  return index < 0 ? ROLE_ORDER.length : index;
};

/** @throws MailError not-found when the key names no list. */
export function parseListKey(key: string): ListKey {
  const recoverable = RECOVERABLE.exec(key);
  if (recoverable?.[1]) return { recoverableOf: asAccountId(Number(recoverable[1])) };
  if (/^\d{1,15}$/u.test(key) && Number(key) > 0) return { mailboxId: asMailboxId(Number(key)) };
  throw new MailError('not-found', { scope: 'mailbox', retry: 'never', detail: 'mailbox key' });
}

function levels(mailbox: Mailbox): string[] {
  return mailbox.delimiter ? mailbox.path.split(mailbox.delimiter) : [mailbox.path];
}

function describe(store: EngineStore, mailbox: Mailbox, folded: readonly Mailbox[], missing: number): ViewMailbox {
  const parts = levels(mailbox);
  const { total, unseen } = store.lists.counts({ mailboxId: mailbox.id });
  const all = [mailbox, ...folded];
  const covered = all.map((one) => one.coveredSince);
  const coveredSince = covered.includes(null) ? null : Math.max(...covered.map((one) => one ?? 0));
  return {
    key: String(mailbox.id),
    accountId: mailbox.accountId,
    mailboxId: mailbox.id,
    side: mailbox.side,
    path: mailbox.path,
    name: parts.at(-1) ?? mailbox.path,
    depth: parts.length - 1,
    role: mailbox.role,
    total,
    unseen,
    isComplete: coveredSince !== null && missing === 0,
    coveredSince,
    missingBodies: missing,
  };
}

function recoverable(store: EngineStore, accountId: AccountId): ViewMailbox {
  const { total, unseen } = store.lists.counts({ recoverableOf: accountId });
  const place = { accountId, mailboxId: null, side: null, path: '', name: '', depth: 0 };
  const state = { isComplete: true, coveredSince: null, missingBodies: 0 };
  return { key: `recoverable:${accountId}`, role: 'recoverable', total, unseen, ...place, ...state };
}

/** Mailboxes as the reader sees them: the relay's folded into the primary's of the same role. */
export function viewMailboxes(store: EngineStore): ViewMailbox[] {
  return store.accounts.list().flatMap(({ id }) => {
    // A mailbox that is gone from its server stands here as long as mail is held in it.
    const all = store.mailboxes
      .list(id, undefined, true)
      .filter((one) => one.isMirrored && (one.vanishedAt === null || one.heldSince !== null));
    const missing = store.coverage.missingByMailbox(id);
    const folded = new Map<MailboxId, Mailbox[]>();
    for (const one of all) {
      const view = viewMailbox(one, all);
      if (view.id !== one.id) folded.set(view.id, [...(folded.get(view.id) ?? []), one]);
    }
    const shown = all.filter((one) => viewMailbox(one, all).id === one.id);
    shown.sort(
      (a, b) => rank(a.role) - rank(b.role) || Number(a.side === 'relay') - Number(b.side === 'relay') || a.path.localeCompare(b.path),
    );
    const described = shown.map((one) => {
      const parts = folded.get(one.id) ?? [];
      const open = [one, ...parts].reduce((sum, part) => sum + (missing.get(part.id) ?? 0), 0);
      return describe(store, one, parts, open);
    });
    return [...described, recoverable(store, id)];
  });
}
