// @ts-check

/** First parts of German compounds, as in business mail. */
const GERMAN_FIRST =
  'Auftrags Liefer Kunden Projekt Vertrags Zahlungs Rechnungs Angebots Termin Prüf Mess Fertigungs Montage Wartungs Service Lager Transport Versand Einkaufs Verkaufs Vertriebs Personal Arbeits Urlaubs Reise Sicherheits Qualitäts Umwelt Energie Strom Wasser Maschinen Anlagen Geräte Werkzeug Material Stahl Blech Schweiß Kran Schiffs Hafen See Küsten Wind Turm Gondel Getriebe Lager Antriebs Steuerungs Daten Netz Server System Software Benutzer Zugangs Sprach Text Bild Druck Papier Brief Telefon Video Raum Gebäude Hallen Bau Grund Boden Fundament Dach Fenster Tür Tor Straßen Brücken Bahn Fahrzeug Reifen Motor Öl Gas Luft Wetter Jahres Monats Wochen Tages Stunden Zeit Plan Ziel Kosten Preis Gewinn Steuer Kredit Bank Konto Kapital Investitions Markt Branchen Verbands Landes Bundes Rechts Gerichts Anwalts Patent Marken Muster Probe Ersatz Zusatz Haupt Neben Zwischen End Anfangs Grenz Höchst Mindest Gesamt Teil Einzel Gruppen Abteilungs Bereichs Unternehmens Betriebs Werks Firmen Partner Lieferanten Hersteller Händler'.split(
    ' ',
  );
/** Second parts; each makes a noun with any first part. */
const GERMAN_SECOND =
  'termin plan liste bericht übersicht nummer datum frist bestätigung anfrage antwort änderung prüfung freigabe meldung störung lösung planung steuerung leitung abteilung leiter mitarbeiter gespräch sitzung besprechung protokoll vorlage entwurf unterlage mappe ordner ablage kopie vertrag klausel bedingung vereinbarung summe betrag preis rabatt kosten aufwand nutzen wert anteil quote satz stelle ort platz raum halle anlage maschine gerät teil stück satz menge gewicht maß länge breite höhe fläche größe form farbe qualität zustand stand fortschritt schritt phase abschnitt beginn ende dauer zeit pause wechsel umbau ausbau abbau aufbau einbau versuch probe muster modell zeichnung skizze bild foto film text brief nachricht mail anruf auskunft hinweis vorschlag wunsch bedarf mangel fehler schaden verlust risiko chance ziel ergebnis erfolg'.split(
    ' ',
  );
const GERMAN_COMMON =
  'der die und in zu den das nicht von sie ist des sich mit dem dass er es ein ich auf so eine auch als an nach wie im für man aber aus durch wenn nur war noch werden bei hat wir was wird sein einen welche sind oder zur um haben einer mir über ihm diese einem ihr uns da zum kann doch vor dieser mich ihn du hatte seine mehr am denn nun unter sehr selbst schon hier bis habe ihre dann ihnen seiner alle wieder meine Zeit gegen vom ganz einzelnen wo muss ohne eines können sei ja wurde jetzt immer seinen wohl dieses ihren würde diesen sondern weil welcher nichts diesem alles waren will Herr viel mein also soll worden lassen dies machen ihrer weiter Leben recht etwas keine seinem ob dir allen großen Jahre Weise müssen welches wäre erst einmal Mann hätte zwei dich allein Herren während Paragraph anders Liebe kein damit gar Hand Herrn euch sollte konnte ersten deren zwischen wollen denen dessen sagen bin gut bitte danke gerne morgen heute gestern nächste Woche Montag Dienstag Mittwoch Donnerstag Freitag Angebot Auftrag Kunde Projekt Termin Lieferung Rechnung Zeichnung Version Anlage Anhang Freigabe Prüfung'.split(
    ' ',
  );
const ENGLISH_COMMON =
  'the of and to in a is that for it as was with be by on not he I this are or his from at which but have an had they you were their one all we can her has there been if more when will would who so no said what up its about into than them only other time new some could these two may first then do any like my now over such our man me even most made after also did many before must through back years where much your way well down should because each just those people how too little state good very make world still own see work long get here between both life being under never day same another know while last might us great old year off come since against go came right used take three'.split(
    ' ',
  );
const ENGLISH_STEMS =
  'accept account achieve act adapt add address adjust advance advise affect agree align allow amend amount analyse announce answer apply appoint approach approve arrange arrive ask assemble assess assign assist assume attach attempt attend audit authorise balance base begin benefit bill board book border bridge brief bring budget build call cancel carry cause certify change charge check claim clarify clean clear close coat collect combine comment commission commit compare complete comply concern conclude conduct confirm connect consider consist construct consult contact contain continue contract contribute control convert correct cost count cover create credit cut damage deal decide declare define delay delegate deliver demand depart depend deploy describe design detail determine develop differ direct discuss dispatch distribute divide document double draft draw drive drop earn edit employ enable encourage end engage engineer enter equip establish estimate evaluate examine exceed exchange exclude execute exist expand expect explain export extend fabricate face fail fill finance find finish fit fix follow force forecast form forward found fund gain gather generate grant ground group grow guarantee guide handle head help hold host identify implement import improve include increase indicate inform initiate inspect install insure integrate intend introduce invest invite invoice involve issue join judge justify keep label land launch lead learn lease leave lift limit link list load locate lock log look maintain manage manufacture mark market match measure meet mention merge monitor mount move name need negotiate note notice notify number observe obtain occur offer open operate order organise outline own pack paint park pass pay perform place plan point position post prepare present press prevent print proceed process procure produce program progress project promote propose protect prove provide purchase push qualify question quote raise range rate reach read receive recommend record recover reduce refer reflect refuse register reject relate release rely remain remind remove renew rent repair repeat replace reply report represent request require research reserve resolve respond restore result return reveal review revise risk rotate run save schedule search secure select sell send separate serve service set settle shift ship show sign simplify sketch solve sort specify spend stand start state stay stock stop store strengthen submit succeed suggest supply support suppose survey suspend switch target test thank track trade train transfer transport travel treat try turn type understand unload update upgrade use validate value vary verify view visit wait want warn watch weigh weld wish work write'.split(
    ' ',
  );
const ENGLISH_SUFFIXES = ['', 's', 'ed', 'ing', 'er', 'ers', 'able', 'ment', 'ments', 'ation', 'ations', 'ive', 'ively', 'or', 'ance'];

/**
 * @typedef {object} Vocabulary
 * @property {readonly string[]} words Most frequent first.
 * @property {Float64Array} cumulative Zipf weights summed up, the last one is 1.
 */

/**
 * Rank r has the weight 1 / (r + 2.7): the Zipf-Mandelbrot law of natural text.
 * @param {readonly string[]} words
 * @returns {Vocabulary}
 */
function vocabulary(words) {
  const cumulative = new Float64Array(words.length);
  let sum = 0;
  for (let rank = 0; rank < words.length; rank += 1) {
    sum += 1 / (rank + 2.7);
    cumulative[rank] = sum;
  }
  return { words, cumulative: cumulative.map((value) => value / sum) };
}

/** Spreads the rare words so that neighbours in rank do not look alike. @param {readonly string[]} words */
function shuffled(words) {
  const list = [...words];
  let state = 12_345;
  for (let i = list.length - 1; i > 0; i -= 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const j = state % (i + 1);
    [list[i], list[j]] = [list[j] ?? '', list[i] ?? ''];
  }
  return list;
}

const compounds = GERMAN_FIRST.flatMap((first) => GERMAN_SECOND.map((second) => first + second));
const derived = ENGLISH_STEMS.flatMap((stem) =>
  ENGLISH_SUFFIXES.map((suffix) => stem.replace(/e$/, /^[aei]/.test(suffix) ? '' : 'e') + suffix),
);

/** Some 13,000 German and 7,000 English words. */
export const german = vocabulary([...new Set([...GERMAN_COMMON, ...shuffled(compounds).slice(0, 13_000)])]);
export const english = vocabulary([...new Set([...ENGLISH_COMMON, ...shuffled(derived).slice(0, 7_500)])]);

/**
 * @param {Vocabulary} words
 * @param {number} chance In [0, 1).
 */
export function wordAt({ words, cumulative }, chance) {
  let low = 0;
  let high = words.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cumulative[middle] ?? 1) <= chance) low = middle + 1;
    else high = middle;
  }
  return words[low] ?? '';
}
