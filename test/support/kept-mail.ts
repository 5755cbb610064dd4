import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Dovecot } from './dovecot.ts';

const run = promisify(execFile);

/**
 * Keeps a copy of all mailboxes of a user as they are, UIDs and counters included. The function it gives puts them back,
 * as often as it is called, and forgets the log of that user's commands. Nobody may be connected as that user then.
 */
export async function keepMail(server: Dovecot, user: string): Promise<() => Promise<void>> {
  const { maildir } = server.user(user);
  const shelf = join(server.root, 'kept');
  mkdirSync(shelf, { recursive: true });
  const kept = join(mkdtempSync(join(shelf, `${user}-`)), 'mail');
  // cp keeps owners and times: Dovecot reads a mailbox anew where those of its folders differ from its index.
  await run('cp', ['-Rp', maildir, kept]);
  return async () => {
    rmSync(maildir, { recursive: true, force: true });
    await run('cp', ['-Rp', kept, maildir]);
    server.forgetCommands(user);
  };
}
