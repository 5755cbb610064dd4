import { describe, expect, it } from 'vitest';
import { planMailboxPass, type StoredProgress } from '../../main/engine/mirror/plan.ts';
import { asModSeq, asUid, asUidValidity } from '../../shared/model/ids.ts';
import type { MailboxStatus } from '../../main/engine/imap/gateway.ts';

const SINCE = 1_000_000;
const stored = (change: Partial<StoredProgress> = {}): StoredProgress => ({
  uidValidity: asUidValidity(7),
  uidNext: asUid(100),
  highestModSeq: asModSeq(500),
  remoteMessages: 10,
  coveredSince: SINCE,
  ...change,
});
const remote = (change: Partial<MailboxStatus> = {}): MailboxStatus => ({
  uidValidity: asUidValidity(7),
  uidNext: asUid(100),
  messages: 10,
  unseen: null,
  highestModSeq: asModSeq(500),
  ...change,
});

describe('planMailboxPass', () => {
  const cases: [string, StoredProgress, MailboxStatus, number, string, string][] = [
    ['never seen', stored({ uidValidity: null }), remote(), SINCE, 'full', 'first-pass'],
    ['first pass was interrupted', stored({ uidNext: null }), remote(), SINCE, 'full', 'first-pass'],
    ['coverage unknown', stored({ coveredSince: null }), remote(), SINCE, 'full', 'first-pass'],
    ['new epoch', stored(), remote({ uidValidity: asUidValidity(8) }), SINCE, 'reset', 'uid-validity-changed'],
    ['epoch went down', stored(), remote({ uidValidity: asUidValidity(6) }), SINCE, 'reset', 'uid-validity-changed'],
    [
      'new epoch during an unfinished first pass',
      stored({ uidNext: null }),
      remote({ uidValidity: asUidValidity(8) }),
      SINCE,
      'reset',
      'uid-validity-changed',
    ],
    ['window widened', stored(), remote(), SINCE - 1, 'full', 'window-widened'],
    ['window moved on', stored(), remote(), SINCE + 1, 'none', 'modseq-unchanged'],
    ['UIDNEXT went back', stored(), remote({ uidNext: asUid(99) }), SINCE, 'full', 'uid-next-went-back'],
    ['MODSEQ went back', stored(), remote({ highestModSeq: asModSeq(499) }), SINCE, 'full', 'modseq-went-back'],
    ['MODSEQ no longer offered', stored(), remote({ highestModSeq: null }), SINCE, 'full', 'modseq-lost'],
    ['MODSEQ offered for the first time', stored({ highestModSeq: null }), remote(), SINCE, 'full', 'modseq-lost'],
    ['MODSEQ advanced', stored(), remote({ highestModSeq: asModSeq(501) }), SINCE, 'delta', 'modseq-advanced'],
    ['expunged without a new MODSEQ', stored(), remote({ messages: 9 }), SINCE, 'delta', 'counters-changed'],
    ['arrived without a new MODSEQ', stored(), remote({ uidNext: asUid(101), messages: 11 }), SINCE, 'delta', 'counters-changed'],
    ['nothing changed', stored(), remote(), SINCE, 'none', 'modseq-unchanged'],
    ['no MODSEQ, counters equal', stored({ highestModSeq: null }), remote({ highestModSeq: null }), SINCE, 'delta', 'flags-unknown'],
    [
      'no MODSEQ, counters differ',
      stored({ highestModSeq: null }),
      remote({ highestModSeq: null, messages: 3 }),
      SINCE,
      'delta',
      'counters-changed',
    ],
  ];
  it.each(cases)('%s', (_name, known, answer, since, type, reason) => {
    expect(planMailboxPass(known, answer, since)).toEqual({ type, reason });
  });

  it('compares 63-bit MODSEQ values exactly', () => {
    const high = 2n ** 62n;
    const plan = planMailboxPass(stored({ highestModSeq: asModSeq(high) }), remote({ highestModSeq: asModSeq(high + 1n) }), SINCE);
    expect(plan.reason).toBe('modseq-advanced');
  });
});
