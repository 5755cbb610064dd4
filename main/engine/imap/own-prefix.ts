import { isInboxName } from './inbox-name.ts';

/** What is known of a mailbox by LIST. */
interface Listed {
  readonly path: string;
  readonly delimiter: string | null;
}

/**
 * What the name of a new mailbox has to begin with: servers that keep all mailboxes below INBOX (cPanel, Courier, Cyrus) refuse to create
 * one beside it. Told by the names there are, so that it is known without a connection too. Pure.
 */
export function ownPrefix(mailboxes: readonly Listed[]): string {
  const delimiter = mailboxes.find((one) => one.delimiter !== null)?.delimiter ?? null;
  if (delimiter === null) return '';
  const others = mailboxes.filter((one) => !isInboxName(one.path));
  const prefix = `INBOX${delimiter}`;
  return others.length > 0 && others.every(({ path }) => path.toUpperCase().startsWith(prefix)) ? prefix : '';
}
