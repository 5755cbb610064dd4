import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { onVirtualDisplay } from './lib/display.mjs';
import { rootDir } from './lib/paths.mjs';
import { runInherited } from './lib/run.mjs';
import { ensureSetup } from './lib/setup.mjs';
import { runMain } from './lib/steps.mjs';

/** English light and German dark: the two that differ most. */
const looks = [
  { name: 'en-light', lang: 'en', isDark: false, locale: 'en-GB', query: 'offer' },
  { name: 'de-dark', lang: 'de', isDark: true, locale: 'de-DE', query: 'angebot' },
];
const folder = path.join(rootDir, 'assets/screenshots');

async function photographMail(look) {
  const { openWorld } = await import('./demo/world.mjs');
  const { startDemoApp } = await import('./demo/app.mjs');
  const world = await openWorld({ ...look, profile: null, screenshot: null });
  const file = (view) => path.join(folder, `${look.name}-${view}.png`);
  const app = await startDemoApp(world, { lang: look.locale });
  try {
    await app.untilComplete();
    await app.window.waitForSelector('[role=option]');
    await app.picture(file('list'));
    await app.openFirstMessage();
    await app.picture(file('reader'));
    await app.window.fill('[role=search] input', look.query);
    await app.picture(file('search'));
    await app.window.fill('[role=search] input', '');
    // Both plugs pulled: everything stays readable.
    await Promise.all([world.servers.primary.stop(), world.servers.relay.stop()]);
    await app.call('sync.now');
    await app.window.waitForTimeout(2_500);
    await app.openFirstMessage();
    await app.picture(file('offline'));
  } finally {
    await app.quit();
    await world.close();
  }
}

const WORDS = {
  'en-light': { reply: 'Thank you, the new date suits us well. I will confirm it to the customer today.' },
  'de-dark': { reply: 'Vielen Dank, der neue Termin passt uns gut. Ich bestätige ihn dem Kunden heute noch.' },
};
const MODE_MS = 60_000;
const BACK_MS = 240_000;

async function untilMode(app, mode, limitMs) {
  const end = Date.now() + limitMs;
  for (;;) {
    const states = await app.call('continuity.state');
    if (states.ok && states.value[0]?.mode === mode) return;
    if (Date.now() > end) throw new Error(`the mode did not become ${mode} in time`);
    await app.window.waitForTimeout(250);
  }
}

async function sendOne(app, subject, text) {
  const [{ id: accountId }] = (await app.call('accounts.list')).value;
  const { id: draftId, version, content } = (await app.call('compose.start', { kind: 'new', accountId, mailto: null })).value;
  const to = [{ name: 'Imke Carstens', address: 'imke.carstens@hafenlogistik.example' }];
  const saved = await app.call('drafts.save', { draftId, version, content: { ...content, to, subject, format: 'plain', text } });
  const { outboxId } = (await app.call('drafts.send', { draftId, version: saved.value.version })).value;
  await app.call('outbox.sendNow', { outboxId });
}

/** An outage from the writing of an answer to the balance sheet. */
async function photographOutage(look) {
  const { openWorld } = await import('./demo/world.mjs');
  const { startDemoApp } = await import('./demo/app.mjs');
  const world = await openWorld({ ...look, profile: null, screenshot: null });
  const file = (view) => path.join(folder, `${look.name}-${view}.png`);
  const app = await startDemoApp(world, { lang: look.locale });
  const { window } = app;
  try {
    await app.untilComplete();
    await world.play.actions['primary-stop']();
    await untilMode(app, 'continuity', MODE_MS);
    for (let n = 0; n < 3; n += 1) await world.play.actions.mail();
    await sendOne(app, 'Lieferung 1', 'Ist angekommen.');
    await sendOne(app, 'Lieferung 2', 'Ist angekommen.');
    await app.openFirstMessage();
    await app.picture(file('outage'));
    await window.keyboard.press('r');
    await window.locator('[contenteditable=true]').first().waitFor();
    await window.keyboard.type(WORDS[look.name].reply);
    await window.waitForTimeout(1_500);
    await app.picture(file('compose'));
    await window.keyboard.press('Control+Enter');
    await window.locator('#pane-folders .place button').click();
    await app.picture(file('outbox'));
    await world.play.actions['primary-restore']();
    await app.call('continuity.probe', { accountId: (await app.call('accounts.list')).value[0].id });
    await untilMode(app, 'normal', BACK_MS);
    await window.waitForTimeout(1_000);
    await window.locator('section.notices button').first().click();
    await app.picture(file('reconciled'));
  } finally {
    await app.quit();
    await world.close();
  }
}

async function photographEnrolment(look) {
  const { openWorld } = await import('./demo/world.mjs');
  const { startDemoApp } = await import('./demo/app.mjs');
  const world = await openWorld({ ...look, profile: null, screenshot: null });
  const app = await startDemoApp(world, { lang: look.locale, isEnrolled: false });
  try {
    const { window } = app;
    await window.fill('input[type=email]', world.servers.primary.user);
    await window.click('button.primary');
    await window.waitForSelector('fieldset', { timeout: 30_000 });
    const fields = window.locator('fieldset').first().locator('input');
    await fields.nth(0).fill('127.0.0.1');
    await fields.nth(1).fill(String(world.servers.primary.imapPort));
    await window.locator('fieldset').first().locator('select').selectOption('plain');
    await fields.nth(3).fill(world.servers.primary.pass);
    await window.locator('input[type=checkbox]').first().uncheck();
    await window.click('button.primary');
    await window.waitForSelector('section ul li', { timeout: 30_000 });
    await app.picture(path.join(folder, `${look.name}-enrolment.png`));
  } finally {
    await app.quit();
    await world.close();
  }
}

await runMain(async () => {
  if (process.platform === 'linux' && process.env.HOLDOVER_VIRTUAL_DISPLAY !== '1') {
    await ensureSetup({ electron: true, packages: ['display'] });
    const self = [path.join(rootDir, 'scripts/screenshots.mjs')];
    const { command, args, env } = onVirtualDisplay({ command: process.execPath, args: self, env: process.env });
    return runInherited(command, args, { env });
  }
  mkdirSync(folder, { recursive: true });
  for (const look of looks) {
    await photographMail(look);
    await photographOutage(look);
    await photographEnrolment(look);
    process.stdout.write(`pictures of ${look.name} are in assets/screenshots\n`);
  }
  return 0;
});
