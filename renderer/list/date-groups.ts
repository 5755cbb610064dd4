import { lazily } from '../text/lazily.ts';

/** Group of the list that a message belongs to; equal keys are one group. */
export interface DateGroup {
  readonly key: string;
  readonly label: string;
}

export interface GroupWords {
  readonly today: string;
  readonly yesterday: string;
}

/** Local midnight of the day that lies `days` from the day of `at`; right across changes of the clock. */
export function startOfDay(at: number, days: number): number {
  const date = new Date(at);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}

/** Names of the groups: today, yesterday, the weekdays of the last week, then months; all in local time. */
export class DateGroups {
  readonly #words: GroupWords;
  readonly #weekday: () => Intl.DateTimeFormat;
  readonly #month: () => Intl.DateTimeFormat;
  readonly #monthYear: () => Intl.DateTimeFormat;
  readonly #recent: readonly (readonly [start: number, group: () => DateGroup])[];
  readonly #year: number;

  constructor(locale: string, words: GroupWords, now: number) {
    this.#words = words;
    this.#weekday = lazily(() => new Intl.DateTimeFormat(locale, { weekday: 'long' }));
    this.#month = lazily(() => new Intl.DateTimeFormat(locale, { month: 'long' }));
    this.#monthYear = lazily(() => new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric' }));
    this.#year = new Date(now).getFullYear();
    this.#recent = [0, -1, -2, -3, -4, -5, -6].map((days) => {
      const start = startOfDay(now, days);
      return [start, lazily(() => this.#recentDay(start, days))];
    });
  }

  /** Mail from the future (a wrong clock somewhere) counts as today's. */
  groupOf(at: number): DateGroup {
    for (const [start, group] of this.#recent) if (at >= start) return group();
    const date = new Date(at);
    const year = date.getFullYear();
    const format = year === this.#year ? this.#month : this.#monthYear;
    return { key: `m${year}-${date.getMonth()}`, label: format().format(date) };
  }

  #recentDay(start: number, days: number): DateGroup {
    const key = `d${days}`;
    if (days === 0) return { key, label: this.#words.today };
    if (days === -1) return { key, label: this.#words.yesterday };
    // Noon, because midnight does not exist on the day the clock is put forward in some regions.
    return { key, label: this.#weekday().format(start + 12 * 3_600_000) };
  }
}

/** Rows among [first, end) that begin a group, as far as they and the rows before them are loaded (null: there is none before). */
export function groupStarts(
  groups: DateGroups,
  first: number,
  end: number,
  dateAt: (index: number) => number | null | undefined,
): number[] {
  const found: number[] = [];
  for (let index = first; index < end; index += 1) {
    const date = dateAt(index);
    const before = dateAt(index - 1);
    if (typeof date !== 'number' || before === undefined) continue;
    if (before === null || groups.groupOf(date).key !== groups.groupOf(before).key) found.push(index);
  }
  return found;
}
