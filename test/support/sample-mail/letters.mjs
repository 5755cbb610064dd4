// @ts-check
import { makeMessageId } from './compose.mjs';
import { replySubject } from './conversations.mjs';
import { MINUTE } from './dates.mjs';
import { people } from './people.mjs';

/** @typedef {import('./mail.mjs').Mail} Mail */

/**
 * @param {import('./content/letter.mjs').Letter} letter
 * @param {import('./random.mjs').Random} random
 * @returns {Mail}
 */
export function letterMail(letter, random) {
  return {
    key: letter.key,
    from: letter.from,
    to: (letter.to ?? ['brandt']).map((one) => people[one]),
    cc: (letter.cc ?? []).map((one) => people[one]),
    subject: letter.subject,
    time: letter.time - (letter.time % MINUTE) + random.below(60) * 1000,
    messageId: makeMessageId(random, letter.from),
    references: [],
    text: letter.text.join('\n\n'),
    answered: null,
    files: letter.files ?? [],
    html: letter.html ?? null,
    calendar: letter.calendar ?? null,
    headers: letter.headers ?? [],
  };
}

/**
 * The owner's answer to one mail.
 * @param {Mail} answered
 * @param {import('./content/letter.mjs').Reply} reply
 * @param {number} now The answer is never later than this.
 * @param {import('./random.mjs').Random} random
 * @returns {Mail}
 */
export function answerMail(answered, reply, now, random) {
  const from = people.brandt;
  return {
    ...answered,
    key: `${answered.key}-answer`,
    from,
    to: [answered.from],
    cc: answered.cc.filter((one) => one !== from),
    subject: replySubject(answered.subject, from.language),
    time: Math.min(answered.time + reply.minutes * MINUTE, now - MINUTE),
    messageId: makeMessageId(random, from),
    references: [answered.messageId],
    text: reply.text.join('\n\n'),
    answered,
    files: [],
    html: null,
    calendar: null,
    headers: [],
  };
}
