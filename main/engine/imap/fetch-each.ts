import { MailError } from '../../../shared/errors.ts';
import type { Uid } from '../../../shared/model/ids.ts';
import type { Treatment } from './fetch-suspects.ts';
import type { UnreadableMessage } from './gateway.ts';
import { existingUids } from './search-mailbox.ts';
import { localError, selectedMailbox, type SessionContext } from './session-context.ts';
import { splitUidSet } from './uid-set.ts';
import type { AnswerLine } from './wire/answer-line.ts';
import { AnswerSyntaxError } from './wire/answer-reader.ts';
import { RefusedError } from './wire/completion.ts';
import { guessUid, readFetchItems, type FetchItems } from './wire/fetch-items.ts';
import { Handover } from './wire/handover.ts';
import type { AnswerBounds } from './wire/wire.ts';

/** How one kind of item is asked for and made. */
export interface FetchKind<T> {
  readonly name: string;
  readonly items: string;
  readonly bounds: AnswerBounds;
  /** True when everything asked for has come; servers may answer in several lines. */
  isComplete(items: FetchItems): boolean;
  /** Null when what came is not enough. */
  make(uid: Uid, items: FetchItems): T | null;
  /** Memory that the item holds while it waits for its consumer. */
  weigh(item: T): number;
}

/** Weight that may wait for the consumer before reading pauses. */
const MAX_WAITING = 1024 * 1024;
/** Single messages refused one after the other before the mailbox is taken to refuse them all. */
const MAX_REFUSED_SINGLES = 16;

/** State of one pass over a list of UIDs. */
class EachPass<T> {
  readonly context: SessionContext;
  readonly kind: FetchKind<T>;
  /** Not answered yet. */
  readonly open = new Set<number>();
  readonly #partial = new Map<number, FetchItems>();
  hasGarbage = false;
  /** The last one of the command that runs. */
  lastAnswered = 0;
  answered = 0;
  refusedSingles = 0;

  constructor(context: SessionContext, kind: FetchKind<T>, uids: readonly Uid[]) {
    this.context = context;
    this.kind = kind;
    for (const uid of uids) this.open.add(uid);
  }

  /** An item, an unreadable message, or null for a line that ends nothing. Never throws for a broken line. */
  read(line: AnswerLine): T | UnreadableMessage | null {
    let items: FetchItems;
    try {
      items = readFetchItems(line.text, line.literals, line.at);
    } catch (error) {
      if (!(error instanceof AnswerSyntaxError)) throw error;
      return this.#garbage(line, error);
    }
    // Asked for or not, each answer must say whose it is (RFC 9051 6.4.9).
    if (items.uid === undefined || !this.open.has(items.uid)) return null;
    const uid = items.uid as Uid;
    this.lastAnswered = uid;
    const earlier = this.#partial.get(uid);
    const merged = earlier ? Object.assign(earlier, items) : items;
    if (this.kind.isComplete(merged)) return this.#settle(uid, merged);
    this.#partial.set(uid, merged);
    return null;
  }

  /** Makes the best of answers that stayed in pieces. */
  *rest(): Generator<T | UnreadableMessage> {
    for (const [uid, items] of this.#partial) yield this.#settle(uid as Uid, items);
  }

  unreadable(uid: number, detail: string, cause?: unknown): UnreadableMessage {
    this.open.delete(uid);
    this.#partial.delete(uid);
    const { side } = this.context.wire;
    return { uid: uid as Uid, error: new MailError('message-unreadable', { scope: 'message', retry: 'later', side, detail, cause }) };
  }

  refusedTwice(uid: number, refused: RefusedError): UnreadableMessage {
    return { ...this.unreadable(uid, refused.detail, refused), isAskedTwice: true };
  }

  #garbage(line: AnswerLine, error: AnswerSyntaxError): UnreadableMessage | null {
    const uid = guessUid(line.text.slice(line.at - 1));
    if (uid !== null && this.open.has(uid)) return this.unreadable(uid, 'broken answer', error);
    this.hasGarbage = true;
    return null;
  }

  #settle(uid: Uid, items: FetchItems): T | UnreadableMessage {
    this.open.delete(uid);
    this.#partial.delete(uid);
    const made = this.kind.make(uid, items);
    if (made === null) return this.unreadable(uid, 'answer without content');
    this.answered += 1;
    return made;
  }
}

/**
 * Fetches the same items of many messages, in the server's order and with back-pressure. Every UID that exists comes out,
 * as an item or as unreadable: one that the server refuses or leaves out does not hide the others. UIDs that do not exist
 * are left out.
 */
export async function* fetchEach<T>(
  context: SessionContext,
  uids: readonly Uid[],
  kind: FetchKind<T>,
): AsyncGenerator<T | UnreadableMessage> {
  if (uids.length === 0) return;
  const mailbox = selectedMailbox(context);
  const pass = new EachPass(context, kind, uids);
  const treated = (how: Treatment) => uids.filter((uid) => context.suspects.treatment(kind.name, mailbox, uid) === how);
  const never = treated('never');
  const commands = [...splitUidSet(treated('together')), ...treated('alone').map((uid) => ({ set: `${uid}`, uids: [uid] }))];
  for (const { set, uids: asked } of commands) {
    yield* fetchSome(pass, set, asked);
    yield* fetchLeft(pass, asked);
  }
  for (const uid of never) yield pass.unreadable(uid, 'ended the connection before');
}

/**
 * One command; a refusal is met by asking for the halves, down to single messages. Each message is asked for twice before it is blamed:
 * a server that said no once in passing would hide a mail's header for good.
 */
async function* fetchSome<T>(
  pass: EachPass<T>,
  set: string,
  asked: readonly Uid[],
  isSecond = false,
): AsyncGenerator<T | UnreadableMessage> {
  let refused: RefusedError | null = null;
  try {
    yield* stream(pass, set, asked);
  } catch (error) {
    if (!(error instanceof RefusedError) || error.completion.status !== 'NO') throw error;
    refused = error;
  }
  yield* pass.rest();
  if (refused === null) return;
  const open = asked.filter((uid) => pass.open.has(uid));
  if (open.length === 0) return;
  if (asked.length === 1) {
    if (isSecond) pass.refusedSingles += 1;
    await blameMessage(pass, open[0]!, refused);
    if (pass.open.has(open[0]!) && !isSecond) yield* fetchSome(pass, set, asked, true);
    if (pass.open.has(open[0]!)) yield pass.refusedTwice(open[0]!, refused);
    return;
  }
  if (open.length === 1 && wasLeftBefore(pass, open[0]!)) {
    yield pass.refusedTwice(open[0]!, refused);
    return;
  }
  const half = Math.ceil(open.length / 2);
  for (const part of [open.slice(0, half), open.slice(half)]) {
    for (const piece of splitUidSet(part)) yield* fetchSome(pass, piece.set, piece.uids, true);
  }
}

/** All others of its command were answered, now and on a connection that ended before it could say why. */
function wasLeftBefore<T>(pass: EachPass<T>, uid: Uid): boolean {
  return pass.answered > 0 && pass.context.suspects.has(pass.kind.name, selectedMailbox(pass.context), uid);
}

/** Refusals that say that the mailbox, or the server, is not well: no message is to blame for them. */
const NOT_OF_MESSAGE = new Set(['UNAVAILABLE', 'INUSE', 'LIMIT', 'NOPERM']);

/**
 * Makes sure that a refusal is this message's own: others were answered, or the server at least knows the message.
 * @throws the refusal where it is not.
 */
async function blameMessage<T>(pass: EachPass<T>, uid: Uid, refused: RefusedError): Promise<void> {
  if (NOT_OF_MESSAGE.has(refused.completion.code)) throw refused;
  if (pass.answered > 0) return;
  if (pass.refusedSingles >= MAX_REFUSED_SINGLES) throw refused;
  const existing = await existingUids(pass.context, [uid]);
  if (!existing.has(uid)) pass.open.delete(uid);
}

/** Messages without an answer: gone, or left out by a server that could not read them. It has to say which. */
async function* fetchLeft<T>(pass: EachPass<T>, asked: readonly Uid[]): AsyncGenerator<UnreadableMessage> {
  const open = asked.filter((uid) => pass.open.has(uid));
  if (open.length === 0) return;
  const existing = await existingUids(pass.context, open);
  for (const uid of open) if (existing.has(uid)) yield pass.unreadable(uid, pass.hasGarbage ? 'broken answer' : 'left out of the answer');
}

async function* stream<T>(pass: EachPass<T>, set: string, asked: readonly Uid[]): AsyncGenerator<T | UnreadableMessage> {
  const { wire } = pass.context;
  const mailbox = selectedMailbox(pass.context);
  pass.lastAnswered = 0;
  const handover = new Handover<T | UnreadableMessage>(MAX_WAITING);
  const running = wire
    .run('UID FETCH', [`${set} ${pass.kind.items}`], {
      bounds: pass.kind.bounds,
      on: {
        FETCH: (line) => {
          const item = pass.read(line);
          if (item === null) return undefined;
          return handover.push(item, isUnreadable(item) ? 1 : pass.kind.weigh(item));
        },
      },
    })
    .then(
      () => {
        pass.context.suspects.clear(pass.kind.name, mailbox, asked);
        handover.finish();
      },
      (error: unknown) => {
        const unanswered = asked.filter((uid) => pass.open.has(uid));
        // Servers answer in ascending order, as the UIDs are here; one before that was expunged.
        const next = unanswered.find((uid) => uid > pass.lastAnswered);
        if (isBlamable(error)) pass.context.suspects.strike(pass.kind.name, mailbox, unanswered, next);
        handover.finish(error);
      },
    );
  const leave = (): void => handover.leave();
  wire.closed.addEventListener('abort', leave, { once: true });
  try {
    for (let item = await handover.next(); item !== undefined; item = await handover.next()) yield item;
  } finally {
    // A consumer that leaves early: the rest of the answer has to pass before the next command.
    handover.leave();
    wire.closed.removeEventListener('abort', leave);
    await running;
  }
}

/** Connections that somebody ended on purpose say nothing about the message they were at. */
function isBlamable(error: unknown): boolean {
  return error instanceof MailError && error.scope === 'connection' && error.code !== 'cancelled' && error.code !== 'call-rejected';
}

function isUnreadable<T>(item: T | UnreadableMessage): item is UnreadableMessage {
  return typeof item === 'object' && item !== null && 'error' in item;
}

/**
 * The one answer of a command about a single message.
 * @throws MailError message-missing when there is none, message-unreadable when it has ended connections before.
 */
export async function fetchOne(context: SessionContext, uid: Uid, name: string, items: string, bounds: AnswerBounds): Promise<FetchItems> {
  const mailbox = selectedMailbox(context);
  const { suspects } = context;
  if (suspects.treatment(name, mailbox, uid) === 'never') {
    throw localError(context, 'message-unreadable', { scope: 'message', retry: 'never', detail: 'ended the connection before' });
  }
  const found: FetchItems = {};
  const on = {
    FETCH: ({ text, literals, at }: AnswerLine) => {
      const read = readFetchItems(text, literals, at);
      if (read.uid === uid) Object.assign(found, read);
    },
  };
  try {
    await context.wire.run('UID FETCH', [`${uid} ${items}`], { bounds, on });
  } catch (error) {
    if (isBlamable(error)) suspects.strike(name, mailbox, [uid], uid);
    throw error;
  }
  suspects.clear(name, mailbox, [uid]);
  if (found.uid === undefined) throw localError(context, 'message-missing', { scope: 'message', retry: 'later' });
  return found;
}
