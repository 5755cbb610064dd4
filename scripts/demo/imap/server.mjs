// @ts-check
import { createServer } from 'node:net';
import { ImapConnection } from './connection.mjs';

/**
 * Starts an IMAP server on a free loopback port.
 * @param {import('./store.mjs').MailStore} store
 * @param {{user: string, pass: string}} credentials
 * @returns {Promise<{port: number, close: () => Promise<void>}>} close ends all connections.
 */
export async function startImapServer(store, credentials) {
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    new ImapConnection(socket, store, credentials);
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(undefined));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(() => resolve(undefined)));
    },
  };
}
