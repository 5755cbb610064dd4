import { afterEach, describe, expect, it } from 'vitest';
import { contract } from '../../shared/ipc/contract.ts';
import type { Account } from '../../shared/model/account.ts';
import type { ContinuityState } from '../../shared/model/continuity.ts';
import { answerCall } from '../../main/engine/calls.ts';
import { EngineRig, type RigOptions } from '../support/engine-rig.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { startSmtpScript, type SmtpScript } from '../support/smtp-script.ts';
import { until } from '../support/until.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Setup {
  readonly rig: EngineRig;
  readonly imap: ImapScript;
  readonly smtp: SmtpScript;
  readonly events: string[];
  ask(
    name: 'continuity.state' | 'continuity.control' | 'continuity.failover' | 'continuity.probe',
    ...args: unknown[]
  ): Promise<ContinuityState>;
}

async function setUp(change: Partial<RigOptions> = {}): Promise<Setup> {
  const imap = await startImapScript();
  const smtp = await startSmtpScript({ passwords: { alice: 'pw-alice' } });
  const events: string[] = [];
  const server = { port: imap.port, smtpPort: smtp.port, user: 'alice', password: 'pw-alice' };
  const rig = await EngineRig.open({ primary: server, onEvent: (name) => void events.push(name), ...change });
  closers.push(
    () => imap.close(),
    () => smtp.close(),
    () => rig.close(),
  );
  const ask: Setup['ask'] = async (name, ...args) => {
    const answer = contract[name].result.parse(await answerCall(rig.engine, name, args));
    return Array.isArray(answer) ? answer[0]! : answer;
  };
  return { rig, imap, smtp, events, ask };
}

describe('calls about continuity', () => {
  it('tell the state before the engine runs', async () => {
    const { ask } = await setUp();
    expect(await ask('continuity.state')).toMatchObject({
      mode: 'normal',
      reason: 'started',
      control: 'automatic',
      endpoints: [{ health: 'unknown' }, { health: 'unknown' }],
    });
  });

  it('look at every endpoint now', async () => {
    const { rig, smtp, ask } = await setUp();
    rig.engine.start();
    const state = await ask('continuity.probe', { accountId: rig.accountId });
    expect(state.endpoints.map((one) => [one.endpoint.service, one.health])).toEqual([
      ['imap', 'up'],
      ['smtp', 'up'],
    ]);
    expect(smtp.attempts).toHaveLength(1);
  });

  it('hold the mode, release it, and keep its history', async () => {
    const { rig, events, ask } = await setUp();
    rig.engine.start();
    const { accountId } = rig;
    expect(await ask('continuity.control', { accountId, control: 'forced-continuity' })).toMatchObject({
      mode: 'continuity',
      control: 'forced-continuity',
    });
    expect(await ask('continuity.control', { accountId, control: 'automatic' })).toMatchObject({ control: 'automatic' });
    await until('told', () => events.includes('continuity.state'));
    const history = await answerCall(rig.engine, 'continuity.history', [{ accountId, limit: 10 }]);
    expect(contract['continuity.history'].result.parse(history)).toMatchObject([
      { from: 'normal', to: 'continuity', reason: 'forced-by-person' },
    ]);
    expect(await ask('continuity.failover', { accountId })).toMatchObject({ mode: 'continuity' });
  });

  it('change how the account behaves, and tell the window', async () => {
    const { rig, events } = await setUp();
    const { accountId } = rig;
    const continuity = { ...rig.engine.store.accounts.get(accountId).config.continuity, failover: 'ask' as const, stableSeconds: 7 };
    const answer = (await answerCall(rig.engine, 'continuity.configure', [{ accountId, continuity, signature: 'Anna' }])) as Account;
    expect(contract['continuity.configure'].result.parse(answer).config).toMatchObject({ continuity, signature: 'Anna' });
    expect(rig.engine.store.accounts.get(accountId).config.continuity.failover).toBe('ask');
    expect(events).toContain('accounts.changed');
  });

  it('refuse accounts that are not there', async () => {
    const { rig } = await setUp();
    for (const name of ['continuity.failover', 'continuity.probe'] as const)
      await expect(answerCall(rig.engine, name, [{ accountId: 99 }]), name).rejects.toMatchObject({ code: 'account-missing' });
  });
});

describe('a running engine on scripted servers', () => {
  it('asks before it leaves a primary that resets its connections, and does so when told', async () => {
    const { rig, imap, smtp, ask } = await setUp();
    const { accountId } = rig;
    const { continuity } = rig.engine.store.accounts.get(accountId).config;
    rig.engine.configureContinuity(accountId, { ...continuity, failover: 'ask' }, '');
    rig.engine.start();
    await until('watching', () => rig.engine.syncStates()[0]?.phase === 'watching');
    imap.setStream({ cutAt: 0, reset: true });
    imap.dropConnections('reset');
    await until('asked', async () => (await ask('continuity.state')).asksForFailover);
    // A primary that is gone cannot be gone on with.
    expect(await ask('continuity.failover', { accountId, stays: true })).toMatchObject({ mode: 'degraded', asksForFailover: true });
    expect(await ask('continuity.failover', { accountId })).toMatchObject({
      mode: 'continuity',
      reason: 'confirmed-by-person',
      cause: 'primary-unreachable',
    });
    expect(smtp.mails).toEqual([]);
  });

  it('finds its outage again when it is opened anew', async () => {
    const { rig, imap, ask } = await setUp();
    rig.engine.start();
    await until('watching', () => rig.engine.syncStates()[0]?.phase === 'watching');
    await imap.close();
    await until('continuity', async () => (await ask('continuity.state')).mode === 'continuity');
    const before = await ask('continuity.state');
    await rig.restart();
    const after = await ask('continuity.state');
    const { mode, reason, cause, since, troubleSince, confirmedAt, outageId } = before;
    expect(after).toMatchObject({ mode, reason, cause, since, troubleSince, confirmedAt, outageId });
  });
});
