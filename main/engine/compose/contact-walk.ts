import type { Clock } from '../core/clock.ts';
import { InPortions } from '../core/in-portions.ts';
import type { Log } from '../core/log.ts';
import type { Exchange, UncountedEntry } from '../store/contacts.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { addressKey, ownKeys } from './reply-recipients.ts';

const FIRST_MS = 5_000;
const PAUSE_MS = 50;
/** Between looks for new mail: one query that finds nothing. */
const CALM_MS = 20_000;
const PORTION = 50;
/** A person who types waits no longer than this for mail that is not counted yet. */
const ASKED_MS = 30;
/** Mail of these tells nothing about whom a person knows. */
const LEFT_OUT: ReadonlySet<string> = new Set(['junk', 'quarantine', 'trash']);
/** More recipients are a list, not people one writes to. */
const MAX_PEOPLE = 30;

/** Who is met in a mail: the recipients of one's own, the sender of all others. */
export function exchangesOf({ accountId, role, internalDate, headers }: UncountedEntry, own: ReadonlySet<string>): Exchange[] {
  if (LEFT_OUT.has(role) || role === 'drafts') return [];
  const isSent = role === 'sent' || headers.from.some(({ address }) => own.has(addressKey(address)));
  const people = isSent ? [...headers.to, ...headers.cc, ...headers.bcc] : headers.from;
  const others = people.filter(({ address }) => address.includes('@') && address.length <= 320 && !own.has(addressKey(address)));
  return others.slice(0, MAX_PEOPLE).map((person) => ({ accountId, person, isSent, at: internalDate }));
}

/** Counts the people of mirrored mail in the background, a small portion at a time; the mirror itself does nothing for it. */
export class ContactWalk {
  readonly #store: EngineStore;
  readonly #clock: Clock;
  readonly #work: InPortions;

  constructor(store: EngineStore, clock: Clock, log: Log) {
    this.#store = store;
    this.#clock = clock;
    // Completion is a convenience: it waits for the store to recover.
    const plan = { firstMs: FIRST_MS, pauseMs: PAUSE_MS, calmMs: CALM_MS, failedAs: 'contacts.count-failed' };
    this.#work = new InPortions(clock, log, plan, () => this.step());
  }

  start(): void {
    this.#work.start();
  }

  stop(): void {
    this.#work.stop();
  }

  /** One portion; false when nothing was left. */
  step(): boolean {
    const own = this.own();
    return this.#store.contacts.countPortion(PORTION, (entry) => exchangesOf(entry, own));
  }

  /** Counts what has come since the last look, for a person who is typing; what does not fit into the time is left to the background. */
  catchUp(): void {
    const until = this.#clock.monotonic() + ASKED_MS;
    while (this.#work.tryStep() && this.#clock.monotonic() < until);
  }

  own(): ReadonlySet<string> {
    return ownKeys(this.#store.accounts.list());
  }
}
