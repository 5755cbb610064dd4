import type { HandlersOf } from './handlers-of.ts';
import type { outboxCalls } from '../../../shared/ipc/calls/outbox.ts';

export const outboxHandlers: HandlersOf<typeof outboxCalls> = {
  'outbox.list': (engine) => engine.features.outbox.items(),
  'outbox.cancel': (engine, { outboxId }) => ({ draftId: engine.features.outbox.cancel(outboxId) }),
  'outbox.sendNow': (engine, { outboxId }) => engine.features.outbox.sendNow(outboxId),
  'outbox.lookUp': (engine, { outboxId }) => engine.features.outbox.lookUp(outboxId),
  'outbox.resend': (engine, { outboxId }) => engine.features.outbox.resend(outboxId),
  'outbox.markSent': (engine, { outboxId }) => engine.features.outbox.markSent(outboxId),
  'outbox.edit': (engine, { outboxId }) => ({ draftId: engine.features.outbox.edit(outboxId) }),
  'outbox.dismiss': (engine, { outboxId }) => {
    engine.features.outbox.dismiss(outboxId);
    return null;
  },
};
