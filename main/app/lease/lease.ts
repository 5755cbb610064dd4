import type { SideSyncState } from '../../../shared/model/sync.ts';
import type { AppLog } from '../log-file.ts';
import type { SealedFile } from '../sealed-file.ts';
import { ContactWatch } from './contact-watch.ts';
import { advance, renewed, standingOf, type LeaseRecord, type LeaseStanding, type TimeReading } from './lease-time.ts';

/** A longer one between two looks was sleep, or a clock that was set; a busy computer is late by less. */
const GAP_MS = 60_000;
/** How much time a kill may make forgotten: each keeping is a sync of the disk. */
const KEEP_MS = 10 * 60_000;

export interface LeaseParts {
  readonly file: Pick<SealedFile<LeaseRecord>, 'read' | 'keep' | 'remove'>;
  /** Null while the store is not open. */
  readonly storeKey: () => Uint8Array | null;
  readonly read: () => TimeReading;
  /** Whether a record was kept before, so that one that is gone was taken away. */
  readonly wasKept: () => boolean;
  readonly noteKept: (isKept: boolean) => void;
  /** Has the engine look at its servers now. */
  readonly lookNow: () => void;
  /** It stands otherwise than before. */
  readonly onChange: (standing: LeaseStanding | null) => void;
  readonly log: AppLog;
}

/**
 * How long the copy may be read without contact, where IT sets that: counts the time in a way that setting the clock back cannot hold up,
 * and is renewed by contact. What follows from it, such as refusing calls, is not done here.
 */
export class Lease {
  readonly #parts: LeaseParts;
  readonly #contact = new ContactWatch();
  #days: number | null = null;
  /** Whether the store's key was there: before, nothing can be known of any record. */
  #isOpen = false;
  #record: LeaseRecord | null = null;
  #standing: LeaseStanding | null = null;
  #last: TimeReading | null = null;
  #keptAt = -Infinity;

  constructor(parts: LeaseParts) {
    this.#parts = parts;
  }

  /** Null where IT sets none, and before the store's key is there. */
  get standing(): LeaseStanding | null {
    return this.#standing;
  }

  get days(): number | null {
    return this.#days;
  }

  /** The store's key is there, and with it what IT holds. */
  open(days: number | null): void {
    this.#isOpen = true;
    this.#days = null;
    this.#record = null;
    this.set(days);
  }

  /** The store was closed: what is counted now is kept first, by keep(). How it stands is known until it is opened again. */
  close(): void {
    this.#isOpen = false;
    this.#contact.ended();
  }

  /** IT sets so many days, or none. */
  set(days: number | null): void {
    if (!this.#isOpen) return;
    const before = this.#days;
    this.#days = days;
    if (days === null) this.#drop();
    else if (before === null) this.#begin();
    this.#settle();
  }

  /** What the engine tells of its connections. */
  heard(states: readonly SideSyncState[]): void {
    this.#noteGap();
    this.#contact.heard(states);
    this.look();
  }

  /** The engine is not there any more. */
  ended(): void {
    this.#contact.ended();
  }

  /** Looks at the time. To be called every few seconds, and after sleep. */
  look(): void {
    this.#noteGap();
    if (!this.#isOpen || this.#days === null) return;
    const reading = this.#parts.read();
    if (this.#contact.isLive) this.#record = renewed(reading);
    else if (this.#record !== null) this.#record = advance(this.#record, reading);
    const wasOver = this.#standing?.phase === 'over';
    this.#settle();
    if (wasOver !== (this.#standing?.phase === 'over') || reading.uptimeMs >= this.#keptAt + KEEP_MS) this.keep();
  }

  /** Writes down what was counted. Call when the app quits. */
  keep(): void {
    const storeKey = this.#parts.storeKey();
    if (!this.#isOpen || storeKey === null || this.#record === null) return;
    this.#keptAt = this.#record.uptimeMs;
    if (this.#parts.file.keep(storeKey, this.#record)) this.#parts.noteKept(true);
  }

  #noteGap(): void {
    const reading = this.#parts.read();
    const last = this.#last;
    this.#last = reading;
    if (last === null || Math.max(reading.now - last.now, reading.uptimeMs - last.uptimeMs) <= GAP_MS) return;
    this.#contact.gap();
    if (this.#days !== null) this.#parts.lookNow();
  }

  #begin(): void {
    const { file, storeKey, read, wasKept, log } = this.#parts;
    const key = storeKey();
    this.#record = key === null ? null : file.read(key);
    // Where IT has only now set one, it counts from now; a record that was there and is not any more is no new beginning.
    if (this.#record === null && !wasKept()) this.#record = renewed(read());
    else if (this.#record === null) log.write('warn', { ev: 'lease.record-gone' });
    else this.#record = advance(this.#record, read());
    this.keep();
  }

  #drop(): void {
    this.#record = null;
    this.#parts.file.remove();
    if (this.#parts.wasKept()) this.#parts.noteKept(false);
  }

  #settle(): void {
    const before = this.#standing;
    this.#standing = this.#days === null ? null : standingOf(this.#record, this.#days);
    if (toldOf(before) !== toldOf(this.#standing)) this.#parts.onChange(this.#standing);
  }
}

/** While it is far from its end nobody is told of every renewal. */
const toldOf = (standing: LeaseStanding | null): string => (standing === null || standing.phase === 'kept' ? '' : JSON.stringify(standing));
