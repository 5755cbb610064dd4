import type { AccountId, OutboxId } from '../../../shared/model/ids.ts';
import type { ContinuityState } from '../../../shared/model/continuity.ts';
import type { OutboxItem } from '../../../shared/model/outbox.ts';
import { needsPerson } from '../../../shared/outbox-kind.ts';

/** `outage`: mail goes another way or waits from now on. `ask`: a person has to decide that. `over`: all is back to normal. */
export type ModeNews = { readonly kind: 'outage' | 'ask' | 'over'; readonly states: readonly ContinuityState[] };

const isAway = ({ mode }: ContinuityState): boolean => mode === 'continuity' || mode === 'recovering';

function kindOf(before: ContinuityState, after: ContinuityState): ModeNews['kind'] | null {
  // Who has switched it on, or holds a drill, knows.
  const isOwn = after.isDrill || before.isDrill || after.cause === 'forced';
  if (after.asksForFailover && !before.asksForFailover) return 'ask';
  // Nor is told what a person has just answered; that delivery stands still leads nowhere by itself.
  const isAnswered = after.cause === 'primary-not-delivering';
  if (!isOwn && !isAnswered && after.mode === 'continuity' && before.mode !== 'continuity') return 'outage';
  return !isOwn && after.mode === 'normal' && isAway(before) ? 'over' : null;
}

/** Changes of the mode that are worth a notification, accounts with the same together; nothing at the first look. Pure. */
export function modeNews(before: readonly ContinuityState[] | null, after: readonly ContinuityState[]): ModeNews[] {
  const known = new Map<AccountId, ContinuityState>((before ?? []).map((one) => [one.accountId, one]));
  const kinds = new Map<ModeNews['kind'], ContinuityState[]>();
  for (const state of after) {
    const was = known.get(state.accountId);
    const kind = was ? kindOf(was, state) : null;
    if (kind) kinds.set(kind, [...(kinds.get(kind) ?? []), state]);
  }
  return [...kinds].map(([kind, states]) => ({ kind, states }));
}

/** Mail handed over that needs a person now and did not at the last look. Pure. */
export function outboxNews(known: ReadonlySet<OutboxId>, items: readonly OutboxItem[]): OutboxItem[] {
  return items.filter((one) => needsPerson(one) && !known.has(one.id));
}
