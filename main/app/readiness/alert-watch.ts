import { z } from 'zod';
import { alertKindSchema, type Alert, type AlertKind } from '../../../shared/readiness/alert.ts';
import { keyOf, type Condition } from './conditions.ts';

const MINUTE_MS = 60_000;
/** How long something has to be so before it is told: what comes and goes is no news. The engine has confirmed an outage itself. */
const RAISE_MS: Readonly<Record<AlertKind, number>> = {
  'primary-down': 0,
  'relay-fails': 5 * MINUTE_MS,
  'coverage-behind': 60 * MINUTE_MS,
  'reconcile-exceptions': 0,
  'store-damaged': MINUTE_MS,
  'send-uncertain': 2 * MINUTE_MS,
  'alerts-lost': 0,
};
/** And how long it has to be gone before that is told. */
const CLEAR_MS = 2 * MINUTE_MS;

/** What was seen of one condition; kept over a restart. Times in milliseconds since 1970. */
export const watchedSchema = z.strictObject({
  kind: alertKindSchema,
  account: z.string().nullable(),
  code: z.string().nullable(),
  count: z.number().nullable(),
  /** Since when it is as it is: there, or gone. */
  since: z.number(),
  isThere: z.boolean(),
  isTold: z.boolean(),
});
export type Watched = z.infer<typeof watchedSchema>;

/** A change that is to be told. */
export type Change = Condition & Pick<Alert, 'state'>;

export interface Seen {
  readonly watched: readonly Watched[];
  readonly changes: readonly Change[];
}

/**
 * What has become news with what is so now. `kinds`: of which anything can be said now; the others stay as they were. Each condition
 * is told once when it has lasted, and once when it has been gone for a while. Pure.
 */
export function lookAgain(before: readonly Watched[], now: readonly Condition[], kinds: ReadonlySet<AlertKind>, at: number): Seen {
  const watched = new Map(before.map((one) => [keyOf(one), one]));
  const there = new Map(now.map((one) => [keyOf(one), one]));
  const changes: Change[] = [];
  for (const [key, condition] of there) {
    const was = watched.get(key);
    // Back before it was told as gone: the same trouble goes on.
    watched.set(key, { ...condition, since: was?.isThere ? was.since : at, isThere: true, isTold: was?.isTold ?? false });
  }
  for (const [key, one] of watched) {
    if (!kinds.has(one.kind)) continue;
    if (!there.has(key) && one.isThere) watched.set(key, { ...one, isThere: false, since: at });
    const current = watched.get(key) ?? one;
    const lastedMs = at - current.since;
    const { kind, account, code, count } = current;
    if (current.isThere && !current.isTold && lastedMs >= RAISE_MS[kind]) {
      changes.push({ kind, account, code, count, state: 'raised' });
      watched.set(key, { ...current, isTold: true });
    } else if (!current.isThere && (!current.isTold || lastedMs >= CLEAR_MS)) {
      if (current.isTold) changes.push({ kind, account, code, count, state: 'cleared' });
      watched.delete(key);
    }
  }
  return { watched: [...watched.values()], changes };
}
