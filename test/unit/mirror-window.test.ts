import { describe, expect, it } from 'vitest';
import { isInWindow, mailboxWindowStart, mayExpire, windowStart } from '../../main/engine/mirror/window.ts';
import { lookGapMs } from '../../main/engine/mirror/wakeup.ts';
import { WATCHED_MS } from '../../main/engine/store/reconcile-facts.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 24, 12);
const retention = { incomingDays: 14, outgoingDays: 7, quarantinedDays: 3 };

describe('retention window', () => {
  it('starts N days before now', () => {
    expect(windowStart(NOW, 14)).toBe(NOW - 14 * DAY);
  });

  it.each([
    ['inbox', 'incoming', 14],
    ['sent', 'outgoing', 7],
    ['quarantine', 'quarantined', 3],
    ['other', 'incoming', 14],
  ] as const)('%s is kept for the days of its kind', (role, kind, days) => {
    expect(mailboxWindowStart(NOW, retention, { role, kind })).toBe(NOW - days * DAY);
  });

  it('keeps Drafts whole', () => {
    expect(mailboxWindowStart(NOW, retention, { role: 'drafts', kind: 'incoming' })).toBe(0);
  });

  it('takes flagged mail of any age into the mirror', () => {
    expect(isInWindow(0, NOW, true)).toBe(true);
    expect(isInWindow(NOW - 1, NOW, false)).toBe(false);
    expect(isInWindow(NOW, NOW, false)).toBe(true);
  });
});

describe('mayExpire', () => {
  const since = NOW - 14 * DAY;
  const old = { internalDate: since - 3 * DAY, isFlagged: false, isSeen: true, isLinked: false };

  it('lets seen mail go once it is past the window and the grace for wrong clocks', () => {
    expect(mayExpire(old, since, NOW)).toBe(true);
  });

  it.each([-1, 0, 1, 2 * DAY])('keeps mail that is less than two days outside the window (%i ms)', (outside) => {
    expect(mayExpire({ ...old, internalDate: since - outside }, since, NOW)).toBe(false);
  });

  it('loses nothing to a clock that is two days fast', () => {
    const shifted = since + 2 * DAY;
    expect(mayExpire({ ...old, internalDate: since }, shifted, NOW + 2 * DAY)).toBe(false);
  });

  it('keeps flagged mail, and mail with open work', () => {
    expect(mayExpire({ ...old, isFlagged: true }, since, NOW)).toBe(false);
    expect(mayExpire({ ...old, isLinked: true }, since, NOW)).toBe(false);
  });

  it('keeps unread mail until the widest window is over', () => {
    expect(mayExpire({ ...old, isSeen: false }, since, NOW)).toBe(false);
    expect(mayExpire({ ...old, isSeen: false, internalDate: NOW - 93 * DAY }, since, NOW)).toBe(true);
  });

  it('never lets drafts go', () => {
    expect(mayExpire({ ...old, internalDate: 0 }, 0, NOW)).toBe(false);
  });
});

describe('the time between two looks at everything', () => {
  it('is short enough to tell when a mail came, however slowly an account may poll', () => {
    expect([lookGapMs(120_000, false), lookGapMs(120_000, true)]).toEqual([120_000, 600_000]);
    for (const watchesAll of [true, false]) expect(lookGapMs(3_600_000, watchesAll)).toBeLessThan(WATCHED_MS);
  });
});
