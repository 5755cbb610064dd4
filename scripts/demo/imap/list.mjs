// @ts-check
import { listOf, textOf } from './reader.mjs';
import { decodeMailboxName, encodeMailboxName } from './utf7.mjs';
import { quote } from './wire.mjs';

/**
 * @typedef {import('./connection.mjs').ImapConnection} ImapConnection
 * @typedef {import('./reader.mjs').Token} Token
 * @typedef {import('./store.mjs').StoredMailbox} StoredMailbox
 */

/**
 * LIST with selection and return options (RFC 3501 6.3.8, RFC 5258, RFC 5819, RFC 6154).
 * @param {ImapConnection} connection
 * @param {readonly Token[]} args
 */
export function listCommand(connection, args) {
  const rest = [...args];
  const select = rest[0]?.type === 'list' ? listOf(rest.shift()).map((token) => textOf(token).toUpperCase()) : [];
  const reference = textOf(rest[0]);
  const patterns = rest[1]?.type === 'list' ? rest[1].items.map(textOf) : [textOf(rest[1])];
  const options = rest[3]?.type === 'list' ? rest[3].items : [];
  if (patterns.length === 1 && patterns[0] === '') {
    connection.send('* LIST (\\Noselect) "/" ""');
    return;
  }
  for (const { path, mailbox } of matches(
    connection,
    patterns.map((pattern) => reference + pattern),
  )) {
    if (select.includes('SUBSCRIBED') && mailbox?.isSubscribed !== true) continue;
    if (select.includes('SPECIAL-USE') && (mailbox?.specialUse ?? null) === null) continue;
    const shows =
      select.includes('SUBSCRIBED') || options.some((token) => token.type === 'atom' && token.value.toUpperCase() === 'SUBSCRIBED');
    connection.send(`* LIST (${attributes(connection, path, mailbox, shows).join(' ')}) "/" ${quote(encodeMailboxName(path))}`);
    const status = statusItems(options);
    if (status !== null && mailbox !== null) connection.send(statusLine(mailbox, status));
  }
}

/**
 * LSUB (RFC 3501 6.3.9).
 * @param {ImapConnection} connection
 * @param {readonly Token[]} args
 */
export function lsubCommand(connection, args) {
  for (const { path, mailbox } of matches(connection, [textOf(args[0]) + textOf(args[1])])) {
    if (mailbox?.isSubscribed === true) connection.send(`* LSUB () "/" ${quote(encodeMailboxName(path))}`);
  }
}

/**
 * @param {ImapConnection} connection
 * @param {readonly string[]} patterns
 * @returns {{path: string, mailbox: StoredMailbox | null}[]}
 */
function matches(connection, patterns) {
  const tests = patterns.map((pattern) => patternTest(decodeMailboxName(pattern)));
  const all = [
    ...connection.store.all().map((mailbox) => ({ path: mailbox.path, mailbox })),
    ...connection.store.parents().map((path) => ({ path, mailbox: null })),
  ];
  return all.filter(({ path }) => tests.some((test) => test.test(path)));
}

/** @param {string} pattern */
function patternTest(pattern) {
  const source = pattern
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/%/g, '[^/]*');
  return new RegExp(`^${source}$`, /^inbox$/i.test(pattern) ? 'iu' : 'u');
}

/**
 * @param {ImapConnection} connection
 * @param {string} path
 * @param {StoredMailbox | null} mailbox
 * @param {boolean} showsSubscribed
 */
function attributes(connection, path, mailbox, showsSubscribed) {
  const hasChildren = connection.store.all().some((other) => other.path.startsWith(`${path}/`));
  return [
    ...(mailbox === null ? ['\\Noselect'] : []),
    hasChildren ? '\\HasChildren' : '\\HasNoChildren',
    ...(showsSubscribed && mailbox?.isSubscribed === true ? ['\\Subscribed'] : []),
    ...(mailbox?.specialUse ? [mailbox.specialUse] : []),
  ];
}

/** @param {readonly Token[]} options */
function statusItems(options) {
  const at = options.findIndex((token) => token.type === 'atom' && token.value.toUpperCase() === 'STATUS');
  return at < 0 ? null : listOf(options[at + 1]).map((token) => textOf(token).toUpperCase());
}

/**
 * @param {StoredMailbox} mailbox
 * @param {readonly string[]} items
 * @throws {SyntaxError} for an unknown item
 */
export function statusLine(mailbox, items) {
  const values = items.map((item) => `${item} ${statusValue(mailbox, item)}`);
  return `* STATUS ${quote(encodeMailboxName(mailbox.path))} (${values.join(' ')})`;
}

/**
 * @param {StoredMailbox} mailbox
 * @param {string} item
 */
function statusValue(mailbox, item) {
  switch (item) {
    case 'MESSAGES':
      return mailbox.messages.length;
    case 'RECENT':
      return 0;
    case 'UIDNEXT':
      return mailbox.uidNext;
    case 'UIDVALIDITY':
      return mailbox.uidValidity;
    case 'UNSEEN':
      return mailbox.unseen;
    case 'HIGHESTMODSEQ':
      return mailbox.highestModSeq;
    default:
      throw new SyntaxError(`Unknown status item ${item}`);
  }
}
