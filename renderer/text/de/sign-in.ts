import type { SignInWords } from '../sign-in.ts';

export const signIn: SignInWords = {
  inBrowser: 'Im Browser anmelden',
  byCode: 'Mit einem Code auf einem anderen Gerät anmelden',
  beginning: 'Der Anbieter wird gefragt …',
  waiting: 'Bitte melden Sie sich in Ihrem Browser an. Danach geht es hier von selbst weiter.',
  notOpened:
    'Es ließ sich kein Browser öffnen. Öffnen Sie diese Adresse in einem Browser auf diesem Computer oder melden Sie sich mit einem Code an:',
  openAgain: 'Browser noch einmal öffnen',
  codeLead: 'Öffnen Sie diese Seite auf einem beliebigen Gerät und geben Sie den Code ein:',
  code: 'Code',
  openPage: 'Seite hier öffnen',
  validUntil: (time) => `Der Code gilt bis ${time}.`,
  cancel: 'Abbrechen',
  done: (who) => (who === null ? 'Sie sind angemeldet.' : `Sie sind als ${who} angemeldet.`),
  wasOther: (who, own) => `Angemeldet wurde ${who}. Dieses Konto ist ${own}.`,
  setupLead: 'Dieser Anbieter verlangt eine Anmeldung im Browser (OAuth2); Ihr übliches Passwort hilft hier nicht.',
  provider: 'Anbieter',
  providers: { microsoft: 'Microsoft 365', google: 'Google', oidc: 'Anderer Anbieter (OpenID Connect)' },
  clientId: 'Anwendungs-ID (Client-ID)',
  clientIdHint: 'Ihre IT hat Holdover beim Anbieter eingetragen und dafür diese ID erhalten. Holdover bringt keine eigene mit.',
  clientSecret: 'Clientschlüssel (nur, wenn Google einen vergeben hat)',
  tenant: 'Verzeichnis (Mandant)',
  tenantHint: 'ID oder Domain Ihrer Organisation, oder „organizations“.',
  issuer: 'Adresse des Anbieters (Issuer)',
  badIssuer: 'Bitte geben Sie eine https-Adresse ein.',
  required: 'Bitte ausfüllen.',
  managed: 'Ihre IT hat den Eintrag beim Anbieter vorgegeben.',
  signedIn: 'Sie melden sich beim Anbieter an. Ein Passwort ist nicht nötig.',
  relayNote: 'Das Relay wird hier mit seinem Passwort eingerichtet.',
  neededDetail: 'Ihre Mails hier bleiben lesbar, nichts geht verloren. Neue Mails kommen, sobald Sie sich wieder angemeldet haben.',
  ways: {
    provider: {
      needed: (account, side) => `${account}: Die Anmeldung (${side}) gilt nicht mehr.`,
      again: 'Neu anmelden …',
      title: (account) => `Neu anmelden: ${account}`,
      lead: (side) =>
        `${side}: Melden Sie sich noch einmal beim Anbieter an. Mails, Entwürfe und Ungesendetes auf diesem Computer bleiben, wie sie sind.`,
    },
    password: {
      needed: (account, side) => `${account}: Das Passwort (${side}) wird nicht angenommen.`,
      again: 'Passwort eingeben …',
      title: (account) => `Passwort von ${account}`,
      lead: (side) =>
        `${side}: Wurde das Passwort geändert? Geben Sie das jetzt gültige ein. Mails, Entwürfe und Ungesendetes auf diesem Computer bleiben, wie sie sind.`,
    },
  },
  password: 'Passwort',
  useIt: 'Prüfen und verwenden',
  proving: 'Der Server wird gefragt …',
  passwordKept: 'Der Server nimmt das Passwort an. Es wird ab jetzt verwendet.',
  close: 'Schließen',
};
