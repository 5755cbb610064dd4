import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { en } from '../../renderer/text/en.ts';
import { setupWords } from '../../renderer/text/setup.ts';
import { reportFigure } from '../support/figures.ts';
import { startHostileServer, type HostileServer } from './support/hostile-server.ts';
import { startMailWorld, type MailWorld } from './support/mail-world.ts';
import { answerSaveDialog } from './support/save-dialog.ts';
import { startApp, type RunningApp } from './support/start-app.ts';
import { buildMail } from '../support/mail-builder.ts';

const HOSTILE_SUBJECT = 'Gewinnbenachrichtigung 4711';
const ATTACHED_SUBJECT = 'Anlage zum Speichern 0815';
const ATTACHED = Buffer.from('Inhalt der Anlage, der gespeichert wird.\r\n');

let world: MailWorld;
let server: HostileServer;
let folder: string;
let profile: string;
let app: RunningApp;
const problems: string[] = [];

async function start(): Promise<void> {
  app = await startApp({ profile });
  app.window.on('pageerror', (error) => problems.push(error.message));
  app.window.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
}

beforeAll(async () => {
  [world, server] = await Promise.all([startMailWorld({ days: 5 }), startHostileServer()]);
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-window-'));
  profile = path.join(folder, 'profile');
  const client = await world.primary.connect('alice');
  await client.append('INBOX', buildMail({ subject: HOSTILE_SUBJECT, date: Date.now(), html: hostileHtml(server.origin) }));
  const attachments = [{ fileName: 'Bericht.txt', contentType: 'text/plain', content: ATTACHED }];
  await client.append('INBOX', buildMail({ subject: ATTACHED_SUBJECT, date: Date.now(), text: 'Siehe Anlage.', attachments }));
  await client.close();
  await start();
});
afterAll(async () => {
  await app?.quit();
  await Promise.all([world?.dispose(), server?.close()]);
  rmSync(folder, { recursive: true, force: true });
});

function hostileHtml(origin: string): string {
  return `<html><head><meta http-equiv="refresh" content="0;url=${origin}/refresh"><base href="${origin}/">
<link rel="stylesheet" href="${origin}/style.css"><style>@import "${origin}/import.css"; body { background: url(${origin}/bg.png) }</style>
<script>parent.document.title = 'owned'; new Image().src = '${origin}/script.png'</script></head>
<body onload="location='${origin}/onload'"><p>Guten Tag, Sie haben gewonnen.</p>
<img src="${origin}/pixel.gif"><img src=x onerror="new Image().src='${origin}/onerror.png'">
<iframe src="${origin}/frame"></iframe><object data="${origin}/object"></object><video poster="${origin}/poster"></video>
<a id="go" href="${origin}/link" target="_top">Zum Gewinn</a> <a href="javascript:alert(1)">mehr</a>
<form action="${origin}/form" method="post"><input name="q"><button>Senden</button></form>
<svg><a xlink:href="${origin}/svg"><text y="20">svg</text></a><image href="${origin}/svg.png"/></svg></body></html>`;
}

const button = (name: string) => app.window.getByRole('button', { name, exact: true });
const rows = () => app.window.getByRole('option');
const search = () => app.window.getByRole('textbox', { name: en.search.label });

async function fillEndpoint(legend: string, nth: number, port: number, password: string): Promise<void> {
  const fieldset = app.window.getByRole('group', { name: legend }).nth(nth);
  const field = (label: string) => fieldset.getByLabel(label, { exact: true });
  await field(setupWords.en.host).fill('127.0.0.1');
  await field(setupWords.en.port).fill(String(port));
  await fieldset.getByRole('combobox').selectOption('plain');
  await field(setupWords.en.user).fill('alice');
  const isSending = legend === setupWords.en.outgoing;
  await field(isSending ? setupWords.en.sendingPassword : setupWords.en.password).fill(password);
}

async function find(text: string): Promise<Locator> {
  await search().fill(text);
  const row = rows().filter({ hasText: text }).first();
  await row.waitFor();
  return row;
}

describe('first run', () => {
  it('asks for the address, then for the servers', async () => {
    const { window } = app;
    await window.getByText(setupWords.en.welcome).waitFor();
    await window.getByLabel(setupWords.en.email).fill(String(world.config.email));
    await button(setupWords.en.next).click();
    await window.getByRole('heading', { name: setupWords.en.primaryTitle }).waitFor({ timeout: 20_000 });
  });

  it('says which step failed when the password is wrong', async () => {
    await fillEndpoint(setupWords.en.incoming, 0, world.primary.imapPort, 'wrong');
    await fillEndpoint(setupWords.en.outgoing, 0, world.smtpPort, world.password);
    await button(setupWords.en.test).click();
    await app.window.getByText(setupWords.en.testFailed).waitFor({ timeout: 30_000 });
    const login = app.window.locator('li.failed', { hasText: setupWords.en.connectionSteps.login });
    expect(await login.count()).toBe(1);
    expect(await login.innerText()).toContain(en.errors['auth-rejected'].what);
    expect(await login.innerText()).toMatch(new RegExp(`${setupWords.en.serverSays} .*failed`, 'iu'));
    expect(await app.window.locator('li.ok', { hasText: setupWords.en.connectionSteps.submission }).count()).toBe(1);
  });

  it('enrols both sides once all connections work', async () => {
    await button(setupWords.en.correct).click();
    await fillEndpoint(setupWords.en.incoming, 0, world.primary.imapPort, world.password);
    await app.window.getByLabel(setupWords.en.useRelay).check();
    await fillEndpoint(setupWords.en.incoming, 1, world.relay.imapPort, world.password);
    await fillEndpoint(setupWords.en.outgoing, 1, world.smtpPort, world.password);
    await button(setupWords.en.test).click();
    await app.window.getByText(setupWords.en.testOk).waitFor({ timeout: 30_000 });
    await button(setupWords.en.next).click();
    await button(setupWords.en.finish).click();
    const startedAt = performance.now();
    await rows().first().waitFor({ timeout: 20_000 });
    reportFigure('window: enrolled to first rows', { ms: Math.round(performance.now() - startedAt) });
  });
});

describe('reading', () => {
  it('shows the text of the mail that is chosen', async () => {
    await (await find(ATTACHED_SUBJECT)).click();
    await app.window.getByRole('heading', { name: ATTACHED_SUBJECT }).waitFor();
    await app.window.getByText('Siehe Anlage.').first().waitFor();
  });

  it('saves an attachment where the person says', async () => {
    const target = path.join(folder, 'gespeichert.txt');
    await answerSaveDialog(app, target);
    await app.window.getByRole('button', { name: en.attachments.saveNamed('Bericht.txt') }).click();
    await app.window.getByText('gespeichert.txt').waitFor();
    expect(readFileSync(target).equals(ATTACHED)).toBe(true);
  });

  it('shows HTML mail in a frame that can do nothing', async () => {
    const { window } = app;
    await (await find(HOSTILE_SUBJECT)).click();
    const frame = window.frameLocator('iframe');
    await frame.getByText('Guten Tag, Sie haben gewonnen.').waitFor();
    expect(await window.locator('iframe').getAttribute('sandbox')).toBe('');
    for (const link of await frame.locator('a').all()) await link.click({ force: true, timeout: 2_000 }).catch(() => undefined);
    await window.waitForTimeout(500);
    expect(server.requests).toEqual([]);
    expect(window.url()).toBe('app://holdover/index.html');
    expect(window.frames().map((one) => one.url())).toEqual(['app://holdover/index.html', 'about:srcdoc']);
    expect(await window.title()).not.toBe('owned');
    const mailFrame = window.frames().find((one) => one !== window.mainFrame());
    const reached = await mailFrame?.evaluate("['continuity', 'require', 'process', 'electron'].filter((name) => name in globalThis)");
    expect(reached).toEqual([]);
  });

  it('finds by words and by parts of words, and nothing where there is nothing', async () => {
    await find('Speichern 0815');
    await find('winnbenach');
    await search().fill('xyzzyplugh');
    await app.window.getByText(en.search.nothing).waitFor();
    await search().fill('');
    await rows().nth(5).waitFor();
  });
});

describe('with servers and network gone', () => {
  it('starts, lists, reads, searches and saves', async () => {
    const complete = async () => {
      const answer = await app.call('mailboxes.list');
      return answer.ok && answer.value.length > 5 && answer.value.every(({ isComplete }) => isComplete);
    };
    await expect.poll(complete, { timeout: 60_000 }).toBe(true);
    await app.quit();
    await world.pullPlug();
    const startedAt = performance.now();
    await start();
    await app.electron.evaluate(({ webContents }) => webContents.getAllWebContents()[0]?.session.enableNetworkEmulation({ offline: true }));
    await rows().first().waitFor({ timeout: 20_000 });
    reportFigure('window: offline start to first row', { ms: Math.round(performance.now() - startedAt) });
    await (await find(ATTACHED_SUBJECT)).click();
    await app.window.getByText('Siehe Anlage.').first().waitFor();
    const target = path.join(folder, 'offline.txt');
    await answerSaveDialog(app, target);
    await app.window.getByRole('button', { name: en.attachments.saveNamed('Bericht.txt') }).click();
    await expect.poll(() => existsSync(target) && readFileSync(target).equals(ATTACHED)).toBe(true);
    await (await find(HOSTILE_SUBJECT)).click();
    await app.window.frameLocator('iframe').getByText('Guten Tag, Sie haben gewonnen.').waitFor();
  });

  it('reads on while its engine is killed', async () => {
    process.kill((await app.enginePid()) as number, 'SIGKILL');
    expect(await app.window.getByRole('heading', { name: HOSTILE_SUBJECT }).isVisible()).toBe(true);
    await (await find(ATTACHED_SUBJECT)).click();
    await app.window.getByText('Siehe Anlage.').first().waitFor({ timeout: 20_000 });
  });
});

describe('the page', () => {
  it('had no error and broke no rule of its policy', () => {
    const own = problems.filter((text) => !text.includes(server.origin));
    expect(own).toEqual([]);
  });
});
