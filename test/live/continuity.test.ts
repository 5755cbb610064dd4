import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContinuityState } from '../../shared/model/continuity.ts';
import { changePassword } from '../support/dovecot-password.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { reportFigure } from '../support/figures.ts';
import { startImapProxy, type ImapProxy } from '../support/imap-proxy.ts';
import { RateClock } from '../support/rate-clock.ts';
import { startSmtpScript, type SmtpScript } from '../support/smtp-script.ts';
import { until } from '../support/until.ts';

const SECOND = 1_000;
const HARD_MS = 15 * SECOND;
const SILENT_MS = 60 * SECOND;
/** Silence takes half a minute to be told; the clock runs so much faster meanwhile. */
const SILENT_RATE = 6;

const users = Array.from({ length: 12 }, (_, n) => `user${n}`);
let nextUser = 0;
let shared: Dovecot;
let relay: Dovecot;
let smtp: SmtpScript;

beforeAll(async () => {
  shared = await startDovecot({ users });
  relay = await startDovecot({ users });
  smtp = await startSmtpScript({ passwords: Object.fromEntries(users.map((name) => [name, `pw-${name}`])) });
});
afterAll(async () => {
  await shared.dispose();
  await relay.dispose();
  await smtp.close();
});

interface World {
  readonly clock: RateClock;
  readonly rig: EngineRig;
  readonly user: string;
  readonly primary: Dovecot;
  /** Before the primary's mailboxes, its submission, and the relay's mailboxes. */
  readonly imap: ImapProxy;
  readonly submission: ImapProxy;
  readonly relayImap: ImapProxy;
  readonly states: ContinuityState[];
  state(): ContinuityState;
  reaches(mode: string, limitMs: number): Promise<number>;
}

/** A running engine on a primary and a relay, both watched, everything well. */
async function running(primary: Dovecot, work: (world: World) => Promise<void>): Promise<void> {
  const user = users[nextUser++]!;
  const clock = new RateClock();
  const imap = await startImapProxy({ upstreamPort: primary.imapPort });
  const submission = await startImapProxy({ upstreamPort: smtp.port, inspect: false });
  const relayImap = await startImapProxy({ upstreamPort: relay.imapPort });
  const states: ContinuityState[] = [];
  const login = (port: number, smtpPort: number) => ({ port, smtpPort, user, password: `pw-${user}` });
  const rig = await EngineRig.open({
    primary: login(imap.port, submission.port),
    relay: login(relayImap.port, smtp.port),
    clock,
    onEvent: (name, payload) => void (name === 'continuity.state' && states.push(...(payload as ContinuityState[]))),
  });
  const { monitor } = rig.engine.features;
  const { continuity } = rig.engine.store.accounts.get(rig.accountId).config;
  rig.engine.configureContinuity(rig.accountId, { ...continuity, stableSeconds: 2 }, '');
  rig.engine.start();
  const state = (): ContinuityState => monitor.state(rig.accountId);
  const reaches = async (mode: string, limitMs: number): Promise<number> => {
    const startedAt = clock.monotonic();
    await until(mode, () => state().mode === mode, limitMs / clock.rate + 5 * SECOND);
    return Math.round(clock.monotonic() - startedAt);
  };
  try {
    await until('both sides watch', () => rig.engine.syncStates().every((one) => one.phase === 'watching'));
    expect((await monitor.probeNow(rig.accountId)).endpoints.map((one) => one.health)).toEqual(['up', 'up', 'up', 'up']);
    expect(state().mode).toBe('normal');
    await work({ clock, rig, user, primary, imap, submission, relayImap, states, state, reaches });
  } finally {
    clock.rate = 1;
    // First: nobody has to wait for an answer then.
    for (const proxy of [imap, submission, relayImap]) await proxy.close();
    await rig.close();
  }
}

function signal(server: Dovecot, name: 'SIGSTOP' | 'SIGCONT'): void {
  const pid = Number(readFileSync(join(server.root, 'run', 'master.pid'), 'utf8'));
  process.kill(-pid, name);
}

/** Longer than two gaps between probes of a server that has been away for a short time. */
const RETURN_MS = 150 * SECOND;

describe.concurrent('the primary is gone', () => {
  it('killed: continuity within 15 seconds, and recovering once it is back', { timeout: 240_000 }, async () => {
    const own = await startDovecot({ users });
    await running(own, async ({ imap, submission, primary, rig, states, state, reaches }) => {
      await primary.stop('KILL');
      for (const proxy of [imap, submission]) await proxy.outage('refuse');
      const killedMs = await reaches('continuity', HARD_MS);
      expect(state()).toMatchObject({ cause: 'primary-unreachable', reason: 'primary-down-confirmed' });
      expect(state().troubleSince).toBeLessThanOrEqual(state().confirmedAt ?? 0);
      expect(state().evidence.filter((one) => !one.isGood && one.endpoint?.service === 'imap').length).toBeGreaterThanOrEqual(2);
      expect(rig.engine.features.monitor.route(rig.accountId)).toEqual({ side: 'relay', hold: null });
      await until('told', () => states.at(-1)?.mode === 'continuity');
      await primary.start();
      for (const proxy of [imap, submission]) await proxy.restore();
      // A probe that a busy machine lets fail once more is followed by the next after up to a minute, as in any outage.
      const backMs = await reaches('recovering', RETURN_MS);
      reportFigure('outage: killed', { continuityMs: killedMs, atMostMs: HARD_MS, recoveringMs: backMs });
      expect(killedMs).toBeLessThanOrEqual(HARD_MS);
      rig.engine.features.monitor.reconciled(rig.accountId);
      expect(state().mode).toBe('normal');
    });
    await own.dispose();
  });

  it('reset: continuity within 15 seconds', () =>
    running(shared, async ({ imap, state, reaches }) => {
      await imap.outage('reset');
      const resetMs = await reaches('continuity', HARD_MS);
      reportFigure('outage: reset', { continuityMs: resetMs, atMostMs: HARD_MS });
      expect(resetMs).toBeLessThanOrEqual(HARD_MS);
      expect(state().cause).toBe('primary-unreachable');
    }));

  it('silent: continuity within 60 seconds', () =>
    running(shared, async ({ clock, imap, submission, state, reaches }) => {
      clock.rate = SILENT_RATE;
      for (const proxy of [imap, submission]) await proxy.outage('blackhole');
      const silentMs = await reaches('continuity', SILENT_MS);
      reportFigure('outage: silent', { continuityMs: silentMs, atMostMs: SILENT_MS });
      expect(silentMs).toBeLessThanOrEqual(SILENT_MS);
      expect(state().cause).toBe('primary-unreachable');
    }));

  it('stopped in its tracks (SIGSTOP): continuity within 60 seconds, recovering when it goes on', async () => {
    const own = await startDovecot({ users });
    try {
      await running(own, async ({ clock, state, reaches }) => {
        clock.rate = SILENT_RATE;
        signal(own, 'SIGSTOP');
        const stoppedMs = await reaches('continuity', SILENT_MS);
        expect(state().cause).toBe('primary-unreachable');
        signal(own, 'SIGCONT');
        // A probe that a busy machine lets fail once more is followed by the next after up to a minute, as in any outage.
        const backMs = await reaches('recovering', RETURN_MS);
        reportFigure('outage: stopped', { continuityMs: stoppedMs, atMostMs: SILENT_MS, recoveringMs: backMs });
        expect(stoppedMs).toBeLessThanOrEqual(SILENT_MS);
      });
    } finally {
      signal(own, 'SIGCONT');
      await own.dispose();
    }
  });

  it('refusing the log-in: continuity with that cause', async () => {
    const own = await startDovecot({ users });
    await running(own, async ({ user, imap, state, reaches }) => {
      await changePassword(own, user, 'another');
      imap.dropConnections('reset');
      const refusedMs = await reaches('continuity', HARD_MS);
      reportFigure('outage: log-in refused', { continuityMs: refusedMs, atMostMs: HARD_MS });
      expect(refusedMs).toBeLessThanOrEqual(HARD_MS);
      expect(state()).toMatchObject({ cause: 'primary-login-refused', reason: 'login-refused-confirmed' });
    });
    await own.dispose();
  });

  it('taking no mail while mailboxes are well: continuity for sending', () =>
    running(shared, async ({ rig, submission, state, reaches }) => {
      await submission.outage('refuse');
      rig.engine.features.monitor.report({
        accountId: rig.accountId,
        side: 'primary',
        error: { code: 'connect-refused', retry: 'later' },
      });
      const tookMs = await reaches('continuity', HARD_MS);
      reportFigure('outage: submission refused', { continuityMs: tookMs, atMostMs: HARD_MS });
      expect(state().cause).toBe('primary-not-accepting');
      expect(rig.engine.syncStates().find((one) => one.side === 'primary')?.isConnected).toBe(true);
    }));

  it('or rather our own network, when both sides are silent: offline, and no outage', () =>
    running(shared, async ({ clock, rig, imap, submission, relayImap, state, reaches }) => {
      clock.rate = SILENT_RATE;
      for (const proxy of [imap, submission, relayImap]) await proxy.outage('blackhole');
      const offlineMs = await reaches('offline', 90 * SECOND);
      expect(state().cause).toBe('network-down');
      expect(rig.engine.features.monitor.route(rig.accountId)).toEqual({ side: null, hold: 'offline' });
      for (const proxy of [imap, submission, relayImap]) await proxy.restore();
      const backMs = await reaches('normal', 60 * SECOND);
      reportFigure('own network silent', { offlineMs, normalMs: backMs });
      expect(rig.engine.store.outages.list(rig.accountId, 10)).toEqual([]);
    }));
});
