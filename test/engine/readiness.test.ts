import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReadinessFacts } from '../../main/app/readiness/facts.ts';
import { Readiness } from '../../main/app/readiness/readiness.ts';
import { READINESS_FILE, ReadinessStateFile } from '../../main/app/readiness/state-file.ts';
import type { AppLogEntry } from '../../main/app/log-file.ts';
import type { EngineState } from '../../shared/model/sync.ts';
import type { Policy } from '../../shared/policy/schema.ts';
import { alertSchema } from '../../shared/readiness/alert.ts';
import { readinessReportSchema, type ReadinessReport } from '../../shared/readiness/report.ts';
import { startHttpsReceiver, startSyslogReceiver } from '../support/alert-receivers.ts';
import { continuityOf, DAY, NOW, wellFacts } from '../support/readiness-facts.ts';
import { tlsIdentity } from '../support/tls.ts';
import { until } from '../support/until.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PROFILE = '00000000-0000-4000-8000-000000000001';
const running: EngineState = { phase: 'running', error: null, lock: 'none' };
const closers: (() => Promise<void>)[] = [];
let folder: string;

beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), 'holdover-readiness-'))));
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  rmSync(folder, { recursive: true, force: true });
});

/** A device whose engine answers what the test says; policy, time and chance are the test's, file and connections real. */
class Device {
  facts: ReadinessFacts = wellFacts();
  state: EngineState = running;
  now = NOW;
  lease: ReadinessReport['lease'] = null;
  readonly key = new Uint8Array(32).fill(7);
  readonly log: AppLogEntry[] = [];
  policy: Policy;
  #readiness: Readiness;

  constructor(readiness: NonNullable<Policy['readiness']>) {
    this.policy = { readiness: { spreadMinutes: 0, ...readiness }, network: { caFile: tlsIdentity().caFile } };
    this.#readiness = this.#start();
  }

  restart(): void {
    this.#readiness = this.#start();
  }

  async look(afterMs = 0): Promise<void> {
    this.now += afterMs;
    await this.#readiness.look();
  }

  outage(): void {
    this.facts = wellFacts({ continuity: [continuityOf({ mode: 'continuity', cause: 'primary-unreachable', confirmedAt: this.now })] });
  }

  #start(): Readiness {
    const log = { write: (_level: string, entry: AppLogEntry) => void this.log.push(entry) };
    const answers = (name: string): unknown => {
      const { accounts, continuity, sync, outbox, runs } = this.facts;
      return (
        { 'accounts.list': accounts, 'continuity.state': continuity, 'sync.state': sync, 'outbox.list': outbox, 'reconcile.list': runs }[
          name
        ] ?? []
      );
    };
    return new Readiness({
      engine: { storeKey: this.key, state: () => this.state, call: (name) => Promise.resolve(answers(name)) },
      policy: () => this.policy,
      policyFaults: () => 0,
      lease: () => this.lease,
      key: () => 'keyring',
      device: { device: 'PC-1', profile: PROFILE, version: '0.1.0', platform: 'linux' },
      file: new ReadinessStateFile(path.join(folder, READINESS_FILE), log),
      log,
      now: () => this.now,
      chance: () => 0.5,
    });
  }
}

async function https(...args: Parameters<typeof startHttpsReceiver>) {
  const receiver = await startHttpsReceiver(...args);
  closers.push(receiver.close);
  return receiver;
}

describe('reports', () => {
  it('are posted to the company under its own authority, at the interval and not before, over a restart too', async () => {
    const server = await https();
    const device = new Device({ report: `${server.url}/readiness`, everyHours: 6 });
    await device.look();
    expect(server.taken).toMatchObject([{ path: '/readiness', type: 'application/json' }]);
    expect(readinessReportSchema.parse(JSON.parse(server.taken[0]!.body))).toMatchObject({
      device: 'PC-1',
      accounts: [{ address: 'anna@company.example' }],
    });
    expect(JSON.parse(server.taken[0]!.body)).toMatchObject({ lease: null });
    device.lease = { days: 21, contactAt: new Date(NOW).toISOString(), isOver: false };
    await device.look(HOUR);
    device.restart();
    await device.look(4 * HOUR);
    expect(server.taken).toHaveLength(1);
    await device.look(2 * HOUR);
    expect(server.taken).toHaveLength(2);
    expect(readinessReportSchema.parse(JSON.parse(server.taken[1]!.body)).lease).toEqual(device.lease);
  });

  it('are one file for each device in a folder, whole at any time', async () => {
    const report = path.join(folder, 'reports');
    const device = new Device({ report, everyHours: 1 });
    await device.look();
    device.facts = wellFacts({ sync: [] });
    await device.look(61 * MINUTE);
    expect(readdirSync(report)).toEqual([`PC-1-${PROFILE}.json`]);
    const told = readinessReportSchema.parse(JSON.parse(readFileSync(path.join(report, readdirSync(report)[0]!), 'utf8')));
    expect(told.accounts[0]?.primary.completeSince).toBeNull();
    expect(Date.parse(told.sentAt)).toBe(device.now);
  });

  it.each(['untrusted-ca', 'wrong-host', 'expired'] as const)('do not go to a server whose certificate is %s', async (kind) => {
    const server = await https(kind);
    const device = new Device({ report: server.url });
    await device.look();
    expect(server.taken).toEqual([]);
    expect(device.log.map(({ ev }) => ev)).toEqual(['readiness.report-failed']);
  });

  it('do not go to a server of the company where its authority is not known, and follow no redirect', async () => {
    const server = await https();
    const device = new Device({ report: server.url });
    device.policy = { readiness: device.policy.readiness };
    await device.look();
    expect(server.taken).toEqual([]);
    server.status = 302;
    const second = new Device({ report: server.url });
    await second.look();
    expect(server.taken).toEqual([]);
  });

  it('are tried again, ever more seldom, and tell nothing before the servers were looked at', async () => {
    const server = await https();
    server.status = 503;
    const device = new Device({ report: server.url });
    device.facts = wellFacts({ continuity: [continuityOf({ endpoints: [] })] });
    await device.look();
    expect(device.log).toEqual([]);
    device.facts = wellFacts();
    await device.look(10_000);
    await device.look(10_000);
    expect(device.log).toHaveLength(1);
    await device.look(MINUTE);
    expect(device.log).toHaveLength(2);
    server.status = 204;
    await device.look(MINUTE);
    expect(server.taken).toEqual([]);
    await device.look(MINUTE);
    expect(server.taken).toHaveLength(1);
  });

  it('say of a store that cannot be opened that it is so, with the accounts as they last were', async () => {
    const server = await https();
    const device = new Device({ report: server.url, everyHours: 1 });
    await device.look();
    device.state = {
      phase: 'failed',
      error: { code: 'store-corrupt', scope: 'store', retry: 'ask', side: null, detail: 'path' },
      lock: 'none',
    };
    device.restart();
    await device.look(2 * HOUR);
    expect(readinessReportSchema.parse(JSON.parse(server.taken[1]!.body))).toMatchObject({
      store: { isOpen: false, code: 'store-corrupt' },
      accounts: [{ address: 'anna@company.example' }],
    });
  });

  it('are none at all without the section', async () => {
    const server = await https();
    const device = new Device({ report: server.url });
    device.policy = {};
    await device.look();
    expect(server.taken).toEqual([]);
    expect(existsSync(path.join(folder, READINESS_FILE))).toBe(false);
  });
});

describe('alerts', () => {
  const alerts = (bodies: readonly { readonly body: string }[]) => bodies.map(({ body }) => alertSchema.parse(JSON.parse(body)));

  it('are posted once when something begins and once when it is over', async () => {
    const server = await https();
    const device = new Device({ webhook: `${server.url}/alerts` });
    await device.look();
    device.outage();
    for (let n = 0; n < 5; n += 1) await device.look(10_000);
    expect(alerts(server.taken)).toMatchObject([
      { kind: 'primary-down', state: 'raised', code: 'primary-unreachable', account: 'anna@company.example', device: 'PC-1' },
    ]);
    device.facts = wellFacts();
    for (let n = 0; n < 20; n += 1) await device.look(10_000);
    expect(alerts(server.taken).map(({ state }) => state)).toEqual(['raised', 'cleared']);
    expect(device.log.filter(({ ev }) => ev !== 'readiness.webhook')).toEqual([]);
  });

  it('wait for the network, over a restart, and come in order with the time at which it happened', async () => {
    const server = await https();
    const device = new Device({ webhook: server.url });
    server.status = null;
    device.outage();
    await device.look();
    device.facts = wellFacts();
    await device.look(MINUTE);
    await device.look(3 * MINUTE);
    expect(server.taken).toEqual([]);
    // Sealed: it names the account.
    expect(readFileSync(path.join(folder, READINESS_FILE)).toString('latin1')).not.toContain('anna');
    device.restart();
    server.status = 200;
    await device.look(HOUR);
    expect(alerts(server.taken).map(({ state, at }) => [state, Date.parse(at) - NOW])).toEqual([
      ['raised', 0],
      ['cleared', 4 * MINUTE],
    ]);
    await device.look(HOUR);
    expect(server.taken).toHaveLength(2);
  });

  it('wait for chance where the policy spreads them', async () => {
    const server = await https();
    const device = new Device({ webhook: server.url, spreadMinutes: 60 });
    device.outage();
    await device.look();
    await device.look(29_000);
    expect(server.taken).toEqual([]);
    await device.look(1_000);
    expect(server.taken).toHaveLength(1);
  });

  it.each(['udp', 'tcp', 'tls'] as const)('go to syslog over %s', async (protocol) => {
    const receiver = await startSyslogReceiver(protocol);
    closers.push(receiver.close);
    const device = new Device({ syslog: receiver.url });
    device.outage();
    await device.look();
    await until('the message is there', () => receiver.messages.length > 0);
    expect(receiver.messages).toHaveLength(1);
    expect(receiver.messages[0]).toMatch(
      /^<130>1 2026-11-23T09:00:00\.000Z PC-1 holdover - primary-down \[holdover@32473 kind="primary-down" .*\] \uFEFFprimary-down raised/u,
    );
  });

  it('go neither to a syslog server nor to a webhook whose authority is not known, and wait until it is', async () => {
    const receiver = await startSyslogReceiver('tls');
    closers.push(receiver.close);
    const server = await https();
    const device = new Device({ syslog: receiver.url, webhook: server.url });
    device.policy = { readiness: { ...device.policy.readiness, webhook: `${server.url}/` } };
    device.outage();
    await device.look();
    expect([receiver.messages, server.taken]).toEqual([[], []]);
    device.policy = { ...device.policy, network: { caFile: tlsIdentity().caFile } };
    await device.look(2 * MINUTE);
    await until('the message is there', () => receiver.messages.length > 0);
    expect(server.taken).toHaveLength(1);
  });

  it('tell of a damaged store, which no answer of the engine could', async () => {
    const server = await https();
    const device = new Device({ webhook: server.url });
    await device.look();
    device.state = {
      phase: 'failed',
      error: { code: 'store-corrupt', scope: 'store', retry: 'ask', side: null, detail: '' },
      lock: 'none',
    };
    await device.look(10_000);
    await device.look(DAY);
    expect(alerts(server.taken)).toMatchObject([{ kind: 'store-damaged', code: 'store-corrupt', account: null }]);
  });
});
