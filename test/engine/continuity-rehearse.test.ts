import { expect, it } from 'vitest';
import { rehearseOutage, type RehearsalOptions } from '../../main/engine/continuity/rehearse.ts';
import { accountConfigSchema } from '../../shared/model/account.ts';
import type { EndpointRef } from '../../shared/model/continuity.ts';
import { asAccountId } from '../../shared/model/ids.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { seededRandom } from '../support/random.ts';

const SECOND = 1_000;
const at = (port: number) => ({ host: 'mail.example.com', port, security: 'tls' as const, user: 'anna' });
const config = accountConfigSchema.parse({
  email: 'anna@example.com',
  primary: { imap: at(993), smtp: at(465) },
  relay: { imap: at(993), smtp: at(465) },
});

/** Plays it on a clock of its own; what came out, and who was asked. */
async function rehearsed(change: Partial<RehearsalOptions> = {}, stop?: AbortController) {
  const clock = new ManualClock();
  const asked: EndpointRef[] = [];
  const probeRelay: RehearsalOptions['probeRelay'] = (endpoint) => {
    asked.push(endpoint);
    return Promise.resolve({ isGood: true });
  };
  const random = seededRandom(7);
  const base = { account: { id: asAccountId(1), config }, clock, random, stableMs: 60 * SECOND, isWitnessed: () => false, probeRelay };
  let result: number | null | undefined;
  let error: unknown;
  void rehearseOutage({ ...base, ...change }, (stop ?? new AbortController()).signal).then(
    (ms) => (result = ms),
    (thrown: unknown) => (error = thrown),
  );
  for (let t = 0; t < 90 && result === undefined && error === undefined; t += 1) await clock.advance(SECOND);
  return { result, error, asked, timers: clock.timers };
}

it('a hard failure is noticed within the bar, by the same looks as in an outage', async () => {
  const { result, asked, timers } = await rehearsed();
  expect(result).toBeGreaterThan(500);
  expect(result).toBeLessThanOrEqual(15 * SECOND);
  expect(asked.every(({ side }) => side === 'relay')).toBe(true);
  expect(timers).toBe(0);
});

it('takes no less with a relay that is away as well', async () => {
  const { result } = await rehearsed({ probeRelay: () => Promise.resolve({ isGood: false, code: 'connect-refused' }) });
  expect(result).toBeGreaterThan(500);
  expect(result).toBeLessThanOrEqual(60 * SECOND);
});

it('ends at once when it is stopped, and leaves nothing behind', async () => {
  const stop = new AbortController();
  stop.abort(new Error('stopped'));
  const { result, error, timers } = await rehearsed({}, stop);
  expect([result, (error as Error).message, timers]).toEqual([undefined, 'stopped', 0]);
});
