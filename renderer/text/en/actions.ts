import type { FailedChange } from '../../../shared/model/action.ts';
import { counted } from '../counted.ts';

const n = counted('en');

export const actions = {
  toolbar: 'Actions for the message',
  toolbarMany: (count: number) => `Actions for ${n(count, '# message', '# messages')}`,
  archive: 'Archive',
  delete: 'Delete',
  move: 'Move to folder',
  restore: 'Restore',
  restoreHint: 'Put it back into its folder on the mail server',
  markRead: 'Mark as read',
  markUnread: 'Mark as unread',
  star: 'Add star',
  unstar: 'Remove star',
  withKey: (what: string, key: string) => `${what} (${key})`,
  selected: (count: number) => n(count, '# message selected', '# messages selected'),
  selectedHint: 'Hold Shift or Ctrl to choose more. Esc ends the selection.',
  selectAll: 'Select all',
  clear: 'End selection',
  select: (subject: string) => `Select “${subject}”`,
  tooMany: (count: number) => `At most ${n(count, '# message', '# messages')} can be selected at once.`,
  moveTitle: 'Move to',
  moveFilter: 'Find a folder',
  moveNone: 'No folder has this name.',
  moveSeveralAccounts: 'The messages belong to several accounts. Choose messages of one account to move them.',
  done: {
    archive: (count: number) => n(count, '# message archived.', '# messages archived.'),
    delete: (count: number) => n(count, '# message deleted.', '# messages deleted.'),
    restore: (count: number) => n(count, '# message restored.', '# messages restored.'),
    move: (count: number, mailbox: string) => n(count, `# message moved to “${mailbox}”.`, `# messages moved to “${mailbox}”.`),
  },
  undone: 'Undone.',
  undo: 'Undo',
  dismiss: 'Dismiss',
  dropHere: (mailbox: string) => `Move to “${mailbox}”`,
  failed: (count: number) => n(count, '# change could not be carried over.', '# changes could not be carried over.'),
  failedShow: 'Show',
  failedTitle: 'Changes that could not be carried over',
  failedLead: 'The mail itself is safe. Look at each change and make it again if you still want it.',
  failedNone: 'There is nothing left here.',
  failedOpen: 'Show message',
  failedDismiss: 'Done, remove from this list',
  failedStates: {
    refused: 'The mail server refused it.',
    conflict: 'The message was changed on the mail server as well; that change was kept.',
  } satisfies Record<FailedChange['state'], string>,
  close: 'Close',
  kinds: {
    'set-flags': 'Marks changed',
    move: 'Moved',
    copy: 'Copied',
    delete: 'Deleted',
    append: 'Copied to the mail server',
    restore: 'Restored',
    'create-mailbox': 'Folder created',
    'rename-mailbox': 'Folder renamed',
    'delete-mailbox': 'Folder deleted',
  } satisfies Record<FailedChange['kind'], string>,
  change: {
    flags: { '+seen': 'marked as read', '-seen': 'marked as unread', '+flagged': 'starred', '-flagged': 'star removed' } as Readonly<
      Record<string, string>
    >,
    otherFlag: (sign: string, flag: string) => (sign === '+' ? `mark “${flag}” set` : `mark “${flag}” removed`),
    to: (what: string, mailbox: string) => `${what}: “${mailbox}”`,
  },
};
