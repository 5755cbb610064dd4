import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
    expect(shown()).toEqual(expect.arrayContaining(first));
    expect(rig.recoverable()).toEqual([]);
    expect(server.mutatingSince(mark)).toEqual([]);
    reportFigure('I12 window', { windowChanges: MOVES, serverDeletes: 0, lost: 0 });
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
