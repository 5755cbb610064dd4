import type { Uid } from '../../../shared/model/ids.ts';
import type { SelectedMailbox } from './gateway.ts';

/** How a message is asked for: with others, by itself, or not at all any more. */
export type Treatment = 'together' | 'alone' | 'never';

interface Strikes {
  together: number;
  alone: number;
}

/** Connections that may end over a message among others before it is asked for alone: networks fail, too. */
const TOGETHER = 2;
/** Connections that may end over it alone. */
const ALONE = 2;
const MAX_ENTRIES = 20_000;

/**
 * Messages over which connections ended: an answer beyond all bounds, or a server that dies of them (Dovecot 2.3 does of
 * half a million recipients). Kept over the sessions with one server, so that after a few attempts such a message is passed
 * over and no longer keeps all others from coming.
 */
export class FetchSuspects {
  readonly #strikes = new Map<string, Strikes>();

  treatment(kind: string, mailbox: SelectedMailbox, uid: Uid): Treatment {
    if (this.#strikes.size === 0) return 'together';
    const strikes = this.#strikes.get(keyOf(kind, mailbox, uid));
    if (!strikes) return 'together';
    if (strikes.alone >= ALONE) return 'never';
    return strikes.together >= TOGETHER || strikes.alone > 0 ? 'alone' : 'together';
  }

  /** The connection ended while these had been asked for and not answered. */
  strike(kind: string, mailbox: SelectedMailbox, uids: readonly Uid[]): void {
    for (const uid of uids) {
      const key = keyOf(kind, mailbox, uid);
      const strikes = this.#strikes.get(key) ?? { together: 0, alone: 0 };
      if (uids.length === 1) strikes.alone += 1;
      else strikes.together += 1;
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
