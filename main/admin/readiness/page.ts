import { rowOf, minuteOf, type Row } from './rows.ts';
import { summaryOf, type Judgement, type Readiness } from './judge.ts';
import type { ReportFault } from './read-reports.ts';
import { readinessWords, type Language, type ReadinessWords } from './words.ts';

export interface PageFacts extends Readiness {
  readonly faults: readonly ReportFault[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/gu, (one) => ENTITIES[one] ?? '');
/** Told by shape and word, not by colour alone. */
const SIGNS = { covered: '✓', partly: '◐', not: '✗' } as const;

const STYLE = `
:root { color-scheme: light dark; --ink: #1c1f23; --paper: #fff; --line: #c9ced6; --soft: #5a6270; --covered: #14692f; --partly: #7a4b00; --not: #a8141b; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ee; --paper: #16191d; --line: #3b424c; --soft: #a3acb9; --covered: #6fd08f; --partly: #f0b65a; --not: #ff8f8f; }
}
body { margin: 2rem auto; max-width: 90rem; padding: 0 1rem; font: 1rem/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
.figure { font-size: 1.25rem; font-weight: 600; margin: 0; }
.soft { color: var(--soft); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
caption { text-align: start; padding: .5rem 0; font-weight: 600; }
th, td { text-align: start; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
thead th { border-bottom-width: 2px; white-space: nowrap; }
tbody th { font-weight: 600; min-width: 15rem; }
td.device { min-width: 8rem; }
caption.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
td.verdict { white-space: nowrap; font-weight: 600; }
td.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
.covered .verdict { color: var(--covered); }
.partly .verdict { color: var(--partly); }
.not .verdict { color: var(--not); }
@media print {
  :root { color-scheme: light; --ink: #000; --paper: #fff; --line: #999; --soft: #333; --covered: #000; --partly: #000; --not: #000; }
  body { margin: 0; max-width: none; font-size: 9pt; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  tbody th, td.device { min-width: 0; }
  td.time, td.verdict { white-space: normal; }
}
`;

const head = (names: readonly string[]): string =>
  `<thead><tr>${names.map((one) => `<th scope="col">${escaped(one)}</th>`).join('')}</tr></thead>`;

function lineOf({ verdict }: Judgement, row: Row): string {
  const time = (text: string): string => `<td class="time">${escaped(text)}</td>`;
  return [
    `<tr class="${verdict}"><th scope="row">${escaped(row.account)}</th>`,
    `<td class="verdict"><span aria-hidden="true">${SIGNS[verdict]}</span> ${escaped(row.verdict)}</td>`,
    `<td>${escaped(row.why)}</td><td class="device">${escaped(row.device)}</td>${time(row.reported)}${time(row.fetched)}`,
    `${time(row.drill)}<td>${escaped(row.version)}</td></tr>`,
  ].join('');
}

function tableOf(people: readonly Judgement[], caption: string, words: ReadinessWords, isSeen = true): string {
  const [account, verdict, ...others] = words.columns;
  const lines = people.map((one) => lineOf(one, rowOf(one, words)));
  const body = `<tbody>\n${lines.join('\n')}\n</tbody>`;
  // Focusable, so that the keyboard can scroll what is too wide.
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escaped(caption)}"><table><caption${isSeen ? '' : ' class="unseen"'}>${escaped(caption)}</caption>${head([account, verdict, words.why, ...others])}\n${body}</table></div>`;
}

function faultTable(faults: readonly ReportFault[], words: ReadinessWords): string {
  const lines = faults.map(({ file, what }) => `<tr><th scope="row">${escaped(file)}</th><td>${escaped(what)}</td></tr>`);
  return `<h2>${escaped(words.faults(faults.length))}</h2>\n<div class="scroll"><table>${head(words.fault)}<tbody>\n${lines.join('\n')}\n</tbody></table></div>`;
}

/**
 * The whole as one HTML file: no script, nothing loaded from anywhere, readable on screen and paper. Everything of a report is
 * escaped, since any device may have written it. Pure.
 */
export function readinessPage({ people, strangers, faults, now }: PageFacts, language: Language): string {
  const words = readinessWords[language];
  const summary = summaryOf(people);
  const made = words.made(minuteOf(new Date(now).toISOString(), words));
  return [
    '<!doctype html>',
    `<html lang="${language}"><head><meta charset="utf-8">`,
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">',
    `<title>Holdover: ${escaped(words.title)}</title><style>${STYLE}</style></head>`,
    `<body><main><h1>${escaped(words.title)}</h1>`,
    `<p class="figure">${escaped(words.summary(summary))}</p>`,
    `<p class="soft">${escaped(words.partly(summary))}. ${escaped(made)} ${escaped(words.times)}</p>`,
    people.length === 0 ? `<p>${escaped(words.nobody)}</p>` : tableOf(people, words.summary(summary), words, false),
    strangers.length === 0 ? '' : tableOf(strangers, words.strangers(strangers.length), words),
    faults.length === 0 ? '' : faultTable(faults, words),
    '</main></body></html>',
    '',
  ].join('\n');
}
