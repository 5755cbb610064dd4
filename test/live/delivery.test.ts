import { renameSync } from 'node:fs';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CompanyWorld, type Work } from '../support/company-world.ts';
import { postfixSockets } from '../support/dovecot-config.ts';
import { until } from '../support/until.ts';

const MINUTE = 60_000;
/** A quarter of an hour in fifteen seconds; polls and probes come as much faster. */
const RATE = 60;

let company: CompanyWorld;
beforeAll(async () => {
  company = await CompanyWorld.start(['alice']);
}, 120_000);
afterAll(() => company.dispose());

/** The primary takes mail and keeps it in its queue: mailboxes and submission are as well as ever. */
function setDelivery(isOn: boolean): void {
  const { lmtp } = postfixSockets(company.pair.primary.dovecot.root);
  if (isOn) renameSync(`${lmtp}.away`, lmtp);
  else renameSync(lmtp, `${lmtp}.away`);
}

async function arrives(user: string, from: string, subject: string): Promise<void> {
  const transport = createTransport({ host: '127.0.0.1', port: company.pair.relay.postfix.inboundPort, ignoreTLS: true });
  await transport.sendMail({ from, to: `${user}@example.com`, subject, text: `Text of ${subject}.\r\n` });
  transport.close();
}

/** Waits by a clock that runs faster; what follows is dated by the servers again. */
async function quickly(work: Work, name: string, condition: () => boolean): Promise<void> {
  work.clock.rate = RATE;
  await until(name, condition, 120_000).finally(() => (work.clock.rate = 1));
}

describe('a primary that takes mail and does not deliver it', () => {
  it(
    'is told by the mail that the relay has; a person says yes, mail leaves through the relay, and delivery ends it',
    { timeout: 400_000 },
    async () => {
      const work = await company.open('alice');
      try {
        await company.arrive('alice', 'before');
        await work.fromPrimary('before');
        // Servers date by whole seconds: in the same one it would count as received meanwhile, and as confirmed.
        const delivered = Math.floor(Date.now() / 1000);
        await until('the next second', () => Math.floor(Date.now() / 1000) > delivered);
        setDelivery(false);
        await arrives('alice', 'bernd@partner.test', 'lost 1');
        await arrives('alice', 'carla@customer.test', 'lost 2');
        await arrives('alice', 'bernd@partner.test', 'lost 3');
        for (const subject of ['lost 1', 'lost 2', 'lost 3']) await work.shows('INBOX', subject);
        await quickly(work, 'the person is asked', () => work.state().asksForFailover);
        const asked = work.state();
        expect(asked).toMatchObject({ mode: 'degraded', reason: 'waiting-for-person', cause: 'primary-not-delivering', outageId: null });
        expect(asked.endpoints.map((one) => one.health)).toEqual(['up', 'up', 'up', 'up']);
        const told = asked.evidence.findLast((one) => one.undelivered)?.undelivered;
        expect(told).toEqual({ count: 3, since: asked.troubleSince });
        expect(asked.confirmedAt! - asked.troubleSince!).toBeGreaterThanOrEqual(15 * MINUTE);
        expect(await work.places('lost 2')).toEqual([]);

        const { monitor } = work.engine.features;
        expect(monitor.route(work.id)).toEqual({ side: 'primary', hold: null });
        expect(monitor.answerFailover(work.id, true)).toMatchObject({ mode: 'continuity', cause: 'primary-not-delivering' });
        expect(work.engine.store.outages.current(work.id)).toMatchObject({
          cause: 'primary-not-delivering',
          troubleAt: asked.troubleSince,
        });
        const sent = await work.send('dora@elsewhere.test', 'by the relay');
        await work.leaves(sent, 'accepted', 'filed');
        expect(work.item(sent).route).toBe('relay');

        setDelivery(true);
        await company.pair.primary.postfix.flush();
        await work.fromPrimary('lost 1');
        await work.reaches('normal');
        expect(work.balance().filter((line) => line.startsWith('received'))).toEqual(
          ['lost 1', 'lost 2', 'lost 3'].map((subject) => `received confirmed ${subject}`),
        );
        for (const subject of ['lost 1', 'lost 2', 'lost 3']) expect(await work.places(subject), subject).toEqual(['INBOX']);
      } finally {
        await work.close();
      }
    },
  );
});
