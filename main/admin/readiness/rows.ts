import type { Judgement, Reason } from './judge.ts';
import type { ReadinessWords } from './words.ts';

/** What is shown of one account. */
export interface Row {
  readonly account: string;
  readonly verdict: string;
  readonly device: string;
  readonly reported: string;
  readonly fetched: string;
  readonly drill: string;
  readonly version: string;
  readonly why: string;
}

/** `2026-11-28 22:40`, the same for every reader. */
export const minuteOf = (at: string | null, words: Pick<ReadinessWords, 'never'>): string =>
  at === null ? words.never : new Date(at).toISOString().slice(0, 16).replace('T', ' ');

/** The words of a reason. Pure. */
export const reasonText = ({ code, at, detail }: Reason, words: ReadinessWords): string =>
  words.reasons[code]({ at: minuteOf(at, words), detail: detail ?? '' });

/** One account as words, for the table and the page. Pure. */
export function rowOf({ address, verdict, reasons, notes, report, account, devices }: Judgement, words: ReadinessWords): Row {
  const device = report === null ? '-' : devices > 1 ? `${report.device} (+${devices - 1})` : report.device;
  return {
    account: address,
    verdict: words.verdict[verdict],
    device,
    reported: minuteOf(report?.sentAt ?? null, words),
    fetched: minuteOf(account?.primary.syncedAt ?? null, words),
    drill: account?.drill
      ? `${minuteOf(account.drill.at, words).slice(0, 10)}, ${words.score(Math.round(account.drill.score))}`
      : words.never,
    version: report?.version ?? '-',
    why: [...reasons, ...notes].map((one) => reasonText(one, words)).join('; '),
  };
}
