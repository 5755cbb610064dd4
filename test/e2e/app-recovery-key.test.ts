import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import keytar from 'keytar';
import { afterAll, describe, expect, it } from 'vitest';
import { value } from './support/enrolled-app.ts';
import { answerSaveDialog } from './support/save-dialog.ts';
import { startApp, type RunningApp, type StartOptions } from './support/start-app.ts';

/** No session bus: as on a machine without a keyring. */
const NO_KEYRING = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus' };
const OLD = 'long enough to be a passphrase';
const NEW = 'quite another passphrase';
const SUBJECT = 'Only on this computer';

const running: RunningApp[] = [];
const folders: string[] = [];
afterAll(async () => {
  for (const app of running.splice(0)) await app.dispose();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdover-recovery-'));
  folders.push(folder);
  return folder;
}

async function start(profile: string, options: Omit<StartOptions, 'profile'> = {}): Promise<RunningApp> {
  const app = await startApp({ ...options, profile });
  running.push(app);
  return app;
}

const stateOf = async (app: RunningApp) => value(app.call('engine.state'));
const untilPhase = (app: RunningApp, phase: string) => expect.poll(async () => (await stateOf(app)).phase, { timeout: 30_000 }).toBe(phase);

/** Servers that nobody runs: what is tested lies on this computer. */
function enrolment() {
  const endpoint = { host: '127.0.0.1', port: 1, security: 'plain' as const, user: 'katharina' };
  const side = { imap: endpoint, smtp: endpoint };
  const secret = { imap: { type: 'password' as const, password: 'never used' } };
  return { config: { email: 'katharina@nordlicht.example', primary: side, relay: null }, secrets: { primary: secret, relay: null } };
}

/** An account and a draft that no server has. */
async function writeDraft(app: RunningApp): Promise<void> {
  const { id } = await value(app.call('accounts.enrol', enrolment()));
  const draft = await value(app.call('compose.start', { kind: 'new', accountId: id, mailto: null }));
  const content = { ...draft.content, subject: SUBJECT, html: '<p>Words.</p>', text: 'Words.' };
  await value(app.call('drafts.save', { draftId: draft.id, version: draft.version, content }));
}
const subjects = async (app: RunningApp) => (await value(app.call('drafts.list'))).map(({ content }) => content.subject);

/** Settings, the button, the system's dialog, and the file that was saved. */
async function saveRecoveryKey(app: RunningApp): Promise<string> {
  const target = path.join(newFolder(), 'key.txt');
  await answerSaveDialog(app, target);
  await app.electron.evaluate(({ dialog }) => {
    const answer = (_window: unknown, options: { detail?: string }) => {
      Object.assign(globalThis, { shown: options.detail });
      return Promise.resolve({ response: 0, checkboxChecked: false });
    };
    dialog.showMessageBox = answer as unknown as typeof dialog.showMessageBox;
  });
  await app.electron.evaluate(({ webContents }) => webContents.getAllWebContents()[0]?.send('holdover:event', 'app.command', 'settings'));
  await app.window.getByRole('button', { name: 'Show the recovery key' }).click();
  await expect.poll(() => app.window.locator('main').getByText('Saved as key.txt').count()).toBe(1);
  const text = readFileSync(target, 'utf8');
  expect(statSync(target).mode & 0o777).toBe(0o600);
  const key = /^[0-9A-Z-]{35,}\n[0-9A-Z-]{25,}$/mu.exec(text)?.[0] ?? '';
  expect(await app.electron.evaluate(() => (globalThis as unknown as { shown: string }).shown)).toContain(key);
  // The window was told that it was saved, and nothing else.
  expect(await app.window.content()).not.toContain(key.slice(0, 11));
  return key;
}

const keyItem = (profile: string) => {
  const { id } = JSON.parse(readFileSync(path.join(profile, 'profile.json'), 'utf8')) as { id: string };
  return `store-key:${id}`;
};

const KEPT = /^(mail|outbox|vault|profile|first-view)/u;
function digestsOf(folder: string): string[] {
  const names = readdirSync(folder).filter(
    (name) => KEPT.test(name) && !name.endsWith('.lock') && statSync(path.join(folder, name)).isFile(),
  );
  return names.sort().map((name) => `${name} ${createHash('sha256').update(readFileSync(path.join(folder, name))).digest('hex')}`); // prettier-ignore
}

describe('a key that the keyring has lost', () => {
  const profile = newFolder();
  let opened: RunningApp | undefined;

  it('opens by the recovery key when the keyring has lost the key', async () => {
    const first = await start(profile);
    await untilPhase(first, 'running');
    await writeDraft(first);
    const key = await saveRecoveryKey(first);
    await first.quit();
    const storeKey = await keytar.getPassword('Holdover', keyItem(profile));
    expect(await keytar.deletePassword('Holdover', keyItem(profile))).toBe(true);
    const before = digestsOf(profile);

    opened = await start(profile);
    await untilPhase(opened, 'locked');
    const page = opened.window;
    await page.getByRole('heading', { name: 'The key to your mail is lost' }).waitFor();
    expect(await page.locator('main').getByRole('alert').textContent()).toContain('store-key-missing');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Enter the recovery key', { exact: true }).click();
    const field = page.getByLabel('Recovery key', { exact: true });
    await field.fill(key.replace(/^./u, (char) => (char === '7' ? '8' : '7')));
    await page.getByRole('button', { name: 'Open with the recovery key' }).click();
    await expect.poll(() => page.locator('main').getByRole('alert').textContent()).toContain('This recovery key does not open');
    expect(digestsOf(profile)).toEqual(before);
    expect(await keytar.getPassword('Holdover', keyItem(profile))).toBeNull();

    await field.fill(key.toLowerCase().replaceAll('-', ' '));
    await page.getByRole('button', { name: 'Open with the recovery key' }).click();
    await untilPhase(opened, 'running');
    expect(await subjects(opened)).toEqual([SUBJECT]);
    // The next start finds in the keyring what every start did before.
    expect(storeKey).toMatch(/^[0-9a-f]{64}$/u);
    expect(await keytar.getPassword('Holdover', keyItem(profile))).toBe(storeKey);
  });

  it('sets the store aside on request, tells what stays in it, and deletes nothing', async () => {
    expect(await opened!.call('store.setAside', { acceptLosses: true })).toMatchObject({ ok: false, error: { code: 'call-rejected' } });
    await opened!.quit();
    const item = keyItem(profile);
    const storeKey = await keytar.getPassword('Holdover', item);
    await keytar.deletePassword('Holdover', item);
    const before = digestsOf(profile);
    const note = path.join(profile, 'unsent.json');
    expect(JSON.parse(readFileSync(note, 'utf8'))).toMatchObject({ losses: { mails: 0, drafts: 1, changes: 0 } });

    const second = await start(profile);
    await untilPhase(second, 'locked');
    const page = second.window;
    const confirm = page.getByRole('button', { name: 'Set aside and begin anew' });
    // Without figures it says so instead of guessing.
    renameSync(note, `${note}.away`);
    await page.getByText('No recovery key either?').click();
    await page.getByText('cannot be known without the key').waitFor();
    expect(await confirm.isDisabled()).toBe(true);
    renameSync(`${note}.away`, note);
    await page.reload();
    await page.getByText('No recovery key either?').click();
    const losses = page.getByRole('list', { name: /This was only on this computer/u });
    await losses.waitFor();
    expect(await losses.getByRole('listitem').allTextContents()).toEqual(['1 draft']);
    expect(await confirm.isDisabled()).toBe(true);
    expect(digestsOf(profile)).toEqual(before);
    await page.getByLabel('I understand').check();
    await confirm.click();
    await untilPhase(second, 'running');
    expect(await value(second.call('accounts.list'))).toEqual([]);
    await second.quit();
    const folder = path.join(profile, readdirSync(profile).find((name) => name.startsWith('set-aside-')) ?? '');
    expect(digestsOf(folder)).toEqual(before);

    // The keyring was brought back: what was set aside is a profile of its own.
    await keytar.setPassword('Holdover', item, storeKey ?? '');
    const third = await start(folder);
    await untilPhase(third, 'running');
    expect(await subjects(third)).toEqual([SUBJECT]);
  });
});

it('takes a new passphrase with the recovery key where the old one is forgotten, and the passwords once more', async () => {
  const profile = newFolder();
  const first = await start(profile, { env: NO_KEYRING });
  await untilPhase(first, 'locked');
  await first.window.getByLabel('Passphrase', { exact: true }).fill(OLD);
  await first.window.getByLabel('Repeat passphrase').fill(OLD);
  await first.window.getByRole('button', { name: 'Set passphrase' }).click();
  await untilPhase(first, 'running');
  await writeDraft(first);
  const key = await saveRecoveryKey(first);
  await first.quit();

  const second = await start(profile, { env: NO_KEYRING });
  await untilPhase(second, 'locked');
  const page = second.window;
  await page.getByText('Passphrase forgotten?').click();
  await page.getByLabel('Recovery key', { exact: true }).fill(key);
  const form = page.getByRole('form', { name: 'Enter the recovery key' });
  await form.getByLabel('New passphrase').fill(NEW);
  await form.getByLabel('Repeat passphrase').fill(NEW);
  await form.getByRole('button', { name: 'Open with the recovery key' }).click();
  await untilPhase(second, 'running');
  expect(await subjects(second)).toEqual([SUBJECT]);
  await expect.poll(async () => (await value(second.call('sync.state')))[0]?.error?.code, { timeout: 20_000 }).toBe('secret-missing');
  const again = await value(second.call('accounts.enrol', enrolment()));
  expect(await value(second.call('accounts.list'))).toEqual([again]);
  await expect.poll(async () => (await value(second.call('sync.state')))[0]?.error?.code, { timeout: 20_000 }).toBe('connect-refused');
  expect(await subjects(second)).toEqual([SUBJECT]);
  expect(readdirSync(profile)).toContain('vault.json.replaced');
  await second.quit();

  const third = await start(profile, { env: NO_KEYRING });
  await untilPhase(third, 'locked');
  expect(await third.call('store.unlock', { passphrase: OLD })).toMatchObject({ ok: false, error: { code: 'passphrase-wrong' } });
  await value(third.call('store.unlock', { passphrase: NEW }));
  await untilPhase(third, 'running');
});
