import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isKeyCheckOf } from '../../main/engine/core/key-check.ts';
import { openEscrow } from '../../main/keys/escrow.ts';
import { fromRecoveryKey } from '../../main/keys/recovery-key.ts';
import { de } from '../../renderer/text/de.ts';
import { desktopWords } from '../../renderer/text/desktop.ts';
import { policyWords } from '../../renderer/text/policy.ts';
import { spellingWords } from '../../renderer/text/spelling.ts';
import { startHttpsReceiver } from '../support/alert-receivers.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { tlsIdentity } from '../support/tls.ts';
import { accessibilityFaults, faultsInBothThemes } from './support/accessibility.ts';
import { value } from './support/enrolled-app.ts';
import { startAgain, startApp, startHidden, type RunningApp } from './support/start-app.ts';

const PASSWORD = 'canary-pw-policy';
const EMAIL = 'anna@company.example';
const words = policyWords.de;
let server: Dovecot;
let folder: string;
let file: string;
let app: RunningApp;

const endpoint = () => ({ host: '127.0.0.1', port: server.imapPort, security: 'plain', user: '{samAccountName}' });
/** What IT holds; `{samAccountName}` is whoever runs the tests. */
const policy = (changes: object = {}): object => ({
  accounts: [{ primary: { imap: endpoint(), smtp: null }, relay: null }],
  retention: { incomingDays: 9 },
  continuity: { undoSendSeconds: 30 },
  appearance: { language: 'de' },
  notifications: { mail: 'none' },
  writing: { spelling: 'de' },
  ...changes,
});
const put = (content: object): void => writeFileSync(file, JSON.stringify(content), { mode: 0o644 });
const env = () => ({ HOLDOVER_TEST_POLICY: file, HOLDOVER_MAIL: EMAIL, XDG_CONFIG_HOME: path.join(folder, 'config') });
const start = (): Promise<RunningApp> => startApp({ profile: path.join(folder, 'profile'), env: env() });
const managed = async () => (await value(app.call('accounts.list')))[0]?.config.managed;

beforeAll(async () => {
  server = await startDovecot({ users: { [process.env['USER'] ?? 'root']: PASSWORD } });
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-policy-'));
  file = path.join(folder, 'policies.json');
  put(policy());
  app = await start();
});
afterAll(async () => {
  await app.dispose();
  await server.dispose();
  rmSync(folder, { recursive: true, force: true });
});

describe('a policy on the machine', () => {
  it('prepares the account: the person types a password and nothing else', async () => {
    const page = app.window;
    const password = page.getByLabel(words.prepared.password(EMAIL));
    await password.waitFor();
    expect(await page.locator('input').count()).toBe(1);
    expect(await faultsInBothThemes(app)).toEqual([]);

    await password.fill('wrong');
    await page.getByRole('button', { name: words.prepared.finish, exact: true }).click();
    await page.getByText(words.prepared.wrong(de.sides.primary)).waitFor();
    expect(await value(app.call('accounts.list'))).toEqual([]);

    await password.fill(PASSWORD);
    await page.getByRole('button', { name: words.prepared.finish, exact: true }).click();
    await expect.poll(async () => (await value(app.call('accounts.list'))).map(({ config }) => config.email)).toEqual([EMAIL]);
    await expect.poll(managed).toEqual({ incomingDays: 9, undoSendSeconds: 30 });
  });

  it('decides about updates, and the settings say so', async () => {
    const state = async () => value(app.call('app.update', { look: true }));
    expect(await state()).toMatchObject({ phase: 'off', reason: 'no-server' });
    put(policy({ updates: { mode: 'off', url: 'https://updates.invalid/' } }));
    await expect.poll(state).toMatchObject({ phase: 'off', reason: 'by-policy' });
    // A build of the workshop has no key that could prove anything.
    put(policy({ updates: { url: 'https://updates.invalid/' } }));
    await expect.poll(state).toMatchObject({ phase: 'off', reason: 'no-key' });
    put(policy());
    await expect.poll(state).toMatchObject({ phase: 'off', reason: 'no-server' });
  });

  it('is shown as managed, and held by the app and not by the window alone', async () => {
    const page = app.window;
    await page.getByRole('button', { name: de.app.settings }).click();
    const language: Locator = page.getByLabel(de.settings.language);
    await expect.poll(() => language.isDisabled()).toBe(true);
    await expect.poll(() => page.getByText(words.managed).count()).toBe(5);
    const spelling = page.getByLabel(spellingWords.de.spelling.choice);
    expect([await spelling.isDisabled(), await spelling.inputValue()]).toEqual([true, 'de']);
    expect(await app.call('settings.set', { spelling: 'off' })).toMatchObject({ error: { code: 'held-by-policy', detail: 'spelling' } });
    expect(await app.call('settings.set', { notifyMail: 'content' })).toMatchObject({
      error: { code: 'held-by-policy', detail: 'notifyMail' },
    });
    expect(await faultsInBothThemes(app)).toEqual([]);

    const [account] = await value(app.call('accounts.list'));
    const { id, config } = account!;
    expect(config.retention.incomingDays).toBe(9);
    expect(await app.call('settings.set', { language: 'en' })).toMatchObject({
      ok: false,
      error: { code: 'held-by-policy', detail: 'language' },
    });
    expect(await value(app.call('settings.set', { theme: 'dark' }))).toMatchObject({ theme: 'dark', language: 'de' });
    const retention = { ...config.retention, incomingDays: 30 };
    expect(await app.call('accounts.setRetention', { accountId: id, retention })).toMatchObject({
      ok: false,
      error: { code: 'held-by-policy' },
    });
    const free = { ...config.retention, outgoingDays: 30 };
    expect(await value(app.call('accounts.setRetention', { accountId: id, retention: free }))).toMatchObject({
      config: { retention: free },
    });
  });

  it('changes the servers of an account that is there, and lets go of it without taking it away', async () => {
    const config = async () => (await value(app.call('accounts.list')))[0]?.config;
    const { id } = (await value(app.call('accounts.list')))[0]!;
    const accounts = [{ primary: { imap: { ...endpoint(), host: 'localhost' }, smtp: null }, relay: null, pollSeconds: 44 }];
    put(policy({ accounts }));
    await expect.poll(async () => (await config())?.primary.imap.host).toBe('localhost');
    expect(await config()).toMatchObject({ pollSeconds: 44, signature: '' });
    const isConnected = async () => (await value(app.call('sync.state'))).map((one) => [one.accountId, one.isConnected]);
    await expect.poll(isConnected).toEqual([[id, true]]);

    put(policy({ accounts: undefined }));
    await expect.poll(async () => (await value(app.call('policy.state'))).released).toEqual([EMAIL]);
    await app.window.getByText(words.released(EMAIL)).waitFor();
    expect((await config())?.primary.imap.host).toBe('localhost');
  });

  it('changes without a restart', async () => {
    put(policy({ retention: { incomingDays: 5 }, continuity: { failover: 'ask' }, appearance: undefined }));
    await expect.poll(managed).toEqual({ incomingDays: 5, failover: 'ask' });
    expect(await value(app.call('settings.set', { language: 'de' }))).toMatchObject({ language: 'de' });
  });

  it('is refused as a whole where it is wrong, with the place, and the last right one stays in force over a restart', async () => {
    put(policy({ retention: { incomingDays: 1 }, continuity: { failover: 'sometimes' } }));
    await app.window.getByText(de.errors['policy-invalid'].what).waitFor();
    const state = await value(app.call('policy.state'));
    expect(state.faults).toMatchObject([{ place: 'machine-file', path: 'continuity.failover', value: '"sometimes"' }]);
    await app.window.getByText('continuity.failover').waitFor();
    expect(await managed()).toEqual({ incomingDays: 5, failover: 'ask' });

    await app.quit();
    app = await start();
    await app.window.getByText(de.errors['policy-invalid'].what).waitFor();
    await expect.poll(managed).toEqual({ incomingDays: 5, failover: 'ask' });
    const kept = await value(app.call('policy.state'));
    expect(kept.sections).toMatchObject({ continuity: 'machine-file', retention: 'machine-file' });
    expect(kept.faults).toHaveLength(1);
  });

  it('lets go of everything when it is taken away', async () => {
    rmSync(file);
    await expect.poll(managed).toEqual({});
    await expect.poll(async () => (await value(app.call('policy.state'))).sections).toEqual({});
  });
});

describe('the app lock', () => {
  const lockScreen = (): Promise<unknown> => app.electron.evaluate(({ powerMonitor }) => powerMonitor.emit('lock-screen'));

  it('closes the store with the screen, keeps what was being written, and opens by the keyring', async () => {
    put({ appearance: { language: 'de' }, lock: { onSystemLock: true } });
    await expect.poll(async () => (await value(app.call('policy.state'))).sections).toHaveProperty('lock');
    await app.window.getByRole('button', { name: de.compose.newMail }).first().click();
    await app.window.locator('#compose-subject').fill('Begonnen, bevor gesperrt wurde');
    const before = await app.enginePid();
    // The page is loaded anew once the store is closed.
    const isLoaded = app.window.waitForEvent('load');
    await lockScreen();
    await isLoaded;
    const open = app.window.getByRole('button', { name: words.locked.open });
    await open.waitFor();
    await expect.poll(() => app.enginePid()).toBeNull();
    expect(await app.call('messages.list', { mailboxKey: '1', filter: 'all', offset: 0, limit: 10 })).toMatchObject({
      error: { code: 'store-locked' },
    });
    expect(await app.call('store.showRecoveryKey')).toMatchObject({ ok: false, error: { code: 'store-locked' } });
    expect(await accessibilityFaults(app)).toEqual([]);

    await open.click();
    await expect.poll(() => app.enginePid()).not.toBeNull();
    expect(await app.enginePid()).not.toBe(before);
    await expect.poll(async () => (await value(app.call('engine.state'))).phase).toBe('running');
    expect((await value(app.call('drafts.list'))).map(({ content }) => content.subject)).toEqual(['Begonnen, bevor gesperrt wurde']);
  });

  it('does nothing where IT does not want it', async () => {
    const changes = () => app.log().filter(({ ev }) => ev === 'policy.changed').length;
    const before = changes();
    put({ appearance: { language: 'de' }, lock: { onSystemLock: false } });
    await expect.poll(changes).toBeGreaterThan(before);
    await lockScreen();
    expect((await value(app.call('engine.state'))).phase).toBe('running');
  });
});

describe('the app lock of a person', () => {
  it('is a setting of their own, which IT can hold', async () => {
    put({ appearance: { language: 'de' } });
    await expect.poll(async () => (await value(app.call('policy.state'))).held).toEqual(['language']);
    expect(await value(app.call('settings.set', { lockOnSystemLock: true, lockAfterIdleMinutes: 15 }))).toMatchObject({
      lockAfterIdleMinutes: 15,
    });
    const isLoaded = app.window.waitForEvent('load');
    await app.electron.evaluate(({ powerMonitor }) => powerMonitor.emit('lock-screen'));
    await isLoaded;
    await app.window.getByRole('button', { name: words.locked.open }).click();
    await expect.poll(async () => (await value(app.call('engine.state'))).phase).toBe('running');

    put({ appearance: { language: 'de' }, lock: { onSystemLock: false, afterIdleMinutes: 30 } });
    const held = { lockOnSystemLock: false, lockAfterIdleMinutes: 30 };
    await expect.poll(async () => value(app.call('settings.get'))).toMatchObject(held);
    expect(await app.call('settings.set', { lockAfterIdleMinutes: 0 })).toMatchObject({ error: { code: 'held-by-policy' } });
    await app.electron.evaluate(({ powerMonitor }) => powerMonitor.emit('lock-screen'));
    expect((await value(app.call('engine.state'))).phase).toBe('running');
  });
});

describe('the start at log-in', () => {
  const entry = (): string => path.join(folder, 'config/autostart/holdover.desktop');
  const hold = (startAtLogin: boolean): void => put({ appearance: { language: 'de' }, desktop: { startAtLogin, closeToTray: false } });
  const held = async () => (await value(app.call('policy.state'))).held;

  it('is as IT wants it, without a restart, and shown as managed', async () => {
    expect(existsSync(entry())).toBe(false);
    hold(true);
    await expect.poll(() => existsSync(entry())).toBe(true);
    expect(readFileSync(entry(), 'utf8')).toMatch(/^Exec=.+ --hidden$/mu);
    expect(await held()).toEqual(['language', 'closeToTray', 'startAtLogin']);
    expect(await app.call('desktop.startAtLogin', { isOn: false })).toMatchObject({
      error: { code: 'held-by-policy', detail: 'startAtLogin' },
    });
    expect(await app.call('settings.set', { closeToTray: true })).toMatchObject({ error: { code: 'held-by-policy' } });
    await app.window.getByRole('button', { name: de.app.settings }).click();
    const box: Locator = app.window.getByLabel(desktopWords.de.desktop.startAtLogin);
    await expect.poll(() => box.isDisabled()).toBe(true);
    expect(await box.isChecked()).toBe(true);
    await expect.poll(() => app.window.getByLabel(desktopWords.de.desktop.closeToTray).isDisabled()).toBe(true);

    hold(false);
    await expect.poll(() => existsSync(entry())).toBe(false);
    await expect.poll(() => box.isChecked()).toBe(false);
    expect(await box.isDisabled()).toBe(true);
    await app.window.getByRole('button', { name: de.settings.back }).click();
  });

  it('is the person’s own again where IT says nothing of it', async () => {
    put({ appearance: { language: 'de' } });
    await expect.poll(held).toEqual(['language']);
    expect(await value(app.call('desktop.startAtLogin', { isOn: true }))).toMatchObject({ startsAtLogin: true });
    expect(await value(app.call('desktop.startAtLogin', { isOn: false }))).toMatchObject({ startsAtLogin: false });
  });

  it('of a package ends at once where IT does not want it, and reaches who never opened the app where it does', async () => {
    const profile = path.join(folder, 'never-opened');
    const given = { profile, env: env() };
    const database = path.join(profile, 'mail.db');
    for (const policyNow of [{ appearance: { language: 'de' } }, { desktop: { startAtLogin: false } }]) {
      put(policyNow);
      expect(await startAgain({ ...given, args: ['--hidden', '--if-held'] })).toBe(0);
      expect(existsSync(database)).toBe(false);
    }
    put({ desktop: { startAtLogin: true } });
    const electron = await startHidden({ ...given, args: ['--if-held'] });
    await expect.poll(() => existsSync(database)).toBe(true);
    expect(electron.windows()).toEqual([]);
    await electron.close();
    put({ appearance: { language: 'de' } });
  });
});

describe('what IT gets of a device', () => {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');

  it('is the recovery key, sealed, in the folder that the policy names', async () => {
    const target = path.join(folder, 'escrow');
    put({ escrow: { publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(), target } });
    // While it is written it has another name.
    const whole = () => (existsSync(target) ? readdirSync(target).filter((name) => name.endsWith('.json')) : []);
    await expect.poll(whole).toHaveLength(1);
    const text = readFileSync(path.join(target, whole()[0]!), 'utf8');
    const { recoveryKey } = openEscrow(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), text);
    const check = readFileSync(path.join(folder, 'profile/mail.db.keycheck'), 'utf8');
    expect(isKeyCheckOf(fromRecoveryKey(recoveryKey), check)).toBe(true);
  });

  it('is nothing but the report once it ordered the wipe: neither keys nor files, and no second wipe by the same order', async () => {
    const profile = path.join(folder, 'profile');
    // Under an authority of the company's own: the report goes by what the policy says of the network.
    const { taken, url, close } = await startHttpsReceiver();
    await app.electron.evaluate(
      ({ dialog }) => (dialog.showMessageBox = (() => Promise.resolve({ response: 0 })) as unknown as typeof dialog.showMessageBox),
    );
    const ended = new Promise<void>((resolve) => app.electron.once('close', () => resolve()));
    put({ wipe: { devices: ['*'], order: 'lost 1', report: `${url}/wiped` }, network: { caFile: tlsIdentity().caFile } });
    await ended;
    expect(taken.map((one) => one.path)).toEqual(['/wiped']);
    expect(JSON.parse(taken[0]!.body)).toMatchObject({ order: 'lost 1', areKeysGone: true, unsent: { losses: { mails: 0 } } });
    expect(readdirSync(profile).filter((name) => /\.(?:db|json|sealed)/.test(name) && name !== 'settings.json')).toEqual(['wipe.json']);

    app = await start();
    expect((await value(app.call('app.info'))).hasStore).toBe(false);
    await expect.poll(async () => (await value(app.call('engine.state'))).phase).toBe('running');
    expect(await value(app.call('accounts.list'))).toEqual([]);
    expect(taken).toHaveLength(1);
    await close();
  });
});

describe('the folder that IT rolled out', () => {
  const NAME = userInfo().username;
  const rollout = (): string => path.join(folder, 'rollout');
  const layFile = (content: string): void => writeFileSync(path.join(rollout(), `${EMAIL}.json`), content, { mode: 0o644 });
  const lay = (host: string, incomingDays: number): void => {
    const config = { email: EMAIL, primary: { imap: { ...endpoint(), host, user: NAME }, smtp: null }, retention: { incomingDays } };
    layFile(JSON.stringify({ accounts: [{ config }] }));
  };
  const hold = (changes: object = {}): void => put({ appearance: { language: 'de' }, enrolment: { folder: rollout() }, ...changes });
  const config = async () => (await value(app.call('accounts.list')))[0]?.config;

  it('gives whoever is signed in their account: the person types a password and nothing else', async () => {
    mkdirSync(rollout());
    const people = ['somebody', NAME.toUpperCase()].map((account) => ({
      ...{ account, userPrincipalName: null, mail: EMAIL, class: 'Board' },
      file: account === 'somebody' ? 'somebody@company.example.json' : `${EMAIL}.json`,
    }));
    writeFileSync(path.join(rollout(), 'people.json'), JSON.stringify(people), { mode: 0o644 });
    lay('127.0.0.1', 33);
    hold();
    const password = app.window.getByLabel(words.prepared.password(EMAIL));
    await password.waitFor();
    expect(await app.window.locator('input').count()).toBe(1);
    await password.fill(PASSWORD);
    await app.window.getByRole('button', { name: words.prepared.finish, exact: true }).click();
    await expect.poll(async () => (await config())?.retention.incomingDays).toBe(33);
    expect(readdirSync(rollout()).sort()).toEqual([`${EMAIL}.json`, 'people.json']);
  });

  it('is followed by an account that is there: servers and class, and not what its person has set', async () => {
    const { id } = (await value(app.call('accounts.list')))[0]!;
    await value(
      app.call('accounts.setRetention', { accountId: id, retention: { incomingDays: 33, outgoingDays: 40, quarantinedDays: 14 } }),
    );
    lay('localhost', 21);
    hold({ log: { level: 'info' } });
    await expect.poll(async () => (await config())?.primary.imap.host).toBe('localhost');
    expect((await config())?.retention).toEqual({ incomingDays: 21, outgoingDays: 40, quarantinedDays: 14 });
    const isConnected = async () => (await value(app.call('sync.state'))).map((one) => [one.accountId, one.isConnected]);
    await expect.poll(isConnected).toEqual([[id, true]]);
  });

  it('is told where it is wrong, with file, place and value, and changes nothing then', async () => {
    layFile(JSON.stringify({ accounts: [{ config: { ...(await config()), pollSeconds: 1 } }] }));
    hold({ log: { level: 'debug' } });
    const faults = async () => (await value(app.call('policy.state'))).faults;
    await expect
      .poll(faults)
      .toMatchObject([{ place: 'enrolment-folder', path: `${EMAIL}.json: accounts[0].config.pollSeconds`, value: '1' }]);
    await app.window.getByText(de.errors['policy-invalid'].what).waitFor();
    expect(await config()).toMatchObject({ pollSeconds: 120, primary: { imap: { host: 'localhost' } } });
    expect((await value(app.call('policy.state'))).released).toEqual([]);
    expect(JSON.stringify(app.log())).not.toContain(EMAIL);
  });
});
