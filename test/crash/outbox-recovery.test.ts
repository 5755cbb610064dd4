import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportCases } from '../support/figures.ts';
import { sliceOf } from '../support/slice.ts';
import { isFull, mode, seed } from '../support/this-run.ts';
import type { Lane } from './outbox-lane.ts';
import { isDone, personExpected, type Role } from './outbox-person.ts';
import { personCommits, recoveries } from './outbox-points.ts';
import { OutboxRuns, type EndedRun, type Run } from './outbox-runs.ts';
import { expectedOf, runToRest, type CrashAt } from './outbox-world.ts';

const isSliced = process.env['HOLDOVER_SLICE'] !== undefined;

const recovering = new OutboxRuns();
const people = new OutboxRuns();
const of = [recovering, people];
beforeAll(async () => void (await Promise.all(of.map((runs) => runs.open()))));
afterAll(async () => {
  await Promise.all(of.map((runs) => runs.close()));
  reportCases('O1 kills of the recovery', recovering.tally, { points: recovering.places.size, ...recovering.totals, seed, mode });
  reportCases('O1 and O12 kills of what a person does', people.tally, { points: people.places.size, ...people.totals, seed, mode });
});

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);
/** Each time that a process came by each of its points. */
const allOf = (passed: EndedRun['passed']): { name: string; nth: number }[] =>
  sliceOf(Object.entries(passed).flatMap(([name, count]) => upTo(count).map((nth) => ({ name, nth }))));

describe.each(recoveries)('a kill of the recovery of a process killed: $name', ({ first, sampled }) => {
  it.each(isFull ? [true, false] : [false])(
    'loses no mail and sends none twice, copies at the relay: %s',
    { timeout: isFull ? 7_200_000 : 300_000 },
    async (copies) => {
      recovering.hasCopies = copies;
      const play = async (lane: Lane, crashAt: CrashAt): Promise<EndedRun> => {
        const run = recovering.begin();
        const ended = await recovering.process(lane, run, 'send', first);
        expect(ended.signal, ended.stderr).toBe('SIGKILL');
        const resumed = await recovering.process(lane, run, 'resume', crashAt);
        await recovering.recover(lane, run, 'relay');
        recovering.judge(lane, { ...ended, place: resumed.place }, expectedOf(run.number));
        recovering.end(lane, run);
        return resumed;
      };
      const chosen = isFull ? allOf((await play(recovering.first, 0)).passed) : [{ name: sampled, nth: 1 }];
      let killed = 0;
      await recovering.each(chosen, async (lane, crashAt) => {
        const { signal, code, passed, stderr } = await play(lane, crashAt);
        if (signal === 'SIGKILL') return void (killed += 1);
        // How often it looks and waits hangs on when it is answered: it may come by a point fewer times, and is played as a whole then.
        expect(code, stderr).toBe(0);
        expect(passed[crashAt.name] ?? 0, `not killed at ${crashAt.name}`).toBeLessThan(isFull ? crashAt.nth : 0);
      });
      expect(killed).toBeGreaterThan(chosen.length / 2);
      expect(recovering.tally).toMatchObject({ lost: 0, duplicated: 0, stuck: 0 });
    },
  );
});

/** What a person was told is done is done; the rest they do now. */
async function goOn(lane: Lane, run: Run, ended: EndedRun): Promise<number> {
  const rig = people.reopen(lane, run);
  const find = (messageId: string) => rig.store.withMessageId(rig.account.id, messageId);
  try {
    rig.outbox.start();
    // Long after, what ended is forgotten.
    for (const { role, messageId } of ended.isLongAfter ? [] : personExpected(run.number)) {
      const row = find(messageId);
      if (ended.kept.includes(messageId)) expect(row, `${role}, killed at ${ended.place}`).not.toBeNull();
      if (ended.done.includes(role)) expect(isDone(role, row), `${role} was done, killed at ${ended.place}, now ${row?.state}`).toBe(true);
      if (role === 'cancel' && row?.state === 'queued') rig.outbox.cancel(row.id);
      if (role === 'send-now' && row?.state === 'queued') rig.outbox.sendNow(row.id);
    }
    // Sent once more, a mail may be lost on its way once more.
    for (let n = 0; n < 3; n += 1) {
      await runToRest(rig, lane.ports.imap);
      for (const item of rig.outbox.items()) if (item.state === 'unknown') people.decide(lane, rig, item);
    }
    for (const item of rig.outbox.items()) if (item.state === 'rejected') rig.outbox.edit(item.id);
    for (const { role, messageId, to } of personExpected(run.number)) {
      const row = find(messageId);
      const wanted: Record<Role, string> = {
        cancel: 'cancelled',
        edit: 'rejected',
        resend: 'filed',
        'mark-sent': 'filed',
        'send-now': 'filed',
      };
      if (row !== null) expect(row.state, `${role}, killed at ${ended.place}`).toBe(wanted[role]);
      if (row !== null && row.state !== wanted[role]) people.tally.stuck += 1;
      if (to === null) people.tally.duplicated += lane.taken(messageId).length;
    }
    return rig.marked.length;
  } finally {
    await rig.stop();
  }
}

it(
  'a kill while a person takes back, sends now, edits, sends again and marks as sent leaves each done or not done',
  { timeout: isFull ? 7_200_000 : 300_000 },
  async () => {
    people.hasCopies = false;
    const play = async (lane: Lane, crashAt: CrashAt): Promise<EndedRun> => {
      const run = people.begin();
      const ended = await people.process(lane, run, 'person', crashAt);
      if (ended.signal === 'SIGKILL') {
        const markedSince = await goOn(lane, run, ended);
        const isKept = ended.kept.includes(personExpected(run.number).find((one) => one.role === 'mark-sent')?.messageId ?? '');
        if (isKept) expect(ended.marked.length + markedSince, `the original is marked, killed at ${ended.place}`).toBeGreaterThan(0);
      }
      const wanted = personExpected(run.number).flatMap(({ messageId, to }) => (to === null ? [] : [[messageId, [to]] as const]));
      people.judge(lane, ended, Object.fromEntries(wanted));
      people.end(lane, run);
      return ended;
    };
    const whole = await play(people.first, 0);
    expect(whole.done, whole.stderr).toEqual(['cancel', 'send-now', 'edit', 'resend', 'mark-sent']);
    for (const one of personCommits) expect(whole.passed[`work ${one}`]).toBeGreaterThan(0);
    const named = personCommits.map((name): CrashAt => ({ name: `work ${name}`, nth: 1 }));
    const chosen: CrashAt[] = isFull ? sliceOf(upTo(whole.steps)) : named;
    await people.each(chosen, (lane, crashAt) => play(lane, crashAt));
    if (!isSliced) expect(personCommits.filter((name) => !people.places.has(`work ${name}`))).toEqual([]);
    expect(people.tally).toMatchObject({ lost: 0, duplicated: 0, stuck: 0 });
  },
);
