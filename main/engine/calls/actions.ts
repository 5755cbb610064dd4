import type { HandlersOf } from './handlers-of.ts';
import type { actionCalls } from '../../../shared/ipc/calls/actions.ts';

export const actionHandlers: HandlersOf<typeof actionCalls> = {
  'messages.move': ({ actions }, { entryIds, mailboxId }) => actions.move(entryIds, mailboxId),
  'messages.archive': ({ actions }, { entryIds }) => actions.archive(entryIds),
  'messages.delete': ({ actions, features }, { entryIds }) => {
    const token = actions.delete(entryIds);
    // After it is journalled: a kill in between leaves a draft too many, never words too few.
    features.compose.desk.discardDeleted(entryIds);
    return token;
  },
  'messages.restore': ({ actions }, { entryIds }) => actions.restore(entryIds),
  'messages.setFlag': ({ actions }, { entryIds, flag, isSet }) => actions.setFlag(entryIds, flag, isSet),
  'actions.undo': ({ actions }, { undoId }) => actions.undo(undoId),
  'actions.failed': ({ actions }) => actions.failed(),
  'actions.dismiss': ({ actions }, { opId }) => {
    actions.dismiss(opId);
    return null;
  },
  'actions.open': ({ actions }) => actions.open(),
};
