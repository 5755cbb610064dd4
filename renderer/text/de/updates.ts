import type { UpdateWords } from '../updates.ts';

export const updates: UpdateWords = {
  title: 'Updates',
  look: 'Jetzt nachsehen',
  looking: 'Es wird nachgesehen …',
  checked: (when) => `Zuletzt nachgesehen: ${when}.`,
  readyNotice: (version) => `Holdover ${version} liegt bereit und wird beim Beenden der App installiert.`,
  phases: {
    off: 'Diese App sucht nicht nach Updates.',
    idle: 'Sie haben die neueste Version.',
    available: 'Es gibt eine neuere Version. Ihre IT-Abteilung installiert sie.',
    waiting: 'Eine neuere Version wartet, bis nichts mehr dagegen spricht.',
    ready: 'Eine neuere Version liegt bereit. Sie wird beim Beenden der App installiert.',
    failed: 'Die letzte Suche nach einer neueren Version ist gescheitert. Nichts davon wurde verwendet, Ihre App ist unverändert.',
  },
  reasons: {
    'by-policy': 'Ihre IT-Abteilung hat Updates abgeschaltet.',
    'no-server': 'Ihre IT-Abteilung hat keinen Server dafür genannt.',
    'no-key': 'Dieser App fehlt der Schlüssel, mit dem sich die Echtheit eines Updates prüfen lässt.',
    outage: 'Solange der Mailserver ausfällt, bleibt die App, wie sie ist.',
    unsent: 'Im Postausgang liegt noch Mail, die nicht gesendet ist.',
    writing: 'Es wird gerade eine Mail geschrieben.',
    'unknown-state': 'Der Mailspeicher antwortet im Moment nicht.',
    unreachable: 'Der Server ist nicht erreichbar, oder seinem Zertifikat wird nicht vertraut.',
    proxy: 'Der Proxy Ihres Netzes lässt die App nicht zum Server durch. Bitte sagen Sie Ihrer IT-Abteilung Bescheid.',
    untrusted: 'Was der Server geschickt hat, ist nicht vom Hersteller dieser App signiert. Bitte sagen Sie Ihrer IT-Abteilung Bescheid.',
    damaged:
      'Was der Server geschickt hat, ist unvollständig oder wurde verändert. Bitte wenden Sie sich an Ihre IT-Abteilung, wenn das so bleibt.',
  },
};
