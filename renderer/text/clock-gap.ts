export interface ClockGap {
  readonly isAhead: boolean;
  /** Below two hours the minutes, from there on the hours, rounded. */
  readonly unit: 'minutes' | 'hours';
  readonly count: number;
}

const HOURS_FROM_MINUTES = 120;

/** How a clock that is wrong is told of. Pure. */
export function clockGap(ms: number): ClockGap {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  const isAhead = ms > 0;
  if (minutes < HOURS_FROM_MINUTES) return { isAhead, unit: 'minutes', count: minutes };
  return { isAhead, unit: 'hours', count: Math.round(minutes / 60) };
}
