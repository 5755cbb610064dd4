import type { ReasonCode, Summary, Verdict } from './judge.ts';

export const languages = ['en', 'de'] as const;
export type Language = (typeof languages)[number];

/** What is known of a reason, ready to be read. */
export interface ReasonFacts {
  readonly at: string;
  readonly detail: string;
}
type ReasonWords = (facts: ReasonFacts) => string;

export interface ReadinessWords {
  readonly title: string;
  readonly verdict: Readonly<Record<Verdict, string>>;
  readonly reasons: Readonly<Record<ReasonCode, ReasonWords>>;
  readonly summary: (summary: Summary) => string;
  readonly partly: (summary: Summary) => string;
  readonly made: (at: string) => string;
  readonly columns: readonly [string, string, string, string, string, string, string];
  readonly never: string;
  readonly why: string;
  readonly score: (score: number) => string;
  readonly strangers: (count: number) => string;
  readonly faults: (count: number) => string;
  readonly fault: readonly [string, string];
  readonly nobody: string;
  readonly times: string;
  readonly required: (percent: number) => string;
}

const withDetail = (text: string, detail: string): string => (detail === '' ? text : `${text} (${detail})`);

const en: ReadinessWords = {
  title: 'Readiness',
  verdict: { covered: 'covered', partly: 'partly', not: 'not covered' },
  reasons: {
    'never-reported': () => 'enrolled, but no device has ever reported',
    'report-old': ({ at }) => `last report of ${at}`,
    'store-closed': ({ detail }) => withDetail('the store on the device cannot be opened', detail),
    'lease-over': ({ at }) => `locked by the lease: no contact with a server since ${at}`,
    'no-copy': ({ detail }) => withDetail('the first copy is not complete', detail),
    'copy-old': ({ at, detail }) => withDetail(`mail last fetched ${at}`, detail),
    'copy-short': ({ at }) => `copy complete back to ${at} only`,
    'no-relay': () => 'no relay: mail can be read and not sent',
    'relay-cannot-send': () => 'the relay takes no mail for sending',
    'relay-login-fails': ({ at, detail }) => withDetail(`relay log-in fails, last good ${at}`, detail),
    'relay-login-unchecked': () => 'relay log-in not checked yet',
    'relay-login-old': ({ at }) => `relay log-in not checked since ${at}`,
    'drill-failed': ({ at, detail }) => `drill of ${at} ended with ${detail} of 100 points`,
    'drill-never': () => 'no drill yet',
    'policy-faulty': () => 'the newest policy on the device is faulty',
    'send-uncertain': ({ detail }) => `sending of ${detail} mails uncertain`,
    'in-outage': ({ at }) => `working without the mail server since ${at}`,
  },
  summary: ({ covered, all }) => `${covered} of ${all} would be covered if the primary died now`,
  partly: ({ partly, not }) => `${partly} partly, ${not} not`,
  made: (at) => `As of ${at}.`,
  columns: ['Account', 'Verdict', 'Device', 'Reported', 'Last fetched', 'Drill', 'Version'],
  never: 'never',
  why: 'Why, and what else',
  score: (score) => `${score} of 100`,
  strangers: (count) => `Reported, but not enrolled: ${count}`,
  faults: (count) => `Files that are no report: ${count}`,
  fault: ['File', 'Fault'],
  nobody: 'Nobody has reported.',
  times: 'All times are UTC.',
  required: (percent) => `fewer than the required ${percent} % are covered`,
};

const de: ReadinessWords = {
  title: 'Bereitschaft',
  verdict: { covered: 'abgesichert', partly: 'teilweise', not: 'nicht abgesichert' },
  reasons: {
    'never-reported': () => 'vorgesehen, aber noch kein Gerät hat berichtet',
    'report-old': ({ at }) => `letzter Bericht vom ${at}`,
    'store-closed': ({ detail }) => withDetail('der Speicher auf dem Gerät lässt sich nicht öffnen', detail),
    'lease-over': ({ at }) => `durch die Offline-Frist gesperrt: kein Kontakt zu einem Server seit ${at}`,
    'no-copy': ({ detail }) => withDetail('die erste Kopie ist nicht vollständig', detail),
    'copy-old': ({ at, detail }) => withDetail(`Mails zuletzt abgerufen: ${at}`, detail),
    'copy-short': ({ at }) => `Kopie nur bis ${at} zurück vollständig`,
    'no-relay': () => 'kein Relay: Mails lassen sich lesen, aber nicht senden',
    'relay-cannot-send': () => 'das Relay nimmt keine Mails zum Senden an',
    'relay-login-fails': ({ at, detail }) => withDetail(`Anmeldung am Relay schlägt fehl, zuletzt gelungen: ${at}`, detail),
    'relay-login-unchecked': () => 'Anmeldung am Relay noch nicht geprüft',
    'relay-login-old': ({ at }) => `Anmeldung am Relay nicht geprüft seit ${at}`,
    'drill-failed': ({ at, detail }) => `Übung vom ${at} endete mit ${detail} von 100 Punkten`,
    'drill-never': () => 'noch keine Übung',
    'policy-faulty': () => 'die neueste Richtlinie auf dem Gerät ist fehlerhaft',
    'send-uncertain': ({ detail }) => `ungewiss gesendete Mails: ${detail}`,
    'in-outage': ({ at }) => `arbeitet ohne Mailserver seit ${at}`,
  },
  summary: ({ covered, all }) =>
    `${covered} von ${all} ${covered === 1 ? 'wäre' : 'wären'} abgesichert, wenn der Mailserver jetzt ausfiele`,
  partly: ({ partly, not }) => `${partly} teilweise, ${not} nicht`,
  made: (at) => `Stand: ${at}.`,
  columns: ['Konto', 'Urteil', 'Gerät', 'Berichtet', 'Zuletzt abgerufen', 'Übung', 'Version'],
  never: 'nie',
  why: 'Warum, und was sonst',
  score: (score) => `${score} von 100`,
  strangers: (count) => `Berichten, sind aber nicht vorgesehen: ${count}`,
  faults: (count) => `Dateien, die kein Bericht sind: ${count}`,
  fault: ['Datei', 'Fehler'],
  nobody: 'Niemand hat berichtet.',
  times: 'Alle Zeiten sind UTC.',
  required: (percent) => `weniger als die verlangten ${percent} % sind abgesichert`,
};

export const readinessWords: Readonly<Record<Language, ReadinessWords>> = { en, de };
