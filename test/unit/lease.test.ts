import { describe, expect, it } from 'vitest';
import { ContactWatch } from '../../main/app/lease/contact-watch.ts';
import { Lease, type LeaseParts } from '../../main/app/lease/lease.ts';
import { advance, DAY_MS as DAY, renewed, standingOf, type LeaseRecord, type LeaseStanding } from '../../main/app/lease/lease-time.ts';
import type { SideSyncState } from '../../shared/model/sync.ts';
import { syncOf } from '../support/readiness-facts.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 10, 12, 9);

describe('the time of a lease', () => {
  const at = (contact: number, seen: number, uptime: number): LeaseRecord => ({
    contactAt: START + contact,
    seenAt: START + seen,
    uptimeMs: uptime,
  });

  it.each([
    ['goes with the clock', at(0, 0, HOUR), { now: HOUR, uptimeMs: 2 * HOUR }, HOUR],
    ['goes with the clock while the computer is off', at(0, 0, 5 * HOUR), { now: 3 * DAY, uptimeMs: MINUTE }, 3 * DAY],
    ['counts sleep, which the clock tells', at(0, 0, HOUR), { now: 2 * DAY, uptimeMs: HOUR + MINUTE }, 2 * DAY],
    ['goes on while the clock is set back', at(0, 2 * DAY, HOUR), { now: -30 * DAY, uptimeMs: 3 * HOUR }, 2 * DAY + 2 * HOUR],
    ['does not go back with the clock', at(0, 2 * DAY, HOUR), { now: 0, uptimeMs: HOUR }, 2 * DAY],
    [
      'counts what a computer that was started anew has run, whatever its clock',
      at(0, DAY, 9 * DAY),
      { now: 0, uptimeMs: HOUR },
      DAY + HOUR,
    ],
    ['believes a clock that is set forward', at(0, 0, HOUR), { now: 400 * DAY, uptimeMs: HOUR }, 400 * DAY],
    ['keeps what a clock said that was set forward and back', at(0, 400 * DAY, HOUR), { now: HOUR, uptimeMs: HOUR }, 400 * DAY],
  ])('%s', (_what, record, { now, uptimeMs }, seen) => {
    expect(advance(record, { now: START + now, uptimeMs })).toEqual({ ...record, seenAt: START + seen, uptimeMs });
  });

  it('is that of the clock after a contact, so that one that was set forward does not lock for ever', () => {
    const wrong = advance(at(0, 0, 0), { now: START + 400 * DAY, uptimeMs: 1 });
    expect(standingOf(wrong, 30).phase).toBe('over');
    const right = renewed({ now: START + HOUR, uptimeMs: 2 });
    expect(right).toEqual(at(HOUR, HOUR, 2));
    expect(standingOf(advance(right, { now: START + DAY, uptimeMs: DAY }), 30).phase).toBe('kept');
  });
});

describe('how a lease stands', () => {
  const after = (days: number, passed: number) => standingOf({ contactAt: START, seenAt: START + passed, uptimeMs: 0 }, days);

  it.each([
    [30, 0, 'kept'],
    [30, 24 * DAY - 1, 'kept'],
    [30, 24 * DAY, 'ends-soon'],
    [30, 30 * DAY - 1, 'ends-soon'],
    [30, 30 * DAY, 'over'],
    [30, 400 * DAY, 'over'],
    [90, 72 * DAY - 1, 'kept'],
    [90, 72 * DAY, 'ends-soon'],
    // A fifth of these is less than a day.
    [3, 2 * DAY - 1, 'kept'],
    [3, 2 * DAY, 'ends-soon'],
    [2, DAY - 1, 'kept'],
    [2, DAY, 'ends-soon'],
    // And of one day a day before the end is its beginning.
    [1, 0, 'kept'],
    [1, DAY / 5 - 1, 'kept'],
    [1, DAY / 5, 'ends-soon'],
    [1, DAY, 'over'],
  ] as const)('of %i days after %i ms is "%s"', (days, passed, phase) => {
    expect(after(days, passed)).toEqual({ phase, contactAt: START, endsAt: START + days * DAY });
  });

  it('is over where the record of it was taken away', () => {
    expect(standingOf(null, 30)).toEqual({ phase: 'over', contactAt: null, endsAt: null });
  });
});

const connected = (change: Partial<SideSyncState> = {}) => syncOf('primary', { lastCompleteAt: null, ...change });
const lost = (change: Partial<SideSyncState> = {}) => connected({ isConnected: false, ...change });

describe('contact', () => {
  it('is a connection of any side, for as long as it lasts', () => {
    const watch = new ContactWatch();
    watch.heard([lost(), syncOf('relay', { isConnected: false })]);
    expect(watch.isLive).toBe(false);
    watch.heard([lost(), syncOf('relay')]);
    expect(watch.isLive).toBe(true);
    watch.heard([connected(), syncOf('relay', { isConnected: false })]);
    expect(watch.isLive).toBe(true);
    watch.heard([lost(), syncOf('relay', { isConnected: false })]);
    expect(watch.isLive).toBe(false);
  });

  it('is not one that the engine believed in before a gap, until it is proved', () => {
    const watch = new ContactWatch();
    watch.heard([connected({ lastCompleteAt: 1 })]);
    watch.gap();
    watch.heard([connected({ lastCompleteAt: 1, bodiesDone: 5 })]);
    expect(watch.isLive).toBe(false);
    watch.heard([connected({ lastCompleteAt: 2 })]);
    expect(watch.isLive).toBe(true);
    watch.gap();
    watch.heard([lost({ lastCompleteAt: 2 })]);
    watch.heard([connected({ lastCompleteAt: 2 })]);
    expect(watch.isLive).toBe(true);
  });

  it('ends with the engine, and with the account', () => {
    const watch = new ContactWatch();
    watch.heard([connected()]);
    watch.ended();
    expect(watch.isLive).toBe(false);
    watch.heard([connected()]);
    expect(watch.isLive).toBe(true);
    watch.heard([]);
    expect(watch.isLive).toBe(false);
  });
});

/** A computer with a clock, on which a lease is kept. */
class Computer {
  now = START;
  uptimeMs = HOUR;
  kept: LeaseRecord | null = null;
  wasKept = false;
  writes = 0;
  looks = 0;
  key: Uint8Array | null = new Uint8Array(32);
  readonly told: (LeaseStanding | null)[] = [];
  lease = this.#make();

  #make(): Lease {
    const parts: LeaseParts = {
      file: {
        read: () => this.kept,
        keep: (_key, record) => {
          this.kept = record;
          this.writes += 1;
          return true;
        },
        remove: () => (this.kept = null),
      },
      storeKey: () => this.key,
      read: () => ({ now: this.now, uptimeMs: this.uptimeMs }),
      wasKept: () => this.wasKept,
      noteKept: (isKept) => (this.wasKept = isKept),
      lookNow: () => (this.looks += 1),
      onChange: (standing) => this.told.push(standing),
      log: { write: () => undefined },
    };
    return new Lease(parts);
  }

  /** Time passes while the app runs and looks every ten seconds. */
  run(ms: number): void {
    for (let left = ms; left > 0; left -= 10_000) {
      this.now += Math.min(left, 10_000);
      this.uptimeMs += Math.min(left, 10_000);
      this.lease.look();
    }
  }

  /** It sleeps, or it is switched off. */
  pass(ms: number): void {
    this.now += ms;
    this.uptimeMs += ms;
  }

  restart(days: number | null): void {
    this.lease = this.#make();
    this.lease.open(days);
  }
}

describe('a lease', () => {
  it('counts from when IT sets it, is told before its end, and ends', () => {
    const computer = new Computer();
    computer.lease.open(null);
    computer.run(HOUR);
    expect(computer.lease.standing).toBeNull();
    computer.lease.set(1);
    computer.run(DAY / 5 - 10_000);
    expect(computer.told).toEqual([]);
    computer.run(10_000);
    expect(computer.told).toMatchObject([{ phase: 'ends-soon', endsAt: START + HOUR + DAY }]);
    computer.run(DAY);
    expect(computer.told).toMatchObject([{ phase: 'ends-soon' }, { phase: 'over', contactAt: START + HOUR }]);
  });

  it('is renewed by contact for as long as it lasts, and opens at once by it', () => {
    const computer = new Computer();
    computer.lease.open(1);
    computer.lease.heard([connected()]);
    computer.run(3 * DAY);
    expect(computer.told).toEqual([]);
    computer.lease.heard([lost()]);
    computer.run(2 * DAY);
    expect(computer.lease.standing?.phase).toBe('over');
    computer.lease.heard([connected()]);
    expect(computer.lease.standing).toEqual({ phase: 'kept', contactAt: computer.now, endsAt: computer.now + DAY });
    expect(computer.told.at(-1)?.phase).toBe('kept');
    expect(computer.kept?.contactAt).toBe(computer.now);
  });

  it('outlives a restart, with the time in between', () => {
    const computer = new Computer();
    computer.lease.open(5);
    computer.lease.heard([connected()]);
    computer.lease.keep();
    computer.pass(4 * DAY);
    computer.restart(5);
    expect(computer.lease.standing?.phase).toBe('ends-soon');
    computer.pass(DAY);
    computer.restart(5);
    expect(computer.lease.standing?.phase).toBe('over');
  });

  it('ends in sleep, and is not renewed by what the engine believed before it', () => {
    const computer = new Computer();
    computer.lease.open(5);
    computer.lease.heard([connected({ lastCompleteAt: 1 })]);
    computer.pass(6 * DAY);
    computer.lease.heard([connected({ lastCompleteAt: 1, bodiesDone: 1 })]);
    expect(computer.lease.standing?.phase).toBe('over');
    expect(computer.looks).toBe(1);
    computer.lease.heard([connected({ lastCompleteAt: 2 })]);
    expect(computer.lease.standing?.phase).toBe('kept');
  });

  it('is not prolonged by a clock that is set back, over restarts too', () => {
    const computer = new Computer();
    computer.lease.open(1);
    for (let hour = 0; hour < 24; hour += 1) {
      computer.now = START - 300 * DAY;
      computer.run(HOUR);
      computer.lease.keep();
      computer.restart(1);
    }
    expect(computer.lease.standing?.phase).toBe('over');
  });

  it('loses no more than ten minutes by a kill, and does not write at every look', () => {
    const computer = new Computer();
    computer.lease.open(30);
    const before = computer.writes;
    computer.run(HOUR);
    expect(computer.writes - before).toBe(6);
    expect(computer.now - (computer.kept?.seenAt ?? 0)).toBeLessThan(10 * MINUTE + 10_000);
  });

  it('that was kept and is gone is over until there is contact', () => {
    const computer = new Computer();
    computer.lease.open(30);
    computer.kept = null;
    computer.restart(30);
    expect(computer.lease.standing).toEqual({ phase: 'over', contactAt: null, endsAt: null });
    computer.run(HOUR);
    expect(computer.lease.standing?.phase).toBe('over');
    computer.lease.heard([connected()]);
    expect(computer.lease.standing?.phase).toBe('kept');
  });

  it('ends with the rule, and leaves nothing behind', () => {
    const computer = new Computer();
    computer.lease.open(1);
    computer.pass(2 * DAY);
    computer.lease.look();
    expect(computer.lease.standing?.phase).toBe('over');
    computer.lease.set(null);
    expect([computer.lease.standing, computer.kept, computer.wasKept]).toEqual([null, null, false]);
    expect(computer.told.at(-1)).toBeNull();
    computer.lease.set(1);
    expect(computer.lease.standing?.phase).toBe('kept');
  });

  it('follows another number of days at once', () => {
    const computer = new Computer();
    computer.lease.open(30);
    computer.pass(10 * DAY);
    computer.lease.look();
    expect(computer.lease.standing?.phase).toBe('kept');
    computer.lease.set(9);
    expect(computer.lease.standing?.phase).toBe('over');
    computer.lease.set(60);
    expect(computer.lease.standing?.phase).toBe('kept');
  });

  it('is taken for nothing, neither kept nor dropped, before the key of the store is there', () => {
    const computer = new Computer();
    computer.kept = { contactAt: START - 40 * DAY, seenAt: START - 40 * DAY, uptimeMs: 0 };
    computer.wasKept = true;
    computer.lease.set(null);
    computer.lease.look();
    computer.lease.keep();
    expect([computer.kept.contactAt, computer.wasKept, computer.writes]).toEqual([START - 40 * DAY, true, 0]);
    computer.lease.open(30);
    expect(computer.lease.standing?.phase).toBe('over');
  });

  it('stays over while the app is locked, and is counted on when the store is opened again', () => {
    const computer = new Computer();
    computer.lease.open(1);
    computer.lease.heard([connected()]);
    computer.lease.keep();
    computer.lease.close();
    computer.key = null;
    computer.pass(2 * DAY);
    computer.lease.look();
    expect(computer.lease.standing?.phase).toBe('kept');
    computer.key = new Uint8Array(32);
    computer.lease.open(1);
    expect(computer.lease.standing?.phase).toBe('over');
  });
});
