import type { EntryId, OpId } from '../../../shared/model/ids.ts';
import type { ShownEntry } from '../store/entries.ts';
import { flagBits, flagsToText } from '../store/flags.ts';
import type { OpChange } from '../store/ops.ts';
import { leadOf } from './baseline.ts';
import type { Recorder } from './recorder.ts';
import { applyFlags } from './three-way.ts';

const FLAGS = { seen: '\\seen', flagged: '\\flagged' } as const;
export type PersonFlag = keyof typeof FLAGS;
type FlagChange = Extract<OpChange, { kind: 'set-flags' }>;

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
    if (shown.isRecoverable && !recorder.store.ops.hasOpen(id)) {
      flagLost(recorder, id, shown, change);
      continue;
    }
    recorder.note(id, shown, change);
    recorder.showFlags(id, isSet ? shown.bits | bit : shown.bits & ~bit);
  }
}

/** No server holds lost mail: its flags are kept here, and go along when it is restored. */
function flagLost(recorder: Recorder, id: EntryId, shown: ShownEntry, change: Pick<FlagChange, 'add' | 'remove'>): void {
  const { store } = recorder;
  const placements = store.placements.ofEntry(id);
  if (leadOf(store, placements) !== null) return;
  for (const one of placements) store.placements.setFlags(one.id, flagsToText(applyFlags(one.flags, change)), null);
  recorder.refresh(id, shown);
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
