import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { OutboxItem, OutboxState } from '../../shared/model/outbox.ts';
import { newTally } from '../support/figures.ts';
import { OutboxRig } from '../support/outbox-rig.ts';
import { RateClock } from '../support/rate-clock.ts';
import { until } from '../support/until.ts';
import { childFile } from './build-children.ts';
import { Lane } from './outbox-lane.ts';
import { CLOCK_RATE, expectedOf, runToRest, type OutboxTask } from './outbox-world.ts';
import { runChild, type EndedChild } from './run-child.ts';

const LANES = 4;
const OPEN = ['queued', 'submitting', 'accepted', 'unknown', 'rejected', 'quarantined'] as const;

export interface EndedRun extends EndedChild {
  /** Message-IDs whose keeping was confirmed. */
  readonly kept: readonly string[];
  /** SHA-256 of the frozen bytes, by Message-ID. */
  readonly frozen: ReadonlyMap<string, string>;
  /** What a person was told is done. */
  readonly done: readonly string[];
  readonly marked: readonly string[];
  /** A body had begun, and its end was not durable; null: a server killed it just in that commit. */
  readonly isBodyOpen: boolean | null;
  /** Where it was killed. */
  readonly place: string;
  /** It came to the time when what ended is forgotten. */
  readonly isLongAfter: boolean;
  /** How often each point was passed, where it lived to tell. */
  readonly passed: Readonly<Record<string, number>>;
}

const AT_SERVER = 'a server';

/** What a process told of the mail on its way; a commit that it killed itself in did not come about. */
function bodyState(told: readonly string[], isFromOutside: boolean): boolean | null {
  if (isFromOutside && told.at(-1) === 'deciding') return null;
  return told.findLast((one) => one !== 'deciding') === 'open';
}

/** One profile, and what became of it so far. */
export interface Run {
  readonly number: number;
  readonly dir: string;
  readonly keyHex: string;
  /** How much later than now it is for the next process. */
  aheadMs: number;
}

/** Kills processes that send mail, lets what they left recover, and compares with what the servers got. */
export class OutboxRuns {
  readonly tally = newTally();
  readonly totals = { uncertain: 0, askedOfPerson: 0, slowestShownMs: 0, compared: 0, altered: 0, bothRoutes: 0 };
  readonly places = new Map<string, number>();
  readonly #scratch = mkdtempSync(join(tmpdir(), 'holdover-outbox-crash-'));
  readonly #lanes: Lane[] = [];
  #count = 0;

  async open(): Promise<void> {
    for (let n = 0; n < LANES; n += 1) this.#lanes.push(await Lane.open());
  }

  async close(): Promise<void> {
    for (const lane of this.#lanes) await lane.close();
    rmSync(this.#scratch, { recursive: true, force: true });
  }

  set hasCopies(value: boolean) {
    for (const lane of this.#lanes) lane.hasCopies = value;
  }

  get first(): Lane {
    return this.#lanes[0]!;
  }

  /** Works through a list on all lanes at once. */
  async each<T>(list: readonly T[], work: (lane: Lane, one: T) => Promise<unknown>): Promise<void> {
    const queue = [...list];
    const ends = await Promise.allSettled(
      this.#lanes.map(async (lane) => {
        for (let one = queue.shift(); one !== undefined; one = queue.shift()) await work(lane, one);
      }),
    );
    // Told when every lane has come to rest: those who use it next would meet the work of a lane that still runs.
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  /** A fresh profile for a run. */
  begin(): Run {
    this.#count += 1;
    return { number: this.#count, dir: mkdtempSync(join(this.#scratch, 'p-')), keyHex: randomBytes(32).toString('hex'), aheadMs: 0 };
  }

  end(lane: Lane, run: Run): void {
    lane.strike(null);
    lane.forget();
    rmSync(run.dir, { recursive: true, force: true });
  }

  /** Starts a process and waits for its end. */
  async process(lane: Lane, run: Run, mode: OutboxTask['mode'], crashAt: OutboxTask['crashAt']): Promise<EndedRun> {
    const { dir, keyHex, aheadMs } = run;
    const task: OutboxTask = { dir, keyHex, aheadMs, ...lane.ports, run: run.number, mode, crashAt };
    const ended = await runChild(childFile('outbox'), task, 60_000, (kill) => (lane.kill = kill));
    await until('the servers have seen the end', () => lane.connections === 0);
    const all = (what: string): string[] => [...ended.out.matchAll(new RegExp(`^${what} (.+)$`, 'gmu'))].map((one) => one[1] ?? '');
    const place = all('killed at')[0] ?? (ended.signal === 'SIGKILL' ? AT_SERVER : '');
    if (ended.signal === 'SIGKILL') {
      this.tally.cases += 1;
      this.places.set(place, (this.places.get(place) ?? 0) + 1);
    }
    const frozen = new Map(all('offered').map((one) => one.split(' ') as [string, string]));
    const passed = JSON.parse(all('passed')[0] ?? '{}') as Record<string, number>;
    return {
      ...ended,
      frozen,
      kept: all('kept'),
      done: all('done'),
      marked: all('marked'),
      isLongAfter: all('long after').length > 0,
      place,
      passed,
      isBodyOpen: bodyState(all('body'), place === AT_SERVER),
    };
  }

  /** Opens what a killed process left. `side`: the way mail goes now. */
  reopen(lane: Lane, run: Run, side: 'primary' | 'relay' = 'relay'): OutboxRig {
    const clock = new RateClock();
    clock.rate = CLOCK_RATE;
    clock.suspend(run.aheadMs);
    const { smtp } = lane.ports;
    const place = { dir: run.dir, key: Buffer.from(run.keyHex, 'hex') };
    const rig = new OutboxRig({ primary: smtp.primary, relay: smtp.relay, clock, seed: run.number, place });
    rig.route = { side, hold: null };
    return rig;
  }

  /** What is uncertain at the start, from the opening of the store to what a window is shown. */
  async start(lane: Lane, run: Run, side: 'primary' | 'relay'): Promise<{ rig: OutboxRig; uncertain: OutboxItem[] }> {
    const startedAt = performance.now();
    const rig = this.reopen(lane, run, side);
    rig.outbox.start();
    const uncertain = rig.outbox.items().filter((item) => item.state === 'unknown');
    this.totals.slowestShownMs = Math.max(this.totals.slowestShownMs, Math.round(performance.now() - startedAt));
    this.totals.uncertain += uncertain.length;
    for (const item of uncertain) {
      expect(item.error, 'shown as unconfirmed').toMatchObject({ code: 'delivery-unconfirmed', retry: 'ask' });
    }
    return { rig, uncertain };
  }

  /**
   * Lets what was left recover, and decides like a person what stays uncertain.
   * @param wanted states in which mail may stay
   */
  async recover(
    lane: Lane,
    run: Run,
    side: 'primary' | 'relay',
    wanted: readonly OutboxState[] = [],
  ): Promise<{ uncertainAtStart: number; asked: number }> {
    const { rig, uncertain } = await this.start(lane, run, side);
    const { imap } = lane.ports;
    try {
      const sentBefore = new Map(uncertain.map((item) => [item.id, lane.taken(item.messageId).length]));
      await runToRest(rig, imap);
      const left = rig.outbox.items().filter((item) => item.state === 'unknown');
      // None of the uncertain was sent again by itself, and nothing else became uncertain.
      for (const item of uncertain)
        if (left.some((one) => one.id === item.id)) expect(lane.taken(item.messageId).length).toBe(sentBefore.get(item.id));
      expect(left.filter((item) => !sentBefore.has(item.id))).toEqual([]);
      for (const item of left) this.decide(lane, rig, item);
      await runToRest(rig, imap);
      const rows = rig.store.inStates(
        rig.account.id,
        OPEN.filter((one) => !wanted.includes(one)),
      );
      this.tally.stuck += rows.length;
      expect(rows.map((row) => [row.state, row.hold, row.error?.code])).toEqual([]);
      this.#noteRoutes(rig);
      return { uncertainAtStart: uncertain.length, asked: left.length };
    } finally {
      await rig.stop();
    }
  }

  #noteRoutes(rig: OutboxRig): void {
    for (const item of rig.outbox.items()) {
      if (new Set(item.attempts.map((one) => one.route)).size > 1) this.totals.bothRoutes += 1;
    }
  }

  /** A person who knows what arrived. */
  decide(lane: Lane, rig: OutboxRig, item: OutboxItem): void {
    this.totals.askedOfPerson += 1;
    const uncertain = item.recipients.filter((one) => one.state === 'unknown').map((one) => one.address);
    if (uncertain.some((one) => lane.arrivals(item.messageId)[one] !== undefined)) rig.outbox.markSent(item.id);
    else rig.outbox.resend(item.id);
  }

  /** Every recipient has each mail once, and Sent one copy, of the bytes that were frozen. */
  judge(lane: Lane, ended: EndedRun, expected: Readonly<Record<string, readonly string[]>>): void {
    for (const [messageId, recipients] of Object.entries(expected)) {
      const got = lane.arrivals(messageId);
      const copies = lane.copies(messageId).length;
      // A mail whose keeping was never confirmed may be there or not; whole, or not at all.
      if (!ended.kept.includes(messageId) && Object.keys(got).length === 0 && copies === 0) continue;
      const wanted = Object.fromEntries(recipients.map((one) => [one, 1]));
      for (const one of recipients) this.tally.lost += got[one] === undefined ? 1 : 0;
      for (const count of [...Object.values(got), copies]) this.tally.duplicated += Math.max(0, count - 1);
      const { compared, different } = lane.altered(messageId, ended.frozen.get(messageId) ?? '');
      this.totals.compared += compared;
      this.totals.altered += different;
      expect([got, copies, different], `killed at ${ended.place}`).toEqual([wanted, 1, 0]);
    }
  }

  /** One run of mail, killed, recovered and judged. @param isUncertain whether that leaves a mail uncertain, where the place says it */
  async play(lane: Lane, crashAt: OutboxTask['crashAt'], isUncertain: boolean | null = null): Promise<EndedRun> {
    const run = this.begin();
    const ended = await this.process(lane, run, 'send', crashAt);
    if (ended.signal === 'SIGKILL') {
      if (isUncertain !== null) expect(ended.isBodyOpen, `killed at ${ended.place}`).toBe(isUncertain);
      // What was not begun may go by the other route.
      const { uncertainAtStart, asked } = await this.recover(lane, run, run.number % 2 === 0 ? 'primary' : 'relay');
      if (ended.isBodyOpen !== null) expect(uncertainAtStart, `uncertain after a kill at ${ended.place}`).toBe(ended.isBodyOpen ? 1 : 0);
      expect(asked, `asked of a person after a kill at ${ended.place}`).toBeLessThanOrEqual(uncertainAtStart);
    }
    this.judge(lane, ended, expectedOf(run.number));
    this.end(lane, run);
    return ended;
  }
}
