import { describe, expect, it } from 'vitest';
import { MailError, packError } from '../../shared/errors.ts';
import { asDraftId, asEntryId, asOpId, asOutboxId } from '../../shared/model/ids.ts';
import { mailboxRoleSchema } from '../../shared/model/mailbox.ts';
import { outboxStateSchema } from '../../shared/model/outbox.ts';
import type { DraftFact, OpFact, PlanInput, ReceivedFact, RemovalFact, SentFact } from '../../main/engine/reconcile/facts.ts';
import { arrivedAt, standingOf, TRANSIT_MARGIN_MS } from '../../main/engine/reconcile/arrival.ts';
import { newItems, planItems } from '../../main/engine/reconcile/plan.ts';
import { draftOutcome, opOutcome, removalOutcome, sentOutcome } from '../../main/engine/reconcile/outcome.ts';
import { seededRandom, type SeededRandom } from '../support/random.ts';
import { isFull } from '../support/this-run.ts';

const START = Date.UTC(2026, 10, 1, 9, 0, 0);
const MINUTE = 60_000;
const BACK = START + 60 * MINUTE;
const NOW = BACK + MINUTE;
const GRACE = 30 * MINUTE;
const WORLDS = isFull ? 5_000 : 300;

const empty: PlanInput = {
  outage: { startedAt: START },
  ...{ primaryBackAt: BACK, now: NOW, graceMs: GRACE, relayClockMs: 0, sent: [], ops: [], drafts: [], removals: [], received: [] },
};
const sent = (change: Partial<SentFact> = {}): SentFact => ({
  ...{ outboxId: asOutboxId(1), state: 'accepted', route: 'relay', acceptedAt: START + MINUTE, sentCopy: 'waiting', subject: 'Angebot' },
  ...{ messageId: '<sent@x>', isToSelf: false, error: null, copyError: null, endedAt: null, isPutAway: false, ...change },
});
const op = (change: Partial<OpFact> = {}): OpFact => ({
  ...{
    opId: asOpId(1),
    entryId: asEntryId(7),
    isRestore: false,
    isOpen: true,
    outcome: 'open',
    subject: 's',
    detail: 'flag +seen',
    met: '',
    isSuperseded: false,
  },
  ...{ error: null, ...change },
});
const draft = (change: Partial<DraftFact> = {}): DraftFact => ({
  ...{
    draftId: asDraftId(1),
    subject: 'Entwurf',
    revision: 2,
    filedRevision: null,
    isConflict: false,
    isReplacing: false,
    refusal: null,
    ...change,
  },
});
const REFUSED = packError(new MailError('command-refused', { scope: 'message', retry: 'later', side: 'primary' }));
const removal = (change: Partial<RemovalFact> = {}): RemovalFact => ({
  ...{ draftId: asDraftId(1), entryId: asEntryId(5), subject: 'Entwurf', error: null, isFinal: false, ...change },
});
const received = (change: Partial<ReceivedFact> = {}): ReceivedFact => ({
  ...{ entryId: asEntryId(9), messageId: '<in@x>', subject: 'Rechnung', internalDate: START + MINUTE, relayRoles: ['inbox'] },
  ...{ arrivedAfter: null, seenAt: START + MINUTE, isNew: true, isWatched: false, primaryDate: null, ...change },
});
const plan = (change: Partial<PlanInput>) => planItems({ ...empty, ...change });
const words = (change: Partial<PlanInput>) => plan(change).map((one) => `${one.kind} ${one.operation} ${one.reason} ${one.state}`);

describe('the plan for sent mail', () => {
  const expected: Readonly<Record<string, Readonly<Record<'primary' | 'relay', string[]>>>> = {
    queued: {
      primary: ['sent prove-sent-copy sent-by-primary planned'],
      relay: ['sent prove-sent-copy sent-by-relay planned'],
    },
    submitting: {
      primary: ['sent prove-sent-copy sent-by-primary planned'],
      relay: ['sent prove-sent-copy sent-by-relay planned'],
    },
    accepted: {
      primary: ['sent prove-sent-copy sent-by-primary planned'],
      relay: ['sent prove-sent-copy sent-by-relay planned'],
    },
    filed: { primary: [], relay: ['sent prove-sent-copy sent-by-relay planned'] },
    unknown: {
      primary: ['sent resolve-unknown delivery-uncertain planned'],
      relay: ['sent resolve-unknown delivery-uncertain planned'],
    },
    rejected: { primary: [], relay: [] },
    cancelled: { primary: [], relay: [] },
    quarantined: { primary: [], relay: [] },
  };
  const cases = outboxStateSchema.options.flatMap((state) => (['primary', 'relay'] as const).map((route) => ({ state, route })));
  it.each(cases)('$state by the $route, after some of its recipients were taken', ({ state, route }) => {
    expect(words({ sent: [sent({ state, route })] })).toEqual(expected[state]?.[route]);
  });

  it.each(['queued', 'submitting'] as const)('leaves out what is %s and nobody has taken', (state) => {
    expect(words({ sent: [sent({ state, acceptedAt: null })] })).toEqual([]);
    expect(words({ sent: [sent({ state, acceptedAt: START - 1 })] })).toEqual([]);
  });

  it.each(['rejected', 'quarantined'] as const)('lists what ended %s in the outage, unless the person has dealt with it', (state) => {
    const of = (change: Partial<SentFact>) => words({ sent: [sent({ state, acceptedAt: null, route: null, ...change })] });
    expect(of({ endedAt: START })).toEqual(['sent note-unsent not-sent planned']);
    expect(of({ endedAt: START - 1 })).toEqual([]);
    expect(of({ endedAt: START, isPutAway: true })).toEqual([]);
    const fact = sent({ state, endedAt: START });
    expect(sentOutcome(fact, NOW, null)).toMatchObject({ state: 'exception', error: { code: 'smtp-refused' } });
  });

  it('leaves out what the relay took before the outage and is filed, and proves what is not', () => {
    const acceptedAt = START - 1;
    expect(words({ sent: [sent({ state: 'filed', acceptedAt })] })).toEqual([]);
    expect(words({ sent: [sent({ state: 'accepted', acceptedAt })] })).toEqual(['sent prove-sent-copy sent-by-relay planned']);
  });
});

describe('the plan for changes and drafts', () => {
  it('carries every open change over, with restored mail counted by itself', () => {
    expect(words({ ops: [op(), op({ opId: asOpId(2), isRestore: true })] })).toEqual([
      'change replay-change changed-here planned',
      'restore restore-message changed-here planned',
    ]);
    expect(words({ ops: [op({ isOpen: false, outcome: 'done' })] })).toEqual([]);
  });

  it.each([
    ['never filed', { filedRevision: null }, 1],
    ['filed older', { filedRevision: 1 }, 1],
    ['changed elsewhere before, and filed', { filedRevision: 2, isConflict: true }, 0],
    ['filed as it is', { filedRevision: 2 }, 0],
    ['never written in', { revision: 0 }, 0],
  ] as const)('a draft that was %s makes its item', (_name, change, n) => {
    expect(plan({ drafts: [draft(change)] })).toHaveLength(n);
  });
});

describe('the plan for drafts that were discarded or sent', () => {
  it('removes what is left of them at the primary, but what was given up and told before', () => {
    expect(words({ removals: [removal({})] })).toEqual(['draft remove-draft-copy discarded-here planned']);
    expect(words({ removals: [removal({ isFinal: true, error: REFUSED })] })).toEqual([]);
  });

  it.each([
    ['nothing is left of', null, { state: 'confirmed', detail: 'ended' }],
    ['is still to be looked at', {}, { state: 'running', error: null }],
    ['was refused for now', { error: REFUSED }, { state: 'running', error: null, lastError: REFUSED }],
    ['was refused for good', { error: REFUSED, isFinal: true }, { state: 'exception', error: REFUSED }],
  ] as const)('what %s says so', (_name, change, outcome) => {
    expect(removalOutcome(change === null ? null : removal(change))).toMatchObject(outcome);
  });
});

describe('the plan for received mail', () => {
  it('awaits what only the relay holds until the grace is over, from the return of the primary on', () => {
    expect(plan({ received: [received()] })).toMatchObject([
      { key: 'in:9', operation: 'await-delivery', reason: 'seen-at-relay-only', state: 'planned', dueAt: BACK + GRACE },
    ]);
  });

  it('counts the grace from the mail itself where it came after the return', () => {
    expect(plan({ received: [received({ internalDate: BACK + 10 })] })).toMatchObject([{ dueAt: BACK + 10 + GRACE }]);
  });

  it('counts what came in the outage and has been delivered by now', () => {
    expect(words({ received: [received({ primaryDate: BACK + 5 })] })).toEqual(['received await-delivery already-at-primary confirmed']);
  });

  it('leaves out what both sides had before', () => {
    expect(words({ received: [received({ internalDate: START - MINUTE, primaryDate: START - MINUTE })] })).toEqual([]);
  });

  it.each([
    ['at the edge of the transit margin', START - TRANSIT_MARGIN_MS, 1],
    ['before it', START - TRANSIT_MARGIN_MS - 1, 0],
    ['from a relay whose clock is ahead', NOW + MINUTE, 1],
    ['from the far future', NOW + 2 * TRANSIT_MARGIN_MS, 1],
  ])('mail %s', (_name, internalDate, n) => {
    expect(plan({ received: [received({ internalDate })] })).toHaveLength(n);
  });

  it.each(mailboxRoleSchema.options)('a relay mailbox of role %s', (role) => {
    const isLeftOut = ['quarantine', 'junk', 'trash', 'sent', 'drafts'].includes(role);
    expect(plan({ received: [received({ relayRoles: [role] })] })).toHaveLength(isLeftOut ? 0 : 1);
  });

  it('mail in the quarantine and in the inbox was released', () => {
    expect(plan({ received: [received({ relayRoles: ['quarantine', 'inbox'] })] })).toHaveLength(1);
  });

  it('does not take our own sent mail for received mail, but for what we sent to ourselves', () => {
    const mail = received({ messageId: '<sent@x>' });
    expect(words({ sent: [sent()], received: [mail] })).toEqual(['sent prove-sent-copy sent-by-relay planned']);
    expect(words({ sent: [sent({ isToSelf: true })], received: [mail] })).toEqual([
      'sent prove-sent-copy sent-by-relay planned',
      'received await-delivery seen-at-relay-only planned',
    ]);
  });
});

describe('mail from a relay whose clock is wrong', () => {
  const HOUR = 60 * MINUTE;
  const ahead = { internalDate: START + 2 * HOUR };
  const behind = { internalDate: START - 2 * HOUR };
  const cases: [string, Partial<ReceivedFact>, number, string[]][] = [
    ['watched as it came, dated long before', { ...behind, isWatched: true }, 0, ['seen-at-relay-only']],
    ['watched as it came, dated long after', { internalDate: NOW + 9 * HOUR, isWatched: true }, 0, ['seen-at-relay-only']],
    ['not there yet at a look in the outage', { ...behind, arrivedAfter: START }, 0, ['seen-at-relay-only']],
    ['not there yet at a look within the margin', { ...behind, arrivedAfter: START - HOUR, isNew: false }, 0, ['seen-at-relay-only']],
    ['put there in the outage by an import of old mail', { internalDate: START - 26 * HOUR, isWatched: true }, 0, ['time-uncertain']],
    ['the same, found by a look', { internalDate: START - 30 * 24 * HOUR, arrivedAfter: START }, 0, ['time-uncertain']],
    [
      'a day behind, by a clock that is known to be',
      { internalDate: START - 26 * HOUR, isWatched: true },
      -26 * HOUR,
      ['seen-at-relay-only'],
    ],
    ['found later, by a clock that is behind', behind, -3 * HOUR, ['seen-at-relay-only']],
    ['found later, dated long before by a clock that is right', behind, 0, []],
    ['there before, dated into the outage by a clock that is ahead', { ...ahead, isNew: false }, 4 * HOUR, []],
    ['found later, dated into the outage by a clock that is ahead', ahead, 4 * HOUR, ['time-uncertain']],
    ['found later, of the outage however it is read', ahead, 2.5 * HOUR, ['seen-at-relay-only']],
    [
      'seen before, dated into the outage',
      { ...ahead, isNew: false, seenAt: START - 3 * HOUR, internalDate: START },
      0,
      ['time-uncertain'],
    ],
    ['found later, from the future', { internalDate: NOW + 2 * HOUR }, 0, ['time-uncertain']],
    ['there before, from the future', { internalDate: NOW + 2 * HOUR, isNew: false }, 0, []],
    ['of before, by both readings', { internalDate: START - 9 * HOUR }, 3 * HOUR, []],
  ];
  it.each(cases)('%s', (_name, mail, relayClockMs, reasons) => {
    expect(plan({ relayClockMs, received: [received(mail)] }).map((one) => one.reason)).toEqual(reasons);
  });

  it('is not put off by its date: the grace begins when it came by our clock, and never in the future', () => {
    const due = (mail: Partial<ReceivedFact>, relayClockMs: number) => plan({ relayClockMs, received: [received(mail)] })[0]?.dueAt;
    expect(due({ internalDate: BACK + 3 * HOUR }, 3 * HOUR)).toBe(BACK + GRACE);
    expect(due({ internalDate: NOW + 9 * HOUR, isWatched: true }, 0)).toBe(NOW + GRACE);
  });

  it('is listed as delivered where the primary has it, and left out where both had it before', () => {
    const mail = received({ ...behind, isWatched: true, primaryDate: BACK + 5 });
    expect(words({ received: [mail] })).toEqual(['received await-delivery already-at-primary confirmed']);
    expect(words({ relayClockMs: 4 * HOUR, received: [received({ ...ahead, primaryDate: START - MINUTE })] })).toEqual([]);
  });

  it('never falls without a word, and old mail is never taken for new, in any world', () => {
    const seen = { 'of-outage': 0, older: 0, uncertain: 0 };
    for (let seed = 1; seed <= WORLDS * 10; seed += 1) {
      const random = seededRandom(seed);
      const offMs = random.int(-360, 360) * MINUTE;
      // Learnt before, to some minutes; or too little was seen to know it.
      const isKnown = random.bool();
      const relayClockMs = isKnown && Math.abs(offMs) > 5 * MINUTE ? offMs + random.int(-4, 4) * MINUTE : 0;
      const confirmedAt = START + random.int(1, 20) * MINUTE;
      const cameAt = START + random.int(-600, 600) * MINUTE;
      // The look that found it, and the one before: the app may have been off between them, or have had none.
      const gapMs = random.pick([1, 10, 60, 600]) * MINUTE;
      const seenAt = cameAt + random.int(0, gapMs / MINUTE) * MINUTE;
      const arrivedAfter = random.int(0, 9) === 0 ? null : seenAt - gapMs;
      const isNew = seenAt > confirmedAt;
      const isWatched = isNew && arrivedAfter !== null && gapMs <= 60 * MINUTE;
      const mail = {
        internalDate: cameAt + offMs,
        arrivedAfter: arrivedAfter === null ? null : Math.min(arrivedAfter, cameAt),
        seenAt,
        isNew,
        isWatched,
      };
      const now = Math.max(seenAt, confirmedAt) + MINUTE;
      const standing = standingOf(mail, { startedAt: START, relayClockMs, now });
      seen[standing] += 1;
      const told = `seed ${seed}: ${standing}`;
      // In the outage, as seen by ourselves or by a clock that is right or known.
      const isTellable = isWatched || relayClockMs !== 0 || Math.abs(offMs) <= 5 * MINUTE;
      if (cameAt > confirmedAt && isTellable) expect(standing, told).not.toBe('older');
      if (cameAt > confirmedAt && isWatched) expect(standing, told).toBe('of-outage');
      const isLongBefore = cameAt < START - TRANSIT_MARGIN_MS - 10 * MINUTE;
      if (isLongBefore && isTellable && !isWatched) expect(standing, told).not.toBe('of-outage');
      if (isLongBefore && !isNew && isTellable) expect(standing, told).toBe('older');
      expect(arrivedAt(mail, relayClockMs)).toBeGreaterThanOrEqual(mail.arrivedAfter ?? -Infinity);
    }
    for (const n of Object.values(seen)) expect(n).toBeGreaterThan(WORLDS / 10);
  });
});

describe('any world', () => {
  const roles = mailboxRoleSchema.options;
  const many = <T>(random: SeededRandom, make: (n: number) => T): T[] => Array.from({ length: random.int(0, 12) }, (_, n) => make(n + 1));
  const world = (random: SeededRandom): PlanInput => ({
    ...empty,
    sent: many(random, (n) =>
      sent({
        ...{ outboxId: asOutboxId(n), messageId: `<m${random.int(1, 15)}@x>`, isToSelf: random.bool() },
        ...{ state: random.pick(outboxStateSchema.options), route: random.pick(['primary', 'relay', null]) },
        acceptedAt: random.pick([null, START - 1, START + MINUTE]),
      }),
    ),
    ops: many(random, (n) => {
      const outcome = random.pick(['open', 'done', 'refused', 'conflict'] as const);
      return op({ opId: asOpId(n), isRestore: random.bool(), outcome, isOpen: outcome === 'open' });
    }),
    drafts: many(random, (n) => draft({ draftId: asDraftId(n), filedRevision: random.pick([null, 1, 2]), isConflict: random.bool() })),
    removals: many(random, (n) => removal({ draftId: asDraftId(100 + n), isFinal: random.bool() })),
    received: many(random, (n) =>
      received({
        ...{ entryId: asEntryId(n), messageId: random.pick([null, `<m${random.int(1, 15)}@x>`]) },
        internalDate: START + random.int(-120, 120) * MINUTE,
        relayRoles: random.shuffle(roles).slice(0, random.int(0, 3)),
        primaryDate: random.pick([null, null, START - MINUTE, START + MINUTE]),
      }),
    ),
  });

  it('puts each thing into one item at most, and nothing twice when it is planned again', () => {
    for (let seed = 1; seed <= WORLDS; seed += 1) {
      const random = seededRandom(seed);
      const input = world(random);
      const items = planItems(input);
      const keys = new Set(items.map((one) => one.key));
      expect(keys.size, `seed ${seed}`).toBe(items.length);
      expect(newItems(planItems(input), keys), `seed ${seed}`).toEqual([]);
      const openOps = input.ops.filter((one) => one.isOpen).map((one) => `op:${one.opId}`);
      expect([...keys].filter((key) => key.startsWith('op:')).sort()).toEqual(openOps.sort());
      const unfiled = input.drafts.filter((one) => one.filedRevision !== 2).map((one) => `draft:${one.draftId}`);
      expect([...keys].filter((key) => key.startsWith('draft:')).sort()).toEqual(unfiled.sort());
      for (const one of input.sent.filter(({ state }) => state === 'accepted' || state === 'unknown')) {
        expect(keys, `seed ${seed}`).toContain(`sent:${one.outboxId}`);
      }
      // More came in the second part of the outage: only that is new.
      const more = {
        ...input,
        ops: [...input.ops, op({ opId: asOpId(99) })],
        received: [...input.received, received({ entryId: asEntryId(99) })],
      };
      const added = newItems(planItems(more), keys).map((one) => one.key);
      expect(
        added.filter((key) => key !== 'in:99'),
        `seed ${seed}`,
      ).toEqual(['op:99']);
    }
  });

  it('has an end for every state of a thing', () => {
    const ends = new Set(['running', 'confirmed', 'exception']);
    for (const state of outboxStateSchema.options) {
      for (const sentCopy of [null, 'waiting', 'filed', 'by-server', 'failed'] as const) {
        for (const due of [null, NOW - 1, NOW + 1]) {
          const outcome = sentOutcome(sent({ state, sentCopy }), NOW, due);
          expect(ends).toContain(outcome.state);
          expect(outcome.error !== null, `${state} ${sentCopy}`).toBe(outcome.state === 'exception');
        }
      }
    }
    for (const [retry, state] of [
      ['ask', 'exception'],
      ['never', 'exception'],
      ['later', 'running'],
    ] as const) {
      // prettier-ignore
      const copyError = packError(new MailError('over-quota', { scope: 'mailbox', retry, side: 'primary' }));
      const isRunning = state === 'running';
      const end = sentOutcome(sent({ copyError }), NOW, null);
      expect(end).toEqual(isRunning ? { state, error: null, lastError: copyError } : { state, error: copyError });
      expect(sentOutcome(sent({ copyError, sentCopy: 'failed' }), NOW, null)).toEqual({ state: 'exception', error: copyError });
      expect(sentOutcome(sent({ copyError, sentCopy: 'filed' }), NOW, null).state).toBe('confirmed');
    }
    for (const outcome of ['open', 'done', 'refused', 'conflict'] as const) {
      const end = opOutcome(op({ outcome }));
      expect(end.error !== null).toBe(end.state === 'exception');
    }
    for (const filedRevision of [null, 1, 2, 3]) {
      for (const isConflict of [true, false]) {
        const end = draftOutcome(draft({ revision: 3, filedRevision, isConflict }), 2);
        // The person may go on writing: what was there when it was planned counts.
        expect(end.state).toBe(isConflict ? 'exception' : filedRevision !== null && filedRevision >= 2 ? 'confirmed' : 'running');
        expect(end.error !== null).toBe(end.state === 'exception');
        // The copy before it may turn out to be changed by another program.
        const replacing = draftOutcome(draft({ revision: 3, filedRevision, isConflict, isReplacing: true }), 2);
        expect(replacing.state).toBe(isConflict ? 'exception' : 'running');
        const refusal = packError(new MailError('over-quota', { scope: 'mailbox', retry: 'ask', side: 'primary' }));
        const refused = draftOutcome(draft({ revision: 3, filedRevision, isConflict, refusal }), 2);
        expect(refused).toEqual(end.state === 'running' ? { state: 'exception', error: refusal } : end);
      }
    }
    expect([sentOutcome(null, NOW, null), opOutcome(null), draftOutcome(null, 1)].map((one) => one.state)).toEqual(
      Array.from({ length: 3 }, () => 'confirmed'),
    );
  });

  it('waits for an uncertain mail until the grace is over', () => {
    expect(sentOutcome(sent({ state: 'unknown' }), NOW, NOW + 1).state).toBe('running');
    expect(sentOutcome(sent({ state: 'unknown' }), NOW, NOW)).toMatchObject({
      state: 'exception',
      error: { code: 'delivery-unconfirmed' },
    });
  });
});
