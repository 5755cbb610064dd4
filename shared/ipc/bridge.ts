import type { PackedError } from '../errors.ts';
import type { CallArgs, CallName, CallResult } from './contract.ts';
import type { EventName, EventPayload } from './events.ts';

/** Answer of one call. Errors come as values: an Error object loses its fields on the bridge. */
export type CallAnswer<N extends CallName> =
  { readonly ok: true; readonly value: CallResult<N> } | { readonly ok: false; readonly error: PackedError };

/** `window.continuity`: one function per contract name, and push events. There is no generic invoke. */
export interface ContinuityBridge {
  readonly calls: { readonly [N in CallName]: (...args: CallArgs<N>) => Promise<CallAnswer<N>> };
  /** Listens to one event; returns the function that stops it. Unknown names throw. */
  on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void;
}

/** Names that the preload exposes, written out: it must not carry the schemas. The types below keep lists and contract equal. */
export const bridgeCallNames = [
  'app.info',
  'app.openExternal',
  'app.update',
  'settings.get',
  'settings.set',
  'engine.state',
  'policy.state',
  'policy.enrol',
  'store.unlock',
  'store.choosePassphrase',
  'store.retry',
  'store.recover',
  'store.unsent',
  'store.setAside',
  'store.showRecoveryKey',
  'accounts.list',
  'accounts.enrol',
  'accounts.enrolFromFile',
  'accounts.setRetention',
  'accounts.losses',
  'accounts.remove',
  'enrol.discover',
  'enrol.test',
  'overview.get',
  'mailboxes.list',
  'messages.list',
  'messages.conversation',
  'messages.open',
  'messages.source',
  'messages.openInner',
  'messages.saveAs',
  'app.print',
  'messages.setFlag',
  'attachments.preview',
  'attachments.save',
  'search.query',
  'sync.state',
  'sync.now',
  'messages.move',
  'messages.archive',
  'messages.delete',
  'messages.restore',
  'actions.undo',
  'actions.failed',
  'actions.dismiss',
  'actions.open',
  'compose.start',
  'drafts.list',
  'drafts.get',
  'drafts.save',
  'drafts.discard',
  'drafts.addFile',
  'drafts.removeFile',
  'drafts.file',
  'drafts.send',
  'contacts.complete',
  'outbox.list',
  'outbox.cancel',
  'outbox.sendNow',
  'outbox.lookUp',
  'outbox.resend',
  'outbox.markSent',
  'outbox.edit',
  'outbox.dismiss',
  'continuity.state',
  'continuity.control',
  'continuity.failover',
  'continuity.probe',
  'continuity.history',
  'continuity.configure',
  'drill.start',
  'drill.cancel',
  'drill.list',
  'reconcile.list',
  'reconcile.items',
  'reconcile.approve',
  'reconcile.acknowledge',
  'reconcile.report',
  'reports.save',
  'reconcile.removeDouble',
  'messages.sender',
  'attachments.dangers',
  'messages.remoteImages',
  'desktop.state',
  'desktop.startAtLogin',
  'desktop.openMailto',
  'desktop.request',
] as const satisfies readonly CallName[];

export const bridgeEventNames = [
  'engine.state',
  'sync.state',
  'messages.changed',
  'mailboxes.changed',
  'accounts.changed',
  'continuity.state',
  'drafts.changed',
  'outbox.changed',
  'actions.changed',
  'reconcile.changed',
  'drill.changed',
  'policy.changed',
  'settings.changed',
  'update.state',
  'app.command',
  'desktop.request',
] as const satisfies readonly EventName[];

type Same<A, B> = [A, B] extends [B, A] ? true : never;
export const bridgeNamesAreComplete: Same<CallName, (typeof bridgeCallNames)[number]> & Same<EventName, (typeof bridgeEventNames)[number]> =
  true;
