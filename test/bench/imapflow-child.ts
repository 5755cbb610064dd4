import { readFileSync } from 'node:fs';
import { ImapFlow } from 'imapflow';

/** The floor of our own library: every source of every mailbox, fetched and thrown away. Prints milliseconds. */
const { port, user, pass } = JSON.parse(readFileSync(0, 'utf8')) as { port: number; user: string; pass: string };
const startedAt = performance.now();
const client = new ImapFlow({ host: '127.0.0.1', port, secure: false, auth: { user, pass }, logger: false, disableAutoIdle: true });
await client.connect();
let bytes = 0;
for (const mailbox of await client.list()) {
  const { exists } = await client.mailboxOpen(mailbox.path, { readOnly: true });
  if (exists === 0) continue;
  for await (const message of client.fetch('1:*', { source: true })) bytes += message.source?.length ?? 0;
}
await client.logout();
process.stdout.write(`${JSON.stringify({ ms: performance.now() - startedAt, bytes })}\n`);
