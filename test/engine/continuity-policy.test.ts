import { afterEach, describe, expect, it } from 'vitest';
import { accountConfigSchema, type AccountConfig } from '../../shared/model/account.ts';
import {
  continuityConfigSchema,
  continuityControlSchema,
  continuityInForce,
  type ContinuityConfig,
  type ContinuityPolicy,
} from '../../shared/model/continuity-config.ts';
import type { ContinuityState } from '../../shared/model/continuity.ts';
import { answerCall } from '../../main/engine/calls.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { startImapScript } from '../support/imap-script.ts';
import { startSmtpScript } from '../support/smtp-script.ts';
import { until } from '../support/until.ts';

const own = continuityConfigSchema.parse({});
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function setUp(config: { managed?: ContinuityPolicy; continuity?: Partial<ContinuityConfig> } = {}) {
  const imap = await startImapScript();
  const smtp = await startSmtpScript({ passwords: { alice: 'pw-alice' } });
  const server = { port: imap.port, smtpPort: smtp.port, user: 'alice', password: 'pw-alice' };
  const events: string[] = [];
  const rig = await EngineRig.open({
    primary: server,
    config: { ...config, continuity: { ...own, ...config.continuity } } satisfies Partial<AccountConfig>,
    onEvent: (name) => void events.push(name),
  });
  closers.push(
    () => imap.close(),
    () => smtp.close(),
    () => rig.close(),
  );
  const { accountId } = rig;
  const now = () => rig.engine.store.accounts.get(accountId).config;
  const { email } = now();
  return {
    ...{ rig, imap, smtp, events, email, config: now },
    state: (): ContinuityState => rig.engine.features.monitor.state(accountId),
    control: (control: string) => answerCall(rig.engine, 'continuity.control', [{ accountId, control }]),
    configure: (change: object) =>
      answerCall(rig.engine, 'continuity.configure', [{ accountId, continuity: { ...now().continuity, ...change }, signature: '' }]),
  };
}

const others = {
  failover: 'ask',
  reconcile: 'ask',
  stableSeconds: 7,
  previewSeconds: 8,
  deliveryGraceSeconds: 9,
  undoSendSeconds: 11,
} as const;
const keys = Object.keys(own) as (keyof typeof others)[];

describe('what IT holds', () => {
  it('can be each value of the behaviour in an outage, and the mode', () => {
    expect(Object.keys(others)).toEqual(keys);
    const managed = accountConfigSchema.unwrap().shape.managed.unwrap().unwrap().shape;
    const ofMail = ['remoteImages', 'dangerousAttachments', 'trustedAuthservIds', 'incomingDays', 'outgoingDays', 'quarantinedDays'];
    expect(Object.keys(managed).sort()).toEqual([...keys, ...ofMail, 'control'].sort());
  });

  it.each(keys)('is in force before the choice of the person, and refused to them: %s', async (key) => {
    const { configure, config } = await setUp({ managed: { [key]: others[key] } });
    expect(continuityInForce(config())).toEqual({ ...own, [key]: others[key] });
    const third = { failover: 'ask', reconcile: 'ask' } as Record<string, unknown>;
    const free = keys.find((one) => one !== key)!;
    // The window sends all of it: what holds may be repeated, and the rest is the person's.
    await configure({ [key]: others[key], [free]: others[free] });
    expect(config().continuity).toEqual({ ...own, [free]: others[free] });
    expect(continuityInForce(config())).toEqual({ ...own, [key]: others[key], [free]: others[free] });
    if (third[key] !== undefined) return;
    const before = config();
    await expect(configure({ [key]: 1 })).rejects.toMatchObject({ code: 'held-by-policy', detail: key });
    expect(config()).toEqual(before);
  });

  it.each(['failover', 'reconcile'] as const)('cannot be undone by the person where it is "automatic": %s', async (key) => {
    const { configure } = await setUp({ managed: { [key]: 'automatic' } });
    await expect(configure({ [key]: 'ask' })).rejects.toMatchObject({ code: 'held-by-policy', detail: key });
  });

  it('is let go of, and the choice of the person is in force again, after a restart as well', async () => {
    const { rig, email, configure, config } = await setUp({ managed: { failover: 'ask' } });
    await configure({ failover: 'ask', undoSendSeconds: 5 });
    await rig.restart();
    expect(continuityInForce(config())).toMatchObject({ failover: 'ask', undoSendSeconds: 5 });
    rig.engine.setPolicy(email, {});
    expect(continuityInForce(config())).toMatchObject({ failover: 'automatic', undoSendSeconds: 5 });
    expect(() => rig.engine.setPolicy('nobody@example.com', {})).toThrow('account-missing');
  });
});

describe('the mode held by IT', () => {
  it.each(continuityControlSchema.options)('is refused to the person: %s', async (held) => {
    const { rig, control, state } = await setUp({ managed: { control: held } });
    rig.engine.start();
    expect(state()).toMatchObject({ control: held, isHeldByPolicy: true, mode: held === 'forced-continuity' ? 'continuity' : 'normal' });
    for (const other of continuityControlSchema.options.filter((one) => one !== held))
      await expect(control(other)).rejects.toMatchObject({ code: 'held-by-policy', detail: 'control' });
    expect(await control(held)).toMatchObject({ control: held });
    expect(rig.engine.store.outages.control(rig.accountId)).toBe('automatic');
  });

  it('is taken over at once, told, kept over a restart, and let go of again', async () => {
    const { rig, email, events, state, control } = await setUp({ continuity: { stableSeconds: 0 } });
    rig.engine.start();
    await until('watching', () => rig.engine.syncStates()[0]?.phase === 'watching');
    await control('forced-normal');
    rig.engine.setPolicy(email, { control: 'forced-continuity' });
    expect(state()).toMatchObject({ mode: 'continuity', reason: 'forced-by-policy', control: 'forced-continuity', isHeldByPolicy: true });
    expect(state().evidence.at(-1)).toMatchObject({ source: 'policy' });
    await until('told', () => events.includes('continuity.state') && events.includes('accounts.changed'));
    await rig.restart();
    rig.engine.start();
    expect(state()).toMatchObject({ mode: 'continuity', control: 'forced-continuity', isHeldByPolicy: true });
    // The word the person gave before is theirs again.
    rig.engine.setPolicy(email, {});
    expect(state()).toMatchObject({ control: 'forced-normal', isHeldByPolicy: false });
    await until('back', () => state().mode === 'normal');
    const { history } = rig.engine.features.monitor;
    expect(history.call(rig.engine.features.monitor, rig.accountId, 9).map((one) => one.reason)).toContain('forced-by-policy');
  });

  it('is in force from the start where IT gave its word while nothing ran', async () => {
    const { rig, state } = await setUp();
    const { accounts } = rig.engine.store;
    const { config } = accounts.get(rig.accountId);
    accounts.update(rig.accountId, { ...config, managed: { control: 'forced-continuity' } });
    await rig.restart();
    expect(state().mode).toBe('normal');
    rig.engine.start();
    expect(state()).toMatchObject({ mode: 'continuity', reason: 'forced-by-policy' });
  });

  it('makes the app ask before it leaves the primary, from the next outage on', async () => {
    const { rig, email, imap, state, smtp } = await setUp();
    rig.engine.start();
    await until('watching', () => rig.engine.syncStates()[0]?.phase === 'watching');
    rig.engine.setPolicy(email, { failover: 'ask' });
    imap.setStream({ cutAt: 0, reset: true });
    imap.dropConnections('reset');
    await until('asked', () => state().asksForFailover);
    expect(state().mode).toBe('degraded');
    expect(smtp.mails).toEqual([]);
  });
});
