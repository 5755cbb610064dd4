import type { ErrorTexts } from '../error-words.ts';

const bySelf = 'Sie brauchen nichts zu tun: Es wird von selbst wieder versucht.';
const askIt = 'Bleibt es dabei, zeigen Sie diesen Hinweis Ihrer IT-Abteilung.';
const retried = 'Es wird von selbst wieder versucht, mit „Erneut versuchen“ sofort.';

export const errors: ErrorTexts = {
  'dns-failed': {
    what: 'Der Name des Servers konnte nicht aufgelöst werden.',
    remedy: 'Prüfen Sie das Netz und den Servernamen auf Tippfehler. Es wird von selbst wieder versucht.',
  },
  'connect-refused': {
    what: 'Der Server lehnt Verbindungen ab.',
    remedy: 'Vermutlich ist er ausgefallen, oder der Port stimmt nicht. Es wird von selbst wieder versucht.',
  },
  'connect-timeout': {
    what: 'Der Server antwortet nicht.',
    remedy: 'Vermutlich ist er ausgefallen oder durch eine Firewall gesperrt. Es wird von selbst wieder versucht.',
  },
  'connection-lost': { what: 'Die Verbindung zum Server ist abgebrochen.', remedy: bySelf },
  'server-timeout': { what: 'Der Server antwortet nicht mehr.', remedy: bySelf },
  'server-bye': { what: 'Der Server hat die Verbindung beendet.', remedy: bySelf },
  'server-hangs-up': {
    what: 'Der Mailserver beendet die Verbindung, sooft das versucht wird.',
    remedy:
      'Alles andere läuft weiter. Vielleicht ist die Mail zu groß für den Server, oder ein Filter hält sie auf: Fragen Sie Ihre IT-Abteilung.',
  },
  'too-many-connections': {
    what: 'Der Server lässt keine weiteren Verbindungen zu.',
    remedy: 'Schließen Sie andere Mailprogramme mit diesem Konto oder warten Sie. Es wird von selbst wieder versucht.',
  },
  'protocol-violation': {
    what: 'Der Server gab eine Antwort, die keinen Sinn ergibt.',
    remedy: `Prüfen Sie, ob Server und Port zu einem Mailserver gehören. ${askIt}`,
  },
  'answer-too-large': {
    what: 'Der Server hat mehr gesendet als erlaubt.',
    remedy: `Die Antwort wurde zur Sicherheit verworfen. ${askIt}`,
  },
  'network-unreachable': {
    what: 'Dieser Computer hat kein Netz.',
    remedy: 'Sie können weiter lesen und suchen. Die Verbindung entsteht, sobald es wieder ein Netz gibt.',
  },
  'proxy-unreachable': {
    what: 'Der Proxy Ihres Netzes antwortet nicht.',
    remedy: `Ohne ihn ist kein Server zu erreichen. ${bySelf} ${askIt}`,
  },
  'proxy-refused': {
    what: 'Der Proxy Ihres Netzes lässt diese Verbindung nicht zu.',
    remedy: 'Ihre IT-Abteilung muss Server und Port dort freigeben, ohne Anmeldung am Proxy.',
  },
  'proxy-cannot-reach': {
    what: 'Der Proxy Ihres Netzes erreicht den Server nicht.',
    remedy: `Der Server ist ausgefallen, oder dem Proxy fehlt das Netz. ${bySelf}`,
  },
  'tls-failed': {
    what: 'Es kam keine sichere Verbindung zustande.',
    remedy: 'Prüfen Sie den Port und die Art des Schutzes. Es wurde kein Passwort gesendet.',
  },
  'tls-certificate-expired': {
    what: 'Das Zertifikat des Servers ist abgelaufen.',
    remedy: 'Ihre IT-Abteilung muss es erneuern. Es wurde kein Passwort gesendet. Prüfen Sie auch die Uhr dieses Computers.',
  },
  'tls-certificate-wrong-host': {
    what: 'Das Zertifikat gehört zu einem anderen Server.',
    remedy: 'Prüfen Sie den Servernamen. Stimmt er, verständigen Sie Ihre IT-Abteilung. Es wurde kein Passwort gesendet.',
  },
  'tls-certificate-untrusted': {
    what: 'Dem Zertifikat des Servers wird nicht vertraut.',
    remedy:
      'Verwendet Ihre Firma eigene Zertifikate, gehört das Zertifikat der ausstellenden Stelle in den Zertifikatspeicher dieses Computers; oder geben Sie die Datei damit an. Nehmen Browser das Zertifikat an, lässt der Server die Zwischenzertifikate weg: Die IT muss ihn alle senden lassen. Es wurde kein Passwort gesendet.',
  },
  'tls-not-offered': {
    what: 'Der Server bietet auf diesem Port keine Verschlüsselung an.',
    remedy: 'Wählen Sie TLS, meist Port 993 zum Empfangen und 465 zum Senden. Es wurde kein Passwort gesendet.',
  },
  'ca-file-unreadable': {
    what: 'Die Datei mit dem Firmenzertifikat konnte nicht gelesen werden.',
    remedy: 'Prüfen Sie den Pfad und ob es eine PEM-Datei ist.',
  },
  'plain-refused': {
    what: 'Eine ungeschützte Verbindung wurde abgelehnt.',
    remedy: 'Wählen Sie TLS oder STARTTLS.',
  },
  'auth-rejected': {
    what: 'Der Server hat Benutzername oder Passwort nicht angenommen.',
    remedy: 'Prüfen Sie beides. Manche Anbieter verlangen statt des üblichen ein eigenes App-Passwort.',
  },
  'auth-mechanism-missing': {
    what: 'Der Server bietet keine Art der Anmeldung an, die hier unterstützt wird.',
    remedy: 'Fragen Sie Ihre IT-Abteilung, ob sich die Anmeldung mit Passwort oder Token einschalten lässt.',
  },
  'token-refresh-failed': {
    what: 'Die Anmeldung ist abgelaufen und ließ sich nicht erneuern.',
    remedy: 'Melden Sie sich neu an oder bitten Sie Ihre IT-Abteilung um eine neue Einrichtungsdatei.',
  },
  'secret-missing': {
    what: 'Für dieses Konto ist kein Passwort im Schlüsselbund.',
    remedy: 'Geben Sie es neu ein: Der Hinweis über Ihren Mails führt dorthin. Was auf diesem Computer liegt, bleibt erhalten.',
  },
  'sign-in-needed': {
    what: 'Die Anmeldung bei Ihrem Anbieter gilt nicht mehr.',
    remedy: 'Melden Sie sich noch einmal an. Alles auf diesem Computer bleibt erhalten.',
  },
  'sign-in-denied': {
    what: 'Die Anmeldung wurde beim Anbieter abgelehnt.',
    remedy: 'Melden Sie sich noch einmal an und stimmen Sie dort zu. Lässt der Anbieter das nicht zu, fragen Sie Ihre IT-Abteilung.',
  },
  'sign-in-expired': { what: 'Die Zeit für die Anmeldung ist abgelaufen.', remedy: 'Beginnen Sie bitte noch einmal.' },
  'sign-in-wrong-account': {
    what: 'Beim Anbieter wurde ein anderes Konto angemeldet.',
    remedy: 'Melden Sie sich dort mit der Adresse dieses Kontos an, notfalls in einem privaten Fenster des Browsers.',
  },
  'sign-in-failed': {
    what: 'Die Anmeldung beim Anbieter hat nicht geklappt.',
    remedy: 'Versuchen Sie es noch einmal. Bleibt es dabei, muss Ihre IT-Abteilung prüfen, wie Holdover beim Anbieter eingetragen ist.',
  },
  'command-refused': {
    what: 'Der Server hat eine Anfrage abgelehnt.',
    remedy: `Alles andere läuft weiter. ${askIt}`,
  },
  'mailbox-missing': {
    what: 'Einen Ordner gibt es auf dem Server nicht mehr.',
    remedy: 'Seine Nachrichten bleiben vorerst auf diesem Computer, unter Wiederherstellbar.',
  },
  'mailbox-exists': { what: 'Einen Ordner dieses Namens gibt es schon.', remedy: 'Wählen Sie einen anderen Namen.' },
  'uid-validity-changed': {
    what: 'Der Server hat einen Ordner neu nummeriert.',
    remedy: 'Sie brauchen nichts zu tun: Der Ordner wird von selbst neu verglichen.',
  },
  'over-quota': {
    what: 'Das Postfach auf dem Server ist voll.',
    remedy: 'Löschen Sie Mail auf dem Server oder bitten Sie Ihre IT-Abteilung um mehr Platz.',
  },
  'message-missing': {
    what: 'Der Text dieser Nachricht ist noch nicht auf diesem Computer.',
    remedy: 'Er folgt, sobald der Server erreichbar ist.',
  },
  'message-too-large': {
    what: 'Das ist zu groß, um es hier zu zeigen.',
    remedy: 'Speichern Sie die Datei oder öffnen Sie die Nachricht auf dem Server.',
  },
  'message-unreadable': {
    what: 'Diese Nachricht ist beschädigt und nicht lesbar.',
    remedy: 'Sehen Sie den Quelltext an oder bitten Sie den Absender, sie erneut zu senden.',
  },
  'operation-unsafe': {
    what: 'Die Änderung unterblieb, weil sie anderen Nachrichten hätte schaden können.',
    remedy: 'Nehmen Sie die Änderung auf dem Server vor, zum Beispiel im Webmail.',
  },
  'answer-incomplete': { what: 'Die Antwort des Servers brach ab.', remedy: bySelf },
  'server-set-back': {
    what: 'Der Mailserver ist ohne Nachrichten zurückgekommen, die er vorher hatte.',
    remedy: 'Hier sind sie vorhanden und lassen sich zurücklegen.',
  },
  'mass-vanish-held': {
    what: 'Ungewöhnlich viele Nachrichten sind auf einmal vom Server verschwunden.',
    remedy:
      'Ihre Kopien bleiben sieben Tage. Hat sie niemand absichtlich gelöscht, legen Sie sie zurück und verständigen Sie Ihre IT-Abteilung.',
  },
  'smtp-refused': {
    what: 'Der Server zum Senden hat abgelehnt.',
    remedy: 'Prüfen Sie die Einstellungen zum Senden. Den Grund findet Ihre IT-Abteilung im Protokoll des Servers.',
  },
  'recipients-refused': {
    what: 'Der Server hat einen oder mehrere Empfänger abgelehnt.',
    remedy: 'Prüfen Sie die markierten Adressen und senden Sie die Mail an sie noch einmal.',
  },
  'delivery-unconfirmed': {
    what: 'Es ist nicht sicher, ob diese Mail gesendet wurde: Die Antwort des Servers ging verloren.',
    remedy: 'Sehen Sie sich zuerst die Belege an. Senden Sie nur dann noch einmal, wenn sie nicht angekommen ist.',
  },
  'delivery-given-up': {
    what: 'Die Mail konnte fünf Tage lang nicht gesendet werden.',
    remedy: 'Prüfen Sie die Adressen, ändern Sie die Mail und senden Sie sie noch einmal.',
  },
  'message-too-large-for-server': {
    what: 'Die Mail ist größer, als dieser Server annimmt.',
    remedy: 'Senden Sie weniger oder kleinere Dateien.',
  },
  'address-not-supported': {
    what: 'Der Server nimmt keine Adressen mit Sonderzeichen an.',
    remedy: 'Verwenden Sie eine andere Adresse des Empfängers.',
  },
  'draft-invalid': {
    what: 'In dieser Mail fehlt etwas oder ist etwas falsch.',
    remedy: 'Prüfen Sie das markierte Feld und senden Sie noch einmal.',
  },
  'draft-changed': {
    what: 'Dieser Entwurf wurde in einem anderen Fenster geändert.',
    remedy: 'Schließen Sie dieses Fenster und arbeiten Sie dort weiter.',
  },
  'draft-conflict': {
    what: 'Der Entwurf wurde an zwei Stellen geändert.',
    remedy: 'Beide Fassungen sind erhalten. Löschen Sie die, die Sie nicht brauchen.',
  },
  'too-late': {
    what: 'Die Mail ist schon unterwegs.',
    remedy: 'Sie lässt sich nicht mehr zurückholen.',
  },
  'held-by-policy': {
    what: 'Das hat Ihre IT-Abteilung festgelegt.',
    remedy: 'Hier lässt es sich nicht ändern. Wenn es Sie behindert, fragen Sie dort nach.',
  },
  'policy-invalid': {
    what: 'Die Richtlinie Ihrer IT ist fehlerhaft und wurde nicht übernommen.',
    remedy: 'Die vorige gilt weiter. Zeigen Sie Ihrer IT die Einzelheiten in den Einstellungen unter „Vorgaben“.',
  },
  'drill-not-now': {
    what: 'Der Test kann nur im Normalbetrieb beginnen.',
    remedy: 'Bitte starten Sie ihn, wenn Mailserver und Relay beide antworten und kein anderer Test läuft.',
  },
  'no-route': {
    what: 'Im Moment gibt es keinen Server, über den die Mail gesendet werden könnte.',
    remedy: 'Sie bleibt hier und geht von selbst hinaus, sobald einer erreichbar ist.',
  },
  'changed-on-both-sides': {
    what: 'Diese Mail wurde hier und auf dem Mailserver geändert.',
    remedy: 'Die Fassung des Servers gilt. Wiederholen Sie Ihre Änderung, wenn Sie sie noch wollen.',
  },
  'lease-over': {
    what: 'Diese Kopie Ihrer Mails ist gesperrt: Es gab zu lange keinen Kontakt zu Ihren Servern.',
    remedy: 'Verbinden Sie diesen Computer mit dem Netz. Sie öffnet sich von selbst.',
  },
  'store-locked': { what: 'Ihre Mail auf diesem Computer ist gesperrt.', remedy: 'Entsperren Sie sie, um fortzufahren.' },
  'store-key-missing': {
    what: 'Der Schlüssel zu Ihrer Mail fehlt im Schlüsselbund.',
    remedy:
      'Stellen Sie den Schlüsselbund dieses Computers wieder her und versuchen Sie es erneut, oder geben Sie den Wiederherstellungsschlüssel ein. Ohne Schlüssel lässt sich die Kopie nicht öffnen; auf den Servern ist Ihre Mail noch vorhanden.',
  },
  'store-key-wrong': {
    what: 'Der Schlüssel im Schlüsselbund passt nicht zur Mail auf diesem Computer.',
    remedy:
      'Vielleicht stammt das Profil von einem anderen Computer. Stellen Sie den passenden Schlüsselbund wieder her oder geben Sie den Wiederherstellungsschlüssel ein.',
  },
  'store-corrupt': {
    what: 'Die Maildatei auf diesem Computer ist beschädigt.',
    remedy:
      'Sie wurde nicht angetastet, denn zuletzt mussten schon mehrere beschädigte Dateien beiseitegelegt werden. Lassen Sie den Datenträger dieses Computers prüfen.',
  },
  'outbox-mended': {
    what: 'Die Datei mit Ihren ungesendeten E-Mails und Entwürfen war beschädigt.',
    remedy: 'Der ganze Inhalt wurde gerettet, es fehlt nichts. Die beschädigte Datei liegt weiterhin im Profilordner.',
  },
  'outbox-partly-lost': {
    what: 'Die Datei mit Ihren ungesendeten E-Mails und Entwürfen war beschädigt. Nicht alles darin war zu retten.',
    remedy:
      'Sehen Sie Postausgang und Entwürfe durch: Die letzten Änderungen können fehlen, und E-Mails, die vielleicht schon unterwegs waren, warten auf Ihre Entscheidung. Die beschädigte Datei liegt weiterhin im Profilordner.',
  },
  'outbox-missing': {
    what: 'Die Datei mit Ihren ungesendeten E-Mails und Entwürfen ist verschwunden.',
    remedy:
      'Dieses Programm hat sie nicht entfernt. Wenn es eine Sicherung davon gibt, beenden Sie das Programm und lassen Sie sie von Ihrer IT-Abteilung zurücklegen. Fragen Sie sonst bei den Empfängern nach, was angekommen ist.',
  },
  'mirror-missing': {
    what: 'Die Datei mit der Kopie Ihrer E-Mails ist verschwunden.',
    remedy:
      'Dieses Programm hat sie nicht entfernt. Die E-Mails werden neu von den Servern geholt; ungesendete E-Mails und Entwürfe sind vollständig.',
  },
  'mirror-mended': {
    what: 'Die Datei mit der Kopie Ihrer E-Mails war beschädigt.',
    remedy: 'Die E-Mails werden neu von den Servern geholt. Ungesendete E-Mails, Entwürfe und Ihre Änderungen sind vollständig.',
  },
  'mirror-partly-lost': {
    what: 'Die Datei mit der Kopie Ihrer E-Mails war beschädigt.',
    remedy:
      'Die E-Mails werden neu von den Servern geholt; ungesendete E-Mails und Entwürfe sind vollständig. Einzelne Änderungen, die den Server noch nicht erreicht hatten, können fehlen, etwa Gelesen-Markierungen oder verschobene E-Mails. Die beschädigte Datei liegt weiterhin im Profilordner.',
  },
  'store-newer-schema': {
    what: 'Die Mail auf diesem Computer wurde von einer neueren Version dieses Programms geschrieben.',
    remedy: 'Installieren Sie die aktuelle Version. Bis dahin bleibt die Datei unangetastet.',
  },
  'store-full': {
    what: 'Der Datenträger dieses Computers ist voll. Neue E-Mails und Änderungen lassen sich nicht speichern.',
    remedy: `Schaffen Sie Platz. Alles, was hier ist, bleibt erhalten, auch ungesendete E-Mails. ${retried}`,
  },
  'store-read-only': {
    what: 'In den Ordner für Ihre Mail lässt sich nicht schreiben. Neue E-Mails und Änderungen lassen sich nicht speichern.',
    remedy: `Erlauben Sie das Schreiben im Profilordner oder fragen Sie Ihre IT-Abteilung. ${retried}`,
  },
  'store-io': {
    what: 'Der Datenträger mit Ihrer Mail meldet einen Fehler. Neue E-Mails und Änderungen lassen sich nicht speichern.',
    remedy: `Prüfen Sie, ob er richtig angeschlossen ist. ${retried} Bleibt es dabei, lassen Sie ihn von Ihrer IT-Abteilung prüfen, bevor er ganz ausfällt.`,
  },
  'store-in-use': {
    what: 'Ihre Mail ist schon in einem anderen Fenster dieses Programms geöffnet.',
    remedy: 'Verwenden Sie das andere Fenster oder schließen Sie es und versuchen Sie es erneut.',
  },
  'store-busy': {
    what: 'Ein anderes Programm hält die Datei mit Ihrer Mail fest, etwa ein Virenscanner oder eine Datensicherung.',
    remedy: `Das ist meist nach wenigen Augenblicken vorbei. ${retried}`,
  },
  'store-missing': {
    what: 'Der Ordner mit Ihrer Mail ist nicht mehr da.',
    remedy: `Schließen Sie das Laufwerk oder die Netzwerkfreigabe wieder an. Es wird kein neuer Ordner an seiner Stelle angelegt. ${retried}`,
  },
  'keyring-unavailable': {
    what: 'Auf diesem Computer antwortet kein Schlüsselbund.',
    remedy: 'Starten Sie den Schlüsselbunddienst (Linux: GNOME-Schlüsselbund oder KWallet) und versuchen Sie es erneut.',
  },
  'keyring-locked': {
    what: 'Der Schlüsselbund dieses Computers ist gesperrt.',
    remedy: 'Entsperren Sie ihn, meist durch Ab- und Anmelden am Computer, und versuchen Sie es erneut.',
  },
  'passphrase-wrong': {
    what: 'Die Passphrase stimmt nicht.',
    remedy: 'Achten Sie auf Großbuchstaben und die Tastaturbelegung.',
  },
  'passphrase-weak': {
    what: 'Diese Passphrase ist zu leicht zu erraten.',
    remedy: 'Wählen Sie eine längere, am besten aus mehreren Wörtern.',
  },
  'vault-damaged': {
    what: 'Die Datei, in der Ihre Passphrase den Schlüssel schützt, ist beschädigt.',
    remedy: 'Sie wurde nicht angetastet. Geben Sie den Wiederherstellungsschlüssel ein; damit legen Sie eine neue Passphrase fest.',
  },
  'recovery-key-wrong': {
    what: 'Dieser Wiederherstellungsschlüssel öffnet die Mail auf diesem Computer nicht.',
    remedy: 'Vergleichen Sie jedes Zeichen und prüfen Sie, ob der Schlüssel zu diesem Computer gehört.',
  },
  'config-invalid': {
    what: 'Die Einstellungen sind unvollständig oder passen nicht zusammen.',
    remedy: 'Prüfen Sie die gekennzeichneten Felder.',
  },
  'account-exists': {
    what: 'Dieses Konto wurde schon hinzugefügt.',
    remedy: 'Sie finden es in den Einstellungen.',
  },
  'account-missing': {
    what: 'Dieses Konto gibt es hier nicht mehr.',
    remedy: 'Fügen Sie es neu hinzu, wenn Sie es noch brauchen.',
  },
  'account-has-unsent': {
    what: 'Zu diesem Konto gibt es Ungesendetes oder andere Arbeit, die nur hier liegt.',
    remedy: 'Sehen Sie nach, was verloren ginge, und bestätigen Sie es, bevor Sie das Konto entfernen.',
  },
  'desktop-refused': {
    what: 'Ihr System hat diese Einstellung nicht angenommen.',
    remedy: 'Stellen Sie es in den Einstellungen des Systems ein, oder fragen Sie Ihre IT.',
  },
  'not-found': { what: 'Das ist hier nicht mehr vorhanden.', remedy: 'Es wurde wohl inzwischen verschoben oder entfernt.' },
  'call-rejected': { what: 'Die Anfrage wurde nicht angenommen.', remedy: askIt },
  cancelled: { what: 'Abgebrochen.', remedy: 'Sie können jederzeit neu beginnen.' },
  internal: {
    what: 'Etwas Unerwartetes ist schiefgegangen.',
    remedy: `Versuchen Sie es erneut. Es wurde nichts gelöscht. ${askIt}`,
  },
};
