import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asDraftId, type OutboxId } from '../../shared/model/ids.ts';
import { systemClock, type Clock } from '../../main/engine/core/clock.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { seedMailbox } from '../support/dovecot-seed.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { reportFigure } from '../support/figures.ts';
import { seededRandom } from '../support/random.ts';

const DAY = 86_400_000;
const DAYS = 10;
const MOVES = 50;
/** SEARCH SINCE knows whole days of the server's zone (RFC 9051 6.4.4): this near to the edge either answer is right. */
const EDGE_DAYS = 2;
const AGES = Array.from({ length: 20 }, (_, age) => age);
const FLAGGED_AGE = 18;

const idOf = (name: string): string => `<${name}@example.com>`;
const named = (name: string): Buffer =>
  Buffer.from(`From: a@example.com\r\nSubject: ${name}\r\nMessage-ID: ${idOf(name)}\r\n\r\nText of ${name}\r\n`);

/** The machine's clock, set wrong by so much. */
class ShiftedClock implements Clock {
  shiftMs = 0;
  readonly monotonic = systemClock.monotonic;
  readonly sleep = systemClock.sleep;
  readonly after = systemClock.after;
  now(): number {
    return systemClock.now() + this.shiftMs;
  }
}

describe('I12: the window of N days moves', () => {
  const clock = new ShiftedClock();
  let server: Dovecot;
  let rig: EngineRig;

  beforeAll(async () => {
    server = await startDovecot();
    const now = Date.now();
    const mails = AGES.map((age) => ({
      // The Date header of every third is a year off: only the server's date counts.
      raw: Buffer.from(
        `From: a@example.com\r\nSubject: age ${age}\r\nDate: ${new Date(now - age * DAY - (age % 3 === 0 ? 365 * DAY : 0)).toUTCString()}\r\nMessage-ID: <age-${age}@example.com>\r\n\r\nText ${age}\r\n`,
      ),
      flags: age === FLAGGED_AGE ? ['\\Seen', '\\Flagged'] : ['\\Seen'],
      internalDate: now - age * DAY - DAY / 2,
    }));
    await seedMailbox(server, 'alice', 'INBOX', mails);
    const { name: user, password } = server.user();
    const retention = { incomingDays: DAYS, outgoingDays: DAYS, quarantinedDays: DAYS };
    rig = await EngineRig.open({ primary: { port: server.imapPort, user, password }, clock, config: { retention } });
  });
  afterAll(async () => {
    await rig.close();
    await server.dispose();
  });

  const shown = (): number[] => rig.rows('INBOX').map((row) => Number(row.subject.replace('age ', '')));

  const check = (shiftDays: number): void => {
    const ages = new Set(shown());
    expect(ages.has(FLAGGED_AGE)).toBe(true);
    for (const age of AGES) {
      if (age === FLAGGED_AGE) continue;
      const told = age + 0.5 + shiftDays;
      if (told < DAYS - EDGE_DAYS) expect({ shiftDays, age, isHere: ages.has(age) }).toEqual({ shiftDays, age, isHere: true });
      if (told > DAYS + EDGE_DAYS) expect({ shiftDays, age, isHere: ages.has(age) }).toEqual({ shiftDays, age, isHere: false });
    }
  };

  it(`${MOVES} times: nothing is deleted on the server, and what comes back into it is here again`, async () => {
    const random = seededRandom(12);
    const mark = server.mark();
    await rig.mirror();
    const first = shown();
    for (let move = 0; move < MOVES; move += 1) {
      const shiftDays = Math.round(random.next() * 24) / 2 - 2;
      clock.shiftMs = shiftDays * DAY;
      await rig.mirror();
      check(shiftDays);
    }
    clock.shiftMs = 0;
    await rig.mirror();
    expect(rig.recoverable()).toEqual([]);
    const serverDeletes = server.mutatingSince(mark).length;
    const lost = first.filter((age) => !shown().includes(age)).length;
    reportFigure('I12 window', { windowChanges: MOVES, serverDeletes, lost });
    expect({ serverDeletes, lost }).toEqual({ serverDeletes: 0, lost: 0 });
  });

  it('a clock two days fast or slow loses nothing', async () => {
    await rig.mirror();
    const before = shown();
    for (const shiftDays of [2, 0, -2, 0]) {
      clock.shiftMs = shiftDays * DAY;
      await rig.mirror();
      check(shiftDays);
    }
    // Mail that the slow clock let in stays for the days of grace.
    expect(shown()).toEqual(expect.arrayContaining(before));
  });
});

/** Ages in days at the start; the window is 10 days, and mail is let go two days later. */
const KEPT_FOR = {
  plain: ['\\Seen'],
  flagged: ['\\Seen', '\\Flagged'],
  unread: [],
  original: ['\\Seen'],
  queued: ['\\Seen'],
  changed: ['\\Seen'],
} as const;
type Kept = keyof typeof KEPT_FOR;

describe('I12: mail that leaves the window and is still needed', () => {
  let server: Dovecot;
  let rig: EngineRig;
  const clock = new ShiftedClock();

  beforeAll(async () => {
    server = await startDovecot();
    const mails = Object.entries(KEPT_FOR).map(([name, flags]) => ({
      raw: named(name),
      flags: [...flags],
      internalDate: Date.now() - DAY,
    }));
    await seedMailbox(server, 'alice', 'INBOX', mails);
    const { name: user, password } = server.user();
    const retention = { incomingDays: DAYS, outgoingDays: DAYS, quarantinedDays: DAYS };
    rig = await EngineRig.open({ primary: { port: server.imapPort, user, password }, clock, config: { retention } });
    await rig.mirror();
  });
  afterAll(async () => {
    await rig.close();
    await server.dispose();
  });

  const shown = (): string[] =>
    rig
      .rows('INBOX')
      .map((row) => row.subject)
      .sort();
  const entry = (name: Kept) => rig.rows('INBOX').find((row) => row.subject === name)!.id;
  const moveTo = async (days: number): Promise<void> => {
    clock.shiftMs = days * DAY;
    await rig.mirror();
  };

  /** A mail of ours that waits in the outbox: the answer to one, or the very mail that lies in Sent already. */
  function waiting(messageId: string, original: Kept | null): OutboxId {
    const { outbox } = rig.engine.store;
    const now = clock.now();
    return outbox.add(
      {
        ...{ accountId: rig.accountId, messageId, date: now, raw: named('answer'), bcc: [], subject: 'answer', preview: '' },
        ...{ envelope: { from: 'alice@example.com', to: ['kunde@example.net'] }, sendAfter: now + 365 * DAY, draftId: asDraftId(1) },
        original: original === null ? null : { entryId: entry(original), kind: 'reply' as const },
        ...{ to: [{ name: '', address: 'kunde@example.net' }], needsSmtpUtf8: false },
      },
      'alice@example.com',
      now,
    );
  }

  it('stays as long as it is: flagged, unread, linked to the outbox, or with a change that waits', async () => {
    const mark = server.mark();
    const items = [waiting('<answer@example.com>', 'original'), waiting(idOf('queued'), null)];
    // The change cannot be carried over: the primary counts as gone.
    rig.engine.features.monitor.setControl(rig.accountId, 'forced-continuity');
    rig.engine.actions.setFlag([entry('changed')], 'seen', false);
    await moveTo(DAYS + EDGE_DAYS + 1);
    expect(shown()).toEqual(['changed', 'flagged', 'original', 'queued', 'unread']);
    // Mail never read leaves with the widest window that can be set.
    await moveTo(90 + EDGE_DAYS + 1);
    expect(shown()).toEqual(['changed', 'flagged', 'original', 'queued']);
    for (const id of items) rig.engine.store.outbox.change(id, { state: 'cancelled' });
    await moveTo(91 + EDGE_DAYS + 1);
    expect(shown()).toEqual(['changed', 'flagged']);
    expect(rig.recoverable()).toEqual([]);
    expect(server.mutatingSince(mark)).toEqual([]);
    reportFigure('I12 kept though older', { kinds: Object.keys(KEPT_FOR).length - 1, serverDeletes: server.mutatingSince(mark).length });
  });
});

describe.each(['Pacific/Kiritimati', 'America/Los_Angeles', 'Asia/Kathmandu'])('I12: server and machine in %s', (zone) => {
  const machine = process.env['TZ'];
  let server: Dovecot;
  let rig: EngineRig;
  const clock = new ShiftedClock();
  /** Every six hours over the days around the edge, at which SEARCH SINCE goes by the days of the server's zone. */
  const hours = Array.from({ length: 40 }, (_, n) => (DAYS - 5) * 24 + n * 6);

  beforeAll(async () => {
    process.env['TZ'] = zone;
    server = await startDovecot();
    const now = Date.now();
    const mails = hours.map((hour) => ({ raw: named(`h${hour}`), flags: ['\\Seen'], internalDate: now - hour * 3_600_000 }));
    await seedMailbox(server, 'alice', 'INBOX', mails);
    const { name: user, password } = server.user();
    const retention = { incomingDays: DAYS, outgoingDays: DAYS, quarantinedDays: DAYS };
    rig = await EngineRig.open({ primary: { port: server.imapPort, user, password }, clock, config: { retention } });
  });
  afterAll(async () => {
    if (machine === undefined) delete process.env['TZ'];
    else process.env['TZ'] = machine;
    await rig.close();
    await server.dispose();
  });

  it('everything of the window is here, now and when the clock is two days off', async () => {
    const mark = server.mark();
    let missing = 0;
    let looks = 0;
    for (const shiftDays of [0, 2, 0, -2, 0]) {
      clock.shiftMs = shiftDays * DAY;
      await rig.mirror();
      looks += 1;
      const shown = new Set(rig.rows('INBOX').map((row) => row.subject));
      // A clock that is two days slow asks for more, one that is two days fast has let nothing go that the true time keeps.
      const due = hours.filter((hour) => hour < DAYS * 24 && (shiftDays >= 0 || hour < (DAYS + shiftDays) * 24));
      missing += due.filter((hour) => !shown.has(`h${hour}`)).length;
    }
    const mutating = server.mutatingSince(mark).length;
    reportFigure(`I12 time zone ${zone}`, { looks, missing, serverDeletes: mutating });
    expect({ missing, mutating, recoverable: rig.recoverable() }).toEqual({ missing: 0, mutating: 0, recoverable: [] });
  });
});
