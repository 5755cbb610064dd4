import type { EntryId } from '../../../shared/model/ids.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { ShownEntry } from '../store/entries.ts';
import type { Baseline } from '../store/op-change.ts';
import { leadAtPrimary } from '../store/labels.ts';
import type { Placement } from '../store/placements.ts';

const ON_SERVER = new Set(['present', 'superseded', 'held']);

/** The placement that decides about an entry: the primary's that leads and is on the server, else the relay's. */
export function leadOf(store: EngineStore, placements: readonly Placement[]): Placement | null {
  const live = placements.filter((one) => ON_SERVER.has(one.state));
  return leadAtPrimary(store, live) ?? live.at(-1) ?? null;
}

/** What server and person agree on now, before a change is recorded. Call in the transaction that records it. */
export function baselineOf(store: EngineStore, entryId: EntryId, shown: ShownEntry): Baseline {
  const placements = store.placements.ofEntry(entryId);
  const lead = leadOf(store, placements);
  const known = lead ?? placements.at(-1) ?? null;
  const modSeq = lead === null ? null : store.placements.modSeq(lead.id);
  return {
    side: lead?.side ?? null,
    mailboxId: lead?.mailboxId ?? null,
    flags: known?.flags ?? '',
    messageId: known?.messageId ?? shown.messageId,
    sizeBytes: known?.sizeBytes ?? 0,
    modSeq: modSeq === null ? null : String(modSeq),
    shownIn: shown.viewMailboxId,
  };
}
