import type { RemoteMailbox } from './gateway.ts';
import { foldName } from './special-use.ts';

type Named = Pick<RemoteMailbox, 'path' | 'delimiter' | 'attributes'>;

/** Exchange lists what is no mail like mailboxes: appointments and contacts then look like messages. One set for each language of an account. */
const STORES: readonly { readonly marks: readonly string[]; readonly others: readonly string[] }[] = [
  {
    marks: ['Calendar', 'Contacts', 'Tasks'],
    others: [
      'Notes',
      'Journal',
      'Outbox',
      'Sync Issues',
      'RSS Feeds',
      'RSS Subscriptions',
      'Conversation History',
      'Conversation Action Settings',
      'Quick Step Settings',
      'Suggested Contacts',
      'ExternalContacts',
      'Files',
      'Yammer Root',
    ],
  },
  {
    marks: ['Kalender', 'Kontakte', 'Aufgaben'],
    others: [
      'Notizen',
      'Journal',
      'Postausgang',
      'Synchronisierungsprobleme',
      'RSS-Feeds',
      'RSS-Abonnements',
      'Aufgezeichnete Unterhaltungen',
      'Unterhaltungsverlauf',
      'Einstellungen für Unterhaltungsaktionen',
      'QuickStep-Einstellungen',
      'Vorgeschlagene Kontakte',
      'ExternalContacts',
      'Dateien',
      'Yammer-Stamm',
    ],
  },
];

/** What lies elsewhere is shown there again (RFC 8457; Gmail). `\All` and `\Flagged` are roles. */
const isView = ({ attributes }: Named): boolean => attributes.some((one) => one.toLowerCase() === '\\important');

const topOf = ({ path, delimiter }: Named): string => foldName(delimiter === null ? path : path.split(delimiter)[0]!);

/**
 * Paths of mailboxes that hold no mail of their own, with what lies below them: views of other mailboxes, and what is no mail. That is told
 * by names where calendar, contacts and tasks stand side by side on the top level, as on Exchange only: a mailbox of such a name alone is
 * somebody's own. Pure.
 */
export function pathsWithoutMail(all: readonly Named[]): ReadonlySet<string> {
  const tops = new Set(all.map((one) => topOf(one)));
  const named = STORES.filter(({ marks }) => marks.every((name) => tops.has(foldName(name)))).flatMap(({ marks, others }) => [
    ...marks,
    ...others,
  ]);
  const without = new Set(named.map((name) => foldName(name)));
  return new Set(all.filter((one) => isView(one) || without.has(topOf(one))).map((one) => one.path));
}
