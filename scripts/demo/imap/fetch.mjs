// @ts-check
import { describeBody, describeEnvelope } from './describe.mjs';
import { listOf, textOf } from './reader.mjs';
import { sectionOf } from './sections.mjs';
import { parseStructure } from './structure.mjs';
import { formatInternalDate, toSequenceSet } from './wire.mjs';

/**
 * @typedef {import('./connection.mjs').ImapConnection} ImapConnection
 * @typedef {import('./reader.mjs').Token} Token
 * @typedef {import('./store.mjs').StoredMessage} StoredMessage
 */

const MACROS = new Map([
  ['ALL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE']],
  ['FAST', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE']],
  ['FULL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY']],
]);

/**
 * FETCH and UID FETCH (RFC 3501 6.4.5), with CHANGEDSINCE and VANISHED (RFC 7162).
 * @param {ImapConnection} connection
 * @param {readonly Token[]} args
 * @param {boolean} byUid
 */
export async function fetchCommand(connection, args, byUid) {
  const set = textOf(args[0]);
  const items = itemsOf(args[1]);
  const { changedSince, wantsVanished } = modifiersOf(args[2]);
  if (changedSince !== null && !items.includes('MODSEQ')) items.push('MODSEQ');
  if (items.includes('MODSEQ')) connection.usesModSeq = true;
  if (byUid && !items.includes('UID')) items.unshift('UID');
  const isInSet = connection.selector(set, byUid);
  if (wantsVanished && changedSince !== null) sendVanishedEarlier(connection, changedSince, (uid) => isInSet(uid, 0));
  for (const [index, entry] of [...connection.view].entries()) {
    if (!isInSet(entry.uid, index + 1)) continue;
    const message = connection.mailbox.find(entry.uid);
    if (message === undefined || message.modSeq <= (changedSince ?? 0)) continue;
    await connection.write(fetchLine(connection, message, index + 1, items));
  }
}

/**
 * @param {Token | undefined} token
 * @returns {string[]}
 */
function itemsOf(token) {
  if (token?.type === 'list') return token.items.map(textOf).map(upperName);
  const name = upperName(textOf(token));
  return [...(MACROS.get(name) ?? [name])];
}

/** Upper case, but for nothing that is given back: section and field names are case-insensitive too. @param {string} item */
const upperName = (item) => item.toUpperCase();

/** @param {Token | undefined} token */
function modifiersOf(token) {
  const items = token === undefined ? [] : listOf(token).map(textOf);
  const at = items.findIndex((item) => item.toUpperCase() === 'CHANGEDSINCE');
  return {
    changedSince: at < 0 ? null : Number(items[at + 1]),
    wantsVanished: items.some((item) => item.toUpperCase() === 'VANISHED'),
  };
}

/**
 * @param {ImapConnection} connection
 * @param {number} since MODSEQ
 * @param {(uid: number) => boolean} isKnown
 */
export function sendVanishedEarlier(connection, since, isKnown) {
  const gone = connection.mailbox.expunged.filter(({ uid, modSeq }) => modSeq > since && isKnown(uid)).map(({ uid }) => uid);
  if (gone.length > 0) connection.send(`* VANISHED (EARLIER) ${toSequenceSet(gone.sort((left, right) => left - right))}`);
}

/**
 * One untagged FETCH answer.
 * @param {ImapConnection} connection
 * @param {StoredMessage} message
 * @param {number} number Sequence number.
 * @param {readonly string[]} items
 * @returns {Buffer}
 */
export function fetchLine(connection, message, number, items) {
  const marksSeen = !connection.isReadOnly && items.some((item) => /^(BODY\[|RFC822$|RFC822\.TEXT)/.test(item));
  if (marksSeen && !message.flags.has('\\Seen')) connection.mailbox.setFlags(message, '+', ['\\Seen']);
  const asked = marksSeen && !items.includes('FLAGS') ? [...items, 'FLAGS'] : items;
  /** @type {Buffer[]} */
  const parts = asked.map((item) => fetchItem(message, item));
  if (asked.includes('FLAGS')) connection.reported(message);
  const spaced = parts.flatMap((part, index) => (index === 0 ? [part] : [Buffer.from(' '), part]));
  return Buffer.concat([Buffer.from(`* ${number} FETCH (`), ...spaced, Buffer.from(')\r\n')]);
}

/**
 * @param {StoredMessage} message
 * @param {string} item
 * @returns {Buffer}
 * @throws {SyntaxError} for an unknown item
 */
function fetchItem(message, item) {
  switch (item) {
    case 'UID':
      return Buffer.from(`UID ${message.uid}`);
    case 'FLAGS':
      return Buffer.from(`FLAGS (${[...message.flags].join(' ')})`);
    case 'MODSEQ':
      return Buffer.from(`MODSEQ (${message.modSeq})`);
    case 'INTERNALDATE':
      return Buffer.from(`INTERNALDATE "${formatInternalDate(message.internalDate)}"`);
    case 'RFC822.SIZE':
      return Buffer.from(`RFC822.SIZE ${message.raw.length}`);
    case 'ENVELOPE':
      message.envelope ??= describeEnvelope(parseStructure(message.raw).root);
      return Buffer.from(`ENVELOPE ${message.envelope}`, 'latin1');
    case 'BODYSTRUCTURE':
      message.structure ??= structureOf(message, true);
      return Buffer.from(`BODYSTRUCTURE ${message.structure}`, 'latin1');
    case 'BODY':
      return Buffer.from(`BODY ${structureOf(message, false)}`, 'latin1');
    case 'RFC822':
      return literal('RFC822', message.raw);
    case 'RFC822.HEADER':
      return literal('RFC822.HEADER', sectionOf(message.raw, 'HEADER'));
    case 'RFC822.TEXT':
      return literal('RFC822.TEXT', sectionOf(message.raw, 'TEXT'));
    default:
      return bodyItem(message, item);
  }
}

/**
 * @param {StoredMessage} message
 * @param {boolean} isExtended
 */
function structureOf(message, isExtended) {
  const { text, root } = parseStructure(message.raw);
  return describeBody(root, text, isExtended);
}

/**
 * @param {StoredMessage} message
 * @param {string} item
 */
function bodyItem(message, item) {
  const match = /^BODY(?:\.PEEK)?\[([^\]]*)\](?:<(\d+)\.(\d+)>)?$/.exec(item);
  if (match === null) throw new SyntaxError(`Unknown fetch item ${item}`);
  const section = match[1] ?? '';
  const bytes = sectionOf(message.raw, section);
  if (match[2] === undefined) return literal(`BODY[${section}]`, bytes);
  const from = Number(match[2]);
  return literal(`BODY[${section}]<${from}>`, bytes?.subarray(from, from + Number(match[3])) ?? null);
}

/**
 * @param {string} name
 * @param {Buffer | null} bytes
 */
function literal(name, bytes) {
  if (bytes === null) return Buffer.from(`${name} NIL`);
  return Buffer.concat([Buffer.from(`${name} {${bytes.length}}\r\n`), bytes]);
}
