// @ts-check

/**
 * One mail of a conversation.
 * @typedef {object} Turn
 * @property {import('../people.mjs').PersonKey} by
 * @property {number} [hours] Since the turn before; 2 when absent.
 * @property {readonly string[]} text Paragraphs.
 * @property {readonly import('../people.mjs').PersonKey[]} [to] Default: the author of the turn before, or all people.
 * @property {readonly import('../people.mjs').PersonKey[]} [cc] Default: everybody else who had the mail that is answered.
 * @property {number | null} [answers] Index of the turn that is answered, null for none. Default: the turn before.
 * @property {string} [subject] Default: that of the mail answered.
 * @property {readonly import('../mail.mjs').MailFile[]} [files]
 * @property {boolean} [isFlagged]
 * @property {boolean} [isUnseen]
 */

/**
 * A conversation that the owner of the mailbox takes part in.
 * @typedef {object} Thread
 * @property {string} key
 * @property {number} age Days before now at which it begins.
 * @property {number} [hour] Berlin hour of the first mail; 9 when absent.
 * @property {string} subject
 * @property {string} [mailbox] Where the owner has filed what came in; INBOX when absent.
 * @property {readonly import('../people.mjs').PersonKey[]} people Everybody but the owner.
 * @property {readonly Turn[]} turns
 */

export {};
