import type { AccountId } from '../../../shared/model/ids.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { CutPauses } from '../imap/cut-pauses.ts';
import type { DeriveContext } from '../store/derive-entry.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { Describe } from './gather.ts';

/** What the parts of a reconciliation need. */
export interface ReconcileContext {
  readonly store: EngineStore;
  readonly clock: Clock;
  readonly log: Log;
  /** By item. */
  readonly cuts: CutPauses;
  /** Called after each durable step. */
  readonly step: (name: string) => void;
  /** A change of the person in machine-readable words. */
  readonly describe: Describe;
  /** How entries are shown after their placements changed. */
  readonly view: (accountId: AccountId) => DeriveContext;
}
