import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFaultyDisk, type FaultyDisk } from '../support/disk/faulty-disk.ts';
import { reportFigure } from '../support/figures.ts';
import { value } from './support/enrolled-app.ts';
import { startApp, type RunningApp } from './support/start-app.ts';

let folder: string;
let profile: string;
let disk: FaultyDisk;
let app: RunningApp;

/** No server is there: what is written waits. */
const nowhere = { host: '127.0.0.1', port: 9, security: 'plain', user: 'anna' };
const side = { imap: nowhere, smtp: nowhere };
const config = { email: 'anna@example.com', displayName: 'Anna', primary: side, relay: side, continuity: { undoSendSeconds: 0 } };
const secret = { imap: { type: 'password', password: 'secret' } };

const start = (env: Readonly<Record<string, string>> = {}) =>
  startApp({ profile, locale: 'en-GB', env: { HOLDOVER_TEST_ENGINE_ENV: JSON.stringify(disk.env), ...env } });

const state = () => value(app.call('engine.state'));
const until = (phase: string, code: string | null, timeout = 20_000) =>
  expect
    .poll(async () => (({ phase: at, error }) => ({ phase: at, code: error?.code ?? null }))(await state()), { timeout, interval: 50 })
    .toEqual({ phase, code });
const banner = () => app.window.locator('section.notices [role=alert] .banner');
const draftId = async () => (await value(app.call('accounts.list')))[0]!.id;

async function send(subject: string): Promise<{ ok: boolean }> {
  const draft = await app.call('compose.start', { kind: 'new', accountId: await draftId(), mailto: null });
  if (!draft.ok) return draft;
  const content = { ...draft.value.content, to: [{ name: '', address: 'carol@outside.test' }], subject, html: '<p>Text</p>' };
  const saved = await app.call('drafts.save', { draftId: draft.value.id, version: draft.value.version, content });
  return saved.ok ? app.call('drafts.send', { draftId: draft.value.id, version: saved.value.version }) : saved;
}
const unsent = async () => (await value(app.call('outbox.list'))).map(({ subject }) => subject).sort();

async function shot(name: string): Promise<void> {
  const shots = process.env['HOLDOVER_SHOTS'];
  if (shots) await app.window.screenshot({ path: path.join(shots, `${name}.png`) });
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-fault-'));
  profile = path.join(folder, 'disk', 'profile');
  mkdirSync(profile, { recursive: true, mode: 0o700 });
  disk = createFaultyDisk(profile, folder);
});
afterAll(async () => {
  await app?.quit();
  disk?.close();
  rmSync(folder, { recursive: true, force: true });
});

it('takes mail that waits, with no server at all', async () => {
  const file = path.join(folder, 'enrol.json');
  writeFileSync(file, JSON.stringify({ accounts: [{ config, secrets: { primary: secret, relay: secret } }] }), { mode: 0o600 });
  app = await start({ HOLDOVER_ENROL_FILE: file });
  await expect.poll(() => existsSync(file), { timeout: 30_000 }).toBe(false);
  await until('running', null);
  expect(await send('kept before')).toMatchObject({ ok: true });
});

describe.each([
  ['ENOSPC', 'store-full', /^The disk of this computer is full/u],
  ['EIO', 'store-io', /^The disk with your mail reports an error/u],
  ['EROFS', 'store-read-only', /^The folder for your mail cannot be written to/u],
] as const)('a disk that refuses everything while the app runs: %s', (error, code, told) => {
  it('is told with its remedy; unsent mail stays readable, and what is refused is not told as kept', async () => {
    const before = await unsent();
    const pid = await app.enginePid();
    disk.fail(error);
    expect(await send(`refused by ${error}`)).toMatchObject({
      ok: false,
      error: { scope: 'store', code: expect.stringMatching(/^store-/u) as string },
    });
    await until('running', code, 5_000);
    await expect.poll(() => banner().innerText(), { timeout: 5_000 }).toMatch(told);
    expect(await banner().innerText()).toMatch(/It is tried again by itself/u);
    await shot(`running-${error}`);
    expect(await unsent()).toEqual(before);
    // Some tries later the engine is the same one, and still answers.
    await app.window.waitForTimeout(3_500);
    expect((await state()).phase).toBe('running');
    expect(await app.enginePid()).toBe(pid);
    expect(await unsent()).toEqual(before);
  });

  it('is used again at once on "Try again", without a new start', async () => {
    const pid = await app.enginePid();
    disk.heal();
    const startedAt = performance.now();
    await banner().getByRole('button', { name: 'Try again' }).click();
    await until('running', null, 3_000);
    await expect.poll(() => banner().count()).toBe(0);
    reportFigure(`S5 app: used again after ${error}`, { tookMs: Math.round(performance.now() - startedAt) });
    expect(await send(`kept after ${error}`)).toMatchObject({ ok: true });
    expect(await unsent()).toContain(`kept after ${error}`);
    expect(await app.enginePid()).toBe(pid);
  });
});

it('a full disk that gets space is used again by itself', async () => {
  disk.fail('ENOSPC');
  await send('refused once more');
  await until('running', 'store-full');
  disk.heal();
  await until('running', null, 15_000);
  expect(await send('kept once more')).toMatchObject({ ok: true });
});

describe('a disk that refuses the store at its opening', () => {
  let before: readonly string[];
  const notice = () => app.window.locator('.notice.bad');

  // Each is the reason of a try that the app makes by itself, after a new start and when another reason was told before.
  it.each([
    ['EIO', 'store-io', /reports an error/u],
    ['ENOSPC', 'store-full', /is full/u],
    ['EBUSY', 'store-busy', /Another program holds/u],
  ] as const)('is told by the window: %s', async (error, code, told) => {
    if (error === 'EIO') {
      before = await unsent();
      await app.quit();
    }
    disk.fail(error);
    if (error === 'EIO') app = await start();
    await until('failed', code, 40_000);
    await app.window.getByRole('button', { name: 'Try again' }).waitFor();
    await expect.poll(() => notice().innerText()).toMatch(told);
    expect(await notice().innerText()).toMatch(/It is tried again by itself/u);
    expect(await notice().innerText()).not.toMatch(/restart the computer/iu);
    await shot(`open-${error}`);
  });

  it('is tried again by itself, and the store opens as it was', async () => {
    disk.heal();
    await until('running', null, 40_000);
    expect(await unsent()).toEqual(before);
  });
});

it('a volume that is taken away is told, no new store is made in its place, and the old one is used when it is back', async () => {
  const before = await unsent();
  const away = path.join(folder, 'away');
  renameSync(profile, away);
  await until('running', 'store-missing', 30_000);
  await expect.poll(() => banner().innerText()).toMatch(/^The folder with your mail is no longer there/u);
  await shot('volume-away');
  // The engine dies meanwhile: its next life finds nothing, and makes nothing.
  process.kill((await app.enginePid()) as number, 'SIGKILL');
  await until('failed', 'store-missing');
  expect(existsSync(path.join(profile, 'mail.db')) || existsSync(path.join(profile, 'outbox.db'))).toBe(false);
  rmSync(profile, { recursive: true, force: true });
  renameSync(away, profile);
  await until('running', null, 20_000);
  expect(await unsent()).toEqual(before);
});

it('an outbox that was removed is told with what was in it, in English and German', async () => {
  const before = await unsent();
  await app.quit();
  for (const name of readdirSync(profile).filter((one) => one.startsWith('outbox.db'))) rmSync(path.join(profile, name));
  app = await start();
  await until('running', 'outbox-missing');
  const notice = () => app.window.locator('.bar[role=alert] .notice').innerText();
  const count = before.length;
  expect(await notice()).toMatch(new RegExp(`is gone.*${count} messages that were not sent`, 'u'));
  await shot('outbox-missing-en');
  await value(app.call('settings.set', { language: 'de' }));
  await expect.poll(notice).toMatch(new RegExp(`ist verschwunden.*${count} ungesendete E-Mails`, 'u'));
  await shot('outbox-missing-de');
  expect(await unsent()).toEqual([]);
  expect((await value(app.call('accounts.list'))).length).toBe(1);
  expect(await send('written afterwards')).toMatchObject({ ok: true });
});
