import type { EngineCall } from '../../shared/ipc/contract.ts';
import { contract } from '../../shared/ipc/contract.ts';
import { MailError } from '../../shared/errors.ts';
import type { ContinuityEngine } from './engine.ts';
import { actionHandlers } from './calls/actions.ts';
import { composeHandlers } from './calls/compose.ts';
import { continuityHandlers } from './calls/continuity.ts';
import type { Handler } from './calls/handlers-of.ts';
import { outboxHandlers } from './calls/outbox.ts';
import { reconcileHandlers } from './calls/reconcile.ts';
import { enrolGiven, signInHandlers, testGiven } from './calls/sign-in.ts';
import { trustHandlers } from './calls/trust.ts';
import { readConversation, readList } from './read/read-list.ts';
import { openInner, openMessage, readSource } from './read/read-message.ts';
import { search } from './read/search.ts';
import { parseListKey, viewMailboxes } from './read/view-mailboxes.ts';

/** Answers to every call of the contract that the engine is asked. */
export const handlers: { readonly [N in EngineCall]: Handler<N> } = {
  'accounts.list': (engine) => engine.store.accounts.list(),
  'accounts.enrol': (engine, { config, secrets }) => enrolGiven(engine, config, secrets),
  'accounts.setRetention': (engine, { accountId, retention }) => engine.setRetention(accountId, retention),
  'accounts.losses': (engine, { accountId }) => engine.lossesOf(accountId),
  'accounts.remove': async (engine, { accountId, acceptLosses }) => {
    await engine.removeAccount(accountId, acceptLosses);
    return null;
  },
  // Loaded when somebody enrols: they need protocols that showing mail does not.
  'enrol.discover': async ({ deps }, { email }) =>
    (await import('./enrol/discover.ts')).discover(email, deps.proxies ? { proxies: deps.proxies } : {}),
  'enrol.test': (engine, { config, secrets }) => testGiven(engine, config, secrets),
  'overview.get': (engine, { rows }) => {
    const mailboxes = viewMailboxes(engine.store);
    const key = (mailboxes.find((one) => one.role === 'inbox') ?? mailboxes[0])?.key;
    const inbox =
      key === undefined ? null : { mailboxKey: key, ...engine.store.lists.page(parseListKey(engine.store, key), 'all', 0, rows) };
    return { isProvisional: false, accounts: engine.store.accounts.list(), sync: engine.syncStates(), mailboxes, inbox };
  },
  'mailboxes.list': (engine) => viewMailboxes(engine.store),
  'messages.list': (engine, query) => readList(engine.store, query),
  'messages.conversation': (engine, { entryId }) => readConversation(engine.store, entryId),
  'messages.open': (engine, { entryId }) => openMessage(engine.store, engine.deps.ingest, entryId),
  'messages.openInner': (engine, { entryId, within }) => openInner(engine.store, engine.deps.ingest, entryId, within),
  'messages.source': (engine, { entryId }) => readSource(engine.store, entryId),
  'attachments.preview': async (engine, { entryId, within, index }) =>
    (await import('./preview-attachment.ts')).previewAttachment(engine, entryId, [...within, index]),
  'search.query': (engine, query) => search(engine.store, engine.deps.clock, query),
  'sync.state': (engine) => engine.syncStates(),
  'sync.now': (engine) => {
    engine.syncNow();
    return null;
  },
  ...actionHandlers,
  ...composeHandlers,
  ...outboxHandlers,
  ...continuityHandlers,
  ...reconcileHandlers,
  ...signInHandlers,
  ...trustHandlers,
};

/**
 * Parses the arguments again (the other process may be wrong) and answers.
 * @throws MailError call-rejected when they do not fit the contract.
 */
export async function answerCall(engine: ContinuityEngine, name: EngineCall, args: unknown): Promise<unknown> {
  const parsed = contract[name].args.safeParse(args);
  if (!parsed.success) throw new MailError('call-rejected', { scope: 'account', retry: 'never', detail: name });
  const handler = handlers[name] as (engine: ContinuityEngine, ...rest: unknown[]) => unknown;
  return await handler(engine, ...(parsed.data as unknown[]));
}
