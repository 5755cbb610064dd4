import type { UnifiedRole, ViewMailbox } from '../../shared/model/mailbox.ts';
import type { Words } from '../text/en.ts';
import { visibleLine } from '../../shared/visible-text.ts';

/** Roles that have a name of their own in the language of the window, whatever the server calls them. */
export function mailboxName(mailbox: ViewMailbox, words: Words['folders']): string {
  if (mailbox.accountId === null) return words.unified[mailbox.role as UnifiedRole];
  return words.names[mailbox.role] || visibleLine(mailbox.name);
}
