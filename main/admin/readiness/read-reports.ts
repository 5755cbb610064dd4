import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { MAX_REPORT_BYTES, readinessReportSchema, type ReadinessReport } from '../../../shared/readiness/report.ts';
import { AdminError } from '../admin-error.ts';
import { faultsOf } from '../rollout-config.ts';

/** A file that is no report, and why. */
export interface ReportFault {
  readonly file: string;
  readonly what: string;
}

export interface ReadReports {
  /** The newest of each profile of each device. */
  readonly reports: readonly ReadinessReport[];
  readonly faults: readonly ReportFault[];
}

/** Clocks of device and desk may differ by this much. */
const SKEW_MS = 60 * 60_000;
/** What somebody is writing just now, or keeps hidden. */
const isUnfinished = (name: string): boolean => name.startsWith('.') || /\.(?:partial|tmp)$/iu.test(name);
/** Without these two, a link could lead elsewhere and a pipe would wait for ever; Windows has neither. */
const CAREFULLY = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** The text of a file that any device may have put there; or why it is none that is read. */
function readText(path: string): { readonly text: string } | { readonly what: string } {
  const file = openSync(path, CAREFULLY);
  try {
    const { size } = fstatSync(file);
    if (!fstatSync(file).isFile()) return { what: 'no file' };
    if (size > MAX_REPORT_BYTES) return { what: `larger than a report can be (${size} bytes)` };
    const bytes = Buffer.alloc(size);
    let at = 0;
    for (let n = -1; at < size && n !== 0; at += n) n = readSync(file, bytes, at, size - at, at);
    return { text: bytes.subarray(0, at).toString('utf8') };
  } finally {
    closeSync(file);
  }
}

function parse(path: string, now: number): ReadinessReport | string {
  let json: unknown;
  try {
    const read = readText(path);
    if ('what' in read) return read.what;
    json = JSON.parse(read.text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === undefined ? 'not JSON' : code === 'ELOOP' ? 'a link' : `cannot be read (${code})`;
  }
  const parsed = readinessReportSchema.safeParse(json);
  if (!parsed.success) return faultsOf(parsed.error);
  // A report of tomorrow would count as fresh for too long.
  if (Date.parse(parsed.data.sentAt) > now + SKEW_MS) return `from the future (${parsed.data.sentAt})`;
  return parsed.data;
}

/** Reads every report in a folder; whatever else lies there is named. @throws AdminError reports-unreadable for the folder itself */
export function readReports(folder: string, now: number): ReadReports {
  const newest = new Map<string, ReadinessReport>();
  const faults: ReportFault[] = [];
  for (const name of namesIn(folder)) {
    const report = parse(join(folder, name), now);
    if (typeof report === 'string') {
      faults.push({ file: name, what: report });
      continue;
    }
    const key = `${report.profile} ${report.device.toLowerCase()}`;
    const known = newest.get(key);
    if (known === undefined || known.sentAt < report.sentAt) newest.set(key, report);
  }
  return { reports: [...newest.values()], faults };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !isUnfinished(name))
      .sort();
  } catch (error) {
    throw new AdminError('reports-unreadable', `${folder} (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`, error);
  }
}
