// @ts-check
import { DAY, HOUR, MINUTE, berlinClock, isWeekend } from './dates.mjs';
import { makeMessageId } from './compose.mjs';
import { people } from './people.mjs';
import { randomFor } from './random.mjs';

/** @typedef {import('./mail.mjs').Mail} Mail */
/** @typedef {import('./content/thread.mjs').Thread} Thread */
/** @typedef {import('./content/thread.mjs').Turn} Turn */
/** @typedef {{mail: Mail, turn: Turn, isAnsweredByOwner: boolean}} ThreadMail */

/**
 * Gives every mail of a conversation its time, people, Message-ID, references and the mail it answers.
 * @param {Thread} thread
 * @param {import('./moment.mjs').Moments} moments
 * @param {number | string} seed
 * @returns {ThreadMail[]}
 */
export function expandThread(thread, moments, seed) {
  const random = randomFor(seed, thread.key);
  /** @type {ThreadMail[]} */
  const done = [];
  let time = moments.atWork(thread.age, thread.hour ?? 9, random.between(2, 55));
  for (const [index, turn] of thread.turns.entries()) {
    const answered = turn.answers === null ? null : (done[turn.answers ?? index - 1]?.mail ?? null);
    if (index > 0) {
      const wanted = Math.max(toWorkingHours(time + (turn.hours ?? 2) * HOUR + random.between(-20, 20) * MINUTE), time + 3 * MINUTE);
      // Never in the future, and still in order: the last mails of a young conversation follow each other closely.
      time = Math.min(wanted, moments.now - 6 * MINUTE * (thread.turns.length - index));
    }
    const mail = threadMail(thread, turn, answered, { time, key: `${thread.key}-${index}`, random });
    done.push({ mail, turn, isAnsweredByOwner: false });
  }
  const answers = done.filter(({ turn }) => turn.by === 'brandt').map(({ mail }) => mail.answered);
  return done.map((one) => ({ ...one, isAnsweredByOwner: answers.includes(one.mail) }));
}

/** @param {number} time */
function toWorkingHours(time) {
  let moved = time;
  const hour = berlinClock(moved).getUTCHours();
  if (hour >= 21) moved += (31 - hour) * HOUR;
  else if (hour < 6) moved += (7 - hour) * HOUR;
  while (isWeekend(moved)) moved += DAY;
  return moved;
}

/**
 * @param {Thread} thread
 * @param {Turn} turn
 * @param {Mail | null} answered
 * @param {{time: number, key: string, random: import('./random.mjs').Random}} context
 * @returns {Mail}
 */
function threadMail(thread, turn, answered, { time, key, random }) {
  const from = people[turn.by];
  const to = turn.to?.map((one) => people[one]) ?? defaultRecipients(thread, turn.by, answered);
  const others = answered === null ? thread.people.map((one) => people[one]) : [...answered.to, ...answered.cc];
  const cc = turn.cc?.map((one) => people[one]) ?? others.filter((one) => one !== from && !to.includes(one));
  return {
    key,
    from,
    to,
    cc,
    subject: turn.subject ?? (answered === null ? thread.subject : replySubject(answered.subject, from.language)),
    time: time - (time % 1000),
    messageId: makeMessageId(random, from),
    references: answered === null ? [] : [...answered.references, answered.messageId],
    text: turn.text.join('\n\n'),
    answered,
    files: turn.files ?? [],
    html: null,
    calendar: null,
    headers: [],
  };
}

/**
 * @param {string} subject
 * @param {'de' | 'en'} language
 */
export function replySubject(subject, language) {
  return `${language === 'de' ? 'AW: ' : 'Re: '}${subject.replace(/^(AW|Re): /, '')}`;
}

/**
 * @param {Thread} thread
 * @param {import('./people.mjs').PersonKey} by
 * @param {Mail | null} answered
 */
function defaultRecipients(thread, by, answered) {
  if (answered !== null && answered.from !== people[by]) return [answered.from];
  return by === 'brandt' ? thread.people.map((one) => people[one]) : [people.brandt];
}
