import type { HandlersOf } from './handlers-of.ts';
import type { composeCalls } from '../../../shared/ipc/calls/compose.ts';

export const composeHandlers: HandlersOf<typeof composeCalls> = {
  'compose.start': (engine, start) => engine.features.compose.desk.start(start),
  'drafts.list': (engine) => engine.features.compose.desk.list(),
  'drafts.get': (engine, { draftId }) => engine.features.compose.desk.get(draftId),
  'drafts.save': (engine, { draftId, version, content }) => engine.features.compose.desk.save(draftId, version, content),
  'drafts.discard': (engine, { draftId }) => {
    engine.features.compose.desk.discard(draftId);
    return null;
  },
  'drafts.addFile': (engine, { draftId, ...file }) => engine.features.compose.desk.addFile(draftId, file),
  'drafts.removeFile': (engine, { draftId, attachmentId }) => {
    engine.features.compose.desk.removeFile(draftId, attachmentId);
    return null;
  },
  'drafts.file': (engine, { draftId, attachmentId }) => engine.features.compose.desk.file(draftId, attachmentId),
  'drafts.send': (engine, { draftId, version }) => engine.features.compose.desk.send(draftId, version),
  'contacts.complete': (engine, { text, accountId, limit }) => engine.features.compose.complete(text, accountId, limit),
};
