import { limits } from '../../../../shared/limits.ts';
import { asUid, asUidValidity } from '../../../../shared/model/ids.ts';
import type { MailboxStatus, RemoteMailbox } from '../gateway.ts';
import { AnswerReader, type AnswerValue } from './answer-reader.ts';
import { modSeqOf } from './summary.ts';

/** One LIST or LSUB line, with the name as it came. */
export interface ListLine {
  /** One character a byte. */
  readonly rawName: string;
  readonly delimiter: string | null;
  readonly attributes: readonly string[];
}

/** `* LIST (\HasNoChildren) "/" "name" ...` from `at` on. @throws AnswerSyntaxError */
export function readListLine(text: string, literals: readonly Buffer[], at: number): ListLine {
  const reader = new AnswerReader(text, literals, at);
  reader.expect('(');
  const attributes: string[] = [];
  while (!reader.take(')')) attributes.push(reader.atom().toLowerCase());
  const delimiter = reader.nstring();
  const rawName = reader.nstring() ?? 'NIL';
  return { rawName, delimiter: delimiter === '' ? null : delimiter, attributes };
}

/** One STATUS line: raw name and what was told. `status` is null where UIDVALIDITY, UIDNEXT or MESSAGES is missing. */
export interface StatusLine {
  readonly rawName: string;
  readonly status: MailboxStatus | null;
  readonly objectId: string | null;
}

/** `* STATUS "name" (MESSAGES 3 ...)` from `at` on. @throws AnswerSyntaxError, RangeError */
export function readStatusLine(text: string, literals: readonly Buffer[], at: number): StatusLine {
  const reader = new AnswerReader(text, literals, at);
  const rawName = reader.nstring() ?? 'NIL';
  reader.expect('(');
  const items = new Map<string, AnswerValue>();
  while (!reader.take(')')) items.set(reader.atom().toUpperCase(), reader.value());
  return { rawName, status: statusOf(items), objectId: objectIdOf(items.get('MAILBOXID') ?? null) };
}

function numberOf(value: AnswerValue | undefined): number | null {
  return typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : null;
}

function statusOf(items: ReadonlyMap<string, AnswerValue>): MailboxStatus | null {
  const uidValidity = numberOf(items.get('UIDVALIDITY'));
  const uidNext = numberOf(items.get('UIDNEXT'));
  const messages = numberOf(items.get('MESSAGES'));
  if (uidValidity === null || uidNext === null || messages === null || uidValidity < 1 || uidNext < 1) return null;
  const highest = items.get('HIGHESTMODSEQ');
  // RFC 7162 3.1.8: zero stands for a mailbox without mod-sequences.
  const modSeq = typeof highest === 'string' && /^\d{1,19}$/.test(highest) && highest !== '0' ? modSeqOf(BigInt(highest)) : null;
  return {
    uidValidity: asUidValidity(uidValidity),
    uidNext: asUid(uidNext),
    messages,
    unseen: numberOf(items.get('UNSEEN')),
    highestModSeq: modSeq,
  };
}

function objectIdOf(value: AnswerValue): string | null {
  const inner = Array.isArray(value) ? (value as readonly AnswerValue[])[0] : value;
  return typeof inner === 'string' && inner !== '' ? inner : null;
}

/** Names that no command could carry back, or that are longer than any honest one. */
export function isUsableName(rawName: string): boolean {
  return rawName !== '' && rawName.length <= limits.maxMailboxNameBytes && !/[\r\n\0]/.test(rawName);
}

/** The mailbox as the mirror sees it. `\NonExistent` (RFC 5258) implies that it cannot be selected. */
export function toRemoteMailbox(line: ListLine, path: string, isSubscribed: boolean, answered: StatusLine | null): RemoteMailbox {
  const isSelectable = !line.attributes.includes('\\noselect') && !line.attributes.includes('\\nonexistent');
  return {
    path,
    delimiter: line.delimiter,
    attributes: line.attributes,
    isSubscribed: isSubscribed || line.attributes.includes('\\subscribed'),
    isSelectable,
    objectId: answered?.objectId ?? null,
    status: answered?.status ?? null,
  };
}
