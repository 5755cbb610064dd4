import { packError, type PackedError } from '../../../shared/errors.ts';
import type { DeliveryVerdict, RecipientState, SubmissionPhase } from '../../../shared/model/outbox.ts';
import type { RecipientReply, SubmissionResult } from '../smtp/gateway.ts';
import { isTooManyRecipients } from '../smtp/reply-meaning.ts';
import type { OutboxRow, RecipientRow } from '../store/outbox-item.ts';
import { countsAsTry, isLifeOver, retryDelayMs, waitedMs } from './retry.ts';
import type { OutboxEvent } from './state.ts';

/** What a submission means for the mail. */
export interface Settlement {
  readonly event: Extract<OutboxEvent, 'retry' | 'accept' | 'refuse' | 'give-up' | 'lose'>;
  /** Those whose state or reply changed. */
  readonly recipients: readonly RecipientRow[];
  /** At least one recipient was accepted, now or earlier. */
  readonly isAcceptedBySome: boolean;
  readonly retries: number;
  readonly waitedMs: number;
  /** Time until the next try of this mail; null when it is not tried by time. */
  readonly delayMs: number | null;
  /** The server or the way to it failed, not this mail: others would fare the same. */
  readonly isServerFailing: boolean;
  readonly error: PackedError | null;
}

const STATE_OF: { readonly [V in DeliveryVerdict]: RecipientState['state'] } = {
  accepted: 'accepted',
  transient: 'transient',
  permanent: 'rejected',
  unknown: 'unknown',
};

/** Before MAIL a server has heard nothing of the mail: what it says there is about the way, or about the account. */
const BEFORE_THE_MAIL: ReadonlySet<SubmissionPhase> = new Set<SubmissionPhase>(['connect', 'tls', 'login']);

/** A recipient as the server's reply leaves it. What failed before the server spoke of it leaves it as it was. */
export function recipientAfter(before: RecipientRow, reply: RecipientReply, phase: SubmissionPhase): RecipientRow {
  if (reply.verdict === 'transient' && (reply.replyCode === null || BEFORE_THE_MAIL.has(phase))) return before;
  const { address, replyCode, enhancedCode } = reply;
  return { address, state: STATE_OF[reply.verdict], replyCode, reply: reply.reply, enhancedCode };
}

/** Recipients that were one transaction too many have their next one after this time. */
const NEXT_TRANSACTION_MS = 1_000;

const isOneTooMany = ({ state, replyCode, reply, enhancedCode }: RecipientRow): boolean =>
  state === 'transient' && replyCode !== null && isTooManyRecipients({ code: replyCode, enhancedCode, text: reply ?? '' });

const failure = (code: PackedError['code'], result: SubmissionResult): PackedError => ({
  ...{ code, scope: 'message', retry: 'ask', side: result.error?.side ?? null, detail: '' },
});

/** Draws the consequences of a submission; each recipient is judged by its own reply (bars O3, O6). Pure; `chance` in [0, 1). */
export function settle(row: OutboxRow, result: SubmissionResult, now: number, chance: number): Settlement {
  const replies = new Map(result.recipients.map((one) => [one.address, one]));
  const after = row.recipients.map((before) => {
    const reply = replies.get(before.address);
    return reply === undefined || before.state === 'accepted' ? before : recipientAfter(before, reply, result.phase);
  });
  const changed = after.filter((one, index) => one !== row.recipients[index]);
  const has = (...states: RecipientState['state'][]): boolean => after.some((one) => states.includes(one.state));
  const error = result.error === null ? null : packError(result.error);
  const open = after.filter(({ state }) => state === 'pending' || state === 'transient');
  // Each such transaction brings the mail to somebody more: it is no try that failed, and ends by itself.
  const isRest = changed.some(({ state }) => state === 'accepted') && open.some(isOneTooMany);
  const counts = result.verdict === 'accepted' || countsAsTry(error, result.phase, result.replyCode);
  const waited = counts ? waitedMs(row.waitedMs, row.lastTryAt, now) : row.waitedMs;
  const base = {
    ...{ recipients: changed, isAcceptedBySome: has('accepted'), waitedMs: waited, retries: row.retries + (counts && !isRest ? 1 : 0) },
    ...{ delayMs: null, isServerFailing: false },
  };
  if (has('unknown')) return { ...base, event: 'lose', error: failure('delivery-unconfirmed', result) };
  if (open.length === 0) {
    if (!has('accepted')) return { ...base, event: 'refuse', error: error ?? failure('recipients-refused', result) };
    return { ...base, event: 'accept', error: has('rejected') ? failure('recipients-refused', result) : null };
  }
  if (counts && isLifeOver(waited)) {
    const left = open.map((one) => ({ ...one, state: 'rejected' as const }));
    const others = changed.filter((one) => !left.some(({ address }) => address === one.address));
    return { ...base, recipients: [...others, ...left], event: 'give-up', error: failure('delivery-given-up', result) };
  }
  return {
    ...base,
    event: 'retry',
    delayMs: isRest ? NEXT_TRANSACTION_MS : counts ? retryDelayMs(row.retries, chance) : 0,
    isServerFailing: isServerFailing(result),
    error,
  };
}

/** Whether the next mail would meet the same: nothing was said of a recipient, or the service closes (421, RFC 5321 3.8). */
function isServerFailing({ verdict, phase, replyCode, recipients }: SubmissionResult): boolean {
  if (verdict !== 'transient') return false;
  return replyCode === 421 || BEFORE_THE_MAIL.has(phase) || phase === 'mail' || recipients.every((one) => one.replyCode === null);
}
