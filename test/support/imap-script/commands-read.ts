import { isAtom, tokenItems, tokenText, type Token } from '../imap-tokens.ts';
import { uidSet } from '../second-client.ts';
import { fetchItems, marksSeen, MessageAnswer, UnknownItemError } from './fetch.ts';
import { inSet, parseNumberSet, type NumberSet } from './number-set.ts';
import { BadSearchError, compileSearch } from './search.ts';
import { need, Refusal, selectedOf, viewed, type Handler, type ScriptSession, type Selected } from './session-state.ts';
import type { ScriptMessage } from './store.ts';

/** Messages that a set names, by UID or by sequence number. BAD for a set that is none. */
export function* messagesOf(
  selected: Selected,
  token: Token | undefined,
  byUid: boolean,
): Generator<{ message: ScriptMessage; sequence: number }> {
  const largest = byUid ? (selected.view.at(-1) ?? 0) : selected.view.length;
  const set = parseNumberSet(tokenText(token), largest);
  if (!set) throw new Refusal('BAD', 'Invalid message set');
  for (const entry of viewed(selected)) if (inSet(set, byUid ? entry.message.uid : entry.sequence)) yield entry;
}

interface FetchModifiers {
  readonly changedSince: bigint | null;
  readonly withVanished: boolean;
}

function fetchModifiers(session: ScriptSession, token: Token | undefined): FetchModifiers {
  const items = tokenItems(token);
  const at = items.findIndex((item) => isAtom(item, 'CHANGEDSINCE'));
  if (at < 0) return { changedSince: null, withVanished: false };
  need(session, 'CONDSTORE');
  session.isCondstore = true;
  const withVanished = items.some((item) => isAtom(item, 'VANISHED'));
  if (withVanished && !session.isQresync) throw new Refusal('BAD', 'QRESYNC is not enabled');
  return { changedSince: BigInt(tokenText(items[at + 1])), withVanished };
}

async function tellVanished(session: ScriptSession, selected: Selected, set: NumberSet, since: bigint): Promise<void> {
  const gone = selected.mailbox.expunged.filter((e) => e.modSeq > since && inSet(set, e.uid)).map((e) => e.uid);
  if (gone.length > 0) await session.output.write(`* VANISHED (EARLIER) ${uidSet(gone)}\r\n`);
}

function answerOf(message: ScriptMessage, sequence: number, items: readonly string[]): Buffer {
  const answer = new MessageAnswer(message);
  const parts = items.flatMap((item, i) => (i === 0 ? [answer.item(item)] : [Buffer.from(' '), answer.item(item)]));
  return Buffer.concat([Buffer.from(`* ${sequence} FETCH (`), ...parts, Buffer.from(')\r\n')]);
}

const fetch =
  (byUid: boolean): Handler =>
  async (session, args) => {
    const selected = selectedOf(session);
    const modifiers = fetchModifiers(session, args[2]);
    const items = fetchItems(args[1]);
    if (items.some((item) => item.toUpperCase() === 'MODSEQ')) {
      need(session, 'CONDSTORE');
      session.isCondstore = true;
    }
    if (items.some((item) => /^BINARY/i.test(item))) need(session, 'BINARY');
    if (byUid && !items.some((item) => item.toUpperCase() === 'UID')) items.unshift('UID');
    if (modifiers.changedSince !== null && !items.some((item) => item.toUpperCase() === 'MODSEQ')) items.push('MODSEQ');
    if (modifiers.withVanished) {
      await tellVanished(
        session,
        selected,
        parseNumberSet(tokenText(args[0]), selected.mailbox.uidNext) ?? [],
        modifiers.changedSince ?? 0n,
      );
    }
    const doesMark = !selected.isReadOnly && items.some(marksSeen);
    for (const { message, sequence } of messagesOf(selected, args[0], byUid)) {
      if (modifiers.changedSince !== null && message.modSeq <= modifiers.changedSince) continue;
      if (doesMark && !message.flags.has('\\Seen')) selected.mailbox.setFlags(message.uid, [...message.flags, '\\Seen']);
      await session.output.write(fetchLine(message, sequence, items));
    }
    return 'FETCH completed';
  };

function fetchLine(message: ScriptMessage, sequence: number, items: readonly string[]): Buffer {
  try {
    return answerOf(message, sequence, items);
  } catch (error) {
    if (error instanceof UnknownItemError) throw new Refusal('BAD', `Unknown fetch item ${error.message}`);
    throw error;
  }
}

function esearch(session: ScriptSession, byUid: boolean, options: readonly string[], found: readonly number[]): string {
  const parts = [`* ESEARCH (TAG "${session.command.tag}")`];
  if (byUid) parts.push('UID');
  const asks = (name: string): boolean => options.includes(name);
  if (asks('MIN') && found.length > 0) parts.push(`MIN ${found[0]}`);
  if (asks('MAX') && found.length > 0) parts.push(`MAX ${found.at(-1)}`);
  if ((asks('ALL') || options.length === 0) && found.length > 0) parts.push(`ALL ${uidSet(found)}`);
  if (asks('COUNT')) parts.push(`COUNT ${found.length}`);
  return `${parts.join(' ')}\r\n`;
}

const search =
  (byUid: boolean): Handler =>
  async (session, args) => {
    const selected = selectedOf(session);
    let keys = [...args];
    let options: string[] | null = null;
    if (isAtom(keys[0], 'RETURN')) {
      need(session, 'ESEARCH');
      options = tokenItems(keys[1]).map((token) => tokenText(token).toUpperCase());
      keys = keys.slice(2);
    }
    if (isAtom(keys[0], 'CHARSET')) keys = keys.slice(2);
    const entries = matching(selected, keys);
    const found = entries.map(({ message, sequence }) => (byUid ? message.uid : sequence));
    if (options) {
      await session.output.write(esearch(session, byUid, options, found));
      return 'SEARCH completed';
    }
    const asksModSeq = keys.some((key) => isAtom(key, 'MODSEQ')) && found.length > 0;
    const highest = entries.reduce((max, { message }) => (message.modSeq > max ? message.modSeq : max), 0n);
    await session.output.write(`* SEARCH${found.map((n) => ` ${n}`).join('')}${asksModSeq ? ` (MODSEQ ${highest})` : ''}\r\n`);
    return 'SEARCH completed';
  };

function matching(selected: Selected, keys: readonly Token[]): { message: ScriptMessage; sequence: number }[] {
  try {
    const matches = compileSearch(keys, { largestUid: selected.view.at(-1) ?? 0, largestSequence: selected.view.length });
    return [...viewed(selected)].filter(({ message, sequence }) => matches(message, sequence));
  } catch (error) {
    if (error instanceof BadSearchError) throw new Refusal('BAD', error.message);
    throw error;
  }
}

/** Commands that read messages. */
export const readCommands: Readonly<Record<string, Handler>> = {
  FETCH: fetch(false),
  'UID FETCH': fetch(true),
  SEARCH: search(false),
  'UID SEARCH': search(true),
};
