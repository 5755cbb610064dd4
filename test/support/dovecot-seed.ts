import { chownSync, existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { mailOwner } from './dovecot-config.ts';
import type { Dovecot } from './dovecot.ts';
import { encodeMailboxName } from './mailbox-name.ts';

export interface SeedMessage {
  /** The source. CRLF line ends; a bare LF would reach clients as CRLF. */
  readonly raw: Buffer;
  /** Milliseconds since 1970; whole seconds are kept. Default now. */
  readonly internalDate?: number;
  readonly flags?: readonly string[];
}

const SYSTEM_LETTERS: Readonly<Record<string, string>> = {
  '\\draft': 'D',
  '\\flagged': 'F',
  '\\answered': 'R',
  '\\seen': 'S',
  '\\deleted': 'T',
};
const MAX_KEYWORDS = 26;
const LF = 0x0a;
const CR = 0x0d;

let sequence = 0;

function own(path: string): void {
  if (userInfo().uid !== 0) return;
  const { uid, gid } = mailOwner();
  chownSync(path, uid, gid);
}

function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
  own(path);
}

/** Folder of a mailbox below a Maildir++ root. */
export function maildirFolder(root: string, path: string, separator = '/'): string {
  if (path.toUpperCase() === 'INBOX') return root;
  return join(root, `.${path.split(separator).map(encodeMailboxName).join('.')}`);
}

function virtualSize(raw: Buffer): number {
  let bare = 0;
  for (let at = raw.indexOf(LF); at >= 0; at = raw.indexOf(LF, at + 1)) if (raw[at - 1] !== CR) bare += 1;
  return raw.length + bare;
}

// Keywords are letters in the file name; the file dovecot-keywords says which is which.
class KeywordLetters {
  readonly #file: string;
  readonly #names: string[];

  constructor(folder: string) {
    this.#file = join(folder, 'dovecot-keywords');
    const lines = existsSync(this.#file) ? readFileSync(this.#file, 'utf8').trim().split('\n') : [];
    this.#names = lines.filter(Boolean).map((line) => line.replace(/^\d+ /, ''));
  }

  letter(keyword: string): string {
    const known = this.#names.indexOf(keyword);
    const index = known >= 0 ? known : this.#names.push(keyword) - 1;
    if (index >= MAX_KEYWORDS) throw new RangeError('a Maildir holds at most 26 keywords');
    return String.fromCharCode(0x61 + index);
  }

  save(): void {
    if (this.#names.length === 0) return;
    writeFileSync(this.#file, this.#names.map((name, i) => `${i} ${name}\n`).join(''), { mode: 0o600 });
    own(this.#file);
  }
}

function writeMessage(folder: string, message: SeedMessage, keywords: KeywordLetters): void {
  sequence += 1;
  // New files get their UIDs in the order of the number at the start of their names.
  const base = `${1_000_000_000 + sequence}.P${process.pid}Q${sequence}.seed`;
  const letters = (message.flags ?? []).map((flag) => SYSTEM_LETTERS[flag.toLowerCase()] ?? keywords.letter(flag)).sort();
  const file = join(folder, 'cur', `${base},S=${message.raw.length},W=${virtualSize(message.raw)}:2,${letters.join('')}`);
  writeFileSync(file, message.raw, { mode: 0o600 });
  const seconds = Math.floor((message.internalDate ?? Date.now()) / 1000);
  utimesSync(file, seconds, seconds);
  own(file);
}

/**
 * Puts messages into a mailbox by writing Maildir files (thousands a second), makes and subscribes the mailbox where
 * it is new, and lets Dovecot index them: UIDs are given in the order of the list. Maildir instances only.
 */
export async function seedMailbox(server: Dovecot, user: string, path: string, messages: Iterable<SeedMessage>): Promise<void> {
  if (server.mailFormat !== 'maildir') throw new Error('seedMailbox needs a maildir instance');
  const folder = maildirFolder(server.user(user).maildir, path, server.separator);
  for (const sub of ['cur', 'new', 'tmp']) makeFolder(join(folder, sub));
  const keywords = new KeywordLetters(folder);
  for (const message of messages) writeMessage(folder, message, keywords);
  keywords.save();
  if (path.toUpperCase() !== 'INBOX') await server.doveadm(['mailbox', 'subscribe', '-u', user, path]);
  await server.doveadm(['index', '-u', user, path]);
}
