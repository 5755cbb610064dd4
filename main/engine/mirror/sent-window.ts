import { ownAddressTest, type Account } from '../../../shared/model/account.ts';
import type { RemoteSummary } from '../imap/gateway.ts';
import { hasFlag } from '../imap/has-flag.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { hasLabels } from '../store/labels.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import { mailboxWindowStart } from './window.ts';

/**
 * Which messages of a mailbox are too old though it keeps older ones: where mailboxes are labels, what was received and what was sent stand
 * in one, and what was sent is kept as long as is said for that.
 * @param now milliseconds since 1970
 */
export function pastAsSent(
  store: EngineStore,
  { id, config }: Account,
  { role, side }: Pick<Mailbox, 'role' | 'side'>,
  now: number,
): (summary: Pick<RemoteSummary, 'from' | 'flags' | 'internalDate'>) => boolean {
  if (side !== 'primary' || role !== 'archive' || !hasLabels(store, id)) return () => false;
  const since = mailboxWindowStart(now, config.retention, { role: 'sent', kind: 'outgoing' });
  const isOwn = ownAddressTest(config);
  return ({ from, flags, internalDate }) => internalDate < since && !hasFlag(flags, '\\flagged') && from.some((one) => isOwn(one.address));
}
