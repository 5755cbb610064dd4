import type { AccountId, MailboxId } from '../../../shared/model/ids.ts';
import type { MailboxRole, ViewMailbox } from '../../../shared/model/mailbox.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import type { ListKey } from '../store/lists.ts';
import { MailError } from '../../../shared/errors.ts';
import { UNIFIED_ROLES, unifiedKey, type UnifiedRole } from '../../../shared/model/mailbox.ts';
import { asAccountId, asMailboxId } from '../../../shared/model/ids.ts';
import { viewMailbox } from '../store/view-mailbox.ts';

const RECOVERABLE = /^recoverable:(\d{1,15})$/u;
const ROLE_ORDER: readonly MailboxRole[] = ['inbox', 'drafts', 'sent', 'archive', 'other', 'quarantine'];

const rank = (role: MailboxRole): number => {
  const index = ROLE_ORDER.indexOf(role);
  return index < 0 ? ROLE_ORDER.length : index;
};

/** @throws MailError not-found when the key names no list. */
export function parseListKey(store: EngineStore, key: string): ListKey {
  const unified = UNIFIED_ROLES.find((role) => key === unifiedKey(role));
  if (unified) {
    const shown = store.accounts.list().flatMap(({ id }) => shownOf(store, id).shown);
    return { mailboxIds: shown.filter(({ role }) => role === unified).map(({ id }) => id) };
  }
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

/** Mailboxes of an account that are shown, in their order, each with those that are folded into it. */
function shownOf(store: EngineStore, accountId: AccountId): { shown: Mailbox[]; folded: ReadonlyMap<MailboxId, readonly Mailbox[]> } {
  // A mailbox that is gone from its server stands here as long as mail is held in it.
  const all = store.mailboxes
    .list(accountId, undefined, true)
    .filter((one) => one.isMirrored && (one.vanishedAt === null || one.heldSince !== null));
  const folded = new Map<MailboxId, Mailbox[]>();
  for (const one of all) {
    const view = viewMailbox(one, all);
    if (view.id !== one.id) folded.set(view.id, [...(folded.get(view.id) ?? []), one]);
  }
  const shown = all.filter((one) => viewMailbox(one, all).id === one.id);
  shown.sort(
    (a, b) => rank(a.role) - rank(b.role) || Number(a.side === 'relay') - Number(b.side === 'relay') || a.path.localeCompare(b.path),
  );
  return { shown, folded };
}

function ofAccount(store: EngineStore, accountId: AccountId): ViewMailbox[] {
  const missing = store.coverage.missingByMailbox(accountId);
  const { shown, folded } = shownOf(store, accountId);
  const described = shown.map((one) => {
    const parts = folded.get(one.id) ?? [];
    const open = [one, ...parts].reduce((sum, part) => sum + (missing.get(part.id) ?? 0), 0);
    return describe(store, one, parts, open);
  });
  return [...described, recoverable(store, accountId)];
}

/** The mailboxes of one role as one: what holds for all of them. */
function unify(mailboxes: readonly ViewMailbox[], role: UnifiedRole): ViewMailbox {
  const parts = mailboxes.filter((one) => one.role === role);
  const sum = (of: 'total' | 'unseen' | 'missingBodies'): number => parts.reduce((total, one) => total + one[of], 0);
  const covered = parts.map(({ coveredSince }) => coveredSince);
  return {
    ...{ key: unifiedKey(role), accountId: null, mailboxId: null, side: null, path: '', name: '', depth: 0, role },
    ...{ total: sum('total'), unseen: sum('unseen'), missingBodies: sum('missingBodies') },
    isComplete: parts.every(({ isComplete }) => isComplete),
    // Before an account has been looked at for the first time there is no inbox.
    coveredSince: covered.length === 0 || covered.includes(null) ? null : Math.max(...covered.map((one) => one ?? 0)),
  };
}

/**
 * Mailboxes as the reader sees them: the relay's folded into the primary's of the same role; where there are several accounts, first all
 * inboxes, and all drafts and sent mail where more than one account has such a mailbox.
 */
export function viewMailboxes(store: EngineStore): ViewMailbox[] {
  const accounts = store.accounts.list();
  const all = accounts.flatMap(({ id }) => ofAccount(store, id));
  if (accounts.length < 2) return all;
  const isShared = (role: UnifiedRole): boolean => new Set(all.filter((one) => one.role === role).map((one) => one.accountId)).size > 1;
  const unified = UNIFIED_ROLES.filter((role) => role === 'inbox' || isShared(role));
  return [...unified.map((role) => unify(all, role)), ...all];
}
