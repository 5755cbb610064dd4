// @ts-check
import { composeMail } from './compose.mjs';
import { expandThread } from './conversations.mjs';
import { calendarLetters } from './content/calendar.mjs';
import { charsetOddities } from './content/charset-oddities.mjs';
import { malformedMails } from './content/malformed.mjs';
import { newsletterLetters } from './content/newsletters.mjs';
import { recurringLetters } from './content/recurring.mjs';
import { singleLetters } from './content/singles.mjs';
import { structureOddities } from './content/structure-oddities.mjs';
import { boardThreads } from './content/threads-board.mjs';
import { englishThreads } from './content/threads-english.mjs';
import { germanThreads } from './content/threads-german.mjs';
import { offshoreThreads } from './content/threads-offshore.mjs';
import { projectThreads } from './content/threads-projects.mjs';
import { draftMails, junkMails, quarantinedMails } from './content/unwanted.mjs';
import { DAY } from './dates.mjs';
import { answerMail, letterMail } from './letters.mjs';
import { momentsBefore } from './moment.mjs';
import { people } from './people.mjs';
import { randomFor } from './random.mjs';
import { receivedByPrimary, receivedByRelay } from './transport.mjs';

/** @typedef {import('./mail.mjs').Sample} Sample */
/** @typedef {import('./mail.mjs').SampleMessage} SampleMessage */

/**
 * A mail with where the owner keeps it, before any server has touched it.
 * @typedef {{name: string, mailbox: string, time: number, sender: string, flags: string[], raw: Buffer, isMalformed: boolean}} Placed
 */

const PRIMARY_MAILBOXES = /** @type {const} */ ([
  ['INBOX', null],
  ['Sent', '\\Sent'],
  ['Drafts', '\\Drafts'],
  ['Archive', '\\Archive'],
  ['Trash', '\\Trash'],
  ['Junk', '\\Junk'],
  ['Projekte/Offshore', null],
  ['Projekte/Größe & Maß', null],
  ['Vorstand', null],
]);

/** Days that the relay keeps its copies. */
const RELAY_DAYS = 14;

/** Whose mailbox it is. */
export const sampleOwner = { name: people.brandt.name, address: people.brandt.address };

/**
 * The mailbox of the managing director of an invented company, on her own server and on the backup relay. Equal
 * arguments give equal bytes.
 * @param {{now: Date, seed?: number | string, days?: number}} options
 * @returns {Sample}
 */
export function buildSampleMailbox({ now, seed = 1, days = 30 }) {
  const moments = momentsBefore(Math.floor(now.getTime() / 1000) * 1000, days);
  const oldest = moments.now - days * DAY;
  const placed = [...threadMails(moments, seed), ...letterMails(moments, seed), ...oddMails(moments, seed)]
    .filter((mail) => mail.time >= oldest || mail.mailbox === 'Drafts')
    .sort((left, right) => left.time - right.time || (left.name < right.name ? -1 : 1));
  const held = oddities(quarantinedMails(moments), 0);
  return { primary: onPrimary(placed, seed), relay: onRelay(placed, held, moments.now, seed) };
}

/**
 * @param {import('./moment.mjs').Moments} moments
 * @param {number | string} seed
 * @returns {Placed[]}
 */
function threadMails(moments, seed) {
  const threads = [...offshoreThreads, ...projectThreads, ...boardThreads, ...englishThreads, ...germanThreads];
  return threads.flatMap((thread) =>
    expandThread(thread, moments, seed).map(({ mail, turn, isAnsweredByOwner }) => {
      const isOwn = turn.by === 'brandt';
      const isSeen = isOwn || turn.isUnseen !== true;
      return {
        name: mail.key,
        mailbox: isOwn ? 'Sent' : (thread.mailbox ?? 'INBOX'),
        time: mail.time,
        sender: mail.from.address,
        flags: flagsOf({ isSeen, isFlagged: turn.isFlagged === true, isAnswered: isAnsweredByOwner }),
        raw: composeMail(mail, randomFor(seed, `body-${mail.key}`)),
        isMalformed: false,
      };
    }),
  );
}

/**
 * @param {import('./moment.mjs').Moments} moments
 * @param {number | string} seed
 * @returns {Placed[]}
 */
function letterMails(moments, seed) {
  const letters = [
    ...recurringLetters(moments, seed),
    ...newsletterLetters(moments, seed),
    ...singleLetters(moments),
    ...calendarLetters(moments),
  ];
  return letters.flatMap((letter) => {
    const random = randomFor(seed, `letter-${letter.key}`);
    const mail = letterMail(letter, random);
    const isAnswered = letter.reply !== undefined;
    /** @type {Placed} */
    const placed = {
      name: letter.key,
      mailbox: letter.mailbox ?? 'INBOX',
      time: mail.time,
      sender: letter.from.address,
      flags: flagsOf({ isSeen: letter.isUnseen !== true, isFlagged: letter.isFlagged === true, isAnswered }),
      raw: composeMail(mail, random),
      isMalformed: false,
    };
    if (letter.reply === undefined) return [placed];
    const answer = answerMail(mail, letter.reply, moments.now, random);
    const raw = composeMail(answer, random);
    return [
      placed,
      { ...placed, name: answer.key, mailbox: 'Sent', time: answer.time, sender: answer.from.address, flags: ['\\Seen'], raw },
    ];
  });
}

/**
 * @param {import('./moment.mjs').Moments} moments
 * @param {number | string} seed
 * @returns {Placed[]}
 */
function oddMails(moments, seed) {
  return oddities(
    [
      ...charsetOddities(moments),
      ...structureOddities(moments, seed),
      ...malformedMails(moments),
      ...junkMails(moments),
      ...draftMails(moments),
    ],
    moments.now - 3 * DAY,
  );
}

/**
 * @param {readonly import('./content/oddity.mjs').Oddity[]} mails
 * @param {number} unseenAfter Later mail has not been read yet.
 * @returns {Placed[]}
 */
function oddities(mails, unseenAfter) {
  return mails.map((mail) => ({
    name: mail.key,
    mailbox: mail.mailbox ?? 'INBOX',
    time: mail.time,
    sender: /^From:[^\r\n]*<([^>]+)>/m.exec(mail.raw.toString('latin1'))?.[1] ?? 'unknown@example.com',
    flags: [...(mail.flags ?? (mail.time < unseenAfter ? ['\\Seen'] : []))],
    raw: mail.raw,
    isMalformed: mail.isMalformed === true,
  }));
}

/** @param {{isSeen: boolean, isFlagged: boolean, isAnswered: boolean}} state */
function flagsOf({ isSeen, isFlagged, isAnswered }) {
  return [...(isSeen ? ['\\Seen'] : []), ...(isFlagged ? ['\\Flagged'] : []), ...(isAnswered ? ['\\Answered'] : [])];
}

/**
 * @param {readonly Placed[]} placed
 * @param {number | string} seed
 */
function onPrimary(placed, seed) {
  return PRIMARY_MAILBOXES.map(([path, specialUse]) => ({
    path,
    specialUse,
    messages: placed
      .filter((mail) => mail.mailbox === path)
      .map((mail) => {
        const isOwn = path === 'Sent' || path === 'Drafts';
        const random = randomFor(seed, `primary-${mail.name}`);
        const arrival = mail.time + random.between(2, 40) * 1000;
        const envelope = { sender: mail.sender, recipient: people.brandt.address, time: arrival };
        return message(mail, isOwn ? mail.raw : receivedByPrimary(mail.raw, envelope, random), arrival, mail.flags);
      }),
  }));
}

/**
 * @param {readonly Placed[]} placed
 * @param {readonly Placed[]} held
 * @param {number} now
 * @param {number | string} seed
 */
function onRelay(placed, held, now, seed) {
  const recent = placed.filter((mail) => mail.time >= now - RELAY_DAYS * DAY);
  /** @param {Placed} mail */
  const copy = (mail) => {
    const random = randomFor(seed, `relay-${mail.name}`);
    const arrival = mail.time + random.between(1, 12) * 1000;
    const envelope = { sender: mail.sender, recipient: people.brandt.address, time: arrival };
    return message(mail, receivedByRelay(mail.raw, envelope, random), arrival, []);
  };
  const incoming = recent.filter((mail) => !['Sent', 'Drafts', 'Junk'].includes(mail.mailbox));
  return [
    { path: 'INBOX', specialUse: null, messages: incoming.map(copy) },
    { path: 'Sent', specialUse: '\\Sent', messages: recent.filter((mail) => mail.mailbox === 'Sent').map(copy) },
    { path: 'Quarantine', specialUse: null, messages: [...held].sort((left, right) => left.time - right.time).map(copy) },
  ];
}

/**
 * @param {Placed} mail
 * @param {Buffer} raw
 * @param {number} arrival
 * @param {readonly string[]} flags
 * @returns {SampleMessage}
 */
function message(mail, raw, arrival, flags) {
  return { raw, internalDate: new Date(arrival), flags: [...flags], name: mail.name, isMalformed: mail.isMalformed };
}
