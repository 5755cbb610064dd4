import path from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDemoApp, type DemoApp } from '../../scripts/demo/app.mjs';
import { startPanel } from '../../scripts/demo/panel/server.mjs';
import { openWorld, type DemoWorld } from '../../scripts/demo/world.mjs';
import { reportFigure } from '../support/figures.ts';
import { electronRuntime } from './support/start-app.ts';

/** README.md, "The whole story in two minutes". */
const STORY_SECONDS = 120;
const root = path.join(import.meta.dirname, '../..');
let world: DemoWorld;
let app: DemoApp;
let server: { url: string; close(): Promise<void> };
let panelApp: ElectronApplication;
let panel: Page;
let beganAt: number;

beforeAll(async () => {
  // As a newcomer gets it: how long the story takes is part of what it promises.
  world = await openWorld({ lang: 'en', isDark: false, profile: null, screenshot: null });
  app = await startDemoApp(world, { lang: 'en-GB' });
  server = await startPanel(world.play);
  const { executablePath, args, env } = await electronRuntime();
  const own = [
    path.join(import.meta.dirname, 'support/bootstrap'),
    `--panel=${server.url}`,
    `--panel-data=${path.join(world.scratch, 'panel')}`,
  ];
  const { NODE_OPTIONS: _options, ...kept } = process.env;
  panelApp = await _electron.launch({
    executablePath,
    args: [...args, ...own],
    env: { ...(kept as Record<string, string>), ...env, HOLDOVER_TEST_MAIN: path.join(root, 'scripts/demo/panel/main.mjs') },
  });
  panel = await panelApp.firstWindow();
  await panel.getByRole('heading', { name: 'Play an outage' }).waitFor();
  await app.untilComplete();
});
afterAll(async () => {
  await app?.quit();
  await panelApp?.close();
  await server?.close();
  await world?.close();
});

const press = (section: string, name: string) => panel.getByRole('region', { name: section }).getByRole('button', { name }).click();
const stateOf = (section: string) => panel.getByRole('heading', { name: section }).locator('.state').innerText();
const banner = () => app.window.locator('section.notices .banner').first();
const headline = async () => ((await banner().count()) === 0 ? '' : banner().locator('strong').innerText());

describe('the story of the demo, by clicks in the panel and the app', () => {
  it('the primary is stopped: the app says so within seconds', async () => {
    beganAt = performance.now();
    await press('Primary', 'Stop it');
    await expect.poll(() => stateOf('Primary')).toBe('stopped');
    await expect.poll(headline).toMatch(/^Mail server down since \d\d:\d\d, confirmed \d\d:\d\d:\d\d: connection refused/u);
  });

  it('mail that arrives is in the same inbox, can be answered, and is kept for the primary', async () => {
    for (let n = 0; n < 2; n += 1) await press('Mail', 'A new mail arrives');
    const first = app.window.locator('#pane-list [role=option]').first();
    await expect.poll(() => first.innerText()).toMatch(/Lieferung 2 ist unterwegs\s+From the relay/u);
    expect(await panel.locator('[data-figure=waiting]').innerText()).toBe('2');
    await first.click();
    await app.window.keyboard.press('r');
    await app.window.locator('[contenteditable=true]').first().waitFor();
    await app.window.keyboard.type('Vielen Dank!');
    await app.window.keyboard.press('Control+Enter');
    await expect.poll(() => panel.locator('[data-figure=delivered]').innerText()).toBe('1');
  });

  it('the primary is restored: everything is carried back, and the balance sheet says so', async () => {
    const sentBefore = Number(await panel.locator('[data-figure=sent]').innerText());
    await press('Primary', 'Restore');
    await expect.poll(() => stateOf('Primary')).toBe('up');
    await banner().getByRole('button', { name: 'Details' }).click();
    await app.window.getByRole('dialog', { name: 'State of your mail servers' }).getByRole('button', { name: 'Check now' }).click();
    await app.window.keyboard.press('Escape');
    await expect
      .poll(headline, { timeout: 60_000 })
      .toMatch(/^All back to normal: 1 sent, 2 received, \d changes? carried over, 0 open\.$/u);
    await expect.poll(() => panel.locator('[data-figure=waiting]').innerText()).toBe('0');
    await expect.poll(async () => Number(await panel.locator('[data-figure=sent]').innerText())).toBe(sentBefore + 1);
    const seconds = Math.round((performance.now() - beganAt) / 1000);
    reportFigure('the story of the demo', { seconds, atMost: STORY_SECONDS });
    expect(seconds).toBeLessThanOrEqual(STORY_SECONDS);
    await banner().getByRole('button', { name: 'Show report' }).click();
    await app.window.getByRole('heading', { name: 'After the outage' }).waitFor();
    expect(await app.window.getByRole('row', { name: /^Sent mail/u }).innerText()).toMatch(/1\s+1\s+0\s+0$/u);
  });

  it('the other two ways in which it can go are a click away', async () => {
    for (const [name, told] of [
      ['Black hole', 'black hole: connects, says nothing'],
      ['Refuse log-in', 'refuses every log-in'],
      ['Restore', 'up'],
    ] as const) {
      await press('Primary', name);
      await expect.poll(() => stateOf('Primary')).toBe(told);
    }
  });
});
