import { auditDataSchema, type AuditData, type AuditEntry, type AuditKind, type AuditVerdict } from '../../../shared/model/audit.ts';
import type { Clock } from '../core/clock.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { dataText, faultsOf, hashOf, NO_HASH, type HeadNote } from './chain.ts';

/** In the store of mirrored mail: who changes the journal has to find and change this, too. */
const HEAD = 'audit.head';

export interface AuditJournal {
  /** Appends an entry; inside a transaction of the outbox's store it is kept or dropped with it. */
  append(kind: AuditKind, account: string | null, data: AuditData): void;
  /** Checks every entry. */
  verify(): AuditVerdict;
  /** Oldest first. */
  entries(): IterableIterator<AuditEntry>;
}

type Stores = Pick<EngineStore, 'audit' | 'outboxHandle' | 'meta'>;

/** The append-only, hash-chained record of what the app did (see audit/README.md). */
export function createJournal({ audit, outboxHandle, meta }: Stores, clock: Pick<Clock, 'now'>): AuditJournal {
  const noted = (): HeadNote | null => {
    const [seq = '', hash = ''] = (meta.get(HEAD) ?? '').split(' ');
    return hash === '' ? null : { seq: Number(seq), hash };
  };
  return {
    append(kind, account, data) {
      outboxHandle.tx('audit.append', () => {
        const before = audit.last();
        const row = { seq: (before?.seq ?? 0) + 1, at: clock.now(), kind, account, data: dataText(data) };
        audit.add({ ...row, hash: hashOf(before?.hash ?? NO_HASH, row) });
        // What is durable, never what is only about to be: the note may be behind the journal, not before it.
        if (before) meta.set(HEAD, `${before.seq} ${before.hash}`);
      });
    },
    verify: () => faultsOf(audit.all(), noted()),
    *entries() {
      for (const { data, kind, ...rest } of audit.all())
        yield { ...rest, kind: kind as AuditKind, data: auditDataSchema.parse(JSON.parse(data)) };
    },
  };
}
