import type { Side } from '../../shared/model/account.ts';
import type { AuditData } from '../../shared/model/audit.ts';
import type { ContinuityMonitor } from './continuity/monitor.ts';
import { Throttle } from './core/throttle.ts';
import type { FeatureContext } from './features.ts';
import { contentReader } from './content-reader.ts';
import type { OutboxContext } from './outbox/context.ts';
import { machineName } from './outbox/machine.ts';
import { Outbox } from './outbox/outbox.ts';
import type { SubmissionResult } from './smtp/gateway.ts';
import type { OutboxRow } from './store/outbox-item.ts';

/** The window is told at most this often that the outbox changed. */
const EVENT_MS = 250;

type Hooks = Pick<OutboxContext, 'maySentCopy' | 'reopenDraft'>;

/** Who got it, by which server and with what reply; nothing of the mail itself but its id. */
function submissionFacts(
  { messageId, state }: OutboxRow,
  side: Side,
  { verdict, replyCode, enhancedCode, queueId, recipients }: SubmissionResult,
): AuditData {
  const accepted = recipients.filter((one) => one.verdict === 'accepted').map((one) => one.address);
  const others = recipients.filter((one) => one.verdict !== 'accepted').map((one) => one.address);
  return { messageId, state, side, verdict, replyCode, enhancedCode, queueId, accepted: accepted.join(' '), others: others.join(' ') };
}

/** The outbox with what it needs of the other parts. */
export function createOutbox(context: FeatureContext, monitor: ContinuityMonitor, hooks: Hooks): Outbox {
  const { deps, store, credentials, onEvent, step, wake, journal } = context;
  const events = new Throttle(deps.clock, EVENT_MS, () => onEvent('outbox.changed', null));
  const outbox = new Outbox({
    ...{
      clock: deps.clock,
      random: deps.random,
      log: deps.log,
      smtp: deps.smtp,
      handle: store.outboxHandle,
      store: store.outbox,
      step,
      wake,
    },
    ...{ machine: machineName(), ...hooks, changed: () => events.trigger(), closed: () => events.cancel() },
    accounts: () => store.accounts.list(),
    credentials: (account, side) => credentials.get(account, side, 'smtp'),
    rejectCredentials: (account, side, login) => credentials.reject(account, side, 'smtp', login),
    route: (id, isToSelf) => monitor.route(id, isToSelf ? 'test' : 'other'),
    report: (accountId, side, error, mail) => monitor.report({ accountId, side, error, mail }),
    readContent: () => contentReader(deps.ingest),
    audited: (row, side, result) => journal.append('submitted', row.accountEmail, submissionFacts(row, side, result)),
    outageId: (id) => store.outages.current(id)?.id ?? null,
    markOriginal: ({ messageId, original }) => {
      // The Message-ID outlives both stores; a row number does not.
      if (original) context.recordMark(original.entryId, original.kind === 'forward' ? '$forwarded' : '\\answered', `sent:${messageId}`);
    },
  });
  monitor.onChange((state) => outbox.routeChanged(state.accountId));
  return outbox;
}
