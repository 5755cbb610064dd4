import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { reportFigure } from '../support/figures.ts';
import { startImapProxy, type ImapProxy } from '../support/imap-proxy.ts';
import { seededRandom } from '../support/random.ts';
import { RateClock } from '../support/rate-clock.ts';
import { until } from '../support/until.ts';

const isFull = process.env['HOLDOVER_FULL'] === '1';
const seed = Number(process.env['HOLDOVER_SEED'] ?? 20261124);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SOAK = isFull ? { hours: 24, arrivals: 1000 } : { hours: 0.45, arrivals: 24 };
const SOAK_RATE = 120;
/** One in so many arrivals finds a connection that has just been cut or gone silent. */
const FAULT_EVERY = 8;
const WATCH_RATE = 60;

interface Setup {
  readonly clock: RateClock;
  readonly rig: EngineRig;
  readonly proxy: ImapProxy;
}

let server: Dovecot;

beforeAll(async () => {
  server = await startDovecot({ users: ['renew', 'soak'], rawlog: false });
});
afterAll(() => server.dispose());

async function watched(user: string, work: (setup: Setup) => Promise<void>): Promise<void> {
  const clock = new RateClock();
  const proxy = await startImapProxy({ upstreamPort: server.imapPort });
  const rig = await EngineRig.open({ primary: { port: proxy.port, user, password: server.user(user).password }, clock });
  rig.engine.start();
  try {
    await until('watching', () => rig.engine.syncStates()[0]?.phase === 'watching');
    await work({ clock, rig, proxy });
  } finally {
    clock.rate = 1;
    await rig.close();
    await proxy.close();
  }
}

const mail = (name: string): Buffer => Buffer.from(`Subject: ${name}\r\nMessage-ID: <${name}@example.com>\r\n\r\nx\r\n`);

describe('I10: IDLE', () => {
  it('is renewed long before 29 minutes, and a silent one is noticed within 6', { timeout: 120_000 }, () =>
    watched('renew', async ({ clock, rig, proxy }) => {
      clock.rate = WATCH_RATE;
      await clock.sleep(15 * MINUTE);
      const idles = proxy.commands.filter((command) => command.name === 'IDLE').map((command) => command.at);
      const gaps = idles.slice(1).map((at, n) => (at - idles[n]!) * WATCH_RATE);
      const longestGapMs = Math.round(Math.max(...gaps));
      expect(idles.length).toBeGreaterThan(10);
      expect(longestGapMs).toBeLessThan(29 * MINUTE);
      expect(proxy.attempts).toHaveLength(1);
      proxy.dropConnections('blackhole');
      const silentAt = clock.monotonic();
      await until('noticed', () => rig.engine.syncStates()[0]?.isConnected === false, 30_000);
      const noticedMs = Math.round(clock.monotonic() - silentAt);
      const client = await server.connect('renew');
      await client.append('INBOX', mail('after-silence'));
      await client.close();
      await until('mail after the silence', () => rig.rows('INBOX').length === 1, 30_000);
      const shownMs = Math.round(clock.monotonic() - silentAt);
      reportFigure('I10 IDLE', { renewals: gaps.length, longestGapMs, silenceNoticedMs: noticedMs, mailShownMs: shownMs });
      expect(noticedMs).toBeLessThanOrEqual(6 * MINUTE);
    }),
  );

  it(
    `misses none of ${SOAK.arrivals} arrivals in ${SOAK.hours} hours of cuts and silences`,
    { timeout: isFull ? 3_600_000 : 120_000 },
    () =>
      watched('soak', async ({ clock, rig, proxy }) => {
        const random = seededRandom(seed);
        const client = await server.connect('soak');
        clock.rate = SOAK_RATE;
        let faults = 0;
        for (let n = 0; n < SOAK.arrivals; n += 1) {
          await clock.sleep((random.next() * 2 * SOAK.hours * HOUR) / SOAK.arrivals);
          if (n % FAULT_EVERY === FAULT_EVERY - 1) {
            proxy.dropConnections((['close', 'reset', 'blackhole'] as const)[faults % 3]!);
            faults += 1;
          }
          await client.append('INBOX', mail(`soak-${n}`));
        }
        await client.close();
        const subjects = (): string[] => rig.rows('INBOX').map((row) => row.subject);
        await until('every arrival', () => new Set(subjects()).size === SOAK.arrivals, 60_000);
        expect(subjects()).toHaveLength(SOAK.arrivals);
        reportFigure('I10 soak', { hours: SOAK.hours, arrivals: SOAK.arrivals, missed: 0, doubled: 0, faults, seed });
      }),
  );
});
