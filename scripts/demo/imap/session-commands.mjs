// @ts-check
import { textOf } from './reader.mjs';
import { Refusal } from './refusal.mjs';

/**
 * @typedef {import('./connection.mjs').ImapConnection} ImapConnection
 * @typedef {import('./reader.mjs').Token} Token
 */

export const CAPABILITIES =
  'IMAP4rev1 LITERAL+ SASL-IR AUTH=PLAIN ID NAMESPACE CHILDREN UNSELECT UIDPLUS MOVE IDLE ENABLE CONDSTORE QRESYNC ESEARCH LIST-EXTENDED LIST-STATUS SPECIAL-USE';

/**
 * @param {ImapConnection} connection
 * @param {readonly Token[]} args
 */
export function loginCommand(connection, args) {
  return logIn(connection, textOf(args[0]), textOf(args[1]));
}

/**
 * @param {ImapConnection} connection
 * @param {string} user
 * @param {string} pass
 */
function logIn(connection, user, pass) {
  if (user !== connection.credentials.user || pass !== connection.credentials.pass) {
    throw new Refusal('[AUTHENTICATIONFAILED] Wrong user or password');
  }
  connection.isAuthenticated = true;
  return `[CAPABILITY ${CAPABILITIES}] Logged in`;
}

/**
 * AUTHENTICATE PLAIN (RFC 4616), with or without an initial response (RFC 4959).
 * @param {ImapConnection} connection
 * @param {readonly Token[]} args
 * @returns {Promise<string>}
 */
export async function authenticateCommand(connection, args) {
  if (textOf(args[0]).toUpperCase() !== 'PLAIN') throw new Refusal('[CANNOT] Only PLAIN is offered');
  const response = args[1] === undefined ? await connection.askForLine('+ ') : textOf(args[1]);
  if (response === '*') throw new SyntaxError('Authentication cancelled');
  const [, user = '', pass = ''] = Buffer.from(response, 'base64').toString('utf8').split('\0');
  return logIn(connection, user, pass);
}

/**
 * ENABLE (RFC 5161).
 * @param {ImapConnection} connection
 * @param {readonly Token[]} args
 */
export function enableCommand(connection, args) {
  const enabled = args.map((token) => textOf(token).toUpperCase()).filter((name) => name === 'CONDSTORE' || name === 'QRESYNC');
  if (enabled.length > 0) connection.usesModSeq = true;
  if (enabled.includes('QRESYNC')) connection.usesVanished = true;
  connection.send(`* ENABLED${enabled.map((name) => ` ${name}`).join('')}`);
}

/**
 * IDLE (RFC 2177).
 * @param {ImapConnection} connection
 */
export async function idleCommand(connection) {
  connection.isIdle = true;
  const line = connection.askForLine('+ idling');
  connection.update(true);
  try {
    if ((await line).toUpperCase() !== 'DONE') throw new SyntaxError('DONE expected');
  } finally {
    connection.isIdle = false;
  }
}
