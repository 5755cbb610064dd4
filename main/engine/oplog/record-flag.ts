import type { EntryId, MailboxId } from '../../../shared/model/ids.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { flagBits } from '../store/flags.ts';

const FLAGS = { seen: '\\seen', flagged: '\\flagged' } as const;

/** Journals a flag change for every entry it really changes and shows it at once; returns the lists that changed. */
export function recordFlagChange(
  store: EngineStore,
  entryIds: readonly EntryId[],
  flag: keyof typeof FLAGS,
  isSet: boolean,
  now: number,
): MailboxId[] {
  const name = FLAGS[flag];
  const bit = flagBits(name);
  const change = { kind: 'set-flags' as const, add: isSet ? [name] : [], remove: isSet ? [] : [name] };
  return store.handle.tx('oplog.record-flag', () =>
    entryIds.flatMap((id) => {
      const shown = store.entries.flags(id);
      if (shown === null || ((shown.bits & bit) !== 0) === isSet) return [];
      store.ops.record(shown.accountId, id, change, now);
      return store.entries.setShownFlags(id, isSet ? shown.bits | bit : shown.bits & ~bit);
    }),
  );
}
