import { z } from 'zod';
import { alertSchema, type Alert } from '../../../shared/readiness/alert.ts';

export const alertTargets = ['webhook', 'syslog'] as const;
export type AlertTarget = (typeof alertTargets)[number];

/** An alert and where it has still to go. */
export const queuedSchema = z.strictObject({
  alert: alertSchema,
  /** Milliseconds since 1970: not before. */
  dueAt: z.number(),
  left: z.array(z.enum(alertTargets)).readonly(),
});
export type Queued = z.infer<typeof queuedSchema>;

/** A device that was away for weeks has no use for more. */
const MAX_QUEUED = 100;

export interface Queue {
  readonly items: readonly Queued[];
  /** How many went since there were too many; told with the next one. */
  readonly lost: number;
}

/** Adds to the end; the oldest go where there are too many, and are counted. Pure. */
export function enqueue({ items, lost }: Queue, added: readonly Queued[]): Queue {
  const all = [...items, ...added];
  const over = Math.max(0, all.length - MAX_QUEUED);
  return { items: all.slice(over), lost: lost + over };
}

/** What has still to go to those that IT names; of another target nothing is kept. Pure. */
export function keepFor({ items, lost }: Queue, targets: readonly AlertTarget[]): Queue {
  const kept = items.map((one) => ({ ...one, left: one.left.filter((target) => targets.includes(target)) }));
  return { items: kept.filter(({ left }) => left.length > 0), lost };
}

/** Without this alert for this target. Pure. */
export const delivered = ({ items, lost }: Queue, id: Alert['id'], target: AlertTarget): Queue => ({
  items: items
    .map((one) => (one.alert.id === id ? { ...one, left: one.left.filter((name) => name !== target) } : one))
    .filter(({ left }) => left.length > 0),
  lost,
});

/** The oldest that is due at a target. Pure. */
export const nextFor = ({ items }: Queue, target: AlertTarget, now: number): Queued | undefined =>
  items.find(({ left, dueAt }) => left.includes(target) && dueAt <= now);
