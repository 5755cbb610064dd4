import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dovecot } from './dovecot.ts';
import { until } from './until.ts';

/**
 * Gives a user of the server another password, as an administrator does; resolves once it holds. Who is logged in stays so.
 * `server.connect()` goes on using the first one.
 */
export async function changePassword(server: Dovecot, user: string, password: string): Promise<void> {
  const file = join(server.root, 'users');
  const lines = readFileSync(file, 'utf8').split('\n');
  writeFileSync(file, lines.map((line) => (line.startsWith(`${user}:`) ? `${user}:{PLAIN}${password}` : line)).join('\n'));
  const isFirst = password === server.user(user).password;
  // Dovecot looks at the file once a second.
  await until('the password is another one', async () => (await isAccepted(server, user)) === isFirst);
}

const isAccepted = (server: Dovecot, user: string): Promise<boolean> =>
  server.connect(user).then(
    (client) => client.close().then(() => true),
    () => false,
  );
