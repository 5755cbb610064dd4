// @ts-check
import { fetchCommand } from './fetch.mjs';
import { listCommand, lsubCommand } from './list.mjs';
import { createCommand, deleteCommand, renameCommand, selectCommand, statusCommand, subscribeCommand } from './mailbox-commands.mjs';
import { appendCommand, copyCommand, expungeCommand, storeCommand } from './message-commands.mjs';
import { textOf } from './reader.mjs';
import { Refusal } from './refusal.mjs';
import { searchCommand } from './search.mjs';
import { CAPABILITIES, authenticateCommand, enableCommand, idleCommand, loginCommand } from './session-commands.mjs';

/**
 * @typedef {import('./connection.mjs').ImapConnection} ImapConnection
 * @typedef {import('./reader.mjs').Command} Command
 * @typedef {(connection: ImapConnection, command: Command, byUid: boolean) => unknown} Handler
 */

/** @type {Record<string, Handler>} */
const ANYTIME = {
  CAPABILITY: (connection) => connection.send(`* CAPABILITY ${CAPABILITIES}`),
  NOOP: () => undefined,
  ID: (connection) => connection.send('* ID ("name" "holdover-demo")'),
  LOGOUT: (connection) => connection.send('* BYE Logging out'),
  LOGIN: (connection, { args }) => loginCommand(connection, args),
  AUTHENTICATE: (connection, { args }) => authenticateCommand(connection, args),
};

/** @type {Record<string, Handler>} */
const AUTHENTICATED = {
  ENABLE: (connection, { args }) => enableCommand(connection, args),
  NAMESPACE: (connection) => connection.send('* NAMESPACE (("" "/")) NIL NIL'),
  LIST: (connection, { args }) => listCommand(connection, args),
  LSUB: (connection, { args }) => lsubCommand(connection, args),
  STATUS: (connection, { args }) => statusCommand(connection, args),
  SELECT: (connection, { args }) => selectCommand(connection, args, false),
  EXAMINE: (connection, { args }) => selectCommand(connection, args, true),
  CREATE: (connection, { args }) => createCommand(connection, args),
  DELETE: (connection, { args }) => deleteCommand(connection, args),
  RENAME: (connection, { args }) => renameCommand(connection, args),
  SUBSCRIBE: (connection, { args }) => subscribeCommand(connection, args, true),
  UNSUBSCRIBE: (connection, { args }) => subscribeCommand(connection, args, false),
  APPEND: (connection, { args }) => appendCommand(connection, args),
  IDLE: (connection) => idleCommand(connection),
};

/** @type {Record<string, Handler>} */
const SELECTED = {
  CHECK: () => undefined,
  UNSELECT: (connection) => connection.unselect(),
  CLOSE: closeCommand,
  EXPUNGE: (connection, { args }, byUid) => expungeCommand(connection, byUid ? (args[0] ?? null) : null),
  SEARCH: (connection, { args, tag }, byUid) => searchCommand(connection, args, { byUid, tag }),
  FETCH: (connection, { args }, byUid) => fetchCommand(connection, args, byUid),
  STORE: (connection, { args }, byUid) => storeCommand(connection, args, byUid),
  COPY: (connection, { args }, byUid) => copyCommand(connection, args, { byUid, isMove: false }),
  MOVE: (connection, { args }, byUid) => copyCommand(connection, args, { byUid, isMove: true }),
};

const HANDLERS = new Map(Object.entries({ ...ANYTIME, ...AUTHENTICATED, ...SELECTED }));

/** @param {ImapConnection} connection */
function closeCommand(connection) {
  if (!connection.isReadOnly) expungeCommand(connection, null);
  connection.unselect();
}

/**
 * Carries out one command.
 * @param {ImapConnection} connection
 * @param {Command} command
 * @returns {Promise<string | undefined>} Text of the tagged OK.
 * @throws {Refusal} to be answered with NO; anything else is answered with BAD
 */
export async function dispatch(connection, command) {
  const byUid = command.name === 'UID';
  const name = byUid ? textOf(command.args[0]).toUpperCase() : command.name;
  const inner = byUid ? { ...command, args: command.args.slice(1) } : command;
  const handler = HANDLERS.get(name);
  if (handler === undefined) throw new SyntaxError(`Unknown command ${name}`);
  if (!Object.hasOwn(ANYTIME, name) && !connection.isAuthenticated) throw new Refusal('[CLIENTBUG] Log in first');
  if (Object.hasOwn(SELECTED, name) && !connection.hasSelected) throw new Refusal('[CLIENTBUG] Select a mailbox first');
  const text = await handler(connection, inner, byUid);
  return typeof text === 'string' ? text : undefined;
}
