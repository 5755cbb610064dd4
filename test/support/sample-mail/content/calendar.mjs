// @ts-check
import { DAY, HOUR, clockTime, icsTime, longDateDe } from '../dates.mjs';
import { people } from '../people.mjs';

/** @typedef {import('./letter.mjs').Letter} Letter */

/**
 * Who invites, days before now at which the mail came, days from now of the meeting, hour, length in hours, title, place, method.
 * @type {readonly [import('../people.mjs').PersonKey, number, number, number, number, string, string, ('REQUEST' | 'CANCEL' | 'REPLY')?][]}
 */
const MEETINGS = [
  ['lueders', 26, -12, 9, 1, 'Jour fixe Geschäftsführung', 'Raum Rügen'],
  ['baumann', 23, -9, 10, 2, 'Lenkungskreis Arkona Nord', 'Raum Hiddensee / Videokonferenz'],
  ['moller', 17, -3, 10, 3, 'Steering meeting Arkona Nord', 'København, meeting room Amager'],
  ['koehler', 16, -2, 14, 1, 'Abnahme Schweißroboter', 'Halle 3'],
  ['krueger', 14, 3, 10, 0.5, 'Übung Mailausfall', 'Büro Dr. Brandt'],
  ['petersen', 10, 9, 13, 2, 'Budgetgespräch, zweite Runde', 'Raum Rügen'],
  ['whitfield', 9, 6, 15, 1, 'Northsea close-out call', 'Video conference'],
  ['kessler', 8, 12, 11, 1, 'Abschlussgespräch Vorprüfung', 'Raum Rügen'],
  ['vogt', 7, 5, 9, 4, 'Vertriebstagung', 'Alter Speicher'],
  ['vogt', 4, 5, 9, 4, 'Vertriebstagung', 'Alter Speicher', 'CANCEL'],
  ['wolf', 5, 8, 13, 1, 'Unterschrift Betriebsvereinbarung', 'Büro Betriebsrat'],
  ['okafor', 3, 2, 8, 8, 'Witness tests 80 mm', 'Hall 2'],
  ['hansen', 2, 4, 11, 0.5, 'Telefonat Vergabe Arkona', 'Telefon', 'REPLY'],
  ['schroeder', 1, 7, 8, 1, 'Gespräch unter sechs Augen', 'Büro Dr. Brandt'],
];

const INTRO = {
  REQUEST: 'Sie sind eingeladen:',
  CANCEL: 'Der Termin wurde abgesagt:',
  REPLY: 'hat Ihre Einladung angenommen:',
};

/**
 * Invitations, a cancellation and a reply as iTIP messages (RFC 5546, RFC 6047).
 * @param {import('../moment.mjs').Moments} moments
 * @returns {Letter[]}
 */
export function calendarLetters(moments) {
  return MEETINGS.map(([by, age, inDays, hour, hours, title, place, method = 'REQUEST'], index) => {
    const organiser = people[by];
    const start = moments.now + inDays * DAY - (moments.now % DAY) + (hour - 1) * HOUR;
    const isEnglish = organiser.language === 'en';
    const when = `${longDateDe(start)}, ${clockTime(start)} Uhr`;
    const prefix = method === 'CANCEL' ? 'Abgesagt: ' : method === 'REPLY' ? 'Angenommen: ' : isEnglish ? 'Invitation: ' : 'Einladung: ';
    return {
      key: `meeting-${index}`,
      time: moments.atWork(age, 10 + (index % 6), (index * 11) % 60),
      from: organiser,
      subject: `${prefix}${title}`,
      text: [isEnglish ? 'You are invited:' : INTRO[method], `${title}\n${when}\n${place}`],
      calendar: calendarText({
        uid: `${title.replace(/[^A-Za-z]/g, '')}-${by}@nordlicht.example`,
        method,
        title,
        place,
        start,
        hours,
        organiser,
      }),
      isUnseen: age < 3,
    };
  });
}

/**
 * @param {{uid: string, method: string, title: string, place: string, start: number, hours: number, organiser: import('../people.mjs').Person}} meeting
 */
function calendarText({ uid, method, title, place, start, hours, organiser }) {
  const owner = people.brandt;
  const host = method === 'REPLY' ? owner : organiser;
  const guest = method === 'REPLY' ? organiser : owner;
  const state = method === 'REPLY' ? 'PARTSTAT=ACCEPTED' : 'PARTSTAT=NEEDS-ACTION;RSVP=TRUE';
  return [
    'BEGIN:VCALENDAR',
    'PRODID:-//Nordlicht//Calendar//EN',
    'VERSION:2.0',
    `METHOD:${method}`,
    'BEGIN:VEVENT',
    `UID:${uid}`,
    `DTSTAMP:${icsTime(start - 20 * DAY)}`,
    `DTSTART:${icsTime(start)}`,
    `DTEND:${icsTime(start + hours * HOUR)}`,
    `SUMMARY:${title.replace(/,/g, '\\,')}`,
    `LOCATION:${place.replace(/,/g, '\\,')}`,
    `ORGANIZER;CN="${host.name}":mailto:${host.address}`,
    `ATTENDEE;CN="${guest.name}";${state}:mailto:${guest.address}`,
    `SEQUENCE:${method === 'CANCEL' ? 1 : 0}`,
    `STATUS:${method === 'CANCEL' ? 'CANCELLED' : 'CONFIRMED'}`,
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ].join('\n');
}
