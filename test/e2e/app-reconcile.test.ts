import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContinuityPolicy } from '../../shared/model/continuity-config.ts';
import type { EnrolmentFile } from '../../shared/model/account.ts';
import type { ViewMailbox } from '../../shared/model/mailbox.ts';
import type { OutboxItem } from '../../shared/model/outbox.ts';
import { buildMail } from '../support/mail-builder.ts';
import { until } from '../support/until.ts';
import { accessibilityFaults } from './support/accessibility.ts';
import { startDemoAccount, type DemoAccount } from './support/demo-account.ts';
import { isMirrored, startEnrolled, value } from './support/enrolled-app.ts';
import { answerSaveDialog } from './support/save-dialog.ts';
import type { RunningApp } from './support/start-app.ts';

const root = path.join(import.meta.dirname, '../..');
/** A relay that delivers nothing by itself in this time never will. */
const GRACE_SECONDS = 3;
const LIMIT_MS = 30_000;
/** A server that was away is asked again after some time, and not more often. */
const RETURN_MS = 90_000;
/** A spreadsheet would run it, and it needs quotes. */
const LATE = '=1+1, "Nachtrag"';
let account: DemoAccount;
let folder: string;
let app: RunningApp;

/** The enrolment as IT would write it, with what they hold. */
function enrolment(managed: ContinuityPolicy): string {
  const { accounts } = JSON.parse(account.enrolment) as EnrolmentFile;
  return JSON.stringify({ accounts: accounts.map((one) => ({ ...one, config: { ...one.config, managed } })) });
}

beforeAll(async () => {
  account = await startDemoAccount({ stableSeconds: 1, previewSeconds: 1, deliveryGraceSeconds: GRACE_SECONDS, undoSendSeconds: 0 });
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-reconcile-'));
  app = await startEnrolled(enrolment({ failover: 'ask', reconcile: 'ask' }), folder, { locale: 'en-GB' });
  await until('the mirror is complete', () => isMirrored(app), 60_000);
});
afterAll(async () => {
  await app?.quit();
  await account?.servers.close();
  rmSync(folder, { recursive: true, force: true });
});

const page = () => app.window;
const state = async () => (await value(app.call('continuity.state')))[0]!;
const run = async () => (await value(app.call('reconcile.list')))[0]!;
const mailboxes = () => value<ViewMailbox[]>(app.call('mailboxes.list'));
const itemOf = async (subject: string) => (await value<OutboxItem[]>(app.call('outbox.list'))).find((one) => one.subject === subject);
const banner = () => page().locator('section.notices .banner').first();
const press = (name: string) => banner().getByRole('button', { name }).click();
const details = () => page().getByRole('dialog', { name: 'State of your mail servers' });
const onServer = (side: 'primary' | 'relay', mailbox: string, text: string) =>
  (account.servers[side].store.get(mailbox)?.messages ?? []).filter(({ raw }) => raw.includes(text));
const rows = () => page().locator('#pane-list [role=option]');
const restore = () => page().getByRole('toolbar', { name: 'Actions for the message' }).getByRole('button', { name: 'Restore' });

async function send(subject: string): Promise<void> {
  const { accountId } = await state();
  const draft = await value(app.call('compose.start', { kind: 'new', accountId, mailto: null }));
  const content = { ...draft.content, to: [{ name: '', address: 'einkauf@kunde.example' }], subject, html: '<p>Guten Tag</p>' };
  const { version } = await value(app.call('drafts.save', { draftId: draft.id, version: draft.version, content }));
  await value(app.call('drafts.send', { draftId: draft.id, version }));
}

async function open(view: 'settings' | 'mail'): Promise<void> {
  if (view === 'mail') await page().getByRole('button', { name: 'Back to mail' }).click();
  else await page().getByRole('button', { name: 'Settings' }).first().click();
}

/** Ends the run of the command line with its code. */
function enrolAgain(managed: ContinuityPolicy): Promise<{ code: number; out: string }> {
  const file = path.join(folder, 'again.json');
  writeFileSync(file, enrolment(managed), { mode: 0o600 });
  const args = [path.join(root, 'dist/main/cli.js'), 'enrol', '--file', file, '--profile', path.join(folder, 'profile')];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root }, (error, out) => resolve({ code: error === null ? 0 : Number(error.code), out }));
  });
}

describe('what IT holds', () => {
  it('is shown as theirs in the settings, and the rest is the choice of the person', async () => {
    await open('settings');
    const field = (label: string) => page().locator('label.field', { hasText: label });
    for (const label of ['Sending through the relay', 'When the mail server is back']) {
      expect(await field(label).locator('select').isDisabled(), label).toBe(true);
      expect(await field(label).locator('select').inputValue(), label).toBe('ask');
      expect(await field(label).innerText(), label).toContain('Managed by your organisation');
    }
    expect(await field('Undo sending').locator('select').isEnabled()).toBe(true);
    expect(await accessibilityFaults(app)).toEqual([]);
    await open('mail');
  });
});

describe('an outage in which a person is asked', () => {
  it('asks before mail leaves through the relay, and sends once they say so', async () => {
    await account.servers.primary.stop();
    await expect.poll(() => banner().innerText(), { timeout: LIMIT_MS }).toContain('until you decide');
    await send('Anfrage durch das Relay');
    await press('Send through the relay now');
    await expect.poll(async () => (await state()).mode).toBe('continuity');
    await expect.poll(async () => (await itemOf('Anfrage durch das Relay'))?.state, { timeout: LIMIT_MS }).toBe('accepted');
    expect(await itemOf('Anfrage durch das Relay')).toMatchObject({ route: 'relay' });
  });

  it('shows the plan when the mail server is back, and carries nothing over before it is approved', async () => {
    const raw = buildMail({ from: 'lager@kunde.example', to: 'owner', subject: LATE, text: 'Nachtrag', messageId: '<late@kunde.example>' });
    account.servers.relay.store.get('INBOX')!.append(raw, Date.now(), []);
    const inbox = (await mailboxes()).find((one) => one.role === 'inbox')!.key;
    const list = async () => (await value(app.call('messages.list', { mailboxKey: inbox, filter: 'all', offset: 0, limit: 50 }))).rows;
    await until('the mail is here', async () => (await list()).some((one) => one.subject === LATE), LIMIT_MS);
    const changed = (await list()).find((one) => one.sides.length === 2 && !one.isFlagged)!;
    await value(app.call('messages.setFlag', { entryIds: [changed.id], flag: 'flagged', isSet: true }));
    await account.servers.primary.start();
    await expect.poll(() => banner().innerText(), { timeout: LIMIT_MS }).toContain('waits for your approval');
    await press('Show plan');
    expect(await page().locator('main.page h2').first().innerText()).toBe('The plan waits for your approval');
    await expect.poll(() => page().locator('main.page').innerText()).toMatch(/Sent mail[^]*Received mail[^]*Changes/u);
    expect(await run()).toMatchObject({ state: 'awaiting-approval', balance: { sent: { confirmed: 0 }, change: { confirmed: 0 } } });
    expect(onServer('primary', 'Sent', 'Anfrage durch das Relay')).toEqual([]);
    expect(onServer('primary', 'INBOX', LATE)).toEqual([]);
    expect(await accessibilityFaults(app)).toEqual([]);
  });

  it('carries it over when approved, and reports it', async () => {
    await page().getByRole('button', { name: 'Carry it over' }).click();
    await expect.poll(async () => (await run()).state, { timeout: 60_000 }).toBe('finished');
    await expect.poll(() => page().locator('main.page h2').first().innerText()).toMatch(/^All back to normal: .*1 received/u);
    const { balance } = await run();
    expect([balance.sent, balance.received, balance.change].map((one) => [one.confirmed - one.expected, one.exceptions])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(onServer('primary', 'Sent', 'Anfrage durch das Relay')).toHaveLength(1);
    expect(onServer('primary', 'INBOX', LATE)).toHaveLength(1);
  });

  it('saves the report as a table and for programs: every item, and nothing that a spreadsheet runs', async () => {
    const { id: runId, balance } = await run();
    const { items } = await value(app.call('reconcile.items', { runId, offset: 0, limit: 1000 }));
    const saved = async (format: 'csv' | 'json', button: string) => {
      const target = path.join(folder, `report.${format}`);
      await answerSaveDialog(app, target);
      await page().getByRole('button', { name: button }).click();
      await page().getByText(`Saved as “report.${format}”.`).waitFor();
      expect(statSync(target).mode & 0o777).toBe(0o600);
      return readFileSync(target, 'utf8');
    };
    const csv = await saved('csv', 'As table (CSV)');
    const lines = csv.split('\r\n');
    expect(lines[0]).toBe('item,kind,operation,reason,state,subject,detail,error,done at,relay clock');
    expect(lines.slice(1, -1).map((line) => line.split(',').slice(0, 5).join())).toEqual(
      items.map(({ id, kind, operation, reason, state: is }) => [id, kind, operation, reason, is].join()),
    );
    expect(csv).toContain(`,"'=1+1, ""Nachtrag""",`);
    const json = JSON.parse(await saved('json', 'As JSON')) as Record<string, unknown> & { items: Record<string, unknown>[] };
    expect(json).toMatchObject({ run: runId, state: 'finished', balance });
    expect(json.items.map(({ id, kind, subject, state: is }) => [id, kind, subject, is])).toEqual(
      items.map(({ id, kind, subject, state: is }) => [id, kind, subject, is]),
    );
    expect(String(json['outageStartedAt']) < String(json['finishedAt'])).toBe(true);
  });

  it('tells a mail that was delivered later all the same, and removes our copy when that is asked for', async () => {
    const [ours] = onServer('primary', 'INBOX', LATE);
    const late = Buffer.concat([Buffer.from('Received: from relay by mail.example; Mon, 2 Nov 2026 08:00:00 +0000\r\n'), ours!.raw]);
    account.servers.primary.store.get('INBOX')!.append(late, Date.now(), []);
    const exception = page().locator('main.page section', { hasText: 'To look at' }).locator('li.exception');
    await expect.poll(() => exception.innerText(), { timeout: 60_000 }).toContain('The mail server has this mail twice');
    expect(onServer('primary', 'INBOX', LATE)).toHaveLength(2);
    await exception.getByRole('button', { name: 'Remove our copy' }).click();
    await expect.poll(() => onServer('primary', 'INBOX', LATE).length, { timeout: LIMIT_MS }).toBe(1);
    expect(onServer('primary', 'INBOX', LATE)[0]?.raw.equals(late)).toBe(true);
    await open('mail');
  });
});

describe('the mode held by hand, and by IT', () => {
  const choose = (name: string) => details().getByRole('radio', { name }).check();
  const openDetails = () =>
    page()
      .locator('footer')
      .getByRole('button', { name: /: show details$/u })
      .click();

  it('is held in backup mode and in normal mode until the app may decide again', async () => {
    await openDetails();
    await choose('Hold backup mode');
    await expect.poll(state).toMatchObject({ mode: 'continuity', control: 'forced-continuity', cause: 'forced' });
    await choose('Hold normal mode');
    await expect.poll(async () => (await state()).mode, { timeout: LIMIT_MS }).toBe('normal');
    expect((await state()).control).toBe('forced-normal');
    await choose('The app decides');
    await expect.poll(state).toMatchObject({ mode: 'normal', control: 'automatic' });
    await page().keyboard.press('Escape');
  });

  it('is taken over from IT while the app runs: what it was handed is gone, and the person cannot change it', async () => {
    expect(await enrolAgain({ control: 'forced-continuity' })).toEqual({
      code: 0,
      out: 'handed over to the app that has this profile open\n',
    });
    await expect.poll(state).toMatchObject({ mode: 'continuity', reason: 'forced-by-policy', isHeldByPolicy: true });
    await press('Details');
    for (const name of ['The app decides', 'Hold backup mode', 'Hold normal mode'])
      expect(await details().getByRole('radio', { name }).isDisabled(), name).toBe(true);
    expect(await details().innerText()).toContain('Your IT decides about this.');
    await page().keyboard.press('Escape');
    expect(await banner().getByRole('button', { name: 'Let the app decide' }).count()).toBe(0);
    const { accountId } = await state();
    expect(await app.call('continuity.control', { accountId, control: 'automatic' })).toMatchObject({
      ok: false,
      error: { code: 'held-by-policy' },
    });
    expect(await enrolAgain({})).toMatchObject({ code: 0 });
    await expect.poll(async () => (await state()).mode, { timeout: LIMIT_MS }).toBe('normal');
    expect((await state()).isHeldByPolicy).toBe(false);
  });
});

describe('Restore', () => {
  it('puts back what quarantine holds', async () => {
    await page().locator('#pane-folders .mailbox', { hasText: 'Quarantine' }).click();
    await rows().first().click();
    const subject = await rows().first().locator('.subject').innerText();
    const before = account.servers.primary.store.get('INBOX')!.messages.length;
    await restore().click();
    await expect.poll(() => account.servers.primary.store.get('INBOX')!.messages.length, { timeout: LIMIT_MS }).toBe(before + 1);
    const inbox = (await mailboxes()).find((one) => one.role === 'inbox')!.key;
    const found = await value(app.call('messages.list', { mailboxKey: inbox, filter: 'all', offset: 0, limit: 500 }));
    expect(found.rows.map((one) => one.subject)).toContain(subject);
  });

  it('puts back from a search what disappeared from the mail server', async () => {
    const store = account.servers.primary.store.get('INBOX')!;
    const [gone] = onServer('primary', 'INBOX', LATE);
    store.expunge(new Set([gone!.uid]));
    account.servers.relay.store.get('INBOX')!.expunge(new Set(onServer('relay', 'INBOX', LATE).map((one) => one.uid)));
    const lost = async () => {
      const mailboxKey = (await mailboxes()).find((one) => one.role === 'recoverable')!.key;
      return (await value(app.call('messages.list', { mailboxKey, filter: 'all', offset: 0, limit: 500 }))).rows;
    };
    await until('it is recoverable', async () => (await lost()).some((one) => one.subject === LATE), 90_000);
    await page().getByRole('search').locator('input').fill('Nachtrag subject:1+1');
    await expect.poll(() => rows().locator('.subject').allInnerTexts(), { timeout: LIMIT_MS }).toEqual([LATE]);
    await rows().first().click();
    // Until then the button may be that of the mail before.
    await page().getByRole('heading', { name: LATE }).waitFor();
    await restore().click();
    await expect.poll(() => onServer('primary', 'INBOX', LATE).length, { timeout: LIMIT_MS }).toBe(1);
  });
});

describe('the person', () => {
  it('is asked from the day IT wants it, and without an answer nothing leaves but through the mail server', async () => {
    expect(await enrolAgain({ failover: 'ask' })).toMatchObject({ code: 0 });
    await account.servers.primary.stop();
    await expect.poll(() => banner().innerText(), { timeout: LIMIT_MS }).toContain('waits in the outbox until you decide');
    await send('Anfrage ohne Antwort');
    await expect.poll(async () => (await itemOf('Anfrage ohne Antwort'))?.hold, { timeout: LIMIT_MS }).toBe('waiting-for-person');
    await account.servers.primary.start();
    // Nobody has answered, and the mail server is there again: it goes where it would have gone.
    await expect.poll(async () => (await itemOf('Anfrage ohne Antwort'))?.route, { timeout: RETURN_MS }).toBe('primary');
    await expect.poll(async () => (await state()).mode, { timeout: LIMIT_MS }).toBe('normal');
    expect(onServer('relay', 'Sent', 'Anfrage ohne Antwort')).toEqual([]);
  });
});
