import { createHash } from 'node:crypto';
import type { Dovecot } from './dovecot.ts';
import { parseImapDateTime } from './imap-date.ts';
import type { Token } from './imap-tokens.ts';
import { isAtom, tokenItems, tokenText } from './imap-tokens.ts';
import { uidSet, type SecondClient } from './second-client.ts';

/** One message as the server holds it. */
export interface MessageState {
  readonly uid: number;
  /** Sorted, without `\Recent` (a session's flag, not the message's). */
  readonly flags: readonly string[];
  /** Milliseconds since 1970. */
  readonly internalDate: number;
  readonly size: number;
  /** SHA-256 (hex) of the source as the server sends it; empty where bodies were not asked for. */
  readonly sha256: string;
}

export interface MailboxState {
  readonly uidValidity: bigint;
  /** Ascending by UID. */
  readonly messages: readonly MessageState[];
}

export interface SnapshotOptions {
  /** Only these mailboxes; default all that can be selected. */
  readonly paths?: readonly string[];
  /** Read and hash the sources (default true). */
  readonly bodies?: boolean;
}

const BATCH = 200;

function messageState(items: readonly Token[]): MessageState {
  const value = (name: string): Token | undefined => {
    const at = items.findIndex((item, i) => i % 2 === 0 && isAtom(item, name));
    return at < 0 ? undefined : items[at + 1];
  };
  const source = value('BODY[]');
  return {
    uid: Number(tokenText(value('UID'))),
    flags: tokenItems(value('FLAGS'))
      .map(tokenText)
      .filter((flag) => flag.toLowerCase() !== '\\recent')
      .sort(),
    internalDate: parseImapDateTime(tokenText(value('INTERNALDATE'))),
    size: Number(tokenText(value('RFC822.SIZE'))),
    sha256: source?.type === 'string' ? createHash('sha256').update(source.value).digest('hex') : '',
  };
}

async function readMailbox(client: SecondClient, path: string, bodies: boolean): Promise<MailboxState> {
  const { uidValidity } = await client.select(path, { readOnly: true });
  const uids = await client.uids();
  const messages: MessageState[] = [];
  const items = `(UID FLAGS INTERNALDATE RFC822.SIZE${bodies ? ' BODY.PEEK[]' : ''})`;
  for (let from = 0; from < uids.length; from += BATCH) {
    const batch = uids.slice(from, from + BATCH);
    const reply = await client.attempt([`UID FETCH ${uidSet(batch)} ${items}`], (tokens) => {
      if (isAtom(tokens[1], 'FETCH') && tokenItems(tokens[2]).length > 4) messages.push(messageState(tokenItems(tokens[2])));
    });
    if (reply.status !== 'OK') throw new Error(`oracle FETCH: ${reply.status} ${reply.text}`);
  }
  if (messages.length !== uids.length) throw new Error(`oracle read ${messages.length} of ${uids.length} messages of ${path}`);
  return { uidValidity, messages: messages.sort((a, b) => a.uid - b.uid) };
}

/** What a server holds for the logged-in user, read mailbox by mailbox (EXAMINE, PEEK: nothing changes). */
export async function readSnapshot(client: SecondClient, options: SnapshotOptions = {}): Promise<Map<string, MailboxState>> {
  const listed =
    options.paths ??
    (await client.list()).filter((m) => !m.attributes.some((a) => /^\\(noselect|nonexistent)$/i.test(a))).map((m) => m.path);
  const states = new Map<string, MailboxState>();
  for (const path of [...listed].sort()) states.set(path, await readMailbox(client, path, options.bodies ?? true));
  return states;
}

/**
 * The oracle for equality: every message of a user's mailboxes, read by a client that shares nothing with the product.
 * Its commands do not show in `commandsSince`.
 */
export async function snapshot(server: Dovecot, user = 'alice', options: SnapshotOptions = {}): Promise<Map<string, MailboxState>> {
  const client = await server.connect(user);
  try {
    return await readSnapshot(client, options);
  } finally {
    await client.close();
  }
}
