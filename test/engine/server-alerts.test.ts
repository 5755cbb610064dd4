import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogEntry } from '../../main/engine/core/log.ts';
import { ALERTS_KEPT } from '../../main/engine/store/server-alerts.ts';
import { EngineRig, type RigOptions } from '../support/engine-rig.ts';
import { openGatewaySession } from '../support/gateway-session.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { tlsIdentity } from '../support/tls.ts';

let primary: ImapScript;
let relay: ImapScript;
let rig: EngineRig | null;
let told: number;
beforeEach(async () => {
  primary = await startImapScript();
  relay = await startImapScript();
  rig = null;
  told = 0;
});
afterEach(async () => {
  await rig?.close();
  await primary.close();
  await relay.close();
});

const server = ({ port }: ImapScript) => ({ port, user: 'alice', password: 'pw-alice' });

async function open(options: Partial<RigOptions> = {}): Promise<EngineRig> {
  const onEvent = (name: string) => void (told += Number(name === 'alerts.changed'));
  return (rig = await EngineRig.open({ primary: server(primary), relay: server(relay), onEvent, ...options }));
}
const texts = () => rig!.engine.features.alerts.list().map(({ side, text }) => `${side}: ${text}`);
const first = () => rig!.engine.features.alerts.list()[0]!;

describe('what a server wants a person to be told', () => {
  it('is kept with the side that said so: at the greeting, with the log-in, with any answer, and at the end', async () => {
    await primary.close();
    primary = await startImapScript({ greeting: '* OK [ALERT] Maintenance on Sunday\r\n' });
    relay.fault({ command: 'AUTHENTICATE', action: { garbage: '* NO [ALERT] Password expires in 3 days\r\n', then: 'pass' } });
    relay.fault({ command: 'LIST', action: { garbage: '* OK [ALERT] 95 % of your space is used\r\n', then: 'pass' } });
    await open();
    await rig!.mirror();
    expect(texts()).toEqual(
      expect.arrayContaining(['primary: Maintenance on Sunday', 'relay: Password expires in 3 days', 'relay: 95 % of your space is used']),
    );
    expect(texts()).toHaveLength(3);
    expect(told).toBe(3);
  });

  it('is kept where the log-in is refused, which nothing else explains', async () => {
    primary.fault({ command: 'AUTHENTICATE', nth: 'every', action: { no: '[ALERT] Please log in via your web browser' } });
    await open();
    await expect(rig!.mirror()).rejects.toMatchObject({ code: 'auth-rejected' });
    expect(texts()).toEqual(['primary: Please log in via your web browser']);
  });

  it('is kept where the log-in of a probe is refused, though mail is still watched', async () => {
    await open();
    rig!.engine.start();
    await expect.poll(() => primary.commands.some(({ name }) => name === 'IDLE'), { timeout: 10_000 }).toBe(true);
    primary.fault({ command: 'AUTHENTICATE', nth: 'every', action: { no: '[ALERT] Locked: call 4711' } });
    await rig!.engine.features.monitor.probeNow(rig!.accountId);
    expect(texts()).toEqual(['primary: Locked: call 4711']);
    expect(primary.openConnections).toBeGreaterThan(0);
  });

  it('is told as it comes, while mail is watched', async () => {
    await open();
    rig!.engine.start();
    await expect.poll(() => primary.commands.some(({ name }) => name === 'IDLE'), { timeout: 10_000 }).toBe(true);
    primary.fault({ command: 'IDLE', nth: 'every', action: { garbage: '* OK [ALERT] Shutdown in 5 minutes\r\n', then: 'pass' } });
    rig!.engine.syncNow();
    await expect.poll(texts, { timeout: 10_000 }).toEqual(['primary: Shutdown in 5 minutes']);
  });

  it('is shown once for each text and account, and not again once it was put away: not after a restart either', async () => {
    const same = { garbage: '* OK [ALERT] Same\r\n', then: 'pass' } as const;
    const lifts = [primary, relay].map((one) => one.fault({ command: 'LIST', nth: 'every', action: same }));
    await open();
    await rig!.mirror();
    await rig!.mirror();
    expect(texts()).toHaveLength(1);
    expect(told).toBe(1);
    rig!.engine.features.alerts.dismiss(rig!.accountId, first().id);
    expect(texts()).toEqual([]);
    await rig!.restart();
    await rig!.mirror();
    expect(texts()).toEqual([]);
    for (const lift of lifts) lift();
    primary.fault({ command: 'LIST', action: { garbage: '* OK [ALERT] Another\r\n', then: 'pass' } });
    await rig!.mirror();
    expect(texts()).toEqual(['primary: Another']);
  });

  it('goes into no log', async () => {
    const entries: LogEntry[] = [];
    const note = (entry: LogEntry) => void entries.push(entry);
    primary.fault({ command: 'LIST', action: { garbage: '* OK [ALERT] Canary-71 for alice@example.com\r\n', then: 'pass' } });
    primary.fault({ command: 'AUTHENTICATE', nth: 2, action: { no: '[ALERT] Canary-72' } });
    await open({ log: { debug: note, info: note, warn: note, error: note } });
    await rig!.mirror();
    await expect(rig!.mirror()).rejects.toThrow();
    expect(texts()).toHaveLength(2);
    expect(entries.filter(({ ev }) => ev === 'imap.alert')).toHaveLength(2);
    expect(JSON.stringify(entries)).not.toMatch(/canary|alice/iu);
  });

  it('goes with its account', async () => {
    primary.fault({ command: 'LIST', action: { garbage: '* OK [ALERT] Mine\r\n', then: 'pass' } });
    await open();
    await rig!.mirror();
    const { store } = rig!.engine;
    await rig!.engine.removeAccount(rig!.accountId, true);
    expect(rig!.engine.features.alerts.list()).toEqual([]);
    expect(store.meta.get(`server-alerts:${rig!.accountId}`)).not.toContain('Mine');
  });

  it('may change each time: the newest are kept, ten of one connection at most', async () => {
    let n = 0;
    const garbage = () => Array.from({ length: 30 }, () => `* OK [ALERT] Words ${(n += 1)}\r\n`).join('');
    await open();
    for (let look = 0; look < 7; look += 1) {
      primary.fault({ command: 'LIST', action: { garbage: garbage(), then: 'pass' } });
      await rig!.mirror();
    }
    expect(texts()).toHaveLength(ALERTS_KEPT);
    expect(texts()).toContain('primary: Words 190');
    expect(texts()).not.toContain('primary: Words 191');
    expect(texts()).not.toContain('primary: Words 1');
  });
});

it('is not taken from anybody who stands before the TLS that is asked for', async () => {
  const heard: string[] = [];
  const tls = { identity: tlsIdentity(), mode: 'starttls' as const };
  const one = await startImapScript({ tls, greeting: '* OK [ALERT] Call this number\r\n' });
  one.fault({ command: 'LOGIN', action: { garbage: '* OK [ALERT] Behind TLS\r\n', then: 'pass' } });
  one.fault({ command: 'AUTHENTICATE', action: { garbage: '* OK [ALERT] Behind TLS\r\n', then: 'pass' } });
  const session = await openGatewaySession({
    port: one.port,
    endpoint: { host: 'localhost', security: 'starttls', caFile: tlsIdentity().caFile },
    onAlert: (text) => heard.push(text),
  });
  await session.close();
  await one.close();
  expect(heard).toEqual(['Behind TLS']);
});
