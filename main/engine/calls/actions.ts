import type { EntryId } from '../../../shared/model/ids.ts';
import type { ContinuityEngine } from '../engine.ts';
import type { HandlersOf } from './handlers-of.ts';
import type { actionCalls } from '../../../shared/ipc/calls/actions.ts';

interface Chosen {
  readonly entryIds: readonly EntryId[];
  readonly areConversations: boolean;
}

/** The mails that are meant, those of whole conversations included. */
const mailsOf = ({ store }: ContinuityEngine, { entryIds, areConversations }: Chosen): readonly EntryId[] =>
  areConversations ? store.conversations.mates(entryIds) : entryIds;

export const actionHandlers: HandlersOf<typeof actionCalls> = {
  'messages.move': (engine, { mailboxId, ...chosen }) => engine.actions.move(mailsOf(engine, chosen), mailboxId),
  'messages.archive': (engine, chosen) => engine.actions.archive(mailsOf(engine, chosen)),
  'messages.delete': (engine, chosen) => {
    const entryIds = mailsOf(engine, chosen);
    const token = engine.actions.delete(entryIds);
    // After it is journalled: a kill in between leaves a draft too many, never words too few.
    engine.features.compose.desk.discardDeleted(entryIds);
    return token;
  },
  'messages.restore': (engine, chosen) => engine.actions.restore(mailsOf(engine, chosen)),
  'messages.settleLost': async (engine, { accountId, isPutBack }) => {
    await engine.features.lostMail.decide(accountId, isPutBack);
    engine.syncNow();
    return null;
  },
  'messages.setFlag': (engine, { flag, isSet, ...chosen }) => engine.actions.setFlag(mailsOf(engine, chosen), flag, isSet),
  'actions.undo': ({ actions }, { undoId }) => actions.undo(undoId),
  'actions.failed': ({ actions, features }) => [...features.compose.leftovers(), ...actions.failed()],
  'actions.dismiss': ({ actions, features }, of) => {
    if ('draftId' in of) features.compose.dismissLeftovers(of.draftId);
    else actions.dismiss(of.opId);
    return null;
  },
  'actions.open': ({ actions }) => actions.open(),
};
