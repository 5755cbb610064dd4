import { MailError } from '../../../shared/errors.ts';
import type { MailboxStatus, WatchEvent } from './gateway.ts';
import type { SessionContext } from './session-context.ts';
import { responseCode, type AnswerLine } from './wire/answer-line.ts';
import { readStatusLine } from './wire/list-answer.ts';

const MAX_NEWS = 5_000;

/**
 * What arrived about mailboxes while nobody listened, and what was known of them before. News come at any time, by NOTIFY, by an answer
 * that no command asked for, or by a SELECT for another purpose than to read what is new: those between two watches are kept for the next
 * one. Whether its owner has taken them in meanwhile, the owner knows.
 */
export class MailboxNews {
  readonly #context: SessionContext;
  readonly #known = new Map<string, MailboxStatus>();
  readonly #waiting = new Map<string, MailboxStatus | null>();
  #isListChanged = false;
  #listener: ((event: WatchEvent) => void) | null = null;
  hasOverflown = false;

  constructor(context: SessionContext) {
    this.#context = context;
  }

  /** State of a mailbox as a command answered it: news that say the same later are none, and one that differs from what was known is news. */
  note(path: string, status: MailboxStatus): void {
    const known = this.#known.get(path);
    if (this.#known.size < MAX_NEWS || known) this.#known.set(path, status);
    if (known && !isSameState(known, status)) this.mailboxChanged(path, status);
  }

  /** Delivers what has waited, then everything as it comes. */
  listen(listener: (event: WatchEvent) => void): () => void {
    this.#listener = listener;
    if (this.#isListChanged) this.#emit({ type: 'list-changed' });
    this.#isListChanged = false;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [path, status] of waiting) this.#emit({ type: 'mailbox-changed', path, status });
    return () => (this.#listener = null);
  }

  /** Takes an answer that no command asked for. */
  take(line: AnswerLine): void {
    switch (line.keyword) {
      case 'STATUS':
        this.#status(line);
        break;
      case 'LIST':
        this.#listChanged();
        break;
      case 'OK':
      case 'NO':
        this.#code(line);
        break;
      case 'EXISTS':
      case 'EXPUNGE':
      case 'VANISHED':
      case 'FETCH':
        this.#openChanged(line);
        break;
    }
  }

  mailboxChanged(path: string, status: MailboxStatus | null): void {
    if (this.#listener) this.#emit({ type: 'mailbox-changed', path, status });
    else if (this.#waiting.size < MAX_NEWS || this.#waiting.has(path)) this.#waiting.set(path, status);
    else this.#isListChanged = true;
  }

  #emit(event: WatchEvent): void {
    this.#listener?.(event);
  }

  #listChanged(): void {
    if (this.#listener) this.#emit({ type: 'list-changed' });
    else this.#isListChanged = true;
  }

  /** Some servers tell the number of messages now and then although it is the same. */
  #openChanged({ keyword, number }: AnswerLine): void {
    const { selected } = this.#context;
    if (!selected || (keyword === 'EXISTS' && number === this.#known.get(selected.path)?.messages)) return;
    this.mailboxChanged(selected.path, null);
  }

  #status({ text, literals, at }: AnswerLine): void {
    const { rawName, status } = readStatusLine(text, literals, at);
    const path = this.#context.names.toPath(rawName);
    const known = this.#known.get(path);
    // The first answer to NOTIFY tells all mailboxes, changed or not; of one that was known, `note` tells the change.
    if (status) this.note(path, status);
    if (!status || !known) this.mailboxChanged(path, status);
  }

  #code({ text }: AnswerLine): void {
    const code = responseCode(text);
    if (code?.name === 'NOTIFICATIONOVERFLOW') {
      // RFC 5465 5.8: the server has given up watching; everything has to be looked at.
      this.hasOverflown = true;
      this.#listChanged();
    }
    if (code?.name !== 'UIDVALIDITY' || !this.#context.selected) return;
    if (/^\d{1,10}$/.test(code.args) && BigInt(code.args) !== this.#context.selected.uidValidity) this.#epochChanged();
  }

  /** UIDs of the open mailbox mean other messages from here on. */
  #epochChanged(): void {
    const { wire } = this.#context;
    this.#context.selected = null;
    this.#context.isEpochLost = true;
    wire.fail(new MailError('uid-validity-changed', { scope: 'mailbox', retry: 'later', side: wire.side }));
  }
}

/** Equal in everything that a pass over the mailbox would find. */
function isSameState(left: MailboxStatus, right: MailboxStatus): boolean {
  const { uidValidity, uidNext, messages, highestModSeq } = left;
  return (
    uidValidity === right.uidValidity && uidNext === right.uidNext && messages === right.messages && highestModSeq === right.highestModSeq
  );
}
