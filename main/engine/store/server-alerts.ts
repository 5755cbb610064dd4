import { z } from 'zod';
import type { Side } from '../../../shared/model/account.ts';
import type { AccountId } from '../../../shared/model/ids.ts';
import { serverAlertSchema, type ServerAlert } from '../../../shared/model/server-alert.ts';
import type { MetaStore } from './meta.ts';

/** Kept of an account, seen ones included: what is told again is known by them. A server may make up new words each time. */
export const ALERTS_KEPT = 50;
/** One that is told at every log-in is noted anew once a day, and not at each. */
const AGAIN_MS = 86_400_000;

const keptSchema = z.array(
  serverAlertSchema.omit({ accountId: true }).extend({
    /** When it was told last, milliseconds since 1970. */
    lastAt: z.number(),
    isDismissed: z.boolean(),
  }),
);
type Kept = z.infer<typeof keptSchema>[number];

/** What servers wanted the person to be told, once for each text and account. */
export interface ServerAlerts {
  /** @param at now, milliseconds since 1970. @returns whether there is one more to show */
  note(accountId: AccountId, side: Side, text: string, at: number): boolean;
  /** Those that the person has not put away, oldest first. */
  open(accountId: AccountId): ServerAlert[];
  /** Puts one away for good. @returns whether it was there to put away */
  dismiss(accountId: AccountId, id: number): boolean;
  /** Of an account that is removed. */
  forget(accountId: AccountId): void;
}

/** Those put away first, among them the ones that were told longest ago. */
const expendable = (a: Kept, b: Kept): number => Number(b.isDismissed) - Number(a.isDismissed) || a.lastAt - b.lastAt || a.id - b.id;

export function createServerAlerts(meta: MetaStore): ServerAlerts {
  const keyOf = (id: AccountId): string => `server-alerts:${id}`;
  const kept = (id: AccountId): Kept[] => keptSchema.parse(JSON.parse(meta.get(keyOf(id)) ?? '[]'));
  const keep = (id: AccountId, all: readonly Kept[]): void => {
    const gone = new Set(all.toSorted(expendable).slice(0, Math.max(0, all.length - ALERTS_KEPT)));
    meta.set(keyOf(id), JSON.stringify(all.filter((one) => !gone.has(one))));
  };
  return {
    note(accountId, side, text, at) {
      const all = kept(accountId);
      const known = all.find((one) => one.text === text);
      if (known && Math.abs(at - known.lastAt) < AGAIN_MS) return false;
      const id = 1 + Math.max(0, ...all.map((one) => one.id));
      const added = known ? [] : [{ id, side, text, at, lastAt: at, isDismissed: false }];
      keep(accountId, [...all.map((one) => (one === known ? { ...one, lastAt: at } : one)), ...added]);
      return !known;
    },
    open: (accountId) =>
      kept(accountId).flatMap(({ id, side, text, at, isDismissed }) => (isDismissed ? [] : [{ accountId, id, side, text, at }])),
    dismiss(accountId, id) {
      const all = kept(accountId);
      if (!all.some((one) => one.id === id && !one.isDismissed)) return false;
      keep(
        accountId,
        all.map((one) => (one.id === id ? { ...one, isDismissed: true } : one)),
      );
      return true;
    },
    forget(accountId) {
      if (meta.get(keyOf(accountId)) !== null) meta.set(keyOf(accountId), '[]');
    },
  };
}
