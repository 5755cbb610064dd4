// @ts-check
import { isoWeek, shortDateDe } from '../dates.mjs';
import { randomFor } from '../random.mjs';
import { machine } from './letter.mjs';
import { weekly } from './recurring.mjs';

/** @typedef {import('./letter.mjs').Letter} Letter */
/** @typedef {{title: string, teaser: string}} Story */

const BRIEFING = machine('Küstenblatt Morgenbriefing', 'briefing@kuestenblatt.test');
const JOURNAL = machine('Windkraft Journal', 'newsletter@windkraft-journal.test');
const STEEL = machine('Steel Market Weekly', 'weekly@steelmarket.test', 'en');
const CANTEEN = machine('Kantine Werft 18', 'kantine@nordlicht.example');

/** @type {readonly Story[]} */
const COAST_STORIES = [
  {
    title: 'Stralsund: Ziegelgrabenbrücke bleibt bis Freitag gesperrt',
    teaser: 'Pendler müssen mit bis zu 40 Minuten Umweg rechnen, die Fähre fährt im Halbstundentakt.',
  },
  {
    title: 'Mukran rüstet sich für die nächste Ausbaustufe',
    teaser: 'Der Hafen bekommt zwei Schwerlastliegeplätze. Die ersten Fundamente sollen im Frühjahr umgeschlagen werden.',
  },
  { title: 'Heringsquote sinkt weiter', teaser: 'Die Fischer auf Rügen fordern einen Ausgleich, Brüssel bleibt hart.' },
  { title: 'Theater Vorpommern vor ausverkauftem Haus', teaser: 'Die Premiere des „Fliegenden Holländers“ bekam stehenden Beifall.' },
  { title: 'Land fördert Lehrwerkstätten', teaser: 'Betriebe ab 50 Beschäftigten können bis Ende März Anträge stellen.' },
  { title: 'Sturmwarnung für die Küste', teaser: 'In der Nacht werden Böen bis 110 km/h erwartet, am Strelasund drohen nasse Füße.' },
  { title: 'Neue Nachtzugverbindung nach Malmö', teaser: 'Ab Juni hält der Zug auch in Sassnitz.' },
  { title: 'Werftenverband fordert Bürgschaften', teaser: 'Ohne Garantien des Bundes gingen Aufträge nach Fernost, warnt der Verband.' },
  { title: 'Hochschule eröffnet Labor für Korrosionsschutz', teaser: 'Partner aus der Industrie geben 2,4 Millionen Euro dazu.' },
];

/** @type {readonly Story[]} */
const WIND_STORIES = [
  {
    title: 'Ausschreibung N-9: Gebote auf Rekordhoch',
    teaser: 'Was die Ergebnisse für Zulieferer bedeuten und warum die Kosten der Gründungen entscheiden.',
  },
  {
    title: 'Monopile oder Jacket? Ein Vergleich bei 45 Meter Wassertiefe',
    teaser: 'Drei Projekte, drei Antworten. Unsere Redaktion hat nachgerechnet.',
  },
  { title: 'Schwimmende Anlagen verlassen die Pilotphase', teaser: 'Norwegen und Schottland planen zusammen 3 GW bis 2032.' },
  { title: 'Fachkräfte: Schweißer gesucht wie nie', teaser: 'Betriebe an der Küste zahlen Prämien und bilden selbst aus.' },
  { title: 'Rotorblätter im Kreislauf', teaser: 'Ein neues Harz lässt sich nach der Nutzung wieder lösen.' },
  { title: 'Hafeninfrastruktur wird zum Engpass', teaser: 'Es fehlen 200 Hektar Schwerlastfläche, rechnet eine Studie vor.' },
];

/** @type {readonly Story[]} */
const STEEL_STORIES = [
  { title: 'Plate: mills push for another 25 euro', teaser: 'Order books are full until February, but buyers in the south hesitate.' },
  { title: 'Freight: Rhine levels back to normal', teaser: 'Barge rates fell by a fifth within ten days.' },
  { title: 'CBAM: what importers must report from January', teaser: 'A checklist in ten points.' },
  { title: 'Scrap steady, zinc up', teaser: 'Galvanisers announce surcharges of up to 4 percent.' },
];

/**
 * HTML newsletters as they really come: tables, inline styles, a remote tracking picture, unsubscribe headers.
 * @param {import('../moment.mjs').Moments} moments
 * @param {number | string} seed
 * @returns {Letter[]}
 */
export function newsletterLetters(moments, seed) {
  const briefings = moments.workdays().map((age) => {
    const time = moments.at(age, 6, 15);
    return newsletter({
      key: `briefing-${age}`,
      time,
      from: BRIEFING,
      subject: `Morgenbriefing vom ${shortDateDe(time)}`,
      colour: '#0b4f6c',
      stories: someOf(COAST_STORIES, seed, `briefing-${age}`, 4),
      isUnseen: age < 4,
    });
  });
  const journals = weekly(moments, 3).map((age) => {
    const time = moments.at(age, 11, 2);
    return newsletter({
      key: `journal-${age}`,
      time,
      from: JOURNAL,
      subject: `Windkraft Journal – Ausgabe KW ${isoWeek(time)}`,
      colour: '#166534',
      stories: someOf(WIND_STORIES, seed, `journal-${age}`, 3),
      isUnseen: age < 8,
    });
  });
  const steel = weekly(moments, 2).map((age) => {
    const time = moments.at(age, 14, 30);
    return newsletter({
      key: `steel-${age}`,
      time,
      from: STEEL,
      subject: `Steel Market Weekly, week ${isoWeek(time)}`,
      colour: '#334155',
      stories: someOf(STEEL_STORIES, seed, `steel-${age}`, 3),
    });
  });
  return [...briefings, ...journals, ...steel, ...weekly(moments, 1).map((age) => canteenMenu(moments, age))];
}

/**
 * @param {readonly Story[]} stories
 * @param {number | string} seed
 * @param {string} key
 * @param {number} count
 */
function someOf(stories, seed, key, count) {
  const random = randomFor(seed, key);
  const start = random.below(stories.length);
  return Array.from({ length: count }, (_, index) => stories[(start + index * 2) % stories.length]).filter((story) => story !== undefined);
}

/**
 * @param {{key: string, time: number, from: import('../people.mjs').Person, subject: string, colour: string, stories: readonly Story[], isUnseen?: boolean}} issue
 * @returns {Letter}
 */
function newsletter(issue) {
  const domain = issue.from.address.slice(issue.from.address.indexOf('@') + 1);
  const link = `https://www.${domain}/a/${issue.key}`;
  const rows = issue.stories.map(
    (story, index) =>
      `<tr><td style="padding:16px 24px;border-bottom:1px solid #e2e8f0"><a href="${link}-${index}" style="color:${issue.colour};font-size:18px;text-decoration:none"><b>${story.title}</b></a><p style="margin:8px 0 0;color:#334155;font-size:14px;line-height:20px">${story.teaser}</p></td></tr>`,
  );
  const isEnglish = issue.from.language === 'en';
  const leave = isEnglish ? 'Unsubscribe' : 'Abbestellen';
  return {
    key: issue.key,
    time: issue.time,
    from: issue.from,
    subject: issue.subject,
    text: [...issue.stories.map((story, index) => `${story.title}\n${story.teaser}\n${link}-${index}`), `${leave}: ${link}/unsubscribe`],
    html: `<table width="100%" bgcolor="#f1f5f9" cellpadding="0" cellspacing="0"><tr><td align="center"><table width="600" bgcolor="#ffffff" cellpadding="0" cellspacing="0"><tr><td bgcolor="${issue.colour}" style="padding:20px 24px;color:#ffffff;font-size:22px">${issue.from.name}</td></tr>${rows.join('')}<tr><td style="padding:16px 24px;font-size:12px;color:#64748b"><a href="${link}/unsubscribe">${leave}</a></td></tr></table></td></tr></table><img src="https://track.${domain}/o/${issue.key}.gif" width="1" height="1" alt="">`,
    headers: [
      `List-Id: <news.${domain}>`,
      `List-Unsubscribe: <${link}/unsubscribe>`,
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
      'Precedence: bulk',
    ],
    isUnseen: issue.isUnseen ?? false,
  };
}

const DISHES = [
  'Labskaus mit Spiegelei',
  'Linseneintopf mit Mettwurst',
  'Spinatlasagne',
  'Gebratener Hering, Bratkartoffeln',
  'Königsberger Klopse',
  'Kürbiscurry mit Reis',
  'Matjes nach Hausfrauenart',
  'Gemüsepfanne mit Couscous',
];

/**
 * @param {import('../moment.mjs').Moments} moments
 * @param {number} age
 * @returns {Letter}
 */
function canteenMenu(moments, age) {
  const time = moments.at(age, 7, 45);
  const days = ['Montag', 'Dienstag', 'Mittwoch', 'Donnerstag', 'Freitag'];
  const lines = days.map((day, index) => `- ${day}: ${DISHES[(index + age) % DISHES.length]}`);
  return {
    key: `canteen-${age}`,
    time,
    from: CANTEEN,
    subject: `Speiseplan KW ${isoWeek(time)}`,
    text: ['Liebe Gäste,', lines.join('\n'), 'Guten Appetit wünscht das Küchenteam'],
    mailbox: age > 10 ? 'Trash' : 'INBOX',
  };
}
