import type { AccountReport, LoginCheck, ReadinessReport } from '../../../shared/readiness/report.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Passwords are changed and relays moved: an older log-in proves little. */
const LOGIN_MAX_AGE_MS = 7 * DAY_MS;

export type Verdict = 'covered' | 'partly' | 'not';

/** Why somebody is not wholly covered, or what IT should know though they are; words are in words.ts. */
export type ReasonCode =
  | 'never-reported'
  | 'report-old'
  | 'store-closed'
  | 'lease-over'
  | 'no-copy'
  | 'copy-old'
  | 'copy-short'
  | 'no-relay'
  | 'relay-cannot-send'
  | 'relay-login-fails'
  | 'relay-login-unchecked'
  | 'relay-login-old'
  | 'drill-failed'
  | 'drill-never'
  | 'policy-faulty'
  | 'send-uncertain'
  | 'in-outage';

export interface Reason {
  readonly code: ReasonCode;
  /** ISO 8601. */
  readonly at: string | null;
  /** An error code, or a number. */
  readonly detail: string | null;
}

/** How one person's account stands on the device on which it stands best. */
export interface Judgement {
  readonly address: string;
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
  readonly notes: readonly Reason[];
  /** Null where there is no report. */
  readonly report: ReadinessReport | null;
  readonly account: AccountReport | null;
  /** On how many devices the account is. */
  readonly devices: number;
}

export interface JudgeOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** An older report says nothing of now. */
  readonly maxAgeHours: number;
}

const reason = (code: ReasonCode, at: string | null = null, detail: string | null = null): Reason => ({ code, at, detail });
const ageMs = (at: string, now: number): number => now - Date.parse(at);

/** What keeps the mail from being here at all. */
function whyNot(report: ReadinessReport, { primary, mode }: AccountReport, { now, maxAgeHours }: JudgeOptions): Reason[] {
  const maxMs = maxAgeHours * HOUR_MS;
  const { sentAt, store, lease } = report;
  if (ageMs(sentAt, now) > maxMs) return [reason('report-old', sentAt)];
  if (!store.isOpen) return [reason('store-closed', null, store.code)];
  if (lease?.isOver) return [reason('lease-over', lease.contactAt)];
  if (primary.completeSince === null) return [reason('no-copy', null, primary.code)];
  // In an outage nothing is fetched from the primary, and that is what the copy is for.
  const isOut = mode === 'continuity' || mode === 'recovering';
  const isOld = primary.syncedAt === null || ageMs(primary.syncedAt, now) > maxMs;
  return isOld && !isOut ? [reason('copy-old', primary.syncedAt, primary.code)] : [];
}

function whyRelayNot(check: LoginCheck, sentAt: string): Reason[] {
  if (check.result === 'failed') return [reason('relay-login-fails', check.goodAt, check.code)];
  if (check.result === 'unchecked' || check.goodAt === null) return [reason('relay-login-unchecked')];
  return Date.parse(sentAt) - Date.parse(check.goodAt) > LOGIN_MAX_AGE_MS ? [reason('relay-login-old', check.goodAt)] : [];
}

/** What a person could not do, though their mail is here. */
function whyPartly({ sentAt }: ReadinessReport, { primary, keepsDays, relay }: AccountReport): Reason[] {
  const days = Math.min(keepsDays.incoming, keepsDays.outgoing);
  const wanted = Date.parse(sentAt) - (days - 1) * DAY_MS;
  const isShort = primary.completeSince !== null && Date.parse(primary.completeSince) > wanted;
  const short = isShort ? [reason('copy-short', primary.completeSince)] : [];
  if (relay === null) return [...short, reason('no-relay')];
  const [login] = [...whyRelayNot(relay.imap, sentAt), ...(relay.smtp ? whyRelayNot(relay.smtp, sentAt) : [])];
  return [...short, ...(relay.smtp === null ? [reason('relay-cannot-send')] : []), ...(login ? [login] : [])];
}

function notesOf({ policy }: ReadinessReport, { drill, outbox, mode, modeSince, isDrill }: AccountReport): Reason[] {
  const notes: Reason[] = [];
  if ((mode === 'continuity' || mode === 'recovering') && !isDrill) notes.push(reason('in-outage', modeSince));
  if (drill === null) notes.push(reason('drill-never'));
  else if (drill.score < 100) notes.push(reason('drill-failed', drill.at, String(Math.round(drill.score))));
  if (outbox.uncertain > 0) notes.push(reason('send-uncertain', null, String(outbox.uncertain)));
  if (policy.faults > 0) notes.push(reason('policy-faulty', policy.since));
  return notes;
}

function judgeOne(report: ReadinessReport, account: AccountReport, options: JudgeOptions): Judgement {
  const not = whyNot(report, account, options);
  const partly = not.length > 0 ? [] : whyPartly(report, account);
  const verdict = not.length > 0 ? 'not' : partly.length > 0 ? 'partly' : 'covered';
  const notes = not.length > 0 ? [] : notesOf(report, account);
  return { address: account.address.toLowerCase(), verdict, reasons: [...not, ...partly], notes, report, account, devices: 1 };
}

export const VERDICTS: readonly Verdict[] = ['not', 'partly', 'covered'];
const rank = ({ verdict }: Judgement): number => VERDICTS.indexOf(verdict);
const isBetter = (a: Judgement, b: Judgement): boolean =>
  rank(a) === rank(b) ? (a.report?.sentAt ?? '') > (b.report?.sentAt ?? '') : rank(a) > rank(b);

/** How everybody stands who has reported, by address; several devices of one person count as the best of them. Pure. */
export function judge(reports: readonly ReadinessReport[], options: JudgeOptions): Map<string, Judgement> {
  const people = new Map<string, Judgement>();
  for (const report of reports) {
    for (const account of report.accounts) {
      const found = judgeOne(report, account, options);
      const known = people.get(found.address);
      const best = known === undefined || isBetter(found, known) ? found : known;
      people.set(found.address, { ...best, devices: (known?.devices ?? 0) + 1 });
    }
  }
  return people;
}

export interface Readiness {
  /** Those who count: everybody enrolled, or without an enrolment everybody who reported. Worst first. */
  readonly people: readonly Judgement[];
  /** Reported, and in no enrolment. */
  readonly strangers: readonly Judgement[];
}

const byVerdict = (a: Judgement, b: Judgement): number => rank(a) - rank(b) || a.address.localeCompare(b.address);

/** Puts reports and enrolment together. Pure. */
export function readinessOf(judged: ReadonlyMap<string, Judgement>, enrolled: readonly string[] | null): Readiness {
  if (enrolled === null) return { people: [...judged.values()].sort(byVerdict), strangers: [] };
  const wanted = new Set(enrolled.map((one) => one.toLowerCase()));
  const silent = (address: string): Judgement => ({
    ...{ address, verdict: 'not', reasons: [reason('never-reported')], notes: [] },
    ...{ report: null, account: null, devices: 0 },
  });
  const people = [...wanted].map((address) => judged.get(address) ?? silent(address));
  return { people: people.sort(byVerdict), strangers: [...judged.values()].filter(({ address }) => !wanted.has(address)).sort(byVerdict) };
}

export interface Summary {
  readonly all: number;
  readonly covered: number;
  readonly partly: number;
  readonly not: number;
  /** Of all, 0 to 100; 0 where there is nobody. */
  readonly percent: number;
}

/** How many would be covered if the primary died now. Pure. */
export function summaryOf(people: readonly Judgement[]): Summary {
  const count = (verdict: Verdict): number => people.filter((one) => one.verdict === verdict).length;
  const covered = count('covered');
  const percent = people.length === 0 ? 0 : (covered / people.length) * 100;
  return { all: people.length, covered, partly: count('partly'), not: count('not'), percent };
}
