import type { HandlersOf } from './handlers-of.ts';
import type { actionCalls } from '../../../shared/ipc/calls/actions.ts';

export const actionHandlers: HandlersOf<typeof actionCalls> = {
  'messages.move': ({ actions }, { entryIds, mailboxId }) => actions.move(entryIds, mailboxId),
  'messages.archive': ({ actions }, { entryIds }) => actions.archive(entryIds),
  'messages.delete': ({ actions }, { entryIds }) => actions.delete(entryIds),
  'messages.restore': ({ actions }, { entryIds }) => actions.restore(entryIds),
  'actions.undo': ({ actions }, { undoId }) => actions.undo(undoId),
  'actions.failed': ({ actions }) => actions.failed(),
  'actions.dismiss': ({ actions }, { opId }) => {
    actions.dismiss(opId);
    return null;
  },
  'actions.open': ({ actions }) => actions.open(),
};
