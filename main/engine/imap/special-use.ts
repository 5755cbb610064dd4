import type { MailboxRole } from '../../../shared/model/mailbox.ts';
import type { RemoteMailbox } from './gateway.ts';
import { isInboxName } from './inbox-name.ts';

type Named = Pick<RemoteMailbox, 'path' | 'delimiter' | 'attributes' | 'isSelectable'>;

/** RFC 6154, RFC 8457 (`\Important` is a view, not a place) and what Gmail calls them. */
const byAttribute: Readonly<Record<string, MailboxRole>> = {
  '\\inbox': 'inbox',
  '\\sent': 'sent',
  '\\drafts': 'drafts',
  '\\archive': 'archive',
  '\\trash': 'trash',
  '\\junk': 'junk',
  '\\spam': 'junk',
  '\\all': 'all',
  '\\allmail': 'all',
  '\\flagged': 'flagged',
  '\\starred': 'flagged',
};

/** Well-known names as servers and mail programs write them; the earlier of a list wins over the later. */
const names: readonly (readonly [MailboxRole, readonly string[]])[] = [
  [
    'sent',
    [
      'Sent',
      'Gesendet',
      'Gesendete Elemente',
      'Gesendete Objekte',
      'Gesendete Nachrichten',
      'Sent Items',
      'Sent Mail',
      'Sent Messages',
      'Sent Mails',
      'Versendet',
    ],
  ],
  ['drafts', ['Drafts', 'Entwürfe', 'Entwurf', 'Draft', 'Draft Messages', 'Entwuerfe']],
  [
    'trash',
    [
      'Trash',
      'Papierkorb',
      'Gelöschte Elemente',
      'Gelöschte Objekte',
      'Deleted Items',
      'Deleted Messages',
      'Deleted',
      'Gelöscht',
      'Geloeschte Elemente',
      'Bin',
      'Rubbish',
    ],
  ],
  [
    'junk',
    [
      'Junk',
      'Spam',
      'Junk-E-Mail',
      'Junk E-Mail',
      'Junk Email',
      'Junk Mail',
      'Junkmail',
      'Bulk Mail',
      'Unerwünscht',
      'Spamverdacht',
      'Werbung',
      'Unerwünschte Werbung',
    ],
  ],
  ['archive', ['Archive', 'Archiv', 'Archives', 'Archiviert', 'Archived']],
  ['quarantine', ['Quarantine', 'Quarantäne', 'Quarantaene', 'Quarantined', 'Quarantine Items']],
];

/** One form for all ways of writing a name: composed or decomposed, upper or lower, dashes, dots and blanks alike. */
export function foldName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_.\-‐‑–—]+/g, ' ')
    .trim();
}

const rankByName = new Map<string, { readonly role: MailboxRole; readonly rank: number }>();
for (const [role, list] of names) {
  for (const [rank, name] of list.entries()) rankByName.set(foldName(name), { role, rank });
}

/** Mailboxes that some servers put all others under. */
const CONTAINERS = new Set(['inbox', '[gmail]', '[google mail]']);

/** Level of the name below the account; containers count for nothing. */
function place(mailbox: Named): { readonly name: string; readonly depth: number } {
  const levels = mailbox.delimiter === null ? [mailbox.path] : mailbox.path.split(mailbox.delimiter);
  const isContained = levels.length > 1 && CONTAINERS.has(levels[0]!.toLowerCase());
  return { name: levels.at(-1) ?? mailbox.path, depth: levels.length - (isContained ? 2 : 1) };
}

interface Candidate {
  readonly path: string;
  /** Lower is better: the server's word, then place in the tree, then the usual spelling. */
  readonly score: number;
}

function attributeRole(mailbox: Named): MailboxRole | null {
  for (const attribute of mailbox.attributes) {
    const role = byAttribute[attribute.toLowerCase()];
    if (role && role !== 'inbox') return role;
  }
  return null;
}

/**
 * Role of every mailbox, by path: INBOX by its name, then by what the server says (RFC 6154), then by well-known names in
 * German and English. Each role goes to one mailbox only; of several the one nearest to the top. Pure.
 */
export function rolesOf(all: readonly Named[]): Map<string, MailboxRole> {
  const roles = new Map<string, MailboxRole>(all.map((one) => [one.path, isInboxName(one.path) ? 'inbox' : 'other']));
  const best = new Map<MailboxRole, Candidate>();
  for (const mailbox of all) {
    if (roles.get(mailbox.path) === 'inbox' || !mailbox.isSelectable) continue;
    const { name, depth } = place(mailbox);
    const told = attributeRole(mailbox);
    const named = rankByName.get(foldName(name));
    if (told) offer(best, told, { path: mailbox.path, score: depth });
    // A name deep in somebody's own tree ("Projekte/Archiv 2019/Entwürfe") says nothing of its role.
    else if (named && depth <= 0) offer(best, named.role, { path: mailbox.path, score: 1000 + named.rank });
  }
  for (const [role, { path }] of best) roles.set(path, role);
  return roles;
}

function offer(best: Map<MailboxRole, Candidate>, role: MailboxRole, candidate: Candidate): void {
  const known = best.get(role);
  if (!known || candidate.score < known.score) best.set(role, candidate);
}

/** Role of one mailbox among all of its server. Pure. */
export function roleOf(mailbox: Named, all: readonly Named[]): MailboxRole {
  return rolesOf(all).get(mailbox.path) ?? 'other';
}
