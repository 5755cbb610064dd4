const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const FIRST_RETRY_MS = MINUTE_MS;
/** An outage is seen by a whole fleet in one second; its alerts are of use for that long. */
const ALERT_SPREAD_MS = MINUTE_MS;

export interface ReportTiming {
  /** Milliseconds since 1970; null before the first. */
  readonly reportedAt: number | null;
  readonly now: number;
  readonly everyHours: number;
  readonly spreadMinutes: number;
  /** Uniform number in [0, 1). */
  readonly chance: number;
}

/** When to report, milliseconds since 1970: what is due on many devices at once is spread by chance. Pure. */
export function reportDueAt({ reportedAt, now, everyHours, spreadMinutes, chance }: ReportTiming): number {
  const everyMs = everyHours * HOUR_MS;
  // A clock that was put back must not keep a device silent.
  const due = reportedAt === null || reportedAt > now ? now : Math.max(now, reportedAt + everyMs);
  return due + chance * Math.min(spreadMinutes * MINUTE_MS, everyMs);
}

/** Milliseconds by which an alert waits. Pure. */
export const alertDelayMs = (spreadMinutes: number, chance: number): number =>
  chance * Math.min(spreadMinutes * MINUTE_MS, ALERT_SPREAD_MS);

/** Milliseconds until the next attempt after so many failures; what failed together does not come back together. Pure. */
export const retryMs = (failures: number, chance: number): number =>
  Math.min(HOUR_MS, FIRST_RETRY_MS * 2 ** Math.min(20, failures - 1)) * (0.4 + 0.6 * chance);
