import { counted } from '../counted.ts';
import type { CareWords } from '../en/care.ts';

const n = counted('de');

export const care: CareWords = {
  region: 'Was Sie über diese Nachricht wissen sollten',
  details: (count) => n(count, 'Details', 'Details (#)'),
  hideDetails: 'Details ausblenden',
  more: (count) => n(count, '# weiterer Hinweis', '# weitere Hinweise'),
  sender: {
    'auth-failed': {
      short: (_named, real) => `Ihr Mailserver konnte nicht bestätigen, dass diese Nachricht von ${real} stammt.`,
      long: 'Die Prüfungen Ihres Mailservers (DKIM, SPF, DMARC) sind fehlgeschlagen. Der Absender kann gefälscht sein. Fragen Sie im Zweifel auf einem anderen Weg nach.',
    },
    'auth-missing': {
      short: (_named, real) => `Keine Prüfung Ihres Mailservers bestätigt ${real} als Absender.`,
      long: 'Nicht jeder ehrliche Absender unterschreibt seine Mail. Es heißt nur, dass der Absender nicht bewiesen ist.',
    },
    'name-has-address': {
      short: (named, real) => `Als Name des Absenders steht ${named} da, die Nachricht kommt aber von ${real}.`,
      long: 'Den Namen kann jeder Absender frei wählen. Nur die Adresse in spitzen Klammern zeigt, woher die Nachricht kommt.',
    },
    'name-of-contact': {
      short: (named, real) => `Sie kennen diesen Namen unter der Adresse ${named}. Diese Nachricht kommt von ${real}.`,
      long: 'Es kann dieselbe Person mit einer anderen Adresse sein, oder jemand, der sich den Namen leiht.',
    },
    'name-has-domain': {
      short: (named, real) => `Der Name des Absenders nennt ${named}, die Nachricht kommt aber von ${real}.`,
      long: 'Den Namen kann jeder Absender frei wählen. Es zählt nur die Adresse.',
    },
    'look-alike-domain': {
      short: (named, real) => `Die Adresse des Absenders (${real}) sieht aus wie ${named}, ist aber eine andere.`,
      long: 'Adressen, die sich um einen Buchstaben unterscheiden, sind ein häufiger Trick. Vergleichen Sie Buchstabe für Buchstabe, bevor Sie antworten.',
    },
    'odd-domain': {
      short: (named) => `Die Adresse des Absenders (${named}) mischt Buchstaben, die anderen ähnlich sehen.`,
      long: 'Buchstaben anderer Alphabete können gleich aussehen. Eine solche Adresse ist selten ehrlich gemeint.',
    },
    'several-from': {
      short: (named) =>
        named === ''
          ? 'Diese Nachricht nennt ihren Absender mehrmals.'
          : `Diese Nachricht nennt mehr als einen Absender, darunter ${named}.`,
      long: 'Programme sind sich nicht einig, von wem eine solche Nachricht stammt. Prüfen Sie das, bevor Sie ihr folgen.',
    },
    'sender-differs': {
      short: (named) => `Sie wurde von ${named} im Auftrag der genannten Person gesendet.`,
      long: 'Das ist bei Mailinglisten und im Sekretariat üblich. Gezeigt wird, wer als Verfasser genannt ist.',
    },
    'no-address': {
      short: () => 'Diese Nachricht nennt keine Absenderadresse.',
      long: 'Es lässt sich nicht sagen, woher sie kommt, und antworten kann man auf sie nicht.',
    },
    'reply-elsewhere': {
      short: (named, real) => `Antworten gehen an ${named}, nicht an ${real}.`,
      long: 'Der Absender möchte Antworten an anderer Stelle. Bei Newslettern und Ticketsystemen ist das üblich, bei Betrug aber auch.',
    },
    'first-mail': {
      short: (_named, real) => `Erste Nachricht von ${real}, die hier aufbewahrt ist.`,
      long: 'Auf diesem Computer gibt es keine frühere Mail von dieser Adresse oder an sie.',
    },
  },
  links: {
    'other-host': {
      short: (named) => `Ein Link zeigt eine andere Adresse als die, zu der er führt (${named}).`,
      long: 'Bevor ein Link geöffnet wird, sehen Sie, wohin er wirklich führt. Auch Newsletter, die Klicks zählen, machen das so.',
    },
    'look-alike': {
      short: (named) => `Ein Link führt zu ${named}. Dieser Name ahmt einen anderen nach.`,
      long: 'Der Name ist so geschrieben, dass man ihn für einen bekannten halten kann. Geben Sie die Adresse, die Sie kennen, besser selbst ein.',
    },
    'mixed-scripts': {
      short: (named) => `Ein Link führt zu ${named}. Dieser Name mischt Buchstaben verschiedener Alphabete.`,
      long: 'Buchstaben anderer Alphabete können gleich aussehen. Ein solcher Name ist selten ehrlich gemeint.',
    },
    'inner-domain': {
      short: (named) => `Ein Link führt zu ${named}. Wem die Seite gehört, sagt nur das Ende dieses Namens.`,
      long: 'Namen bekannter Seiten werden zur Täuschung vorangestellt. Es zählen die letzten Teile des Namens.',
    },
    'number-host': {
      short: (named) => `Ein Link führt zu einem Computer ohne Namen (${named}).`,
      long: 'Ehrliche Seiten haben Namen. Innerhalb Ihrer Firma kann das in Ordnung sein.',
    },
    'odd-host': {
      short: (named) => `Ein Link ist ungewöhnlich geschrieben (${named}).`,
      long: 'Ein Punkt am Ende des Namens kann Filter in die Irre führen.',
    },
    'foreign-letters': {
      short: (named) => `Ein Link führt zu ${named}, einem Namen mit anderen Buchstaben als a bis z.`,
      long: 'Solche Buchstaben können anderen ähnlich sehen.',
    },
    scheme: {
      short: () => 'Ein Link würde auf Ihrem Computer etwas starten. Er lässt sich hier nicht öffnen.',
      long: 'Er ist keine Adresse einer Website. Links dieser Art dienen dazu, Programme oder Skripte auszuführen.',
    },
    'user-name': {
      short: (named) => `Ein Link verbirgt sein Ziel hinter einem Benutzernamen (${named}). Er lässt sich hier nicht öffnen.`,
      long: 'Was vor dem @ steht, sieht aus wie eine Website und ist keine.',
    },
    unclear: {
      short: (named) => `Ein Link ist so geschrieben, dass Programme ihn verschieden lesen (${named}). Er lässt sich hier nicht öffnen.`,
      long: 'Rückwärtsstriche, Umschreibungen oder Zeilenenden in einer Adresse dienen dazu, ihr Ziel zu verbergen.',
    },
  },
  dangers: {
    runs: {
      short: (named) => `Der Anhang „${named}“ ist ein Programm oder kann eines starten.`,
      long: 'Speichern und öffnen Sie ihn nur, wenn Sie ihn erwartet haben und den Absender kennen.',
    },
    'web-page': {
      short: (named) => `Der Anhang „${named}“ öffnet sich im Browser und kann eine Anmeldeseite nachahmen.`,
      long: 'Geben Sie nie ein Passwort auf einer Seite ein, die als Anhang kam.',
    },
    macros: {
      short: (named) => `Der Anhang „${named}“ ist ein Dokument, das Makros enthalten kann.`,
      long: 'Makros sind kleine Programme. Erlauben Sie sie nur, wenn Sie das Dokument erwartet haben.',
    },
    'disk-image': {
      short: (named) => `Der Anhang „${named}“ ist ein Datenträgerabbild. In solchen Dateien werden Programme versteckt.`,
      long: 'Dateien in einem Abbild sind oft nicht als aus dem Internet stammend gekennzeichnet.',
    },
    shortcut: {
      short: (named) => `Der Anhang „${named}“ ist eine Verknüpfung, die etwas anderes starten kann.`,
      long: 'Ehrliche Absender verschicken so gut wie nie Verknüpfungen.',
    },
    settings: {
      short: (named) => `Der Anhang „${named}“ kann Einstellungen Ihres Computers ändern.`,
      long: 'Öffnen Sie ihn nur, wenn Ihre IT-Abteilung Sie darum gebeten hat.',
    },
    'double-ending': {
      short: (named) => `Der Anhang „${named}“ gibt sich als Dokument aus und ist keines.`,
      long: 'Es zählt nur die letzte Endung eines Dateinamens.',
    },
    'other-type': {
      short: (named) => `Der Anhang „${named}“ ist als etwas anderes ausgewiesen, als sein Name sagt.`,
      long: 'Nach der Angabe des Absenders ist er etwas, das ausgeführt oder als Webseite geöffnet werden kann.',
    },
    'holds-risky': {
      short: (named) => `Das Archiv „${named}“ enthält Dateien, die Ihren Computer verändern können.`,
      long: 'Entpacken Sie es nur, wenn Sie es erwartet haben und den Absender kennen.',
    },
    'locked-archive': {
      short: (named) => `„${named}“ ist durch ein Passwort verschlossen und lässt sich nicht prüfen.`,
      long: 'Auch Virenscanner sehen nicht hinein. Ein Passwort in derselben Nachricht schützt nichts.',
    },
    'unclear-archive': {
      short: (named) => `In das Archiv „${named}“ lässt sich nicht hineinsehen.`,
      long: 'Was darin ist, zeigt sich erst beim Entpacken.',
    },
    disguised: {
      short: (named, real) => `Der Anhang „${named}“ ist nicht, was sein Name sagt, sondern ${real}.`,
      long: 'An den ersten Bytes einer Datei ist zu erkennen, was sie ist. Wer das hinter einem anderen Namen verbirgt, hat einen Grund dafür.',
    },
    'other-content': {
      short: (named, real) => `Der Anhang „${named}“ ist nicht, was sein Name sagt, sondern ${real}.`,
      long: 'Oft ist das ein Versehen. Programme öffnen ihn vielleicht nicht oder anders, als Sie es erwarten.',
    },
    'has-macros': {
      short: (named) => `Das Dokument „${named}“ enthält Makros.`,
      long: 'Makros sind kleine Programme. Erlauben Sie sie nur, wenn Sie das Dokument erwartet haben.',
    },
    'pdf-acts': {
      short: (named) => `Das PDF „${named}“ enthält Skripte oder startet beim Öffnen etwas.`,
      long: 'Auch Formulare verwenden Skripte. Öffnen Sie es nur, wenn Sie es erwartet haben, und erlauben Sie nichts, worum es bittet.',
    },
    'embedded-file': {
      short: (named) => `In das Dokument „${named}“ sind andere Dateien eingebettet.`,
      long: 'Eingebettete Dateien können Programme sein. Öffnen Sie sie nicht aus dem Dokument heraus.',
    },
    'remote-template': {
      short: (named) => `Das Dokument „${named}“ lädt beim Öffnen eine Vorlage aus dem Internet.`,
      long: 'Mit einer Vorlage können Makros hereinkommen. Öffnen Sie es nur, wenn Sie es erwartet haben.',
    },
  },
  contents: {
    program: 'ein Programm',
    script: 'ein Skript',
    'web-page': 'eine Webseite',
    shortcut: 'eine Verknüpfung',
    settings: 'eine Datei, die Einstellungen ändert',
    'disk-image': 'ein Datenträgerabbild',
    archive: 'ein Archiv',
    document: 'ein Dokument',
    pdf: 'ein PDF',
    picture: 'ein Bild',
    markup: 'eine Webseite',
  },
  marks: {
    really: (real) => `in Wirklichkeit ${real}`,
    byCode: {
      'locked-archive': 'verschlossen',
      'unclear-archive': 'nicht einsehbar',
      'holds-risky': 'enthält riskante Dateien',
      'has-macros': 'enthält Makros',
      'pdf-acts': 'enthält Skripte oder Aktionen',
      'embedded-file': 'enthält andere Dateien',
      'remote-template': 'lädt eine Vorlage',
    },
  },
  notShown: 'Diese Datei wird hier nicht gezeigt: Ihrem Inhalt nach ist sie nicht, was ihr Name sagt, oder sie kann etwas starten.',
  holds: (name) => `Darin gefunden: ${name}`,
  risk: {
    title: 'Diese Datei speichern?',
    save: 'Trotzdem speichern …',
    cancel: 'Nicht speichern',
    hint: 'Sie wird ohne das Recht gespeichert, ausgeführt zu werden, und als aus dem Internet stammend gekennzeichnet, wo Ihr System das kennt.',
  },
  link: {
    cannotOpen: 'Dieser Link wird nicht geöffnet',
    readAs: 'In eigener Schrift',
    close: 'Schließen',
  },
  textInstead:
    'Die Gestaltung dieser Nachricht ist zu aufwendig. Sie sehen deshalb nur den Text, möglicherweise nicht den ganzen. Alles steht im Quelltext.',
  images: {
    blocked: (count) =>
      n(
        count,
        '# Bild aus dem Internet wurde nicht geladen. So erfährt der Absender nicht, dass Sie die Nachricht lesen.',
        '# Bilder aus dem Internet wurden nicht geladen. So erfährt der Absender nicht, dass Sie die Nachricht lesen.',
      ),
    show: 'Bilder dieser Nachricht zeigen',
    loading: 'Bilder werden geladen …',
    shown: (count) => n(count, '# Bild wurde geladen, nur für diese Nachricht.', '# Bilder wurden geladen, nur für diese Nachricht.'),
    trackers: (count) => n(count, '# Zählpixel wurde blockiert.', '# Zählpixel wurden blockiert.'),
    failed: (count) => n(count, '# Bild ließ sich nicht sicher laden.', '# Bilder ließen sich nicht sicher laden.'),
    forbidden: 'Ihre IT-Abteilung erlaubt es nicht, Bilder zu laden.',
  },
};
