import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportFigure } from '../support/figures.ts';
import { startAgain, startApp, type RunningApp, type StartOptions } from './support/start-app.ts';

const running: RunningApp[] = [];
const folders: string[] = [];
afterAll(async () => {
  for (const app of running) await app.dispose();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function start(options: StartOptions = {}): Promise<RunningApp> {
  const app = await startApp(options);
  running.push(app);
  return app;
}

function newProfile(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdover-profile-'));
  folders.push(folder);
  return folder;
}

async function phaseOf(app: RunningApp): Promise<string> {
  const state = await app.call('engine.state');
  return state.ok ? state.value.phase : state.error.code;
}

const untilRunning = (app: RunningApp) => expect.poll(() => phaseOf(app), { timeout: 20_000 }).toBe('running');
/** Damages the store of an app that has ended. Gives what it was before, and what it is now. */
function damage(file: string): { whole: Buffer; broken: Buffer } {
  const whole = readFileSync(file);
  const broken = Buffer.from(whole);
  broken.fill(0x5a, 0, 4096);
  writeFileSync(file, broken);
  return { whole, broken };
}

/** A start takes longer than most of what is looked at: each test goes on where the one before has left the app. */
describe('one profile', () => {
  let profile: string;
  let app: RunningApp;
  beforeAll(async () => {
    profile = newProfile();
    app = await start({ profile, locale: 'de' });
  });

  it('is made with an encrypted store, and runs without a question', async () => {
    await untilRunning(app);
    expect(await app.call('accounts.list')).toEqual({ ok: true, value: [] });
    const header = readFileSync(path.join(app.profile, 'mail.db')).subarray(0, 16).toString('latin1');
    expect(header).not.toContain('SQLite format');
  });

  it('speaks the language of the system', async () => {
    expect(await app.call('app.info')).toMatchObject({ ok: true, value: { locale: 'de', isDemo: false } });
    const labels = await app.electron.evaluate(({ Menu }) => Menu.getApplicationMenu()?.items.map(({ label }) => label));
    expect(labels).toEqual(['&Datei', '&Bearbeiten', '&Ansicht', '&Fenster', '&Hilfe']);
  });

  it('is brought to the front by a second start on the same profile, which ends at once', async () => {
    await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.minimize());
    expect(await startAgain({ profile })).toBe(0);
    const isMinimized = () => app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isMinimized());
    await expect.poll(isMinimized).toBe(false);
    expect(await app.call('accounts.list')).toMatchObject({ ok: true });
  });

  it('has a window that is loaded again when its process is killed, and the engine does not notice', async () => {
    const state = () =>
      app.electron.evaluate(({ webContents }) => {
        const [contents] = webContents.getAllWebContents();
        const isBusy = !contents || contents.isCrashed() || contents.isLoading();
        return { isBusy, pid: contents?.getOSProcessId() ?? 0, url: contents?.getURL(), title: contents?.getTitle() };
      });
    const { pid, url, title } = await state();
    process.kill(pid, 'SIGKILL');
    // Playwright gives up a page that crashed, so the new one is looked at from the app's side.
    await expect.poll(async () => (await state()).pid, { timeout: 10_000 }).not.toBe(pid);
    await expect.poll(state, { timeout: 10_000 }).toMatchObject({ isBusy: false, url, title });
    expect(app.log().map(({ ev }) => ev)).toContain('window.process-gone');
    expect(app.log().map(({ ev }) => ev)).not.toContain('engine.died');
  });

  it('is left with its store closed, within a bound, and files that only their owner can read', async () => {
    const startedAt = performance.now();
    await app.quit();
    expect(performance.now() - startedAt).toBeLessThan(6_000);
    expect(existsSync(path.join(profile, 'mail.db-wal'))).toBe(false);
    const open = readdirSync(profile, { recursive: true, encoding: 'utf8' })
      .map((name) => ({ name, stats: statSync(path.join(profile, name)) }))
      .filter(({ stats }) => (stats.mode & 0o077) !== 0);
    expect(open.map(({ name, stats }) => `${name} ${(stats.mode & 0o777).toString(8)}`)).toEqual([]);
  });

  it('has a store that cannot be opened told, kept byte by byte, and opened once it is whole again', async () => {
    const file = path.join(profile, 'mail.db');
    const { whole, broken } = damage(file);
    // A disk that damages file after file: so many were set aside today that this one is left as it is.
    const now = Date.now();
    const marks = [1, 2, 3, 4, 5].map((n) => `${file}.damaged-${now - n}`);
    for (const mark of marks) writeFileSync(mark, '');

    app = await start({ profile });
    await expect.poll(() => phaseOf(app), { timeout: 20_000 }).toBe('failed');
    const state = await app.call('engine.state');
    expect(state.ok && state.value.error?.code).toBe('store-corrupt');
    expect(await app.call('accounts.list')).toMatchObject({ ok: false, error: { scope: 'store' } });
    await app.window.waitForTimeout(1_000);
    expect(app.log().filter(({ ev, phase }) => ev === 'engine.phase' && phase === 'restarting')).toEqual([]);
    expect(readFileSync(file).equals(broken)).toBe(true);
    writeFileSync(file, whole);
    await app.call('store.retry');
    await untilRunning(app);
    for (const mark of marks) rmSync(mark);
  });

  it('has an engine that is killed and comes back, and the window stays usable meanwhile', async () => {
    const died = app.log().filter(({ ev }) => ev === 'engine.died').length;
    let slowestMs = 0;
    for (let round = 0; round < 3; round += 1) {
      const pid = await app.enginePid();
      expect(pid).not.toBeNull();
      process.kill(pid as number, 'SIGKILL');
      const killedAt = performance.now();
      await expect.poll(() => phaseOf(app), { timeout: 5_000 }).not.toBe('running');
      expect(await app.call('settings.get')).toMatchObject({ ok: true });
      const answer = await app.call('accounts.list');
      expect(answer).toEqual({ ok: true, value: [] });
      slowestMs = Math.max(slowestMs, performance.now() - killedAt);
      expect(await app.enginePid()).not.toBe(pid);
    }
    expect(app.electron.windows()).toHaveLength(1);
    expect(app.log().filter(({ ev }) => ev === 'engine.died')).toHaveLength(died + 3);
    reportFigure('engine killed: back in service', { kills: 3, slowestMs: Math.round(slowestMs) });
  });

  it('has a damaged store set aside, byte by byte, and the person is told', async () => {
    await app.quit();
    const { broken } = damage(path.join(profile, 'mail.db'));
    app = await start({ profile });
    await untilRunning(app);
    const state = await app.call('engine.state');
    expect(state.ok && state.value.error?.code).toMatch(/^mirror-(mended|partly-lost)$/);
    await app.window.getByText('copy of your mail was damaged').first().waitFor();
    const aside = readdirSync(profile).filter((name) => /^mail\.db\.damaged-\d+$/.test(name));
    expect(aside.map((name) => readFileSync(path.join(profile, name)).equals(broken))).toEqual([true]);
  });

  it('rejects what was under way when its engine is killed so that it can be asked again at once', async () => {
    const pid = (await app.enginePid()) as number;
    process.kill(pid, 'SIGSTOP');
    const pending = app.call('accounts.list');
    await app.window.waitForTimeout(200);
    process.kill(pid, 'SIGKILL');
    expect(await pending).toMatchObject({ ok: false, error: { code: 'internal', retry: 'now' } });
    await untilRunning(app);
  });

  it('is not kept open by an engine that hangs', async () => {
    process.kill((await app.enginePid()) as number, 'SIGSTOP');
    const startedAt = performance.now();
    await app.quit();
    expect(performance.now() - startedAt).toBeLessThan(12_000);
  });
});
