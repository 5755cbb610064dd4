import { describe, expect, it } from 'vitest';
import type { Clock } from '../../main/engine/core/clock.ts';
import { Watchdog } from '../../main/engine/imap/wire/watchdog.ts';
import { Handover } from '../../main/engine/imap/wire/handover.ts';

const MINUTE = 60_000;

/** A watchdog over a connection that the test plays, on a clock that it moves. */
function rig() {
  let timer: { at: number; callback: () => void } | null = null;
  let time = 0;
  const clock = {
    after: (ms: number, callback: () => void) => {
      timer = { at: time + ms, callback };
      return () => (timer = null);
    },
  } as unknown as Clock;
  const state = { bytes: 0, isMid: false, isBusy: false };
  const reasons: string[] = [];
  const watched = { bytesReceived: () => state.bytes, isMidAnswer: () => state.isMid, isReaderBusy: () => state.isBusy };
  const overdue: boolean[] = [];
  const dog = new Watchdog(clock, watched, {
    onGiveUp: (reason) => void reasons.push(reason),
    onOverdue: (isOverdue) => void overdue.push(isOverdue),
  });
  const pass = (ms: number, each: () => void = () => undefined): void => {
    const end = time + ms;
    while (timer && timer.at <= end && reasons.length === 0) {
      const due = timer;
      time = due.at;
      timer = null;
      each();
      due.callback();
    }
    time = end;
  };
  return { dog, state, reasons, overdue, pass };
}

describe('watchdog of a connection', () => {
  const patience = { silenceMs: MINUTE, stallMs: MINUTE / 2, overdueMs: MINUTE / 3 };

  it('barks after the silence allowed between answers, and sooner inside one', () => {
    const between = rig();
    between.dog.start(patience);
    between.pass(MINUTE - 1);
    expect(between.reasons).toEqual([]);
    between.pass(MINUTE / 4);
    expect(between.reasons).toEqual(['silent']);
    const inside = rig();
    inside.state.isMid = true;
    inside.dog.start(patience);
    inside.pass(MINUTE * 0.6);
    expect(inside.reasons).toEqual(['stalled']);
  });

  it('is silent while bytes come, while our own reader is busy, and once stopped', () => {
    const fed = rig();
    fed.dog.start(patience);
    fed.pass(9 * MINUTE, () => (fed.state.bytes += 1));
    const busy = rig();
    busy.state.isBusy = true;
    busy.dog.start(patience);
    busy.pass(60 * MINUTE);
    const stopped = rig();
    stopped.dog.start(patience);
    stopped.dog.stop();
    stopped.pass(60 * MINUTE);
    expect([fed.reasons, busy.reasons, stopped.reasons]).toEqual([[], [], []]);
  });

  it('ends a server that only drips, and lets a slow one deliver', () => {
    const drip = rig();
    drip.dog.start(patience);
    drip.pass(60 * MINUTE, () => (drip.state.bytes += 1));
    expect(drip.reasons).toEqual(['dripping']);
    const slow = rig();
    slow.dog.start(patience);
    slow.pass(60 * MINUTE, () => (slow.state.bytes += 20_000));
    expect(slow.reasons).toEqual([]);
  });

  it('waits for ever where that is wanted, and for an upload as long as it may take', () => {
    const idle = rig();
    idle.dog.start({ ...patience, silenceMs: Infinity, overdueMs: Infinity });
    idle.pass(600 * MINUTE);
    expect([idle.reasons, idle.overdue]).toEqual([[], []]);
    idle.dog.change(patience);
    idle.pass(2 * MINUTE);
    expect(idle.reasons).toEqual(['silent']);
    const upload = rig();
    upload.dog.start({ ...patience, silenceMs: 90 * MINUTE });
    upload.pass(89 * MINUTE);
    expect(upload.reasons).toEqual([]);
  });

  it('tells of an overdue answer once, takes it back when something comes, and says nothing of a connection that ended', () => {
    const late = rig();
    late.dog.start(patience);
    late.pass(MINUTE * 0.3);
    expect(late.overdue).toEqual([]);
    late.pass(MINUTE * 0.2);
    expect([late.overdue, late.reasons]).toEqual([[true], []]);
    late.state.bytes += 1;
    late.pass(MINUTE * 0.1);
    expect(late.overdue).toEqual([true, false]);
    late.pass(MINUTE * 0.5);
    late.dog.answered();
    expect(late.overdue).toEqual([true, false, true, false]);
    const lost = rig();
    lost.dog.start(patience);
    lost.pass(2 * MINUTE);
    lost.dog.stop();
    expect([lost.overdue, lost.reasons]).toEqual([[true], ['silent']]);
  });

  it('looks as often as a change asks for, at once', () => {
    const idle = rig();
    idle.dog.start({ ...patience, silenceMs: Infinity, overdueMs: Infinity });
    idle.dog.change({ ...patience, overdueMs: MINUTE / 20 });
    idle.pass(MINUTE / 16);
    expect(idle.overdue).toEqual([true]);
  });
});

describe('handover', () => {
  it('gives items in order, then the end, or the error after what had come', async () => {
    const handover = new Handover<number>(100);
    for (const item of [1, 2, 3]) expect(handover.push(item, 1)).toBeUndefined();
    handover.finish();
    expect([await handover.next(), await handover.next(), await handover.next(), await handover.next()]).toEqual([1, 2, 3, undefined]);
    const failing = new Handover<number>(100);
    void failing.push(1, 1);
    failing.finish(new Error('cut'));
    expect(await failing.next()).toBe(1);
    await expect(failing.next()).rejects.toThrow('cut');
  });

  it('holds the reader back when full, until half is taken', async () => {
    const handover = new Handover<number>(10);
    let isHeld = true;
    void handover.push(1, 4);
    void Promise.resolve(handover.push(2, 6)).then(() => (isHeld = false));
    await handover.next();
    await Promise.resolve();
    expect(isHeld).toBe(true);
    await handover.next();
    await Promise.resolve();
    expect(isHeld).toBe(false);
  });

  it('lets the reader go on when the consumer has left', async () => {
    const handover = new Handover<number>(1);
    const held = handover.push(1, 5);
    handover.leave();
    await held;
    expect(handover.push(2, 5)).toBeUndefined();
  });

  it('wakes a consumer that waits', async () => {
    const handover = new Handover<string>(10);
    const waiting = handover.next();
    void handover.push('x', 1);
    expect(await waiting).toBe('x');
  });
});
