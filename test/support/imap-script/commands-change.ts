import { parseImapDateTime } from '../imap-date.ts';
import { isAtom, tokenItems, tokenText, type Token } from '../imap-tokens.ts';
import { uidSet } from '../second-client.ts';
import { mailboxArg } from './commands-mailboxes.ts';
import { messagesOf } from './commands-read.ts';
import { inSet, parseNumberSet } from './number-set.ts';
import { need, Refusal, selectedOf, writableOf, type Handler, type Selected, type ScriptSession } from './session-state.ts';
import type { ScriptMailbox, ScriptMessage } from './store.ts';

/** Removes these messages of the selected mailbox from the store; the session tells it after the command. */
export function expungeUids(selected: Selected, uids: readonly number[]): void {
  for (const uid of uids) selected.mailbox.expunge(uid);
}

function withFlags(message: ScriptMessage, mode: string, flags: readonly string[]): string[] {
  if (mode.startsWith('+')) return [...new Set([...message.flags, ...flags])];
  if (mode.startsWith('-')) return [...message.flags].filter((flag) => !flags.includes(flag));
  return [...flags];
}

async function storeOne(
  session: ScriptSession,
  selected: Selected,
  at: { message: ScriptMessage; sequence: number },
  mode: string,
  flags: readonly string[],
): Promise<void> {
  const changed = selected.mailbox.setFlags(at.message.uid, withFlags(at.message, mode, flags));
  selected.told.set(changed.uid, changed.modSeq);
  const isSilent = /\.SILENT$/i.test(mode);
  if (isSilent && !session.isCondstore) return;
  const items = [`UID ${changed.uid}`];
  if (!isSilent) items.push(`FLAGS (${[...changed.flags].join(' ')})`);
  if (session.isCondstore) items.push(`MODSEQ (${changed.modSeq})`);
  await session.output.write(`* ${at.sequence} FETCH (${items.join(' ')})\r\n`);
}

const store =
  (byUid: boolean): Handler =>
  async (session, args) => {
    const selected = writableOf(session);
    const rest = [...args.slice(1)];
    let unchangedSince: bigint | null = null;
    if (rest[0]?.type === 'list' && isAtom(tokenItems(rest[0])[0], 'UNCHANGEDSINCE')) {
      need(session, 'CONDSTORE');
      session.isCondstore = true;
      unchangedSince = BigInt(tokenText(tokenItems(rest.shift())[1]));
    }
    const mode = tokenText(rest[0]);
    if (!/^[+-]?FLAGS(\.SILENT)?$/i.test(mode)) throw new Refusal('BAD', 'FLAGS expected');
    const flags = (rest[1]?.type === 'list' ? tokenItems(rest[1]) : rest.slice(1)).map(tokenText);
    const modified: number[] = [];
    for (const at of [...messagesOf(selected, args[0], byUid)]) {
      if (unchangedSince !== null && at.message.modSeq > unchangedSince) modified.push(byUid ? at.message.uid : at.sequence);
      else await storeOne(session, selected, at, mode, flags);
    }
    return modified.length > 0 ? `[MODIFIED ${uidSet(modified)}] Conditional STORE failed` : 'STORE completed';
  };

function copyAll(session: ScriptSession, args: readonly Token[], byUid: boolean): { selected: Selected; source: number[]; code: string } {
  const selected = selectedOf(session);
  const target = mailboxArg(session, args[1], 'TRYCREATE');
  const source: number[] = [];
  const copies: number[] = [];
  for (const { message } of [...messagesOf(selected, args[0], byUid)]) {
    const { raw, flags, internalDate, emailId } = message;
    source.push(message.uid);
    copies.push(target.add({ raw, flags: [...flags], internalDate, emailId }).uid);
  }
  const hasCode = session.has('UIDPLUS') && source.length > 0;
  return { selected, source, code: hasCode ? `[COPYUID ${target.uidValidity} ${uidSet(source)} ${uidSet(copies)}] ` : '' };
}

const copy =
  (byUid: boolean): Handler =>
  (session, args) =>
    `${copyAll(session, args, byUid).code}COPY completed`;

const move =
  (byUid: boolean): Handler =>
  async (session, args) => {
    need(session, 'MOVE');
    writableOf(session);
    const { selected, source, code } = copyAll(session, args, byUid);
    if (code !== '') await session.output.write(`* OK ${code}Moved\r\n`);
    expungeUids(selected, source);
    return 'MOVE completed';
  };

const expunge: Handler = (session) => {
  const selected = writableOf(session);
  const deleted = selected.mailbox.messages.filter((m) => m.flags.has('\\Deleted')).map((m) => m.uid);
  expungeUids(selected, deleted);
  return 'EXPUNGE completed';
};

const uidExpunge: Handler = (session, args) => {
  need(session, 'UIDPLUS');
  const selected = writableOf(session);
  const set = parseNumberSet(tokenText(args[0]), selected.mailbox.uidNext - 1);
  if (!set) throw new Refusal('BAD', 'Invalid message set');
  const deleted = selected.mailbox.messages.filter((m) => m.flags.has('\\Deleted') && inSet(set, m.uid));
  expungeUids(
    selected,
    deleted.map((m) => m.uid),
  );
  return 'EXPUNGE completed';
};

const append: Handler = (session, args) => {
  const target: ScriptMailbox = mailboxArg(session, args[0], 'TRYCREATE');
  const source = args.at(-1);
  if (args.length < 2 || source?.type !== 'string') throw new Refusal('BAD', 'A literal is needed');
  const options = args.slice(1, -1);
  const flags = tokenItems(options.find((token) => token.type === 'list')).map(tokenText);
  const date = options.find((token) => token.type === 'string');
  const internalDate = date ? parseImapDateTime(tokenText(date)) : Date.now();
  const { uid } = target.add({ raw: source.value, flags, internalDate });
  return session.has('UIDPLUS') ? `[APPENDUID ${target.uidValidity} ${uid}] APPEND completed` : 'APPEND completed';
};

/** Commands that change messages. */
export const changeCommands: Readonly<Record<string, Handler>> = {
  STORE: store(false),
  'UID STORE': store(true),
  COPY: copy(false),
  'UID COPY': copy(true),
  MOVE: move(false),
  'UID MOVE': move(true),
  EXPUNGE: expunge,
  'UID EXPUNGE': uidExpunge,
  APPEND: append,
};
