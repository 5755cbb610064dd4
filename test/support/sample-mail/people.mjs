// @ts-check

/** @typedef {'outlook' | 'thunderbird' | 'apple' | 'phone'} MailClient */

/**
 * Somebody of the invented cast. All domains are reserved ones (RFC 2606, RFC 6761).
 * @typedef {object} Person
 * @property {string} name
 * @property {string} address
 * @property {MailClient} client
 * @property {'de' | 'en'} language Of the person's mail program: reply prefix and the line above a quote.
 * @property {readonly string[]} signature Lines below the dash line.
 */

const COMPANY = [
  'Nordlicht Maschinenbau GmbH',
  'Werftstraße 18 · 18439 Stralsund',
  'Amtsgericht Stralsund HRB 00000 · Geschäftsführung: Dr. Katharina Brandt, Jörg Petersen',
];

/**
 * @param {string} name
 * @param {string} local
 * @param {string} role
 * @param {MailClient} client
 * @param {string} extension
 * @returns {Person}
 */
function colleague(name, local, role, client, extension) {
  const signature = [name, role, '', ...COMPANY, `Tel. +49 3831 5550-${extension}`];
  return { name, address: `${local}@nordlicht.example`, client, language: 'de', signature };
}

/**
 * @param {string} name
 * @param {string} address
 * @param {MailClient} client
 * @param {'de' | 'en'} language
 * @param {readonly string[]} signature
 * @returns {Person}
 */
function outsider(name, address, client, language, signature) {
  return { name, address, client, language, signature: [name, ...signature] };
}

/** The owner of the mailbox is `brandt`. */
export const people = {
  brandt: colleague('Dr. Katharina Brandt', 'katharina.brandt', 'Geschäftsführerin', 'apple', '10'),
  petersen: colleague('Jörg Petersen', 'joerg.petersen', 'Kaufmännischer Geschäftsführer', 'outlook', '12'),
  lueders: colleague('Svenja Lüders', 'svenja.lueders', 'Assistenz der Geschäftsführung', 'outlook', '11'),
  koehler: colleague('Dr. Matthias Köhler', 'matthias.koehler', 'Leiter Technik', 'thunderbird', '30'),
  vogt: colleague('Anja Vogt', 'anja.vogt', 'Leiterin Vertrieb', 'outlook', '40'),
  ahrens: colleague('Thomas Ahrens', 'thomas.ahrens', 'Werkleiter', 'outlook', '50'),
  baumann: colleague('Lena Baumann', 'lena.baumann', 'Projektleiterin Offshore', 'outlook', '44'),
  schroeder: colleague('Birgit Schröder', 'birgit.schroeder', 'Leiterin Personal', 'outlook', '20'),
  yildirim: colleague('Mehmet Yıldırım', 'mehmet.yildirim', 'Leiter Einkauf', 'outlook', '60'),
  krueger: colleague('Oliver Krüger', 'oliver.krueger', 'Leiter IT', 'thunderbird', '70'),
  hinz: colleague('Claudia Hinz', 'claudia.hinz', 'Recht & Compliance', 'outlook', '15'),
  wolf: colleague('Rainer Wolf', 'rainer.wolf', 'Vorsitzender des Betriebsrats', 'outlook', '90'),
  carter: /** @type {Person} */ ({
    name: 'Emily Carter',
    address: 'emily.carter@nordlicht.example',
    client: 'apple',
    language: 'en',
    signature: ['Emily Carter', 'Country Manager UK & Ireland', '', 'Nordlicht Maschinenbau GmbH, Aberdeen office'],
  }),
  delacroix: /** @type {Person} */ ({
    name: 'François Delacroix',
    address: 'francois.delacroix@nordlicht.example',
    client: 'outlook',
    language: 'en',
    signature: ['François Delacroix', 'Service France · Lyon', '', 'Nordlicht Maschinenbau GmbH'],
  }),
  hansen: outsider('Henrik Hansen', 'henrik.hansen@ostseewind.test', 'outlook', 'de', ['Head of Procurement', 'Ostseewind AS · København']),
  moller: outsider('Ingrid Møller', 'ingrid.moller@ostseewind.test', 'apple', 'en', ['Package Manager Foundations', 'Ostseewind AS']),
  whitfield: outsider('James Whitfield', 'james.whitfield@northsea-renewables.test', 'outlook', 'en', [
    'Director, Supply Chain',
    'Northsea Renewables Ltd · Aberdeen',
  ]),
  raman: outsider('Priya Raman', 'priya.raman@northsea-renewables.test', 'outlook', 'en', [
    'Senior Contracts Manager',
    'Northsea Renewables Ltd',
  ]),
  falk: outsider('Dr. Sebastian Falk', 'falk@falk-rehberg.test', 'outlook', 'de', [
    'Rechtsanwalt · Partner',
    'Falk Rehberg Rechtsanwälte PartG mbB · Hamburg',
  ]),
  lindner: outsider('Monika Lindner', 'monika.lindner@hh-bank.test', 'outlook', 'de', [
    'Firmenkunden Nord',
    'Hanseatische Handelsbank AG · Rostock',
  ]),
  sander: outsider('Prof. Dr. Ulrike Sander', 'ulrike.sander@sander-beirat.test', 'phone', 'de', ['Vorsitzende des Beirats']),
  devries: outsider('Jan de Vries', 'jan@devries-staal.test', 'thunderbird', 'en', ['De Vries Staal B.V. · Rotterdam']),
  esposito: outsider('Maria Esposito', 'm.esposito@esposito-ingranaggi.test', 'apple', 'en', ['Esposito Ingranaggi S.r.l. · Bologna']),
  kessler: outsider('Nadine Keßler', 'nadine.kessler@kessler-partner.test', 'outlook', 'de', [
    'Wirtschaftsprüferin · Steuerberaterin',
    'Keßler & Partner mbB',
  ]),
  tanaka: outsider('Kenji Tanaka', 'tanaka@tanaka-bearings.test', 'outlook', 'en', ['Tanaka Bearings Co., Ltd. · Osaka']),
  volkov: outsider('Sergej Wolkow', 'volkov@baltmash.test', 'thunderbird', 'en', ['BaltMash · Riga']),
  reimers: outsider('Antje Reimers', 'reimers@ihk-nordost.test', 'outlook', 'de', ['IHK Nordost · Industrie und Außenwirtschaft']),
  janssen: outsider('Hauke Janssen', 'h.janssen@janssen-spedition.test', 'outlook', 'de', [
    'Disposition Schwertransporte',
    'Spedition Janssen GmbH & Co. KG · Emden',
  ]),
  brenner: outsider('Isabel Brenner', 'brenner@kuestenblatt.test', 'apple', 'de', ['Redaktion Wirtschaft', 'Küstenblatt']),
  okafor: outsider('Daniel Okafor', 'd.okafor@lloyds-cert.test', 'outlook', 'en', ['Lead Surveyor, Offshore Structures']),
};

/** @typedef {keyof typeof people} PersonKey */

/** @param {PersonKey} key */
export function person(key) {
  return people[key];
}

/** @param {string} address */
export function isColleague(address) {
  return address.endsWith('@nordlicht.example');
}
