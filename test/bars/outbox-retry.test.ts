import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutboxId } from '../../shared/model/ids.ts';
import { reportFigure } from '../support/figures.ts';
import { OutboxRig } from '../support/outbox-rig.ts';
import { startSmtpScript, type SmtpScript } from '../support/smtp-script.ts';
import { until } from '../support/until.ts';

/** Bars O6 and O7, in the outbox itself: times on a clock that is put forward by hand, so that the machine's load is not measured. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let reply: (args: string) => string | undefined = () => undefined;
let server: SmtpScript;
let rig: OutboxRig;
/** When each try began. */
const starts: number[] = [];
beforeEach(async () => {
  reply = () => undefined;
  server = await startSmtpScript({ reply: ({ name, args }) => (name === 'RCPT' ? reply(args) : undefined) });
  starts.length = 0;
  rig = new OutboxRig({ primary: server.port, step: (name) => void (name === 'outbox.claimed' && starts.push(rig.clock.now())) });
});
afterEach(async () => {
  await rig.close();
  await server.close();
});

const triesOf = (id: OutboxId): number => rig.outbox.item(id).attempts.length;
const nobodyIsAsked = (): boolean => rig.store.inStates(rig.account.id, ['submitting']).length === 0;

/** So much time goes by, in steps; after each whatever fell due is carried through. */
async function pass(ms: number, stepMs: number, isOver: () => boolean = () => false): Promise<void> {
  for (let gone = 0; gone < ms && !isOver(); gone += stepMs) {
    rig.clock.pass(stepMs);
    await sleep(1);
    if (!nobodyIsAsked()) await until('the try has ended', nobodyIsAsked);
  }
}

describe('O7 retries', () => {
  it(
    'the first comes within 30 s and each within 30 minutes, for five days, and then the mail is given up and shown',
    { timeout: 120_000 },
    async () => {
      reply = () => '451 4.3.0 later';
      rig.outbox.start();
      const id = rig.send();
      await until('tried once', () => triesOf(id) === 1 && nobodyIsAsked());
      await pass(40 * SECOND, SECOND, () => triesOf(id) > 1);
      const first = starts[1]! - starts[0]!;
      expect(first).toBeGreaterThan(10 * SECOND);
      expect(first).toBeLessThanOrEqual(30 * SECOND);
      const STEP = 2 * MINUTE;
      await pass(7 * DAY, STEP, () => rig.row(id).state !== 'queued');
      const gaps = starts.slice(1).map((at, n) => at - starts[n]!);
      const lifeHours = (starts.at(-1)! - starts[0]!) / HOUR;
      expect(Math.max(...gaps)).toBeLessThanOrEqual(30 * MINUTE + STEP + 10 * SECOND);
      expect(rig.row(id)).toMatchObject({ state: 'rejected' });
      expect(rig.outbox.item(id).recipients[0]).toMatchObject({ reply: '451 4.3.0 later' });
      expect(lifeHours).toBeGreaterThanOrEqual(5 * 24);
      expect(lifeHours).toBeLessThan(6 * 24);
      reportFigure('O7 retries of one mail', {
        firstSeconds: Math.round(first / SECOND),
        longestMinutes: Math.round(Math.max(...gaps) / MINUTE),
        tries: starts.length,
        lifeHours: Math.round(lifeHours),
      });
    },
  );

  it('a machine that slept and clocks that jump end no life, and a sleep is followed by a try', { timeout: 120_000 }, async () => {
    reply = () => '451 4.3.0 later';
    rig.outbox.start();
    const id = rig.send();
    await until('tried once', () => triesOf(id) === 1 && nobodyIsAsked());
    const jumps = [10 * HOUR, -2 * DAY, 30 * DAY, -30 * DAY, 400 * DAY, 5 * MINUTE];
    for (const jump of jumps) {
      await pass(2 * HOUR, MINUTE);
      const before = triesOf(id);
      rig.outbox.powerChanged(true);
      rig.clock.suspend(jump);
      rig.outbox.powerChanged(false);
      await pass(31 * MINUTE, MINUTE);
      expect(triesOf(id), `after a jump of ${jump / HOUR} h`).toBeGreaterThan(before);
      expect(rig.row(id).state, `after a jump of ${jump / HOUR} h`).toBe('queued');
    }
    // Back, the server takes it at the next try, and a person need not wait for that.
    reply = () => undefined;
    rig.outbox.sendNow(id);
    await rig.reaches(id, 'accepted');
    reportFigure('O7 sleeps and clock jumps', { jumps: jumps.length, lost: 0 });
  });
});

describe('O6 recipients', () => {
  const answers = ['ok', '4xx', '5xx'] as const;
  const combinations = answers.flatMap((a) => answers.flatMap((b) => answers.map((c) => [a, b, c] as const)));

  it(
    '27 combinations: who has it gets it once, who was put off is asked alone, who was refused is shown with the reply',
    { timeout: 60_000 },
    async () => {
      const asked = new Map<string, number>();
      reply = (args) => {
        const address = /<([^>]*)>/u.exec(args)?.[1] ?? '';
        const nth = (asked.get(address) ?? 0) + 1;
        asked.set(address, nth);
        if (address.startsWith('5xx')) return `550 5.1.1 ${address} is unknown`;
        return address.startsWith('4xx') && nth === 1 ? '450 4.2.1 later' : undefined;
      };
      rig.outbox.start();
      const mails = combinations.map((combination, n) => {
        const to = combination.map((answer, k) => `${answer}-${n}-${k}@example.com`);
        return { to, id: rig.send({ envelope: { from: 'anna@example.com', to } }) };
      });
      const isOver = (): boolean => mails.every(({ id }) => !['queued', 'submitting'].includes(rig.row(id).state));
      await pass(20 * MINUTE, SECOND, isOver);
      expect(isOver()).toBe(true);
      let right = 0;
      for (const { to, id } of mails) {
        const what = to.join(' ');
        const row = rig.row(id);
        const got = server.mails.filter(({ raw }) => raw.includes(row.messageId));
        const [ok, later, refused] = answers.map((answer) => to.filter((one) => one.startsWith(answer)));
        // One mail for those who were accepted, one for those who were put off: alone.
        expect(
          got.map((mail) => mail.to),
          what,
        ).toEqual([ok, later].filter((list) => list!.length > 0));
        expect(
          ok!.map((one) => asked.get(one)),
          what,
        ).toEqual(ok!.map(() => 1));
        expect(
          later!.map((one) => asked.get(one)),
          what,
        ).toEqual(later!.map(() => 2));
        const shown = rig.outbox.item(id).recipients;
        for (const one of refused!) {
          expect(
            shown.find(({ address }) => address === one),
            what,
          ).toMatchObject({ state: 'rejected', reply: expect.stringContaining(`${one} is unknown`), enhancedCode: '5.1.1' });
          expect(asked.get(one), what).toBe(1);
        }
        for (const one of [...ok!, ...later!]) expect(shown.find(({ address }) => address === one)?.state, what).toBe('accepted');
        expect(row.state, what).toBe(ok!.length + later!.length > 0 ? 'accepted' : 'rejected');
        right += 1;
      }
      reportFigure('O6 recipients (outbox)', { combinations: combinations.length, right });
    },
  );
});
