// @ts-check

/**
 * The owner's answer.
 * @typedef {{minutes: number, text: readonly string[]}} Reply
 */

/**
 * A mail that starts no long conversation.
 * @typedef {object} Letter
 * @property {string} key
 * @property {number} time
 * @property {import('../people.mjs').Person} from
 * @property {string} subject
 * @property {readonly string[]} text Paragraphs.
 * @property {readonly import('../people.mjs').PersonKey[]} [to] Default: the owner of the mailbox.
 * @property {readonly import('../people.mjs').PersonKey[]} [cc]
 * @property {string} [html] Body HTML where it is not to be made from the text.
 * @property {readonly import('../mail.mjs').MailFile[]} [files]
 * @property {string} [calendar]
 * @property {readonly string[]} [headers]
 * @property {string} [mailbox] INBOX when absent; Sent for mail of the owner.
 * @property {boolean} [isUnseen]
 * @property {boolean} [isFlagged]
 * @property {Reply} [reply]
 */

/**
 * A sender that is a machine: no signature.
 * @param {string} name
 * @param {string} address
 * @param {'de' | 'en'} [language]
 * @returns {import('../people.mjs').Person}
 */
export function machine(name, address, language = 'de') {
  return { name, address, client: 'apple', language, signature: [name] };
}
