import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertSchema } from '../../shared/readiness/alert.ts';
import { readinessReportSchema, type ReadinessReport } from '../../shared/readiness/report.ts';
import { startHttpsReceiver, startSyslogReceiver, type HttpsReceiver, type SyslogReceiver } from '../support/alert-receivers.ts';
import { sampleOwner } from '../support/sample-mail/index.mjs';
import { tlsIdentity } from '../support/tls.ts';
import { until } from '../support/until.ts';
import { startDemoAccount, type DemoAccount } from './support/demo-account.ts';
import { isMirrored, startEnrolled, value } from './support/enrolled-app.ts';
import type { RunningApp } from './support/start-app.ts';

/** The app looks every ten seconds. */
const LOOKED_MS = 25_000;
const root = path.join(import.meta.dirname, '../..');
let account: DemoAccount;
let company: HttpsReceiver;
let syslog: SyslogReceiver;
let folder: string;
let app: RunningApp;

const reportsDir = () => path.join(folder, 'reports');
const put = (readiness: object): void => {
  const policy = { network: { caFile: tlsIdentity().caFile }, readiness: { spreadMinutes: 0, ...readiness } };
  writeFileSync(path.join(folder, 'policies.json'), JSON.stringify(policy), { mode: 0o644 });
};
const reportOf = (text: string): ReadinessReport => readinessReportSchema.parse(JSON.parse(text));
const alerts = () => company.taken.filter((one) => one.path === '/alerts').map(({ body }) => alertSchema.parse(JSON.parse(body)));

beforeAll(async () => {
  [account, company, syslog] = await Promise.all([
    startDemoAccount({ stableSeconds: 2, previewSeconds: 1, deliveryGraceSeconds: 5, undoSendSeconds: 0 }),
    startHttpsReceiver(),
    startSyslogReceiver('udp'),
  ]);
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-app-readiness-'));
  put({ report: reportsDir(), webhook: `${company.url}/alerts`, syslog: syslog.url });
  app = await startEnrolled(account.enrolment, folder, { env: { HOLDOVER_TEST_POLICY: path.join(folder, 'policies.json') } });
  await until('the mirror is complete', () => isMirrored(app), 60_000);
  // Calm weather takes its time to ask the relay's submission for the first time.
  await value(app.call('continuity.probe', { accountId: (await value(app.call('accounts.list')))[0]!.id }));
});
afterAll(async () => {
  await app?.quit();
  await Promise.all([account?.servers.close(), company?.close(), syslog?.close()]);
  rmSync(folder, { recursive: true, force: true });
});

describe('a device whose policy asks for readiness', () => {
  it('reports into the folder, and the administrator reads that its person is covered', async () => {
    // While it is written it has another name.
    const whole = () => (existsSync(reportsDir()) ? readdirSync(reportsDir()).filter((one) => one.endsWith('.json')) : []);
    await until('the report is there', () => whole().length > 0, LOOKED_MS);
    const [name = ''] = whole();
    const report = reportOf(readFileSync(path.join(reportsDir(), name), 'utf8'));
    expect(report).toMatchObject({
      device: hostname(),
      store: { isOpen: true, code: null },
      policy: { faults: 0 },
      accounts: [{ address: sampleOwner.address, mode: 'normal', relay: { imap: { result: 'ok' }, smtp: { result: 'ok' } }, drill: null }],
    });
    const command = ['readiness', '--reports', reportsDir(), '--json', '--require', '100', '--html', path.join(folder, 'page.html')];
    const { stdout } = await promisify(execFile)(process.execPath, [path.join(root, 'dist/admin/holdover-admin.mjs'), ...command]);
    expect(JSON.parse(stdout)).toMatchObject({
      summary: { all: 1, covered: 1, percent: 100 },
      people: [{ address: sampleOwner.address, verdict: 'covered', notes: [{ code: 'drill-never' }] }],
      faults: [],
    });
    expect(readFileSync(path.join(folder, 'page.html'), 'utf8')).toContain(sampleOwner.address);
  });

  it('reports to a server under the company authority once the policy says so', async () => {
    put({ report: `${company.url}/readiness`, webhook: `${company.url}/alerts`, syslog: syslog.url });
    await until('the report was posted', () => company.taken.some((one) => one.path === '/readiness'), LOOKED_MS);
    const report = reportOf(company.taken.find((one) => one.path === '/readiness')!.body);
    expect(report.accounts[0]?.address).toBe(sampleOwner.address);
  });

  it('tells once that the mail server is gone, by webhook and by syslog', async () => {
    expect(alerts()).toEqual([]);
    await account.servers.primary.stop();
    await until('the alert was posted', () => alerts().length > 0 && syslog.messages.length > 0, LOOKED_MS);
    const told = { kind: 'primary-down', state: 'raised', code: 'primary-unreachable', account: sampleOwner.address, device: hostname() };
    expect(alerts()).toMatchObject([told]);
    expect(syslog.messages).toHaveLength(1);
    expect(syslog.messages[0]).toContain('kind="primary-down" state="raised"');
    await account.servers.primary.start();
  });

  it('leaves nothing of it in the log but that it was done', () => {
    const entries = app.log().filter(({ ev }) => String(ev).startsWith('readiness.'));
    expect(entries.map(({ ev }) => ev).sort()).toEqual(['readiness.report', 'readiness.report', 'readiness.syslog', 'readiness.webhook']);
    expect(JSON.stringify(entries)).not.toContain(sampleOwner.address);
  });
});
