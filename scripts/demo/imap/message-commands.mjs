// @ts-check
import { fetchLine } from './fetch.mjs';
import { listOf, textOf } from './reader.mjs';
import { Refusal } from './refusal.mjs';
import { decodeMailboxName } from './utf7.mjs';
import { parseInternalDate, toSequenceSet } from './wire.mjs';

/**
 * @typedef {import('./connection.mjs').ImapConnection} ImapConnection
 * @typedef {import('./reader.mjs').Token} Token
 */

/**
 * @param {ImapConnection} connection
 * @param {Token | undefined} token
 */
function target(connection, token) {
  const mailbox = connection.store.get(decodeMailboxName(textOf(token)));
  if (mailbox === undefined) throw new Refusal('[TRYCREATE] Mailbox does not exist');
  return mailbox;
}

/**
 * APPEND (RFC 3501 6.3.11) with APPENDUID (RFC 4315).
 * @param {ImapConnection} connection
 * @param {readonly Token[]} args
 * @returns {string}
 */
export function appendCommand(connection, args) {
  const mailbox = target(connection, args[0]);
  const last = args.at(-1);
  if (last?.type !== 'literal') throw new SyntaxError('Literal expected');
  const between = args.slice(1, -1);
  const flags = between.find((token) => token.type === 'list');
  const date = between.find((token) => token.type === 'string');
  const time = date === undefined ? Date.now() : parseInternalDate(textOf(date));
  const message = mailbox.append(Buffer.from(last.bytes), time, flags === undefined ? [] : listOf(flags).map(textOf));
  return `[APPENDUID ${mailbox.uidValidity} ${message.uid}] Appended`;
}

/**
 * @param {ImapConnection} connection
 * @param {Token | undefined} set
 * @param {boolean} byUid
 */
function chosen(connection, set, byUid) {
  const isInSet = connection.selector(textOf(set), byUid);
  return connection.view.flatMap(({ uid }, index) => {
    const message = isInSet(uid, index + 1) ? connection.mailbox.find(uid) : undefined;
    return message === undefined ? [] : [{ message, number: index + 1 }];
  });
}

/**
 * STORE and UID STORE (RFC 3501 6.4.6) with UNCHANGEDSINCE (RFC 7162).
 * @param {ImapConnection} connection
 * @param {readonly Token[]} args
 * @param {boolean} byUid
 * @returns {string}
 */
export function storeCommand(connection, args, byUid) {
  connection.requireWritable();
  const rest = [...args];
  const set = rest.shift();
  const limit = rest[0]?.type === 'list' ? Number(textOf(listOf(rest.shift())[1])) : Infinity;
  if (limit !== Infinity) connection.usesModSeq = true;
  const match = /^([+-]?)FLAGS(\.SILENT)?$/i.exec(textOf(rest[0]));
  if (match === null) throw new SyntaxError('FLAGS expected');
  const flags = rest[1]?.type === 'list' ? rest[1].items.map(textOf) : rest.slice(1).map(textOf);
  /** @type {number[]} */
  const modified = [];
  for (const { message, number } of chosen(connection, set, byUid)) {
    if (message.modSeq > limit) {
      modified.push(byUid ? message.uid : number);
      continue;
    }
    connection.mailbox.setFlags(message, /** @type {'+' | '-' | ''} */ (match[1]), flags);
    connection.reported(message);
    const items = [...(byUid ? ['UID'] : []), ...(match[2] === undefined ? ['FLAGS'] : []), ...(connection.usesModSeq ? ['MODSEQ'] : [])];
    if (match[2] === undefined || connection.usesModSeq) connection.send(fetchLine(connection, message, number, items));
  }
  return modified.length === 0 ? 'Stored' : `[MODIFIED ${toSequenceSet(modified)}] Some were modified meanwhile`;
}

/**
 * COPY, MOVE and their UID forms (RFC 3501 6.4.7, RFC 6851) with COPYUID (RFC 4315).
 * @param {ImapConnection} connection
 * @param {readonly Token[]} args
 * @param {{byUid: boolean, isMove: boolean}} how
 * @returns {string}
 */
export function copyCommand(connection, args, { byUid, isMove }) {
  if (isMove) connection.requireWritable();
  const sources = chosen(connection, args[0], byUid).map(({ message }) => message);
  const mailbox = target(connection, args[1]);
  if (sources.length === 0) return isMove ? 'Moved' : 'Copied';
  const copies = sources.map((message) => mailbox.append(message.raw, message.internalDate, message.flags));
  const from = toSequenceSet(sources.map(({ uid }) => uid));
  const code = `[COPYUID ${mailbox.uidValidity} ${from} ${toSequenceSet(copies.map(({ uid }) => uid))}]`;
  if (!isMove) return `${code} Copied`;
  connection.send(`* OK ${code} Moved`);
  connection.mailbox.expunge(new Set(sources.map(({ uid }) => uid)));
  return 'Moved';
}

/**
 * EXPUNGE, and UID EXPUNGE of a set (RFC 4315 2.1): only what is marked deleted.
 * @param {ImapConnection} connection
 * @param {Token | null} set
 */
export function expungeCommand(connection, set) {
  connection.requireWritable();
  const isInSet = set === null ? () => true : connection.selector(textOf(set), true);
  const uids = connection.view.filter(({ uid }, index) => {
    const isDeleted = connection.mailbox.find(uid)?.flags.has('\\Deleted') === true;
    return isDeleted && isInSet(uid, index + 1);
  });
  connection.mailbox.expunge(new Set(uids.map(({ uid }) => uid)));
}
