import type { ReconcileItem, ReconcileKind } from '../../shared/model/reconcile.ts';
import type { Words } from '../text/en.ts';
import { kinds } from './summary.ts';

export interface ItemGroup {
  readonly kind: ReconcileKind;
  readonly items: readonly ReconcileItem[];
}

/** By kind in the order of the balance, then as they came; kinds without any are left out. */
export function groupItems(items: readonly ReconcileItem[]): ItemGroup[] {
  return kinds.map((kind) => ({ kind, items: items.filter((one) => one.kind === kind) })).filter((group) => group.items.length > 0);
}

/** What a person can do about an exception from here; null where only reading helps. */
export type NextStep = 'remove-double' | 'restore' | 'outbox' | 'message';

export function nextStepOf(item: ReconcileItem): NextStep | null {
  switch (item.operation) {
    case 'note-double':
      if (item.reason === 'filed-twice') return item.entryId === null ? null : 'message';
      return 'remove-double';
    case 'resolve-unknown':
    case 'note-unsent':
    case 'prove-sent-copy':
      return 'outbox';
    case 'await-delivery':
    case 'append-received':
    case 'restore-message':
      return item.entryId === null ? null : 'restore';
    case 'replay-change':
    case 'file-draft':
    case 'remove-draft-copy':
      return item.entryId === null ? null : 'message';
  }
}

/** Why it is an exception; where the reason names something that a person can do about it outside, that too. */
export function whyText({ code }: NonNullable<ReconcileItem['error']>, errors: Words['errors']): string {
  const { what, remedy } = errors[code];
  return code === 'over-quota' ? `${what} ${remedy}` : what;
}
