// @ts-check

/**
 * A file that hangs on a mail.
 * @typedef {object} MailFile
 * @property {string} type
 * @property {string} fileName
 * @property {Buffer} content
 * @property {string} [contentId] Shown in the HTML by `cid:`.
 */

/**
 * One mail before it becomes bytes.
 * @typedef {object} Mail
 * @property {string} key Unique within the sample; seeds everything that is drawn by lot for this mail.
 * @property {import('./people.mjs').Person} from
 * @property {readonly import('./people.mjs').Person[]} to
 * @property {readonly import('./people.mjs').Person[]} cc
 * @property {string} subject
 * @property {number} time Milliseconds since 1970.
 * @property {string} messageId With angle brackets.
 * @property {readonly string[]} references Oldest first; the last one is answered.
 * @property {string} text Paragraphs separated by a blank line.
 * @property {Mail | null} answered Quoted below.
 * @property {readonly MailFile[]} files
 * @property {string | null} html Body HTML where it is not to be made from the text.
 * @property {string | null} calendar iCalendar text.
 * @property {readonly string[]} headers Further header lines.
 */

/**
 * A mail as a server keeps it.
 * @typedef {object} SampleMessage
 * @property {Buffer} raw RFC 5322 source; CRLF, but for the mails that are malformed on purpose.
 * @property {Date} internalDate Whole seconds.
 * @property {string[]} flags IMAP system flags.
 * @property {string} name Tells the mail apart in tests.
 * @property {boolean} isMalformed Broken on purpose; parsers must survive it but need not agree on it.
 */

/**
 * @typedef {object} SampleMailbox
 * @property {string} path Levels separated by `/`, in Unicode.
 * @property {string | null} specialUse RFC 6154 attribute such as `\Sent`.
 * @property {SampleMessage[]} messages In order of arrival.
 */

/**
 * @typedef {object} Sample
 * @property {SampleMailbox[]} primary
 * @property {SampleMailbox[]} relay
 */

export {};
