import type { Uid } from '../../../shared/model/ids.ts';
import type { SelectedMailbox } from './gateway.ts';

/** How a message is asked for: with others, by itself, or not at all any more. */
export type Treatment = 'together' | 'alone' | 'never';

interface Strikes {
  /** It was among those that were still to be answered. */
  waiting: number;
  /** It was the next to be answered, or the only one. */
  next: number;
}

/** Connections that may end while a message waits for its answer before it is asked for alone: not every server answers in order. */
const WAITING = 2;
/** Connections that may end at it. After the first one it is asked for alone: networks fail, too. */
const NEXT = 2;
const MAX_ENTRIES = 20_000;

/**
 * Messages over which connections ended: an answer beyond all bounds, or a server that dies of them (Dovecot 2.3 does of
 * half a million recipients). Kept over the sessions with one server, so that such a message is asked for twice, passed
 * over, and no longer keeps all others from coming. Servers answer in ascending order, so it is plain at which one a connection ended.
 */
export class FetchSuspects {
  readonly #strikes = new Map<string, Strikes>();

  treatment(kind: string, mailbox: SelectedMailbox, uid: Uid): Treatment {
    if (this.#strikes.size === 0) return 'together';
    const strikes = this.#strikes.get(keyOf(kind, mailbox, uid));
    if (!strikes) return 'together';
    if (strikes.next >= NEXT) return 'never';
    return strikes.waiting >= WAITING || strikes.next > 0 ? 'alone' : 'together';
  }

  /** It was asked for before, on a connection that ended without an answer for it. */
  has(kind: string, mailbox: SelectedMailbox, uid: Uid): boolean {
    return this.#strikes.has(keyOf(kind, mailbox, uid));
  }

  /** The connection ended while these had been asked for and not answered; `next` is the one at which it seems to have ended. */
  strike(kind: string, mailbox: SelectedMailbox, uids: readonly Uid[], next: Uid | undefined): void {
    for (const uid of uids) {
      const key = keyOf(kind, mailbox, uid);
      const strikes = this.#strikes.get(key) ?? { waiting: 0, next: 0 };
      if (uid === next) strikes.next += 1;
      else strikes.waiting += 1;
      if (this.#strikes.size < MAX_ENTRIES || this.#strikes.has(key)) this.#strikes.set(key, strikes);
    }
  }

  /** These were answered. */
  clear(kind: string, mailbox: SelectedMailbox, uids: readonly Uid[]): void {
    if (this.#strikes.size === 0) return;
    for (const uid of uids) this.#strikes.delete(keyOf(kind, mailbox, uid));
  }
}

function keyOf(kind: string, { path, uidValidity }: SelectedMailbox, uid: Uid): string {
  return `${kind} ${uidValidity} ${uid} ${path}`;
}
