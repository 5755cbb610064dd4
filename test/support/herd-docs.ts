/** What a full run keeps of one outage: highest counts of a second, and seconds until 99 % of the clients had followed. */
export interface HerdFigures {
  readonly clients: number;
  readonly outageS: number;
  readonly primary: SideFigures;
  readonly relay: SideFigures;
  readonly failedOverS: number;
  readonly failedBackS: number;
}

interface SideFigures {
  readonly connections: number;
  readonly logins: number;
  readonly submissions: number;
}

/** Outages that are spoken of, shortest first, each with its picture. */
export const HERD_PLOTS = { '5 minutes': 'herd.svg', '4 hours': 'herd-4-hours.svg', '3 days': 'herd-3-days.svg' } as const;
export type HerdOutage = keyof typeof HERD_PLOTS;
export const HERD_OUTAGES = Object.keys(HERD_PLOTS) as HerdOutage[];
export type HerdResults = Partial<Record<HerdOutage, HerdFigures>>;

const BEGIN = '<!-- figures: written by a full run of test/bars/herd.test.ts -->';
const END = '<!-- end of figures -->';
const HEAD =
  '| outage | log-ins, primary | log-ins, relay | submissions | connections, primary | connections, relay | over after | back after | picture |';

const grouped = (value: number): string => value.toLocaleString('en-US');

function row(name: HerdOutage, results: HerdResults): string {
  const figures = results[name];
  if (!figures) return `| ${name} | not played with the whole fleet yet |${' |'.repeat(7)}`;
  const { primary, relay, failedOverS, failedBackS } = figures;
  const submissions = Math.max(primary.submissions, relay.submissions);
  const counts = [primary.logins, relay.logins, submissions, primary.connections, relay.connections].map(grouped).join(' | ');
  return `| ${name} | ${counts} | ${failedOverS} s | ${(failedBackS / 60).toFixed(1)} min | [picture](${HERD_PLOTS[name]}) |`;
}

/** The figures as they stand in docs/herd.md. */
export const herdTable = (results: HerdResults): string =>
  [BEGIN, '', HEAD, `|${'---|'.repeat(9)}`, ...HERD_OUTAGES.map((name) => row(name, results)), '', END].join('\n');

/** The docs with these figures in the place of those that stood there. @throws where they have no place for them */
export function withHerdTable(docs: string, results: HerdResults): string {
  const [from, to] = [docs.indexOf(BEGIN), docs.indexOf(END)];
  if (from < 0 || to < from) throw new Error('docs/herd.md has no place for the figures');
  return `${docs.slice(0, from)}${herdTable(results)}${docs.slice(to + END.length)}`;
}
