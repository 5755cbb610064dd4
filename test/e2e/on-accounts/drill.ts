import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { drillSchema, type Drill } from '../../../shared/model/drill.ts';
import { reportFigure } from '../../support/figures.ts';
import { until } from '../../support/until.ts';
import { accessibilityFaults } from '../support/accessibility.ts';
import type { DemoAccount } from '../support/demo-account.ts';
import { answerSaveDialog, proposedPaths } from '../support/save-dialog.ts';
import { value } from '../support/enrolled-app.ts';
import { oneAccount, UNDO_SECONDS } from '../support/shared-accounts.ts';
import type { RunningApp } from '../support/start-app.ts';

let account: DemoAccount;
let folder: string;
let app: RunningApp;

const state = async () => (await value(app.call('continuity.state')))[0];
const drills = async (): Promise<Drill[]> => value(app.call('drill.list', { accountId: (await value(app.call('accounts.list')))[0]!.id }));
const panel = () => app.window.getByRole('region', { name: 'Test my emergency access' });
const button = (name: string) => panel().getByRole('button', { name });
const steps = async () => (await panel().locator('ol li').allInnerTexts()).map((text) => text.split('\n').map((line) => line.trim()));
const mailsOn = (side: 'primary' | 'relay', mailbox: string) => account.servers[side].store.get(mailbox)?.messages.length ?? 0;

describe('"Test my emergency access"', () => {
  beforeAll(async () => {
    const shared = await oneAccount();
    ({ folder, app } = shared);
    account = shared.accounts[0]!;
    await until('normal operation', async () => (await state())?.mode === 'normal');
    await app.window.getByRole('button', { name: 'Settings' }).click();
  });

  it('says that there was no test, and shows the progress of one', async () => {
    expect(await panel().innerText()).toContain('Not tested yet.');
    await button('Start the test').click();
    await panel().getByText('The test is running').waitFor();
    expect(await steps()).toHaveLength(8);
    await expect.poll(async () => (await steps()).filter((one) => one.includes('running')).length, { interval: 20 }).toBe(1);
    await expect.poll(async () => (await state())?.cause, { interval: 20 }).toBe('drill');
    expect(await button('Stop the test').isVisible()).toBe(true);
    expect(await button('Start the test').count()).toBe(0);
  });

  it('ends with a scored report: what is here, how fast, and by which way', async () => {
    await expect.poll(() => panel().innerText(), { timeout: 20_000 }).toContain('100 of 100 points');
    expect(await panel().innerText()).toContain('Ready for an outage.');
    const shown = await steps();
    expect(shown.every((one) => one.includes('passed'))).toBe(true);
    const boxes = (await value(app.call('mailboxes.list'))).filter((one) => one.role !== 'recoverable').length;
    expect(shown[0]).toContain(`${boxes} of ${boxes} folders complete`);
    expect(shown[1]?.[0]).toBe('The app switches to the relay');
    expect(shown[1]?.at(-1)).toMatch(/^[\d.]+ s$/u);
    expect(shown[2]).toContain('2 of 2 log-ins accepted (reading and sending)');
    expect(shown[3]).toContain('10 of 10 messages opened and found without a server');
    expect(shown[7]).toContain('2 of 2 carried over');
    const [drill] = await drills();
    const took = Object.fromEntries(drill!.steps.map((one) => [one.name, one.durationMs]));
    expect(took['send']).toBeLessThan(UNDO_SECONDS * 500);
    expect((await state())?.mode).toBe('normal');
    reportFigure('app: test of the emergency access', { score: drill!.score!, tookMs: drill!.endedAt! - drill!.startedAt });
  });

  it('has sent one mail to the person alone, by the relay, and one copy is in Sent', async () => {
    const [mail, ...more] = (await value(app.call('outbox.list'))).filter((one) => one.subject.startsWith('Holdover: test'));
    expect(more).toEqual([]);
    expect(mail).toMatchObject({ state: 'filed', route: 'relay' });
    expect(account.servers.delivered).toEqual([]);
    const isCopy = ({ raw }: { raw: Buffer }) => raw.includes(mail!.messageId);
    expect(account.servers.primary.store.get('Sent')?.messages.filter(isCopy)).toHaveLength(1);
    expect(account.servers.primary.store.get('INBOX')?.messages.filter(isCopy)).toHaveLength(1);
  });

  it('saves the report where the person says, readable by them alone', async () => {
    const target = path.join(folder, 'report.json');
    await answerSaveDialog(app, null);
    await button('Save report').click();
    await expect.poll(() => proposedPaths(app)).toHaveLength(1);
    expect(path.basename((await proposedPaths(app))[0]!)).toBe('holdover-drill-1.json');
    expect(await panel().innerText()).not.toContain('Saved as');
    await answerSaveDialog(app, target);
    await button('Save report').click();
    await panel().getByText('Saved as “report.json”.').waitFor();
    expect(drillSchema.parse(JSON.parse(readFileSync(target, 'utf8')))).toEqual((await drills())[0]);
    expect(statSync(target).mode & 0o777).toBe(0o600);
  });

  it('is stopped by the person, and the mail server is used again', async () => {
    const before = mailsOn('relay', 'Sent');
    await panel().getByLabel('Test mail').selectOption({ label: 'Send nothing' });
    // What is not sent cannot be stopped in between: the drill stands still where the relay does not answer.
    account.servers.relay.blackhole(true);
    await button('Start the test').click();
    await expect.poll(async () => (await steps())[2]?.includes('running')).toBe(true);
    await button('Stop the test').click();
    await panel().getByText('stopped', { exact: true }).waitFor();
    account.servers.relay.blackhole(false);
    await expect.poll(async () => (await state())?.mode).toBe('normal');
    expect(mailsOn('relay', 'Sent')).toBe(before);
    await panel().getByText('Earlier tests').click();
    expect(await panel().locator('.past').innerText()).toContain('100 of 100 points');
  });

  it('is refused with the reason while something is down', async () => {
    await account.servers.relay.stop();
    await expect.poll(async () => (await state())?.cause).toBe('relay-down');
    await button('Start the test').click();
    await expect.poll(() => app.window.getByRole('alert').innerText()).toContain('The test can only begin in normal operation.');
    expect(await drills()).toHaveLength(2);
    await account.servers.relay.start();
  });

  it('has no accessibility fault', async () => {
    expect(await accessibilityFaults(app)).toEqual([]);
  });
});
