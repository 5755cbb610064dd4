import { writeDurable } from '../../engine/core/durable-file.ts';
import { table } from '../../cli/format.ts';
import { AdminError } from '../admin-error.ts';
import { readEnrolled } from './enrolled.ts';
import { judge, readinessOf, summaryOf, type Judgement, type Readiness } from './judge.ts';
import { readinessPage } from './page.ts';
import { readReports, type ReadReports } from './read-reports.ts';
import { rowOf } from './rows.ts';
import { readinessWords, type Language } from './words.ts';

export interface ReadinessOptions {
  /** Folder of the reports. */
  readonly reports: string;
  /** Output folder of `enrol`; null for whoever reported. */
  readonly enrolment: string | null;
  /** Where the page is written; null for none. */
  readonly html: string | null;
  readonly language: Language;
  readonly maxAgeHours: number;
  /** Percent of people who have to be covered; null for none. */
  readonly require: number | null;
  readonly isJson: boolean;
}

export interface ReadinessParts {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
  readonly now: () => number;
}

/** Exit code where fewer are covered than are required. */
export const BELOW_REQUIRED = 3;

/**
 * Reads what the devices have reported and says who would be covered if the primary died now.
 * @returns 0, or BELOW_REQUIRED
 * @throws AdminError reports-unreadable, enrolment-missing, state-damaged, page-unwritable
 */
export function runReadiness(options: ReadinessOptions, { print, complain, now: clock }: ReadinessParts): number {
  const now = clock();
  const { reports, faults } = readReports(options.reports, now);
  const enrolled = options.enrolment === null ? null : readEnrolled(options.enrolment);
  const readiness = readinessOf(judge(reports, { now, maxAgeHours: options.maxAgeHours }), enrolled);
  if (options.html !== null) writePage(options.html, readinessPage({ ...readiness, faults, now }, options.language));
  if (options.isJson) print(JSON.stringify(jsonOf(readiness, faults, now), null, 2));
  else show(readiness, faults, options, print);
  const { percent } = summaryOf(readiness.people);
  if (options.require === null || percent >= options.require) return 0;
  complain(readinessWords[options.language].required(options.require));
  return BELOW_REQUIRED;
}

function writePage(path: string, page: string): void {
  try {
    writeDurable(path, page);
  } catch (error) {
    throw new AdminError('page-unwritable', `${path} (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`, error);
  }
}

function show(
  { people, strangers }: Readiness,
  faults: ReadReports['faults'],
  { language }: ReadinessOptions,
  print: (line: string) => void,
): void {
  const words = readinessWords[language];
  const cells = (one: Judgement): string[] => Object.values(rowOf(one, words));
  const tableOf = (list: readonly Judgement[]): string => table([[...words.columns, words.why], ...list.map(cells)]);
  print(people.length === 0 ? words.nobody : tableOf(people));
  if (strangers.length > 0) print(`\n${words.strangers(strangers.length)}\n${tableOf(strangers)}`);
  if (faults.length > 0) print(`\n${words.faults(faults.length)}\n${table(faults.map(({ file, what }) => [file, what]))}`);
  const summary = summaryOf(people);
  print(`\n${words.summary(summary)} (${words.partly(summary)})`);
}

function jsonOf({ people, strangers }: Readiness, faults: ReadReports['faults'], now: number) {
  const told = ({ address, verdict, reasons, notes, devices, report, account }: Judgement) => ({
    ...{ address, verdict, reasons, notes, devices },
    ...{ device: report?.device ?? null, reportedAt: report?.sentAt ?? null, version: report?.version ?? null },
    ...{ syncedAt: account?.primary.syncedAt ?? null, drill: account?.drill ?? null },
  });
  return { at: new Date(now).toISOString(), summary: summaryOf(people), people: people.map(told), strangers: strangers.map(told), faults };
}
