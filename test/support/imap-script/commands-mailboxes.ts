import { isAtom, tokenItems, tokenText, type Token } from '../imap-tokens.ts';
import { decodeMailboxName } from '../mailbox-name.ts';
import { need, Refusal, type Handler, type ScriptSession } from './session-state.ts';
import type { ScriptMailbox } from './store.ts';
import { nstring } from './wire-text.ts';

/** The mailbox of this argument; NO with the code where there is none. */
export function mailboxArg(session: ScriptSession, token: Token | undefined, code = 'NONEXISTENT'): ScriptMailbox {
  const mailbox = session.store.findWire(tokenText(token));
  if (!mailbox || !mailbox.isSelectable) throw new Refusal('NO', `[${code}] No such mailbox`);
  return mailbox;
}

function statusItem(mailbox: ScriptMailbox, item: string): string | number | bigint {
  switch (item) {
    case 'MESSAGES':
      return mailbox.messages.length;
    case 'UIDNEXT':
      return mailbox.uidNext;
    case 'UIDVALIDITY':
      return mailbox.uidValidity;
    case 'UNSEEN':
      return mailbox.messages.filter((m) => !m.flags.has('\\Seen')).length;
    case 'DELETED':
      return mailbox.messages.filter((m) => m.flags.has('\\Deleted')).length;
    case 'RECENT':
      return 0;
    case 'SIZE':
      return mailbox.messages.reduce((sum, m) => sum + m.raw.length, 0);
    case 'HIGHESTMODSEQ':
      return mailbox.hasModSeq ? mailbox.highestModSeq : 0;
    case 'MAILBOXID':
      return `(${mailbox.mailboxId})`;
    default:
      throw new Refusal('BAD', `Unknown status item ${item}`);
  }
}

/** An untagged STATUS line. */
export function statusLine(mailbox: ScriptMailbox, items: readonly string[]): string {
  const values = items.map((item) => `${item} ${statusItem(mailbox, item)}`);
  return `* STATUS ${nstring(mailbox.wireName)} (${values.join(' ')})\r\n`;
}

const status: Handler = async (session, args) => {
  const mailbox = mailboxArg(session, args[0]);
  const items = tokenItems(args[1]).map((item) => tokenText(item).toUpperCase());
  if (items.includes('HIGHESTMODSEQ')) need(session, 'CONDSTORE');
  await session.output.write(statusLine(mailbox, items));
  return 'STATUS completed';
};

/** Wildcards of LIST: `*` is anything, `%` anything but the delimiter. */
function patternOf(pattern: string, delimiter: string): RegExp {
  const source = pattern
    .replace(/[\\^$.+?()[\]{}|/]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/%/g, `[^${delimiter}]*`);
  return new RegExp(`^${source}$`, 's');
}

interface ListRequest {
  readonly patterns: readonly RegExp[];
  readonly onlySubscribed: boolean;
  readonly onlySpecial: boolean;
  readonly withSubscribed: boolean;
  readonly statusItems: readonly string[] | null;
}

function listRequest(session: ScriptSession, args: readonly Token[]): ListRequest {
  const isExtended = args[0]?.type === 'list' || args[2]?.type === 'list' || args.length > 2;
  if (isExtended) need(session, 'LIST-EXTENDED');
  const selection = args[0]?.type === 'list' ? tokenItems(args[0]).map((t) => tokenText(t).toUpperCase()) : [];
  const [reference, pattern, , options] = args[0]?.type === 'list' ? args.slice(1) : args;
  const returned = tokenItems(options);
  const asks = (name: string): boolean => returned.some((token) => isAtom(token, name));
  const statusAt = returned.findIndex((token) => isAtom(token, 'STATUS'));
  if (statusAt >= 0) need(session, 'LIST-STATUS');
  const patterns = pattern?.type === 'list' ? tokenItems(pattern).map(tokenText) : [tokenText(pattern)];
  return {
    patterns: patterns.map((p) => patternOf(tokenText(reference) + p, session.store.delimiter)),
    onlySubscribed: selection.includes('SUBSCRIBED'),
    onlySpecial: selection.includes('SPECIAL-USE'),
    withSubscribed: asks('SUBSCRIBED') || selection.includes('SUBSCRIBED'),
    statusItems: statusAt < 0 ? null : tokenItems(returned[statusAt + 1]).map((token) => tokenText(token).toUpperCase()),
  };
}

function listLine(session: ScriptSession, mailbox: ScriptMailbox, withSubscribed: boolean, name = 'LIST'): string {
  const { store } = session;
  const hasChildren = store.mailboxes.some((m) => m.path.startsWith(mailbox.path + store.delimiter));
  const attributes = [hasChildren ? '\\HasChildren' : '\\HasNoChildren'];
  if (!mailbox.isSelectable) attributes.push('\\Noselect');
  if (withSubscribed && mailbox.isSubscribed) attributes.push('\\Subscribed');
  if (mailbox.specialUse && session.has('SPECIAL-USE')) attributes.push(mailbox.specialUse);
  return `* ${name} (${attributes.join(' ')}) ${nstring(store.delimiter)} ${nstring(mailbox.wireName)}\r\n`;
}

const list: Handler = async (session, args) => {
  if (args.length === 2 && tokenText(args[1]) === '') {
    await session.output.write(`* LIST (\\Noselect) ${nstring(session.store.delimiter)} ""\r\n`);
    return 'LIST completed';
  }
  const request = listRequest(session, args);
  for (const mailbox of session.store.mailboxes) {
    if (request.onlySubscribed && !mailbox.isSubscribed) continue;
    if (request.onlySpecial && mailbox.specialUse === null) continue;
    if (!request.patterns.some((pattern) => pattern.test(mailbox.wireName))) continue;
    await session.output.write(listLine(session, mailbox, request.withSubscribed));
    if (request.statusItems && mailbox.isSelectable) await session.output.write(statusLine(mailbox, request.statusItems));
  }
  return 'LIST completed';
};

const lsub: Handler = async (session, args) => {
  const pattern = patternOf(tokenText(args[0]) + tokenText(args[1]), session.store.delimiter);
  for (const mailbox of session.store.mailboxes.filter((m) => m.isSubscribed && pattern.test(m.wireName))) {
    await session.output.write(listLine(session, mailbox, false, 'LSUB'));
  }
  return 'LSUB completed';
};

const namespace: Handler = async (session) => {
  need(session, 'NAMESPACE');
  await session.output.write(`* NAMESPACE (("" ${nstring(session.store.delimiter)})) NIL NIL\r\n`);
  return 'NAMESPACE completed';
};

const create: Handler = (session, args) => {
  const path = decodeMailboxName(tokenText(args[0]));
  if (path === '' || session.store.find(path)) throw new Refusal('NO', '[ALREADYEXISTS] Mailbox exists');
  session.store.create(path, { isSubscribed: false });
  return 'CREATE completed';
};

const remove: Handler = (session, args) => {
  const mailbox = mailboxArg(session, args[0]);
  if (mailbox.path === 'INBOX') throw new Refusal('NO', '[CANNOT] INBOX cannot be deleted');
  session.store.delete(mailbox.path);
  return 'DELETE completed';
};

const rename: Handler = (session, args) => {
  const mailbox = mailboxArg(session, args[0]);
  const target = decodeMailboxName(tokenText(args[1]));
  if (session.store.find(target)) throw new Refusal('NO', '[ALREADYEXISTS] Mailbox exists');
  session.store.rename(mailbox.path, target);
  return 'RENAME completed';
};

const subscription =
  (isSubscribed: boolean): Handler =>
  (session, args) => {
    mailboxArg(session, args[0]).isSubscribed = isSubscribed;
    return `${isSubscribed ? 'SUBSCRIBE' : 'UNSUBSCRIBE'} completed`;
  };

/** Commands about mailboxes as a whole. */
export const mailboxCommands: Readonly<Record<string, Handler>> = {
  NAMESPACE: namespace,
  LIST: list,
  LSUB: lsub,
  STATUS: status,
  CREATE: create,
  DELETE: remove,
  RENAME: rename,
  SUBSCRIBE: subscription(true),
  UNSUBSCRIBE: subscription(false),
};
