import { setTimeout as sleep } from 'node:timers/promises';
import dns from 'node:dns';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { reportFigure } from '../support/figures.ts';
import { startImapProxy, type ImapProxy } from '../support/imap-proxy.ts';
import { RateClock } from '../support/rate-clock.ts';
import { isSilent, openSilentPort, type SilentPort } from '../support/silent-port.ts';
import { isFull } from '../support/this-run.ts';
import { until } from '../support/until.ts';

const CYCLES = isFull ? 100 : 2;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const SURVIVAL_MS = 5 * MINUTE + 5 * SECOND;
const HANDLES_MAY_DIFFER = 2;
const RSS_GROWTH_BYTES = 20 * 2 ** 20;

/** Names that the machine resolves as the test says: address changes and a dead IPv6 need no other network. */
const addresses = new Map<string, { address: string; family: number }[]>();
const asked = new Map<string, number>();

function fakeLookup(): void {
  const real = dns.lookup;
  const lookup = (host: string, options: { all?: boolean }, done: (...answer: unknown[]) => void): void => {
    const found = addresses.get(host);
    if (!found) return void Reflect.apply(real, dns, [host, options, done]);
    asked.set(host, (asked.get(host) ?? 0) + 1);
    queueMicrotask(() => (options.all ? done(null, found) : done(null, found[0]?.address, found[0]?.family)));
  };
  vi.spyOn(dns, 'lookup').mockImplementation(lookup as never);
}

interface Setup {
  readonly clock: RateClock;
  readonly rig: EngineRig;
  readonly server: Dovecot;
  readonly user: string;
  readonly proxies: readonly ImapProxy[];
  /** What takes every packet to the name's first address and answers none. */
  readonly hole: SilentPort | null;
}

interface Kind {
  readonly name: string;
  readonly host?: string;
  /** The name has an IPv6 address, too, which is silent. */
  readonly hasDeadIpv6?: boolean;
  readonly hasOwnServer?: boolean;
  /** Addresses with a proxy, the first of which is in use at the start. */
  readonly listensAt?: readonly string[];
  /** Rate of the clock until the outage is shown: fast where that takes long. */
  readonly rate: number;
  readonly offlineWithinMs: number;
  /** How long it lasts after it was shown. */
  readonly outageMs: number;
  strike(setup: Setup, cycle: number): void | Promise<void>;
  end(setup: Setup, cycle: number): void | Promise<void>;
}

const kinds: readonly Kind[] = [
  {
    name: 'server restart',
    hasOwnServer: true,
    ...{ rate: 1, offlineWithinMs: 30 * SECOND, outageMs: 0 },
    strike: ({ server }) => server.stop('KILL'),
    end: ({ server }) => server.start(),
  },
  {
    name: 'reset',
    ...{ rate: 1, offlineWithinMs: 2 * SECOND, outageMs: 2 * SECOND },
    strike: ({ proxies }) => proxies[0]!.outage('reset'),
    end: ({ proxies }) => proxies[0]!.restore(),
  },
  {
    name: 'silent drop',
    ...{ rate: 10, offlineWithinMs: 30 * SECOND, outageMs: 40 * SECOND },
    strike: ({ proxies }) => proxies[0]!.outage('blackhole'),
    end: ({ proxies }) => proxies[0]!.restore(),
  },
  {
    name: 'half-open after suspend',
    ...{ rate: 1, offlineWithinMs: 30 * SECOND, outageMs: 0 },
    strike: ({ proxies, clock, rig }) => {
      proxies[0]!.dropConnections('blackhole');
      clock.suspend(20 * MINUTE);
      rig.engine.syncNow(); // what the app does when the machine wakes
    },
    end: () => undefined,
  },
  {
    name: 'address change',
    host: 'localhost',
    listensAt: ['127.0.0.1', '127.0.0.2'],
    ...{ rate: 1, offlineWithinMs: 30 * SECOND, outageMs: 2 * SECOND },
    strike: ({ proxies }, cycle) => proxies[cycle % 2]!.outage('refuse'),
    end: async ({ proxies }, cycle) => {
      const next = (cycle + 1) % 2;
      await proxies[next]!.restore();
      addresses.set('localhost', [{ address: next === 0 ? '127.0.0.1' : '127.0.0.2', family: 4 }]);
    },
  },
  {
    name: 'IPv6 dead',
    host: 'LOCALHOST',
    hasDeadIpv6: true,
    ...{ rate: 1, offlineWithinMs: 30 * SECOND, outageMs: 2 * SECOND },
    strike: ({ proxies }) => proxies[0]!.outage('reset'),
    end: ({ proxies }) => proxies[0]!.restore(),
  },
];

function countByName(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

let shared: Dovecot;
let own: Dovecot;

beforeAll(async () => {
  shared = await startDovecot({ users: kinds.map((_, n) => `user${n}`), rawlog: false });
  own = await startDovecot({ users: kinds.map((_, n) => `user${n}`), rawlog: false });
});
afterAll(async () => {
  await shared.dispose();
  await own.dispose();
});

const stateOf = ({ rig }: Setup) => rig.engine.syncStates()[0]!;
const isWatching = (setup: Setup): boolean => stateOf(setup).phase === 'watching' && stateOf(setup).isConnected;

async function setUp(kind: Kind, index: number): Promise<Setup> {
  const server = kind.hasOwnServer ? own : shared;
  const user = `user${index}`;
  const proxies: ImapProxy[] = [];
  for (const host of kind.listensAt ?? ['127.0.0.1']) {
    const port = proxies[0]?.port;
    proxies.push(await startImapProxy({ upstreamPort: server.imapPort, host, ...(port === undefined ? {} : { port }) }));
  }
  for (const spare of proxies.slice(1)) await spare.outage('refuse');
  const clock = new RateClock();
  const { port } = proxies[0]!;
  const hole = kind.hasDeadIpv6 ? await openSilentPort(port) : null;
  const endpoint = { host: kind.host ?? '127.0.0.1', port, security: 'plain' as const, user, auth: { type: 'password' as const } };
  const config = { primary: { imap: endpoint, smtp: null } };
  const rig = await EngineRig.open({ primary: { port, user, password: server.user(user).password }, clock, config, seed: index + 1 });
  return { clock, rig, server, user, proxies, hole };
}

const SETTLE_MS = 500;

interface Times {
  readonly noticedMs: number;
  readonly backMs: number;
}

/** A connection that has lived this long lets the backoff start anew, as between two outages of real life. */
async function survive({ clock }: Setup): Promise<void> {
  clock.rate = 60;
  await clock.sleep(SURVIVAL_MS);
  clock.rate = 1;
  // What the fast clock brought about is over: most of its time a connection waits for news, and with no command on its way.
  await sleep(SETTLE_MS);
}

async function runCycle(kind: Kind, setup: Setup, cycle: number): Promise<Times> {
  const { clock, rig, server, user } = setup;
  clock.rate = kind.rate;
  const struckAt = clock.monotonic();
  await kind.strike(setup, cycle);
  await until(`${kind.name}: shown as away`, () => !stateOf(setup).isConnected, 60_000);
  const noticedMs = clock.monotonic() - struckAt;
  if (kind.outageMs > 0) await clock.sleep(kind.outageMs);
  clock.rate = 1;
  await kind.end(setup, cycle);
  const backAt = clock.monotonic();
  const subject = `${kind.name} ${cycle}`;
  const client = await server.connect(user);
  await client.append('INBOX', Buffer.from(`Subject: ${subject}\r\nMessage-ID: <c${cycle}@example.com>\r\n\r\nx\r\n`));
  await client.close();
  await until(`${subject}: back in sync`, () => isWatching(setup) && rig.rows('INBOX').some((row) => row.subject === subject), 60_000);
  const backMs = clock.monotonic() - backAt;
  await survive(setup);
  await until(`${kind.name}: watching`, () => isWatching(setup), 60_000);
  return { noticedMs, backMs };
}

describe('I9: the connection is lost and comes back', () => {
  it(`${kinds.length} ways, ${CYCLES} times each`, { timeout: isFull ? 7_200_000 : 240_000 }, async () => {
    const warnings: string[] = [];
    const onWarning = (warning: Error): void => void warnings.push(`${warning.name}: ${warning.message}`);
    process.on('warning', onWarning);
    addresses.set('localhost', [{ address: '127.0.0.1', family: 4 }]);
    addresses.set('LOCALHOST', [
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ]);
    fakeLookup();
    const setups = await Promise.all(kinds.map(setUp));
    for (const { rig } of setups) rig.engine.start();
    for (const setup of setups) await until('all watch', () => isWatching(setup));
    // Timers of the start have run out, as they have after each outage.
    await Promise.all(setups.map(survive));
    const handles = (): number => process.getActiveResourcesInfo().filter((name) => name !== 'Immediate').length;
    const handlesBefore = handles();
    const kindsBefore = countByName(process.getActiveResourcesInfo());
    const rssBefore = process.memoryUsage().rss;
    const runs = await Promise.all(
      kinds.map(async (kind, index) => {
        const times: Times[] = [];
        for (let cycle = 0; cycle < CYCLES; cycle += 1) times.push(await runCycle(kind, setups[index]!, cycle));
        return times;
      }),
    );
    await until('handles as before', () => Math.abs(handles() - handlesBefore) <= HANDLES_MAY_DIFFER).catch((error: unknown) => {
      const now = JSON.stringify(countByName(process.getActiveResourcesInfo()));
      throw new Error(`handles ${JSON.stringify(kindsBefore)} became ${now}`, { cause: error });
    });
    const handlesAfter = handles();
    const rssGrowth = process.memoryUsage().rss - rssBefore;
    for (const { rig, proxies, hole } of setups) {
      expect(rig.rows('INBOX')).toHaveLength(CYCLES);
      if (hole) expect(await isSilent(proxies[0]!.port)).toBe(true);
      await rig.close();
      for (const proxy of proxies) await proxy.close();
      await hole?.close();
    }
    process.off('warning', onWarning);
    const slowest = (pick: (times: Times) => number, index: number): number => Math.round(Math.max(...runs[index]!.map(pick)));
    const noticedMs = Object.fromEntries(kinds.map(({ name }, index) => [name, slowest((one) => one.noticedMs, index)]));
    const backMs = Object.fromEntries(kinds.map(({ name }, index) => [name, slowest((one) => one.backMs, index)]));
    reportFigure('I9 reconnect', {
      ...{ kinds: kinds.length, cycles: CYCLES * kinds.length, handlesBefore, handlesAfter },
      ...{ rssGrowthMb: Math.round(rssGrowth / 2 ** 20), noticedMs: JSON.stringify(noticedMs), backMs: JSON.stringify(backMs) },
    });
    kinds.forEach(({ name, offlineWithinMs }) => expect(noticedMs[name], `${name}: shown`).toBeLessThanOrEqual(offlineWithinMs));
    kinds.forEach(({ name }) => expect(backMs[name], `${name}: back`).toBeLessThanOrEqual(10 * SECOND));
    expect(asked.get('localhost')).toBeGreaterThan(CYCLES);
    expect(asked.get('LOCALHOST')).toBeGreaterThan(CYCLES);
    expect(warnings).toEqual([]);
    if (isFull) expect(rssGrowth).toBeLessThanOrEqual(RSS_GROWTH_BYTES);
  });
});
