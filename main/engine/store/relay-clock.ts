import { z } from 'zod';
import type { AccountId } from '../../../shared/model/ids.ts';
import { clockOffset, OFFSETS_KEPT } from '../core/clock-offset.ts';
import type { MetaStore } from './meta.ts';

/** What we know of the relay's clock, and when we last looked at everything there. Changes inside the caller's transaction. */
export interface RelayClock {
  /** One mail whose arrival we watched: its internal date minus our own time then, milliseconds. */
  note(accountId: AccountId, offsetMs: number): void;
  /** How far the relay's clock is ahead of ours, milliseconds; negative where it is behind, 0 where it is right or not known. */
  offsetMs(accountId: AccountId): number;
  /** When the last complete look at the relay began, our clock, milliseconds since 1970; null for never. */
  lookedAt(accountId: AccountId): number | null;
  noteLook(accountId: AccountId, at: number): void;
}

const offsetsSchema = z.array(z.number());

export function createRelayClock(meta: MetaStore): RelayClock {
  const clockKey = (id: AccountId): string => `relay-clock:${id}`;
  const lookKey = (id: AccountId): string => `relay-looked:${id}`;
  const offsets = (id: AccountId): number[] => offsetsSchema.parse(JSON.parse(meta.get(clockKey(id)) ?? '[]'));
  return {
    note: (id, offsetMs) => meta.set(clockKey(id), JSON.stringify([...offsets(id), Math.round(offsetMs)].slice(-OFFSETS_KEPT))),
    offsetMs: (id) => clockOffset(offsets(id)),
    lookedAt: (id) => {
      const at = meta.get(lookKey(id));
      return at === null ? null : Number(at);
    },
    noteLook: (id, at) => meta.set(lookKey(id), String(Math.floor(at))),
  };
}
