import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { reportFigure } from '../support/figures.ts';
import { startImapProxy } from '../support/imap-proxy.ts';
import { RateClock } from '../support/rate-clock.ts';
import { until } from '../support/until.ts';

const RATE = 60;
const OUTAGE_MS = 10 * 60_000;
const AT_MOST = 12;
/** Fewer would be a client that has given up. */
const AT_LEAST = { reset: 5, blackhole: 3 } as const;

let server: Dovecot;
beforeAll(async () => {
  server = await startDovecot({ users: Object.keys(AT_LEAST), rawlog: false });
});
afterAll(() => server.dispose());

// Side by side: each waits for its own clock and connection.
describe.concurrent('I9: pace of an outage', () => {
  it.each(['reset', 'blackhole'] as const)(
    'knocks no more than 12 times in the first ten minutes (%s)',
    { timeout: 60_000 },
    async (how) => {
      const proxy = await startImapProxy({ upstreamPort: server.imapPort });
      const clock = new RateClock();
      const rig = await EngineRig.open({ primary: { port: proxy.port, user: how, password: server.user(how).password }, clock });
      rig.engine.start();
      await until('watching', () => rig.engine.syncStates()[0]?.phase === 'watching');
      clock.rate = RATE;
      const before = proxy.attempts.length;
      await proxy.outage(how);
      await clock.sleep(OUTAGE_MS);
      const attempts = proxy.attempts.length - before;
      await rig.close();
      await proxy.close();
      reportFigure(`I9 attempts in 10 minutes, ${how}`, { attempts, atMost: AT_MOST });
      expect(attempts).toBeLessThanOrEqual(AT_MOST);
      expect(attempts).toBeGreaterThanOrEqual(AT_LEAST[how]);
    },
  );
});
