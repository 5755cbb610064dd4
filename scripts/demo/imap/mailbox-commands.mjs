// @ts-check
import { fetchLine, sendVanishedEarlier } from './fetch.mjs';
import { statusLine } from './list.mjs';
import { listOf, textOf } from './reader.mjs';
import { Refusal } from './refusal.mjs';
import { decodeMailboxName } from './utf7.mjs';
import { sequenceSet } from './wire.mjs';

/**
 * @typedef {import('./connection.mjs').ImapConnection} ImapConnection
 * @typedef {import('./reader.mjs').Token} Token
 */

const SYSTEM_FLAGS = '\\Answered \\Flagged \\Deleted \\Seen \\Draft';

/** @param {Token | undefined} token */
const pathOf = (token) => decodeMailboxName(textOf(token));

/**
 * @param {ImapConnection} connection
 * @param {Token | undefined} token
 */
function existing(connection, token) {
  const mailbox = connection.store.get(pathOf(token));
  if (mailbox === undefined) throw new Refusal('[NONEXISTENT] Mailbox does not exist');
  return mailbox;
}

/**
 * SELECT and EXAMINE (RFC 3501 6.3.1), with CONDSTORE and QRESYNC (RFC 7162).
 * @param {ImapConnection} connection
 * @param {readonly Token[]} args
 * @param {boolean} isReadOnly
 * @returns {string} Text of the tagged answer.
 */
export function selectCommand(connection, args, isReadOnly) {
  connection.unselect();
  const mailbox = existing(connection, args[0]);
  const options = args[1] === undefined ? [] : listOf(args[1]);
  connection.select(mailbox, isReadOnly);
  connection.send(`* FLAGS (${SYSTEM_FLAGS})`);
  connection.send(`* OK [PERMANENTFLAGS (${isReadOnly ? '' : `${SYSTEM_FLAGS} \\*`})] Flags`);
  connection.send(`* ${mailbox.messages.length} EXISTS`);
  connection.send('* 0 RECENT');
  const unseen = mailbox.messages.findIndex((message) => !message.flags.has('\\Seen'));
  if (unseen >= 0) connection.send(`* OK [UNSEEN ${unseen + 1}] First unseen`);
  connection.send(`* OK [UIDVALIDITY ${mailbox.uidValidity}] UIDs valid`);
  connection.send(`* OK [UIDNEXT ${mailbox.uidNext}] Next UID`);
  connection.send(`* OK [HIGHESTMODSEQ ${mailbox.highestModSeq}] Highest`);
  const at = options.findIndex((token) => token.type === 'atom' && token.value.toUpperCase() === 'QRESYNC');
  if (options.length > 0) connection.usesModSeq = true;
  if (at >= 0) resynchronise(connection, listOf(options[at + 1]));
  return isReadOnly ? '[READ-ONLY] Examined' : '[READ-WRITE] Selected';
}

/**
 * @param {ImapConnection} connection
 * @param {readonly Token[]} params UIDVALIDITY, MODSEQ, and optionally the known UIDs.
 */
function resynchronise(connection, params) {
  const { mailbox } = connection;
  if (Number(textOf(params[0])) !== mailbox.uidValidity) return;
  const since = Number(textOf(params[1]));
  const isKnown = params[2]?.type === 'atom' ? sequenceSet(params[2].value, mailbox.uidNext) : () => true;
  sendVanishedEarlier(connection, since, isKnown);
  for (const [index, message] of mailbox.messages.entries()) {
    if (message.modSeq > since && isKnown(message.uid)) {
      connection.send(fetchLine(connection, message, index + 1, ['UID', 'FLAGS', 'MODSEQ']));
    }
  }
}

/** @param {ImapConnection} connection @param {readonly Token[]} args */
export function statusCommand(connection, args) {
  const mailbox = existing(connection, args[0]);
  connection.send(
    statusLine(
      mailbox,
      listOf(args[1]).map((token) => textOf(token).toUpperCase()),
    ),
  );
}

/** @param {ImapConnection} connection @param {readonly Token[]} args */
export function createCommand(connection, args) {
  const path = pathOf(args[0]).replace(/\/$/, '');
  if (connection.store.get(path) !== undefined) throw new Refusal('[ALREADYEXISTS] Mailbox exists');
  connection.store.create(path).isSubscribed = false;
}

/** @param {ImapConnection} connection @param {readonly Token[]} args */
export function deleteCommand(connection, args) {
  const mailbox = existing(connection, args[0]);
  if (mailbox.path === 'INBOX') throw new Refusal('[CANNOT] INBOX cannot be deleted');
  connection.store.delete(mailbox.path);
}

/** @param {ImapConnection} connection @param {readonly Token[]} args */
export function renameCommand(connection, args) {
  const mailbox = existing(connection, args[0]);
  const target = pathOf(args[1]);
  if (mailbox.path === 'INBOX') throw new Refusal('[CANNOT] INBOX cannot be renamed here');
  if (connection.store.get(target) !== undefined) throw new Refusal('[ALREADYEXISTS] Mailbox exists');
  connection.store.rename(mailbox.path, target);
}

/**
 * @param {ImapConnection} connection
 * @param {readonly Token[]} args
 * @param {boolean} isSubscribed
 */
export function subscribeCommand(connection, args, isSubscribed) {
  existing(connection, args[0]).isSubscribed = isSubscribed;
}
