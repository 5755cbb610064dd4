import { MailError } from '../../../shared/errors.ts';
import type { DrillStep, DrillStepName } from '../../../shared/model/drill.ts';
import type { AccountId, OutboxId } from '../../../shared/model/ids.ts';
import type { Clock } from '../core/clock.ts';
import { offsetWords } from '../core/clock-offset.ts';
import type { DrillWorld } from './drill-world.ts';

/** What a step found: a share of its marks and the figures behind it. */
export interface Finding {
  readonly score: number;
  readonly detail: string;
  readonly count?: NonNullable<DrillStep['count']>;
  readonly relayClockMs?: number;
  readonly error?: unknown;
  /** There was nothing to be seen: the step counts as skipped. */
  readonly isLeftOut?: boolean;
}

export interface StepContext {
  readonly world: DrillWorld;
  readonly clock: Clock;
  readonly accountId: AccountId;
  readonly signal: AbortSignal;
  readonly startedAt: number;
  /** Shared by the sending and the arrival. */
  mail: OutboxId | null;
}

const LOOK_MS = 200;
const FAILOVER_MS = 60_000;
/** The bar of a hard failure; slower costs marks. */
const FAILOVER_GOOD_MS = 15_000;
const SEND_MS = 120_000;
const ARRIVAL_MS = 120_000;
const RETURN_MS = 15 * 60_000;

async function until(context: StepContext, limitMs: number, isTrue: () => boolean): Promise<number | null> {
  const { clock, signal } = context;
  const start = clock.monotonic();
  for (;;) {
    if (isTrue()) return clock.monotonic() - start;
    if (clock.monotonic() - start > limitMs) return null;
    await clock.sleep(LOOK_MS, signal);
  }
}

const late = (what: string): Finding => ({
  score: 0,
  detail: `${what} not in time`,
  error: new MailError('server-timeout', { scope: 'account', retry: 'later', detail: what }),
});

function coverage({ world, accountId }: StepContext): Finding {
  const { mailboxes, complete, missingBodies } = world.coverage(accountId);
  return {
    score: mailboxes === 0 ? 0 : complete / mailboxes,
    detail: `${complete} of ${mailboxes} mailboxes complete, ${missingBodies} bodies missing`,
    count: { done: complete, all: mailboxes },
  };
}

async function failover(context: StepContext): Promise<Finding> {
  const { world, accountId, signal } = context;
  const noticedMs = await world.rehearse(accountId, signal);
  world.begin(accountId);
  const switchedMs = await until(context, FAILOVER_MS, () => world.mode(accountId) === 'continuity');
  if (noticedMs === null || switchedMs === null) return late(noticedMs === null ? 'notice' : 'backup mode');
  const score = noticedMs + switchedMs <= FAILOVER_GOOD_MS ? 1 : 0.5;
  return { score, detail: `noticed after ${Math.round(noticedMs)} ms, backup mode ${Math.round(switchedMs)} ms later` };
}

async function relayLogin({ world, accountId, signal }: StepContext): Promise<Finding> {
  const { imap, smtp } = await world.checkRelay(accountId, signal);
  const isWell = (error: unknown): number => (error === null ? 0.5 : 0);
  const words = (error: unknown): string => (error === null ? 'ok' : 'failed');
  // No mark is lost by it: mail is carried over all the same. But somebody should set it.
  const relayClockMs = world.relayClockMs(accountId);
  return {
    score: isWell(imap) + isWell(smtp),
    detail: `reading ${words(imap)}, sending ${words(smtp)}${relayClockMs === 0 ? '' : `, clock ${offsetWords(relayClockMs)}`}`,
    relayClockMs,
    count: { done: [imap, smtp].filter((one) => one === null).length, all: 2 },
    ...(imap !== null ? { error: imap } : smtp !== null ? { error: smtp } : {}),
  };
}

async function read({ world, accountId }: StepContext): Promise<Finding> {
  const { opened, failed } = await world.readLocally(accountId);
  const all = opened + failed;
  const detail = `${opened} of ${all} mails opened and found without a server`;
  return { score: all === 0 ? 0 : opened / all, detail, count: { done: opened, all } };
}

async function send(context: StepContext): Promise<Finding> {
  const { world, accountId } = context;
  const id = await world.sendToSelf(accountId);
  context.mail = id;
  const hasEnded = () => !['queued', 'submitting'].includes(world.sent(id).state);
  const tookMs = await until(context, SEND_MS, hasEnded);
  if (tookMs === null) return late('sending');
  const { state, route } = world.sent(id);
  const isRight = (state === 'accepted' || state === 'filed') && route === 'relay';
  return { score: isRight ? 1 : 0, detail: `${state} by ${route ?? 'nobody'} after ${Math.round(tookMs)} ms` };
}

async function arrival(context: StepContext): Promise<Finding> {
  const { world, accountId, mail } = context;
  if (mail === null) return { score: 0, detail: 'nothing was sent' };
  const { messageId } = world.sent(mail);
  const tookMs = await until(context, ARRIVAL_MS, () => world.hasArrived(accountId, messageId));
  return tookMs === null ? late('arrival') : { score: 1, detail: `seen in the mailbox after ${Math.round(tookMs)} ms` };
}

async function failback(context: StepContext): Promise<Finding> {
  const { world, accountId } = context;
  world.end(accountId);
  const tookMs = await until(context, RETURN_MS, () => world.isBack(accountId));
  return tookMs === null ? late('normal work') : { score: 1, detail: `normal work again after ${Math.round(tookMs)} ms` };
}

async function reconcile(context: StepContext): Promise<Finding> {
  const { world, accountId, startedAt } = context;
  const run = () => world.reconciliation(accountId, startedAt);
  const tookMs = await until(context, RETURN_MS, () => run()?.isFinished ?? true);
  if (tookMs === null) return late('reconciliation');
  const found = run();
  // Shows nothing of a return: neither good nor bad.
  if (found === null) return { score: 0, isLeftOut: true, detail: 'nothing to carry back', count: { done: 0, all: 0 } };
  return {
    score: found.expected === 0 ? 1 : found.confirmed / found.expected,
    detail: `${found.confirmed} of ${found.expected} carried back`,
    count: { done: found.confirmed, all: found.expected },
  };
}

/** What each step does. A step that throws has failed with that error. */
export const drillSteps: Readonly<Record<DrillStepName, (context: StepContext) => Finding | Promise<Finding>>> = {
  coverage,
  failover,
  'relay-login': relayLogin,
  read,
  send,
  arrival,
  failback,
  reconcile,
};
