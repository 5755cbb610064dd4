import type { PolicyWords } from './words.ts';

export const de: PolicyWords = {
  language: 'de-DE',
  product: 'Holdover',
  supported: 'Holdover 0.1 oder neuer',
  json: 'Der Wert ist JSON-Text, wie er in policies.json stünde; er darf über mehrere Zeilen gehen.',
  sections: {
    accounts: {
      name: 'Konten',
      what: 'Die Konten, die jede Person an diesem Gerät bekommt, als Vorlagen, die mit den Angaben der angemeldeten Person gefüllt werden. Die App richtet sie selbst ein und fragt einmal nach dem Passwort, oder führt einmal zur Anmeldung beim Anbieter (auth: type oauth2 mit provider).',
    },
    enrolment: {
      name: 'Einrichtung',
      what: 'Wo die Konten stehen, die „npm run admin -- enrol“ für jede Person des Verzeichnisses geschrieben hat.',
    },
    signIn: {
      name: 'Anmeldung beim Anbieter',
      what: 'Unter welcher Anwendungs-ID (clientId) Holdover bei Microsoft 365, Google oder einem anderen OpenID-Anbieter eingetragen ist. Gilt für Konten, die jemand von Hand einrichtet; in den Vorlagen unter „Konten“ steht es im Feld auth jedes Servers.',
    },
    retention: { name: 'Aufbewahrung', what: 'Wie viele Tage Mail auf dem Gerät bleiben, je nach Art.' },
    continuity: { name: 'Ausfall und Rückkehr', what: 'Wie sich die App bei einem Ausfall und danach verhält.' },
    mail: { name: 'Lesen', what: 'Was Mails dürfen und was man mit ihnen tun darf.' },
    appearance: { name: 'Darstellung', what: 'Wie das Fenster aussieht.' },
    writing: { name: 'Schreiben', what: 'Was beim Schreiben von Mails hilft.' },
    desktop: {
      name: 'Start und Fenster',
      what: 'Wann die App läuft. Nur solange sie läuft, kopiert sie Mails; auch ohne Fenster.',
    },
    notifications: {
      name: 'Benachrichtigungen',
      what: 'Was das System von Mails und Ausfällen zeigt. Was es zeigt, bewahrt es womöglich auch auf, unverschlüsselt.',
    },
    lock: {
      name: 'App-Sperre',
      what: 'Wann die App ihren Speicher schließt und die Schlüssel vergisst. Solange sie gesperrt ist, wird nichts abgerufen oder gesendet.',
    },
    lease: {
      name: 'Offline-Frist',
      what: 'Wie lange die Kopie ohne Kontakt lesbar bleibt. Kontakt ist eine angemeldete Verbindung irgendeines Kontos zu seinem Mailserver oder seinem Relay.',
    },
    wipe: { name: 'Fernlöschung', what: 'Löscht die Schlüssel und danach die Dateien der genannten Geräte.' },
    escrow: { name: 'Schlüsselhinterlegung', what: 'Der Wiederherstellungsschlüssel jedes Geräts, für die IT versiegelt.' },
    updates: { name: 'Aktualisierungen', what: 'Woher neue Versionen kommen, und welche.' },
    log: { name: 'Protokoll', what: 'Die Protokolldatei der App. Sie enthält nie Mails, Adressen oder Geheimnisse.' },
    network: { name: 'Netz', what: 'Wie Server erreicht werden.' },
    readiness: {
      name: 'Bereitschaft',
      what: 'Was jedes Gerät der IT von sich aus darüber meldet, ob es für einen Ausfall bereit ist: Adresse, Abdeckung, Anmeldungen, Übung, Version; nie etwas aus einer Mail. Ohne diesen Abschnitt meldet es nichts.',
    },
  },
  values: {
    'enrolment.folder': {
      name: 'Ordner der Einrichtung',
      what: 'Der Ordner, den „npm run admin -- enrol“ geschrieben hat, auf diesem Gerät oder auf einer Freigabe; er wird nur gelesen. Die App findet die Person in dessen people.json: am User Principal Name, wo ihn beide kennen, sonst am Namen des Systembenutzers (account: sAMAccountName oder uid). Groß- und Kleinschreibung zählt nicht, alles andere schon; passen zwei Einträge, wird nichts eingerichtet und der Fehler angezeigt. Sie nimmt die Datei dieser Person, richtet das Konto ein, fragt einmal nach dem Passwort oder führt zur Anmeldung und folgt der Datei von da an: bei jedem Start, wenn sich die Richtlinie ändert, und alle zehn Minuten. Ist der Ordner nicht zu erreichen, gilt, was zuletzt darin stand. Eine Adresse, die auch unter „Konten“ steht, wird eingerichtet wie im Ordner. Niemand als die IT darf den Ordner beschreiben können.',
    },
    'retention.incomingDays': { name: 'Tage für empfangene Mails', what: 'So viele Tage bleiben empfangene Mails.' },
    'retention.outgoingDays': { name: 'Tage für gesendete Mails', what: 'So viele Tage bleiben gesendete Mails.' },
    'retention.quarantinedDays': {
      name: 'Tage für Mails in Quarantäne',
      what: 'So viele Tage bleiben Mails aus der Quarantäne des Relays.',
    },
    'continuity.failover': {
      name: 'Wechsel auf das Relay',
      what: 'Ob Mails von selbst über das Relay gehen, solange der Mailserver ausgefallen ist.',
      choices: { automatic: 'von selbst', ask: 'nach Zustimmung der Person' },
    },
    'continuity.reconcile': {
      name: 'Rückübertragung',
      what: 'Ob das im Ausfall Getane von selbst auf den Mailserver übertragen wird.',
      choices: { automatic: 'von selbst, nachdem der Plan gezeigt wurde', ask: 'nachdem die Person den Plan freigegeben hat' },
    },
    'continuity.stableSeconds': { name: 'Sekunden, bis der Mailserver als zurück gilt', what: 'So lange muss er ohne Lücke antworten.' },
    'continuity.previewSeconds': { name: 'Sekunden, die der Plan gezeigt wird', what: 'Bevor er von selbst ausgeführt wird.' },
    'continuity.deliveryGraceSeconds': {
      name: 'Sekunden für die Zustellung durch das Relay',
      what: 'So lange nach der Rückkehr bleiben Mails, die nur das Relay empfangen hat, dessen eigener Warteschlange überlassen.',
    },
    'continuity.undoSendSeconds': { name: 'Sekunden, in denen sich das Senden zurücknehmen lässt', what: 'Bei 0 wird sofort gesendet.' },
    'continuity.control': {
      name: 'Betriebsart',
      what: 'Wer über die Betriebsart entscheidet. Für eine angekündigte Wartung, oder wo die Erkennung nicht eingreifen soll.',
      choices: {
        automatic: 'die App',
        'forced-continuity': 'Notbetrieb, was auch immer die Server antworten',
        'forced-normal': 'Normalbetrieb, was auch immer die Server antworten',
      },
    },
    'mail.remoteImages': {
      name: 'Bilder aus dem Internet',
      what: 'Ob eine Person sie laden lassen darf. Von selbst werden sie nie geladen.',
      choices: { ask: 'auf Wunsch', never: 'nie' },
    },
    'mail.dangerousAttachments': {
      name: 'Gefährliche Anhänge',
      what: 'Programme, Skripte, Dokumente mit Makros und Ähnliches.',
      choices: { ask: 'nach einer Warnung zu speichern', never: 'nie zu speichern' },
    },
    'mail.trustedAuthservIds': {
      name: 'Vertraute Prüfserver',
      what: 'Namen (authserv-id, RFC 8601) Ihrer Server, deren Befund über einen Absender zählt. Ohne sie wird keinem Befund geglaubt.',
    },
    'appearance.language': {
      name: 'Sprache',
      what: 'Sprache der App.',
      choices: { system: 'die des Systems', de: 'Deutsch', en: 'Englisch' },
    },
    'writing.spelling': {
      name: 'Rechtschreibung',
      what: 'In welchen Sprachen die Rechtschreibung geprüft wird. Die Wörterbücher liegen im Paket: Kein Text verlässt dafür das Gerät.',
      choices: { both: 'Deutsch und Englisch', de: 'Deutsch', en: 'Englisch', off: 'gar nicht' },
    },
    'desktop.startAtLogin': {
      name: 'Start beim Anmelden',
      what: 'Ob die App ohne Fenster startet, wenn sich die Person anmeldet. Ein deb oder rpm tut das auch für jemanden, der sie noch nie geöffnet hat; sonst beginnt es mit dem ersten Start (siehe Leitfaden). Wird der Wert zurückgenommen, bleibt es, wie es ist, und ist wieder die Wahl der Person; nur der Start durch deb oder rpm endet damit.',
    },
    'desktop.closeToTray': { name: 'Ohne Fenster weiterlaufen', what: 'Ob die App weiter kopiert, nachdem ihr Fenster geschlossen wurde.' },
    'notifications.mail': {
      name: 'Neue Mails',
      what: 'Wie viel von neuen Mails gezeigt wird.',
      choices: { content: 'Absender und Betreff', arrival: 'dass sie da sind, ohne Inhalt', none: 'nichts' },
    },
    'notifications.state': { name: 'Ausfälle und Senden', what: 'Ausfälle, ihr Ende, und Mails, die nicht gesendet werden konnten.' },
    'lock.afterIdleMinutes': { name: 'Minuten ohne Eingabe', what: 'Nach so langer Zeit ohne Tastatur oder Maus sperrt sich die App.' },
    'lock.onSystemLock': { name: 'Mit dem Bildschirm', what: 'Die App sperrt sich, wenn der Bildschirm gesperrt wird.' },
    'lock.onSuspend': { name: 'Mit dem Ruhezustand', what: 'Die App sperrt sich, wenn das Gerät schlafen geht.' },
    'lease.days': {
      name: 'Tage ohne Kontakt',
      what: 'Nach so vielen Tagen ohne Kontakt zeigt die App keine Mails mehr, bis wieder ein Server erreicht wurde; dann öffnet sie sich von selbst. Nichts wird gelöscht, was im Postausgang wartet, bleibt dort und geht mit dem nächsten Kontakt hinaus, und die Person wird vorher gewarnt. Ohne diesen Wert gibt es keine solche Grenze. Wählen Sie ihn länger als den längsten Ausfall beider Server, in dem noch gearbeitet werden soll.',
    },
    'wipe.devices': { name: 'Geräte', what: 'Namen der Geräte, die gelöscht werden sollen, oder * für alle mit dieser Richtlinie.' },
    'wipe.order': {
      name: 'Auftrag',
      what: 'Ein beliebiger Text, der diesen Auftrag benennt. Ein Gerät befolgt jeden Auftrag einmal: Ein neu eingerichtetes Gerät braucht einen neuen.',
    },
    'wipe.report': {
      name: 'Bericht',
      what: 'Ordner oder https-Adresse, an die das Gerät den Vollzug meldet, mit der Zahl der nicht gesendeten Mails.',
    },
    'escrow.publicKey': {
      name: 'Öffentlicher Schlüssel',
      what: 'Schlüssel (RSA ab 2048 Bit oder X25519; PEM), für den der Wiederherstellungsschlüssel versiegelt wird.',
    },
    'escrow.target': {
      name: 'Ablageort',
      what: 'Ordner oder https-Adresse, wohin der versiegelte Wiederherstellungsschlüssel geschrieben wird.',
    },
    'updates.mode': { name: 'Aktualisierungen', what: 'Ob sich die App selbst aktualisiert.', choices: { on: 'ja', off: 'nein' } },
    'updates.url': { name: 'Updateserver', what: 'Basisadresse des firmeneigenen Servers.' },
    'updates.channel': { name: 'Kanal', what: 'Name der Versionsliste, etwa latest oder pilot.' },
    'updates.pinnedVersion': { name: 'Festgelegte Version', what: 'Nur diese Version wird installiert.' },
    'log.level': {
      name: 'Umfang',
      what: 'Was aufgeschrieben wird.',
      choices: { debug: 'alles', info: 'das Übliche', warn: 'Warnungen und Fehler', error: 'Fehler' },
    },
    'network.proxy': {
      name: 'Proxy',
      what: 'none (auch ohne Angabe), system (wie das System eingestellt ist; ein Skript des Systems, PAC, wird nicht geholt: Nennen Sie dann hier den Proxy) oder die Adresse eines Proxys: http://, https:// (CONNECT) oder socks5://, mit Host und Port und ohne Anmeldung. Mail, Einrichtung, Aktualisierungen, Berichte und Bilder gehen über ihn; Namen löst der Proxy auf, und TLS wird geprüft wie ohne ihn. Nennt das System mehrere Wege, gilt der nächste, wenn ein Proxy nicht zu erreichen ist; direkt nur, wenn DIRECT darunter ist. SRV-Einträge werden dann beim Einrichten nicht abgefragt.',
    },
    'network.proxyBypass': {
      name: 'Ohne den Proxy',
      what: 'Hostnamen, *.domäne oder Adressen, die direkt erreicht werden. Dieses Gerät selbst immer.',
    },
    'network.caFile': {
      name: 'CA-Zertifikate',
      what: 'PEM-Datei mit den firmeneigenen CA-Zertifikaten, für jeden Server eines Kontos, der keine eigene nennt (vorbereitet, nach Datei oder von Hand eingerichtet), und dessen Anmeldung, für einen Proxy mit https://, Aktualisierungen, Berichte, Warnungen, den Wiederherstellungsschlüssel und den Bericht einer Löschung.',
    },
    'readiness.report': {
      name: 'Berichte',
      what: 'Ordner (eine Datei je Gerät) oder https-Adresse (POST), an die das Gerät berichtet. `npm run admin -- readiness` wertet sie aus.',
    },
    'readiness.everyHours': { name: 'Stunden zwischen Berichten', what: '24, wenn nichts angegeben ist.' },
    'readiness.spreadMinutes': {
      name: 'Minuten, auf die sich die Geräte verteilen',
      what: 'Was auf allen Geräten zugleich fällig ist (der erste Bericht, die Berichte nach einer Nacht), verteilt sich auf diese Zeit, Warnungen auf höchstens eine Minute davon. 60, wenn nichts angegeben ist; 0 für sofort.',
    },
    'readiness.webhook': { name: 'Warnungen per Webhook', what: 'https-Adresse, an die jede Warnung als JSON gesendet wird.' },
    'readiness.syslog': {
      name: 'Warnungen per Syslog',
      what: 'udp://HOST:PORT, tcp://HOST:PORT oder tls://HOST:PORT eines Servers, der RFC 5424 versteht; er wird ohne den Proxy erreicht. UDP wird nicht bestätigt: Was unterwegs verloren geht, ist verloren.',
    },
  },
  fields: {
    accounts: {
      email: 'Adresse des Kontos. Ohne Angabe {mail}.',
      aliases:
        'Weitere Adressen, die die Person erreichen: „Allen antworten“ lässt sie aus. Texte mit Attributen, etwa {samAccountName}@marke.example; {proxyAddresses} für sich allein steht für alle, die das Verzeichnis kennt. Was ein Gerät nicht weiß, nimmt einem Konto keine Adresse; ohne Angabe behält jedes Konto die seinen.',
      displayName: 'Name, den Empfänger sehen. Ohne Angabe {displayName}.',
      users: 'Namen der Systembenutzer, für die es gilt, * für beliebige Zeichen; ohne Angabe alle.',
      primary: 'Der Mailserver: imap und smtp, jeweils mit host, port, security (tls, starttls), user, auth und caFile.',
      relay: 'Das Relay, ebenso; null für keines.',
      mailboxes: 'Postfächer, die entgegen der Regel gespiegelt werden (include), und umgekehrt (exclude).',
      quarantinePath: 'Pfad des Quarantäne-Postfachs auf dem Relay, wo sein Name unüblich ist.',
      pollSeconds: 'Sekunden zwischen zwei Blicken in Postfächer, die der Server nicht von selbst meldet.',
    },
    signIn: {
      provider:
        'Wo angemeldet wird: {"type": "microsoft", "tenant": "…"} (ID oder Domain Ihres Verzeichnisses; ohne Angabe organizations), {"type": "google"} oder {"type": "oidc", "issuer": "https://…"}.',
      clientId: 'Die ID, die der Anbieter Ihrer Eintragung gegeben hat. Pflicht.',
      clientSecret: 'Wo der Anbieter einer App auf einem Rechner eines gibt (Google); dort ist es vor niemandem geheim.',
      scope: 'Worum gebeten wird, Wörter mit Leerzeichen dazwischen; ohne Angabe wie beim Anbieter üblich.',
      mechanism: 'Wie der Mailserver das Token annimmt: XOAUTH2 oder OAUTHBEARER; ohne Angabe XOAUTH2.',
    },
  },
  reference: {
    title: 'Referenz der Richtlinien',
    generated: 'Erzeugt aus shared/policy/schema.ts mit `npm run policy:generate`; nicht von Hand ändern.',
    intro: [
      'Was die IT auf einem Gerät festlegt. Jeder Abschnitt ist freiwillig, und in ihm jeder Wert: Was fehlt, entscheidet die Person selbst. Ein festgelegter Wert wird als „Von Ihrer IT vorgegeben“ gezeigt und lässt sich in der App nicht ändern.',
      'Eine Richtlinie wird als Ganzes geprüft. Ein unbekannter Schlüssel oder ein falscher Wert, und nichts davon wird übernommen: Ort und Fehler stehen in der App, im Protokoll und in `holdover-engine policy show`, und die letzte richtige Richtlinie bleibt in Kraft. `holdover-engine policy check DATEI` prüft eine Datei vor dem Verteilen (wie die Befehle anderswo heißen: README, „Commands of a package“). Änderungen gelten binnen einer halben Minute, ohne Neustart.',
    ],
    placesTitle: 'Wo sie gelesen wird',
    places: [
      'Windows: Registrierung, `HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Holdover` (Vorlagen in windows/). macOS: verwaltete Einstellungen von `com.holdover.app`, die der Person vor denen des Geräts (Manifest und Profil in macos/).',
      'Die Datei `policies.json` des Geräts: Linux `/etc/holdover/policies.json`, macOS `/Library/Application Support/Holdover/policies.json`, Windows die Datei, die der Wert `PolicyPath` des obigen Registrierungsschlüssels nennt (`msiexec … POLICYPATH=…` schreibt ihn; eine Freigabe ist erlaubt), sonst `%ProgramData%\\Holdover\\policies.json`.',
      'Die Datei `policies.json` im Ordner `resources` der installierten App: `HOLDOVER_POLICY=policies.json npm run dist` legt sie dort hin.',
    ],
    placesAfter: [
      'Jeder Abschnitt wird vom ersten Ort genommen, der ihn hat; Werte eines Abschnitts werden nie gemischt. Eine Datei des Geräts muss dem Administrator gehören (root; unter Windows Administratoren oder SYSTEM), und niemand sonst darf sie oder ihren Ordner beschreiben können; sonst wird die Richtlinie abgelehnt.',
    ],
    columns: ['Wert', 'Erlaubt', 'Bedeutung'],
    number: (least, most) => `${least} bis ${most}`,
    yesNo: 'true, false',
    text: 'Text',
    list: 'Liste von Texten',
    fieldsTitle: { accounts: 'Felder eines Kontos', signIn: 'Felder einer Eintragung' },
    attributesTitle: 'Attribute',
    attributes: [
      '`{samAccountName}`: Anmeldename, ohne die Domäne.',
      '`{userPrincipalName}`: unter Windows, wie ihn `whoami /upn` nennt; sonst aus der Umgebungsvariablen HOLDOVER_UPN.',
      '`{mail}`: aus der Umgebungsvariablen HOLDOVER_MAIL, sonst der userPrincipalName.',
      '`{displayName}`: voller Name des Systembenutzers, wo es ihn gibt, sonst aus HOLDOVER_DISPLAY_NAME.',
      '`{proxyAddresses}`, nur in `aliases` und für sich allein: aus der Umgebungsvariablen HOLDOVER_PROXY_ADDRESSES, wie das Verzeichnis sie schreibt (`SMTP:a@firma.example;smtp:b@firma.example`; andere Arten werden ausgelassen) oder ohne Zusatz, dazwischen Leerzeichen, Kommas oder Semikolons.',
      '`{domain}`: was hinter dem @ des userPrincipalName steht.',
      'Ein Konto, zu dem auf einem Gerät ein Attribut fehlt, wird dort nicht eingerichtet, und der Grund wird genannt; ein Name oder eine weitere Adresse darf fehlen.',
    ],
    exampleTitle: 'Beispiel',
  },
};
