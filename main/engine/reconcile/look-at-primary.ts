import { MailError } from '../../../shared/errors.ts';
import { asUid, type Uid } from '../../../shared/model/ids.ts';
import type { MailboxRole } from '../../../shared/model/mailbox.ts';
import type { ImapSession, RemoteMailbox, RemoteSummary } from '../imap/gateway.ts';
import { readSummaries } from '../imap/read-summaries.ts';
import { rolesOf } from '../imap/special-use.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import { isSameMail, type MailEvidence } from './same-mail.ts';

/** A mail that is looked for. */
export interface WantedMail extends MailEvidence {
  readonly itemId: number;
  /** When the relay took it, milliseconds since 1970. */
  readonly internalDate: number;
  /** We sent it ourselves: then a copy in a list of all mail is no sign of delivery. */
  readonly isOwn: boolean;
}

export interface Sighting {
  readonly path: string;
  readonly epoch: number;
  readonly uid: Uid;
}

/** How far a mailbox is known. */
interface Mark {
  readonly epoch: number;
  readonly uidNext: Uid;
}

export interface LookResult {
  readonly found: ReadonlyMap<number, readonly Sighting[]>;
  /** By path, of what was looked into or is known: what comes from there on is new. */
  readonly ends: Map<string, Mark>;
  /** Mailboxes that the server would not let us look into. */
  readonly unsearched: readonly string[];
  /** Called off before every mailbox was looked into. */
  readonly isCutShort: boolean;
}

/** Copies there say nothing of delivery: the person wrote them, or they are views of other mailboxes. */
const LEFT_OUT: ReadonlySet<MailboxRole> = new Set(['sent', 'drafts', 'flagged']);
const DAY_MS = 86_400_000;
/** Mail without a Message-ID is told apart by its summary; this many of one mailbox are compared at most. */
const MAX_COMPARED = 2_000;

/**
 * Looks for mail in all mailboxes of the primary, those that are not mirrored included. A mirrored mailbox whose counters are
 * those of the last complete pass holds nothing that the store does not know, and is passed over.
 *
 * @param mayGoOn asked before each mailbox, with the number of mails found so far
 * @throws MailError of scope connection; a failed search is never "not there".
 */
export async function lookAtPrimary(
  session: ImapSession,
  stored: readonly Mailbox[],
  wanted: readonly WantedMail[],
  mayGoOn: (found: number) => boolean = () => true,
): Promise<LookResult> {
  const found = new Map<number, Sighting[]>();
  const ends = new Map<string, Mark>();
  const unsearched: string[] = [];
  const remote = await session.list();
  const roles = rolesOf(remote);
  for (const mailbox of remote) {
    const role = roles.get(mailbox.path) ?? 'other';
    const { path, status } = mailbox;
    if (status !== null) ends.set(path, { epoch: Number(status.uidValidity), uidNext: status.uidNext });
    if (!mailbox.isSelectable || LEFT_OUT.has(role) || isKnownWhole(mailbox, stored)) continue;
    const asked = wanted.filter((one) => role !== 'all' || !one.isOwn);
    if (asked.length === 0) continue;
    if (!mayGoOn(found.size)) return { found, ends, unsearched, isCutShort: true };
    try {
      ends.set(path, await lookInto(session, path, asked, found));
    } catch (error) {
      if (!(error instanceof MailError) || error.scope !== 'mailbox') throw error;
      // Deleted between the listing and now, or refused: the next listing tells.
      unsearched.push(path);
    }
  }
  return { found, ends, unsearched, isCutShort: false };
}

/**
 * Looks for one mail in what a mailbox has taken in since such a look: another device of the person may be carrying the same mail back.
 * @throws MailError as lookAtPrimary(), and of scope mailbox
 */
export async function lookOnward(session: ImapSession, path: string, wanted: WantedMail, { ends }: LookResult): Promise<Sighting[]> {
  const end = ends.get(path);
  const { uidValidity, uidNext } = await session.status(path);
  const epoch = Number(uidValidity);
  if (end?.epoch !== epoch || uidNext <= end.uidNext) return [];
  await session.select(path);
  const { messageId } = wanted;
  const uids =
    messageId === null
      ? await session.searchUidRange(end.uidNext, asUid(uidNext - 1))
      : await session.searchMessageId(messageId, end.uidNext);
  return (await readSummaries(session, uids)).filter((one) => isSameMail(wanted, one)).map(({ uid }) => ({ path, epoch, uid }));
}

/** What we have filed ourselves, with nothing of others before it, is not news for the next mail. */
export function passOwn({ ends }: LookResult, path: string, { epoch, uid }: { readonly epoch: number; readonly uid: Uid }): void {
  const end = ends.get(path);
  if (end?.epoch === epoch && end.uidNext === uid) ends.set(path, { epoch, uidNext: asUid(uid + 1) });
}

function isKnownWhole({ path, status }: RemoteMailbox, stored: readonly Mailbox[]): boolean {
  const known = stored.find((one) => one.path === path && one.isMirrored);
  if (!known || status === null) return false;
  return known.uidValidity === status.uidValidity && known.uidNext !== null && known.uidNext === status.uidNext;
}

async function lookInto(session: ImapSession, path: string, wanted: readonly WantedMail[], found: Map<number, Sighting[]>): Promise<Mark> {
  const { uidValidity, uidNext, exists } = await session.select(path);
  const end = { epoch: Number(uidValidity), uidNext };
  if (exists === 0) return end;
  const note = (one: WantedMail, { uid }: RemoteSummary): void => {
    found.set(one.itemId, [...(found.get(one.itemId) ?? []), { path, epoch: Number(uidValidity), uid }]);
  };
  for (const one of wanted) {
    if (one.messageId === null) continue;
    const uids = await session.searchMessageId(one.messageId);
    for (const summary of await readSummaries(session, uids)) if (isSameMail(one, summary)) note(one, summary);
  }
  const bare = wanted.filter((one) => one.messageId === null);
  if (bare.length === 0) return end;
  const since = Math.min(...bare.map((one) => one.internalDate)) - DAY_MS;
  const uids = [...(await session.searchWindow(since, false))].slice(-MAX_COMPARED);
  for (const summary of await readSummaries(session, uids)) {
    for (const one of bare) if (isSameMail(one, summary)) note(one, summary);
  }
  return end;
}
