// @ts-check
import { encodeHeaderText } from '../header.mjs';
import { textPart } from '../mime.mjs';
import { headerLines, withPart } from './oddity.mjs';

/** @typedef {import('./oddity.mjs').Oddity} Oddity */

/**
 * Mails in charsets other than UTF-8, as older programs and other countries send them.
 * Key, age, hour, charset, transfer encoding of the body, sender, subject, text.
 * @type {readonly [string, number, number, string, import('../mime.mjs').TransferEncoding, string, string, string][]}
 */
const MAILS = [
  [
    'latin1',
    5,
    9,
    'iso-8859-1',
    'quoted-printable',
    'Gästehaus Süderende <info@suederende.test>',
    'Übernachtung für Ihre Gäste',
    'Sehr geehrte Frau Dr. Brandt,\n\ndie Zimmer für Ihre Gäste aus København sind gebucht. Das Frühstück gibt es ab halb sieben, größere Gruppen bitten wir um Voranmeldung.\n\nMit freundlichen Grüßen\nFamilie Jürgensen\n',
  ],
  [
    'latin9',
    6,
    14,
    'iso-8859-15',
    '8bit',
    'Werkzeughandel Möller <moeller@wz-moeller.test>',
    'Angebot Fräser: 1.240 € netto',
    'Guten Tag,\n\nfür 20 Schaftfräser können wir 1.240,00 € netto anbieten, Lieferung frei Haus. Bei 40 Stück sinkt der Preis auf 58 € je Stück.\n\nGruß\nK. Möller\n',
  ],
  [
    'cp1252',
    8,
    11,
    'windows-1252',
    'quoted-printable',
    'Förderverein Marinemuseum <verein@marinemuseum.test>',
    'Einladung – „Stahl und See“',
    'Liebe Frau Dr. Brandt,\n\nwir eröffnen die Ausstellung „Stahl und See“ und würden uns freuen, Sie als Leihgeberin zu begrüßen – gern mit Begleitung.\n\nDer Vorstand\n',
  ],
  [
    'koi8r',
    10,
    8,
    'koi8-r',
    'base64',
    'Сергей Волков <volkov@baltmash.test>',
    'Запрос на запасные части',
    'Уважаемая госпожа Брандт,\n\nпросим прислать предложение на два поворотных привода и комплект уплотнений. Срок поставки: январь.\n\nС уважением,\nСергей Волков\n',
  ],
  [
    'iso2022jp',
    9,
    3,
    'iso-2022-jp',
    '7bit',
    '田中健二 <tanaka@tanaka-bearings.test>',
    '大阪訪問の日程について',
    'ブラント様\n\n三月の大阪訪問の日程をお送りします。工場見学は月曜日の午前十時からです。\n\nよろしくお願いいたします。\n田中健二\n',
  ],
  [
    'utf16',
    12,
    10,
    'utf-16',
    'base64',
    'Archivexport <export@nordlicht.example>',
    'Export abgeschlossen',
    'Der Export der Zeichnungsablage ist abgeschlossen.\r\n4.812 Dateien, 0 Fehler – alle Maße geprüft.\r\n',
  ],
  [
    'latin5',
    13,
    15,
    'iso-8859-9',
    'quoted-printable',
    'Ayşe Güneş <ayse@gunes-makina.test>',
    'Fiyat teklifi',
    'Sayın Dr. Brandt,\n\nistediğiniz dişli parçaları için teklifimiz hazır. İyi çalışmalar dileriz.\n\nAyşe Güneş\n',
  ],
  [
    'latin2',
    14,
    12,
    'iso-8859-2',
    '8bit',
    'Grażyna Wójcik <wojcik@stocznia.test>',
    'Zapytanie: dwanaście napędów',
    'Szanowna Pani,\n\nprosimy o ofertę na dwanaście napędów z dostawą jesienią. Chętnie przyjedziemy do Stralsundu.\n\nGrażyna Wójcik\n',
  ],
  [
    'emoji',
    1,
    7,
    'utf-8',
    '8bit',
    'Lehrwerkstatt 🔧 <azubis@nordlicht.example>',
    '🎉 Schweißprüfung bestanden – alle 7! 👩‍🏭',
    'Liebe Frau Brandt,\n\nalle sieben haben bestanden 🥳. Wir haben Kuchen 🍰 in der Lehrwerkstatt, kommen Sie vorbei!\n\nIhre Azubis 💙\n',
  ],
  [
    'greek',
    15,
    9,
    'iso-8859-7',
    'quoted-printable',
    'Νίκος Παπάς <papas@aegean-yards.test>',
    'Επίσκεψη στο ναυπηγείο',
    'Αγαπητή κυρία Brandt,\n\nσας περιμένουμε στον Πειραιά την άνοιξη.\n\nΝίκος Παπάς\n',
  ],
];

/**
 * @param {import('../moment.mjs').Moments} moments
 * @returns {Oddity[]}
 */
export function charsetOddities(moments) {
  return MAILS.map(([key, age, hour, charset, encoding, from, subject, text]) => {
    const time = moments.at(age, hour, 20);
    const mode = /^(koi8|iso-2022|utf-16)/.test(charset) ? 'B' : 'Q';
    // UTF-16 may not be used in headers; such programs fall back to UTF-8.
    const headerCharset = charset === 'utf-16' ? 'utf-8' : charset;
    const name = from.slice(0, from.indexOf(' <'));
    const sender = `${encodeHeaderText(name, { charset: headerCharset, mode })} ${from.slice(from.indexOf('<'))}`;
    const title = encodeHeaderText(subject, { charset: headerCharset, mode });
    const headers = headerLines({ key: `charset-${key}`, time, from: sender, subject: title });
    return { key: `charset-${key}`, time, raw: withPart(headers, textPart('plain', text, { charset, encoding })) };
  });
}
