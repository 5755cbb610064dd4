import type { PolicyUiWords } from '../policy.ts';

export const policy: PolicyUiWords = {
  managed: 'Von Ihrer IT vorgegeben',
  title: 'Vorgaben',
  none: 'Ihre IT hat auf diesem Computer nichts vorgegeben.',
  inForce: 'Das Folgende hat Ihre IT auf diesem Computer vorgegeben. Solche Werte lassen sich hier nicht ändern.',
  section: (name, place) => `${name} (${place})`,
  sections: {
    accounts: 'Konten',
    retention: 'Aufbewahrung',
    continuity: 'Ausfall und Rückkehr',
    mail: 'Bilder aus dem Internet und Anhänge',
    appearance: 'Sprache',
    lock: 'App-Sperre',
    wipe: 'Fernlöschung',
    escrow: 'Schlüsselhinterlegung',
    updates: 'Aktualisierungen',
    log: 'Protokoll',
    network: 'Netz',
  },
  places: {
    registry: 'Registrierung',
    'managed-preferences': 'verwaltete Einstellungen',
    'machine-file': 'Datei dieses Computers',
    'package-file': 'Datei der installierten App',
  },
  faulty: 'Die neueste Richtlinie ist fehlerhaft und wurde nicht übernommen. Die vorige gilt weiter.',
  fault: (path, what, value) => `${path || 'im Ganzen'}: ${what}${value === null ? '' : ` (angegeben: ${value})`}`,
  locked: {
    title: 'Holdover ist gesperrt',
    why: 'So will es Ihre IT, solange Sie nicht da sind. Ihre Mail ist geschlossen, und es wird nichts abgerufen oder gesendet. Entwürfe und Ungesendetes bleiben erhalten.',
    open: 'Entsperren',
  },
  prepared: {
    title: 'Ihr Konto ist vorbereitet',
    lead: 'Ihre IT hat dieses Konto vorbereitet. Es fehlt nur noch Ihr Passwort; Sie werden nur dieses eine Mal danach gefragt.',
    password: (email) => `Passwort von ${email}`,
    otherRelay: 'Das Relay hat ein anderes Passwort',
    relayPassword: 'Passwort am Relay',
    required: 'Bitte geben Sie das Passwort ein.',
    finish: 'Einrichten',
    finishing: 'Anmeldung läuft …',
    wrong: (side) => `${side}: Das Passwort wurde abgelehnt. Prüfen Sie es und versuchen Sie es noch einmal.`,
    missing: (email, what) =>
      `Das Konto ${email} lässt sich nicht einrichten: Ihr Computer kennt ${what} nicht. Zeigen Sie diesen Hinweis Ihrer IT.`,
    byHand: 'Ein anderes Konto von Hand einrichten',
  },
};
