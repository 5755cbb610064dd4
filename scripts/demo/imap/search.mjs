// @ts-check
import { findBody, headerOf, parseHeaders } from './structure.mjs';
import { listOf, textOf } from './reader.mjs';
import { parseSearchDate, toSequenceSet } from './wire.mjs';

/**
 * @typedef {import('./connection.mjs').ImapConnection} ImapConnection
 * @typedef {import('./reader.mjs').Token} Token
 * @typedef {{message: import('./store.mjs').StoredMessage, number: number}} Candidate
 * @typedef {(candidate: Candidate) => boolean} Test
 */

const DAY = 86_400_000;
const FLAG_KEYS = new Map([
  ['ANSWERED', '\\Answered'],
  ['DELETED', '\\Deleted'],
  ['DRAFT', '\\Draft'],
  ['FLAGGED', '\\Flagged'],
  ['SEEN', '\\Seen'],
]);

/**
 * SEARCH and UID SEARCH (RFC 3501 6.4.4), with RETURN (RFC 4731) and MODSEQ (RFC 7162).
 * @param {ImapConnection} connection
 * @param {readonly Token[]} args
 * @param {{byUid: boolean, tag: string}} how
 */
export function searchCommand(connection, args, { byUid, tag }) {
  const rest = [...args];
  /** @type {string[] | null} */
  let wanted = null;
  if (isAtom(rest[0], 'RETURN')) {
    wanted = listOf(rest[1]).map((token) => textOf(token).toUpperCase());
    if (wanted.length === 0) wanted = ['ALL'];
    rest.splice(0, 2);
  }
  if (isAtom(rest[0], 'CHARSET')) rest.splice(0, 2);
  const usesModSeq = rest.some((token) => isAtom(token, 'MODSEQ'));
  const test = allOf(rest, connection);
  const found = candidates(connection).filter(test);
  const numbers = found.map(({ message, number }) => (byUid ? message.uid : number));
  const highest = usesModSeq ? Math.max(0, ...found.map(({ message }) => message.modSeq)) : 0;
  if (wanted === null) {
    connection.send(`* SEARCH${numbers.map((number) => ` ${number}`).join('')}${highest > 0 ? ` (MODSEQ ${highest})` : ''}`);
  } else {
    connection.send(`* ESEARCH (TAG "${tag}")${byUid ? ' UID' : ''}${results(wanted, numbers)}${highest > 0 ? ` MODSEQ ${highest}` : ''}`);
  }
}

/**
 * @param {readonly string[]} wanted
 * @param {readonly number[]} numbers
 */
function results(wanted, numbers) {
  const isEmpty = numbers.length === 0;
  return wanted
    .map((name) => {
      if (name === 'COUNT') return ` COUNT ${numbers.length}`;
      if (isEmpty) return '';
      if (name === 'ALL') return ` ALL ${toSequenceSet(numbers)}`;
      if (name === 'MIN') return ` MIN ${numbers[0]}`;
      return name === 'MAX' ? ` MAX ${numbers.at(-1)}` : '';
    })
    .join('');
}

/** @param {ImapConnection} connection */
function candidates(connection) {
  return connection.view.flatMap(({ uid }, index) => {
    const message = connection.mailbox.find(uid);
    return message === undefined ? [] : [{ message, number: index + 1 }];
  });
}

/**
 * @param {Token | undefined} token
 * @param {string} name
 */
const isAtom = (token, name) => token?.type === 'atom' && token.value.toUpperCase() === name;

/**
 * @param {readonly Token[]} tokens
 * @param {ImapConnection} connection
 * @returns {Test}
 */
function allOf(tokens, connection) {
  const queue = [...tokens];
  /** @type {Test[]} */
  const tests = [];
  while (queue.length > 0) tests.push(nextTest(queue, connection));
  if (tests.length === 0) throw new SyntaxError('Search key expected');
  return (candidate) => tests.every((test) => test(candidate));
}

/**
 * Takes one search key with its arguments off the queue.
 * @param {Token[]} queue
 * @param {ImapConnection} connection
 * @returns {Test}
 */
function nextTest(queue, connection) {
  const token = queue.shift();
  if (token?.type === 'list') return allOf(token.items, connection);
  const key = textOf(token).toUpperCase();
  const argument = () => textOf(queue.shift());
  const flag = FLAG_KEYS.get(key.replace(/^UN/, ''));
  if (flag !== undefined) return ({ message }) => message.flags.has(flag) !== key.startsWith('UN');
  switch (key) {
    case 'ALL':
    case 'OLD':
      return () => true;
    case 'NEW':
    case 'RECENT':
      return () => false;
    case 'NOT': {
      const inner = nextTest(queue, connection);
      return (candidate) => !inner(candidate);
    }
    case 'OR': {
      const left = nextTest(queue, connection);
      const right = nextTest(queue, connection);
      return (candidate) => left(candidate) || right(candidate);
    }
    case 'UID': {
      const isInSet = connection.selector(argument(), true);
      return ({ message, number }) => isInSet(message.uid, number);
    }
    default:
      return valueTest(key, argument) ?? setTest(key, connection);
  }
}

/**
 * @param {string} key
 * @param {() => string} argument
 * @returns {Test | null}
 */
function valueTest(key, argument) {
  switch (key) {
    case 'KEYWORD':
    case 'UNKEYWORD': {
      const name = argument().toLowerCase();
      return ({ message }) => [...message.flags].some((flag) => flag.toLowerCase() === name) === (key === 'KEYWORD');
    }
    case 'LARGER':
    case 'SMALLER': {
      const size = Number(argument());
      return ({ message }) => (key === 'LARGER' ? message.raw.length > size : message.raw.length < size);
    }
    case 'MODSEQ': {
      const least = Number(argument());
      return ({ message }) => message.modSeq >= least;
    }
    case 'HEADER':
      return headerTest(argument().toLowerCase(), argument());
    case 'FROM':
    case 'TO':
    case 'CC':
    case 'BCC':
    case 'SUBJECT':
      return headerTest(key.toLowerCase(), argument());
    case 'BODY':
    case 'TEXT': {
      const words = argument().toLowerCase();
      return ({ message }) => message.raw.toString('latin1').toLowerCase().includes(words);
    }
    default:
      return dateTest(key, argument);
  }
}

/**
 * @param {string} key
 * @param {() => string} argument
 * @returns {Test | null}
 */
function dateTest(key, argument) {
  const match = /^(SENT)?(BEFORE|ON|SINCE)$/.exec(key);
  if (match === null) return null;
  const day = parseSearchDate(argument());
  return ({ message }) => {
    const time = match[1] === undefined ? message.internalDate : sentDate(message.raw);
    if (match[2] === 'BEFORE') return time < day;
    return time >= day && (match[2] === 'SINCE' || time < day + DAY);
  };
}

/** @param {Buffer} raw */
const headersOf = (raw) => {
  const text = raw.toString('latin1');
  return parseHeaders(text.slice(0, findBody(text, 0, text.length)));
};

/** @param {Buffer} raw */
const sentDate = (raw) => Date.parse(headerOf(headersOf(raw), 'date') ?? '');

/**
 * @param {string} name
 * @param {string} words
 * @returns {Test}
 */
function headerTest(name, words) {
  const wanted = words.toLowerCase();
  return ({ message }) => headersOf(message.raw).some(([one, value]) => one === name && value.toLowerCase().includes(wanted));
}

/**
 * @param {string} key
 * @param {ImapConnection} connection
 * @returns {Test}
 */
function setTest(key, connection) {
  const isInSet = connection.selector(key, false);
  return ({ message, number }) => isInSet(message.uid, number);
}
