import { asUid, asUidValidity, type ModSeq, type Uid, type UidValidity } from '../../../shared/model/ids.ts';
import { invariant } from '../../../shared/invariant.ts';
import type { AppendResult, CopyResult, MessagePieces } from './gateway.ts';
import { changeableMailbox, localError, mailboxArgument, type SessionContext } from './session-context.ts';
import { expandUidSet, splitUidSet } from './uid-set.ts';
import { flagList } from './wire/command-text.ts';
import { RefusedError, type Completion } from './wire/completion.ts';
import { formatInternalDate } from './wire/dates.ts';

const STORE_ITEM = { add: '+FLAGS.SILENT', remove: '-FLAGS.SILENT', set: 'FLAGS.SILENT' } as const;
/** Slowest upload that is waited for, in bytes a millisecond. */
const SLOWEST_UPLOAD = 16;

/** STORE, with UNCHANGEDSINCE where wanted: gives the UIDs that were left alone because somebody else changed them. */
export async function storeFlags(
  context: SessionContext,
  uids: readonly Uid[],
  mode: keyof typeof STORE_ITEM,
  flags: readonly string[],
  unchangedSince?: ModSeq,
): Promise<{ modified: readonly Uid[] }> {
  changeableMailbox(context);
  const guard = unchangedSince === undefined ? '' : ` (UNCHANGEDSINCE ${unchangedSince})`;
  const list = flagList(flags);
  const modified: Uid[] = [];
  for (const { set } of splitUidSet(uids)) {
    const completion = await storeOnce(context, `${set}${guard} ${STORE_ITEM[mode]} ${list}`);
    if (completion.code === 'MODIFIED') modified.push(...(expandUidSet(completion.args.trim(), uids.length) ?? uids));
  }
  const asked = new Set(uids);
  return { modified: modified.filter((uid) => asked.has(uid)) };
}

/** RFC 7162 3.1.3: MODIFIED may come with NO when some of the messages are gone as well. */
async function storeOnce(context: SessionContext, text: string): Promise<Completion> {
  try {
    return await context.wire.run('UID STORE', [text]);
  } catch (error) {
    if (error instanceof RefusedError && error.completion.code === 'MODIFIED') return error.completion;
    throw error;
  }
}

/** UID COPY. */
export async function copyMessages(context: SessionContext, uids: readonly Uid[], targetPath: string): Promise<CopyResult> {
  changeableMailbox(context);
  return transfer(context, 'UID COPY', uids, targetPath);
}

/** UID MOVE; the library's own stand-in (copy, flag, expunge) is never used. @throws MailError operation-unsafe */
export async function moveMessages(context: SessionContext, uids: readonly Uid[], targetPath: string): Promise<CopyResult> {
  changeableMailbox(context);
  if (!context.caps.move)
    throw localError(context, 'operation-unsafe', { scope: 'mailbox', retry: 'never', detail: 'MOVE is not offered' });
  return transfer(context, 'UID MOVE', uids, targetPath);
}

async function transfer(context: SessionContext, command: string, uids: readonly Uid[], targetPath: string): Promise<CopyResult> {
  const target = mailboxArgument(context, targetPath);
  let result: CopyResult | null = null;
  for (const { set, uids: asked } of splitUidSet(uids)) {
    // MOVE tells COPYUID in an untagged OK, before the messages vanish (RFC 6851 4.3).
    let untagged = '';
    const completion = await context.wire.run(command, [`${set} ${target}`], {
      on: {
        OK: (line) => {
          const copyUid = /\[COPYUID ([^\]]+)\]/i.exec(line.text)?.[1];
          if (copyUid === undefined) return context.wire.onUnsolicited(line);
          untagged ||= copyUid;
        },
      },
    });
    const told = completion.code === 'COPYUID' ? completion.args : untagged;
    result = join(result, readCopyUid(told, asked.length));
  }
  return result ?? { targetUidValidity: null, mappings: [] };
}

function readCopyUid(told: string, max: number): CopyResult {
  const [validity = '', from = '', to = ''] = told.trim().split(' ');
  const sources = expandUidSet(from, max);
  const targets = expandUidSet(to, max);
  if (!sources || !targets || sources.length !== targets.length) return { targetUidValidity: null, mappings: null };
  return { targetUidValidity: validityOf(validity), mappings: sources.map((source, i) => ({ source, target: targets[i]! })) };
}

function join(left: CopyResult | null, right: CopyResult): CopyResult {
  if (left === null) return right;
  if (left.mappings === null || right.mappings === null || left.targetUidValidity !== right.targetUidValidity) {
    return { targetUidValidity: null, mappings: null };
  }
  return { targetUidValidity: left.targetUidValidity, mappings: [...left.mappings, ...right.mappings] };
}

function validityOf(text: string): UidValidity | null {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= 0xffff_ffff ? asUidValidity(value) : null;
}

/** UID EXPUNGE of exactly these. @throws MailError operation-unsafe without UIDPLUS */
export async function expungeMessages(context: SessionContext, uids: readonly Uid[]): Promise<void> {
  changeableMailbox(context);
  if (!context.caps.uidplus) {
    throw localError(context, 'operation-unsafe', {
      scope: 'mailbox',
      retry: 'never',
      detail: 'UIDPLUS is not offered: EXPUNGE would take other mail along',
    });
  }
  for (const { set } of splitUidSet(uids)) await context.wire.run('UID EXPUNGE', [set]);
}

/** Up to this size a message goes out as one buffer, with no round trip more than needed where LITERAL- is offered. */
const WHOLE_BYTES = 256 * 1024;

function hasNul({ sizeBytes, pieces }: MessagePieces): boolean {
  let length = 0;
  for (const piece of pieces()) {
    if (piece.includes(0)) return true;
    length += piece.length;
  }
  invariant(length === sizeBytes, 'a message is as long as it says');
  return false;
}

/** APPEND. @throws MailError mailbox-missing, over-quota, message-too-large, command-refused */
export async function appendMessage(
  context: SessionContext,
  path: string,
  raw: Uint8Array | MessagePieces,
  flags: readonly string[],
  internalDate: number,
): Promise<AppendResult> {
  const source = raw instanceof Uint8Array ? { sizeBytes: raw.length, pieces: () => [raw] } : raw;
  if (hasNul(source)) throw localError(context, 'call-rejected', { scope: 'message', retry: 'never', detail: 'NUL in the message' });
  const head = `${mailboxArgument(context, path)} ${flagList(flags)} "${formatInternalDate(internalDate)}"`;
  // Nothing is heard from the server while a large message goes out.
  const silenceMs = context.commandTimeoutMs + source.sizeBytes / SLOWEST_UPLOAD;
  const { code, args } = await context.wire.run(
    'APPEND',
    [head, source.sizeBytes > WHOLE_BYTES ? { source } : { literal: Buffer.concat([...source.pieces()]) }],
    { silenceMs },
  );
  const [validity = '', uid = ''] = code === 'APPENDUID' ? args.trim().split(' ') : [];
  const isUid = /^\d{1,10}$/.test(uid) && Number(uid) >= 1 && Number(uid) <= 0xffff_ffff;
  return isUid ? { uidValidity: validityOf(validity), uid: asUid(Number(uid)) } : { uidValidity: null, uid: null };
}
