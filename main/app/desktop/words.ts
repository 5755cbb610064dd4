import type { Effect } from '../../../shared/continuity-effect.ts';
import type { ContinuityMode } from '../../../shared/model/continuity.ts';
import type { EngineState } from '../../../shared/model/sync.ts';

/** Words of tray and notifications, which the window knows nothing of. */
export interface DesktopWords {
  readonly modes: Record<ContinuityMode, string>;
  readonly effects: Record<Effect, string>;
  readonly engine: Record<Exclude<EngineState['phase'], 'running'>, string>;
  /** IT's lease is over. */
  readonly leaseOver: string;
  readonly noAccount: string;
  since(mode: string, when: string): string;
  forAccount(account: string, text: string): string;
  waiting(count: number): string;
  readonly nothingWaits: string;
  troubled(count: number): string;
  lastSync(when: string): string;
  readonly neverSynced: string;
  unread(count: number): string;
  readonly open: string;
  readonly newMail: string;
  readonly pause: string;
  resume(until: string): string;
  readonly quit: string;
  newMails(count: number): string;
  more(count: number): string;
  readonly noSubject: string;
  readonly someone: string;
  readonly outage: string;
  readonly ask: string;
  readonly askText: string;
  readonly askDelivery: string;
  readonly askDeliveryText: string;
  readonly over: string;
  readonly overText: string;
  readonly uncertain: string;
  readonly uncertainText: string;
  readonly refused: string;
  readonly refusedText: string;
  readonly stillRunning: string;
  readonly stillRunningTray: string;
  readonly stillRunningNoTray: string;
  readonly localName: string;
}

const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many.replace('#', String(count)));

const en: DesktopWords = {
  modes: { normal: 'Normal', degraded: 'Limited', continuity: 'Backup mode', recovering: 'Carrying over', offline: 'No network' },
  effects: {
    'through-relay': 'Mail is sent through the relay.',
    'through-primary': 'Work goes on through the mail server.',
    'no-second-way': 'The relay is down; the mail server works.',
    'waits-offline': 'What you send waits in the outbox.',
    'waits-no-relay': 'No relay is set up; what you send waits.',
    'waits-both-down': 'The relay is down, too; what you send waits.',
    'waits-primary': 'Mail comes in; what you send waits.',
    'waits-for-person': 'What you send waits until you decide.',
    'goes-on-until-decided': 'Mail seems not to arrive there; you decide.',
    'carrying-over': 'What was done meanwhile is carried over.',
    drill: 'A drill; nothing is re-routed.',
  },
  engine: {
    starting: 'Starting …',
    locked: 'Locked. Open Holdover to unlock your mail.',
    restarting: 'The background service is restarting.',
    failed: 'Your mail cannot be opened. Open Holdover to see why.',
  },
  leaseOver: 'Locked until one of your servers is reached.',
  noAccount: 'No account is set up yet.',
  since: (mode, when) => `${mode} since ${when}`,
  forAccount: (account, text) => `${account}: ${text}`,
  waiting: (count) => plural(count, '1 message waits in the outbox', '# messages wait in the outbox'),
  nothingWaits: 'Nothing waits in the outbox',
  troubled: (count) => plural(count, '1 sent message needs you', '# sent messages need you'),
  lastSync: (when) => `Last checked ${when}`,
  neverSynced: 'Not checked yet',
  unread: (count) => plural(count, '1 unread message', '# unread messages'),
  open: 'Open Holdover',
  newMail: 'New Mail',
  pause: 'Pause Notifications for an Hour',
  resume: (until) => `Resume Notifications (paused until ${until})`,
  quit: 'Quit',
  newMails: (count) => plural(count, 'New mail', '# new messages'),
  more: (count) => plural(count, 'and 1 more', 'and # more'),
  noSubject: '(no subject)',
  someone: '(unknown sender)',
  outage: 'The mail server is down',
  ask: 'The mail server seems to be down',
  askText: 'What you send waits until you decide. Open Holdover to send it through the relay.',
  askDelivery: 'The mail server seems not to deliver mail',
  askDeliveryText: 'You can read that mail in Holdover, and decide there whether to send through the relay.',
  over: 'The mail server works again',
  overText: 'Everything is back to normal.',
  uncertain: 'It is not certain whether a message was sent',
  uncertainText: 'Open the outbox to check it.',
  refused: 'A message could not be delivered',
  refusedText: 'Open the outbox to see why.',
  stillRunning: 'Holdover keeps running',
  stillRunningTray: 'It goes on copying your mail. You find it at its icon in the panel, where you can also quit it.',
  stillRunningNoTray: 'It goes on copying your mail. Start Holdover again to open its window; File, Quit ends it.',
  localName: 'Mail goes on when the mail server does not',
};

const de: DesktopWords = {
  modes: {
    normal: 'Normalbetrieb',
    degraded: 'Eingeschränkt',
    continuity: 'Notbetrieb',
    recovering: 'Rückübertragung',
    offline: 'Kein Netz',
  },
  effects: {
    'through-relay': 'Mail wird über das Relay gesendet.',
    'through-primary': 'Die Arbeit läuft über den Mailserver weiter.',
    'no-second-way': 'Das Relay ist ausgefallen, der Mailserver arbeitet.',
    'waits-offline': 'Was Sie senden, wartet im Postausgang.',
    'waits-no-relay': 'Es ist kein Relay eingerichtet; was Sie senden, wartet.',
    'waits-both-down': 'Auch das Relay ist ausgefallen; was Sie senden, wartet.',
    'waits-primary': 'Mail kommt an; was Sie senden, wartet.',
    'waits-for-person': 'Was Sie senden, wartet, bis Sie entscheiden.',
    'goes-on-until-decided': 'Mail kommt dort offenbar nicht an; Sie entscheiden.',
    'carrying-over': 'Was inzwischen geschah, wird übertragen.',
    drill: 'Eine Übung; es wird nichts umgeleitet.',
  },
  engine: {
    starting: 'Wird gestartet …',
    locked: 'Gesperrt. Öffnen Sie Holdover, um Ihre Mail zu entsperren.',
    restarting: 'Der Hintergrunddienst startet neu.',
    failed: 'Ihre Mail lässt sich nicht öffnen. Öffnen Sie Holdover, um den Grund zu sehen.',
  },
  leaseOver: 'Gesperrt, bis einer Ihrer Server erreicht ist.',
  noAccount: 'Es ist noch kein Konto eingerichtet.',
  since: (mode, when) => `${mode} seit ${when}`,
  forAccount: (account, text) => `${account}: ${text}`,
  waiting: (count) => plural(count, '1 Nachricht wartet im Postausgang', '# Nachrichten warten im Postausgang'),
  nothingWaits: 'Im Postausgang wartet nichts',
  troubled: (count) => plural(count, '1 gesendete Nachricht braucht Sie', '# gesendete Nachrichten brauchen Sie'),
  lastSync: (when) => `Zuletzt geprüft ${when}`,
  neverSynced: 'Noch nicht geprüft',
  unread: (count) => plural(count, '1 ungelesene Nachricht', '# ungelesene Nachrichten'),
  open: 'Holdover öffnen',
  newMail: 'Neue Nachricht',
  pause: 'Benachrichtigungen eine Stunde anhalten',
  resume: (until) => `Benachrichtigungen fortsetzen (angehalten bis ${until})`,
  quit: 'Beenden',
  newMails: (count) => plural(count, 'Neue Nachricht', '# neue Nachrichten'),
  more: (count) => plural(count, 'und 1 weitere', 'und # weitere'),
  noSubject: '(kein Betreff)',
  someone: '(unbekannter Absender)',
  outage: 'Der Mailserver ist ausgefallen',
  ask: 'Der Mailserver ist offenbar ausgefallen',
  askText: 'Was Sie senden, wartet, bis Sie entscheiden. Öffnen Sie Holdover, um es über das Relay zu senden.',
  askDelivery: 'Der Mailserver stellt offenbar keine Mail zu',
  askDeliveryText: 'In Holdover können Sie diese Mail lesen und entscheiden, ob Sie über das Relay senden.',
  over: 'Der Mailserver arbeitet wieder',
  overText: 'Alles läuft wieder wie gewohnt.',
  uncertain: 'Es ist nicht sicher, ob eine Nachricht gesendet wurde',
  uncertainText: 'Öffnen Sie den Postausgang, um es zu prüfen.',
  refused: 'Eine Nachricht konnte nicht zugestellt werden',
  refusedText: 'Öffnen Sie den Postausgang, um den Grund zu sehen.',
  stillRunning: 'Holdover läuft weiter',
  stillRunningTray: 'Ihre Mail wird weiter kopiert. Sie finden Holdover als Symbol in der Leiste und können es dort auch beenden.',
  stillRunningNoTray:
    'Ihre Mail wird weiter kopiert. Starten Sie Holdover noch einmal, um das Fenster zu öffnen; „Datei“, „Beenden“ beendet es.',
  localName: 'Mail läuft weiter, wenn der Mailserver ausfällt',
};

export const desktopWords: Readonly<Record<'de' | 'en', DesktopWords>> = { de, en };
