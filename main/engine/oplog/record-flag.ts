import type { EntryId, OpId } from '../../../shared/model/ids.ts';
import { flagBits } from '../store/flags.ts';
import type { Recorder } from './recorder.ts';

const FLAGS = { seen: '\\seen', flagged: '\\flagged' } as const;
export type PersonFlag = keyof typeof FLAGS;

/** What sending a reply or a forward leaves on the original. */
export type Mark = '\\answered' | '$forwarded';

/** Journals a flag change for every mail it really changes, and shows it at once. */
export function recordFlagChange(recorder: Recorder, entryIds: Iterable<EntryId>, flag: PersonFlag, isSet: boolean): void {
  const name = FLAGS[flag];
  const bit = flagBits(name);
  const change = { kind: 'set-flags' as const, add: isSet ? [name] : [], remove: isSet ? [] : [name] };
  for (const id of entryIds) {
    const shown = recorder.store.entries.shown(id);
    if (shown === null || ((shown.bits & bit) !== 0) === isSet) continue;
    recorder.note(id, shown, change);
    recorder.showFlags(id, isSet ? shown.bits | bit : shown.bits & ~bit);
  }
}

/**
 * Journals that a mail was answered or forwarded, once for each key however often it is asked for. Null where nothing is to
 * be done: the mail is gone, or marked so already.
 */
export function recordMark(recorder: Recorder, entryId: EntryId, mark: Mark, uniqueKey: string): OpId | null {
  const { store } = recorder;
  const known = store.ops.withKey(uniqueKey);
  if (known) return known.id;
  const shown = store.entries.shown(entryId);
  const bit = flagBits(mark);
  if (shown === null || (shown.bits & bit) !== 0) return null;
  const opId = recorder.note(entryId, shown, { kind: 'set-flags', add: [mark], remove: [] }, { uniqueKey });
  recorder.showFlags(entryId, shown.bits | bit);
  return opId;
}
