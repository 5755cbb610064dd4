import type { Account, Service } from '../../shared/model/account.ts';
import type { AccountId, OutboxId } from '../../shared/model/ids.ts';
import type { Compose } from './compose/compose.ts';
import type { ContinuityMonitor } from './continuity/monitor.ts';
import { Drills } from './drill/drills.ts';
import type { DrillWorld } from './drill/drill-world.ts';
import type { FeatureContext } from './features.ts';
import type { Outbox } from './outbox/outbox.ts';
import { openMessage } from './read/read-message.ts';
import { search } from './read/search.ts';
import { viewMailboxes } from './read/view-mailboxes.ts';
import type { Alerts } from './tell-alerts.ts';

/** Mails opened and searched for in a drill. */
const READ_SAMPLE = 10;
const WORD = /\p{L}{4,}/u;

interface Parts {
  readonly monitor: ContinuityMonitor;
  readonly outbox: Outbox;
  readonly compose: Compose;
  readonly alerts: Pick<Alerts, 'note'>;
}

/** The drill, over the parts that a real outage would use. */
export function createDrills(context: FeatureContext, parts: Parts): Drills {
  const { store, deps, onEvent } = context;
  const { clock, log } = deps;
  return new Drills({ store: store.drills, clock, log, world: drillWorld(context, parts), onChange: () => onEvent('drill.changed', null) });
}

function drillWorld(context: FeatureContext, { monitor, outbox, compose, alerts }: Parts): DrillWorld {
  const { store } = context;
  return {
    hasRelay: (id) => store.accounts.get(id).config.relay !== null,
    mode: (id) => monitor.mode(id),
    isBack: (id) => {
      const { mode, endpoints } = monitor.state(id);
      const isPrimaryWell = endpoints.every(({ endpoint, health }) => endpoint.side === 'relay' || health === 'up');
      return mode === 'normal' || (mode === 'degraded' && isPrimaryWell);
    },
    rehearse: (id, signal) => monitor.rehearse(id, signal),
    begin: (id) => monitor.startDrill(id),
    end: (id) => monitor.endDrill(id),
    coverage: (id) => coverageOf(context, id),
    checkRelay: async (id, signal) => {
      const account = store.accounts.get(id);
      const ask = (service: Service) =>
        loginError(context, account, service, { signal, onAlert: (text) => alerts.note(id, 'relay', text) });
      return { imap: await ask('imap'), smtp: await ask('smtp') };
    },
    relayClockMs: (id) => store.relayClock.offsetMs(id),
    readLocally: (id) => readLocally(context, id),
    sendToSelf: async (id) => {
      const item = await sendToSelf(context, compose, id);
      // Nobody is to think it over; without a time to do so it may have left by now.
      if (outbox.item(item).state === 'queued') outbox.sendNow(item);
      return item;
    },
    sent: (id) => outbox.item(id),
    hasArrived: (id, messageId) => hasArrived(context, id, messageId),
    reconciliation: (id, since) => reconciliationOf(context, id, since),
  };
}

function coverageOf({ store }: FeatureContext, id: AccountId) {
  const boxes = viewMailboxes(store).filter((one) => one.accountId === id && one.role !== 'recoverable');
  return {
    mailboxes: boxes.length,
    complete: boxes.filter((one) => one.isComplete).length,
    missingBodies: boxes.reduce((sum, one) => sum + one.missingBodies, 0),
  };
}

/** Null when the relay lets us in, else what it threw. */
async function loginError(
  { deps, credentials }: FeatureContext,
  account: Account,
  service: Service,
  { signal, onAlert }: { readonly signal: AbortSignal; readonly onAlert: (text: string) => void },
): Promise<unknown> {
  const endpoint = account.config.relay?.[service];
  if (!endpoint) return new Error('not configured');
  try {
    const login = await credentials.get(account, 'relay', service);
    if (service === 'smtp') await deps.smtp.verify(endpoint, login, { side: 'relay', signal });
    else await (await deps.imap.connect(endpoint, login, { side: 'relay', signal, onAlert })).close();
    return null;
  } catch (error) {
    return error;
  }
}

/** Opens the newest mails and finds one of them by a word of its subject; no server is asked. */
async function readLocally({ store, deps }: FeatureContext, id: AccountId): Promise<{ opened: number; failed: number }> {
  const inbox = viewMailboxes(store).find((one) => one.accountId === id && one.role === 'inbox');
  if (!inbox?.mailboxId) return { opened: 0, failed: 0 };
  const { rows } = store.lists.page({ mailboxId: inbox.mailboxId }, 'all', 0, READ_SAMPLE);
  let failed = 0;
  for (const row of rows) {
    const view = await openMessage(store, deps.ingest, row.id).catch(() => null);
    const word = WORD.exec(row.subject)?.[0];
    const found = word === undefined || search(store, deps.clock, { text: word, mailboxKey: null, limit: 1 }).rows.length > 0;
    if (view === null || row.bodyState !== 'complete' || !found) failed += 1;
  }
  return { opened: rows.length - failed, failed };
}

async function sendToSelf({ store }: FeatureContext, { desk }: Compose, id: AccountId): Promise<OutboxId> {
  const { email, displayName } = store.accounts.get(id).config;
  const draft = await desk.start({ kind: 'new', accountId: id, mailto: null });
  const text =
    'This mail was sent by the test of the emergency access. It can be deleted.\n\nDiese Mail stammt vom Test des Notzugangs. Sie kann gelöscht werden.\n';
  const content = {
    ...draft.content,
    to: [{ name: displayName, address: email }],
    subject: 'Holdover: test of the emergency access / Test des Notzugangs',
    format: 'plain' as const,
    text,
  };
  const { version } = desk.save(draft.id, draft.version, content);
  return (await desk.send(draft.id, version)).outboxId;
}

function hasArrived({ store }: FeatureContext, id: AccountId, messageId: string): boolean {
  return (['relay', 'primary'] as const).some((side) =>
    store.placements
      .withMessageId(id, side, messageId, '')
      .some((one) => one.state === 'present' && store.mailboxes.get(one.mailboxId)?.role === 'inbox'),
  );
}

function reconciliationOf({ store }: FeatureContext, id: AccountId, since: number) {
  const run = store.reconcile.runs(id).find((one) => one.createdAt >= since);
  if (!run) return null;
  const sum = (states: readonly string[] | null) =>
    store.reconcile.counts(run.id).reduce((total, one) => total + (states === null || states.includes(one.state) ? one.n : 0), 0);
  return { isFinished: run.state === 'finished', expected: sum(null), confirmed: sum(['confirmed']) };
}
