import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ViewMailbox } from '../../shared/model/mailbox.ts';
import type { MessageRow } from '../../shared/model/message.ts';
import { buildMail } from '../support/mail-builder.ts';
import { reportFigure } from '../support/figures.ts';
import { hitsBelow } from '../support/plain-marks.ts';
import { callOf } from './support/page-script.ts';
import { startMailWorld, type MailWorld } from './support/mail-world.ts';
import { answerSaveDialog, proposedPaths } from './support/save-dialog.ts';
import { value } from './support/enrolled-app.ts';
import { startApp, type RunningApp } from './support/start-app.ts';

let world: MailWorld;
let folder: string;
let profile: string;
let app: RunningApp;

beforeAll(async () => {
  world = await startMailWorld();
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-mail-'));
  profile = path.join(folder, 'profile');
});
afterAll(async () => {
  await app?.quit();
  await world?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const mailboxes = () => value<ViewMailbox[]>(app.call('mailboxes.list'));

async function inbox(): Promise<ViewMailbox> {
  const found = (await mailboxes()).find(({ role }) => role === 'inbox');
  if (!found) throw new Error('no inbox');
  return found;
}

async function rowsOf(mailboxKey: string): Promise<MessageRow[]> {
  const rows: MessageRow[] = [];
  for (;;) {
    const page = await value(app.call('messages.list', { mailboxKey, filter: 'all', offset: rows.length, limit: 100 }));
    rows.push(...page.rows);
    if (page.rows.length === 0 || rows.length >= page.total) return rows;
  }
}

async function allRows(): Promise<MessageRow[]> {
  const lists = await Promise.all((await mailboxes()).map(({ key }) => rowsOf(key)));
  return [...new Map(lists.flat().map((row) => [row.id, row])).values()];
}

const complete = async () => {
  const states = await value(app.call('sync.state'));
  const hasPassed = states.length === 2 && states.every(({ lastCompleteAt, error }) => lastCompleteAt !== null && error === null);
  return hasPassed && (await mailboxes()).every(({ isComplete }) => isComplete);
};

interface Opened {
  readonly opened: number;
  readonly withBody: number;
  readonly attachments: number;
  readonly refused: number;
}

/** Whatever the page opens, it opens every one. */
async function openAll(): Promise<Opened> {
  const ids = (await allRows()).map(({ id }) => id);
  const { counts, wrong } = await app.window.evaluate<{ counts: Opened; wrong: string[] }>(callOf('open-all', ids));
  expect(wrong).toEqual([]);
  return counts;
}

const DAY_MS = 86_400_000;
/** How many mails of the sample are in the window for certain: those two days from its edge may be either. */
const surelyShown = (): number => {
  const { messages } = world.sample.primary.find(({ path: name }) => name === 'INBOX')!;
  return messages.filter(({ internalDate }) => internalDate.getTime() > Date.now() - 12 * DAY_MS).length;
};

let online: Opened;

describe('an account from an enrolment file', () => {
  it('is enrolled, the file erased, and both servers are mirrored whole', async () => {
    const file = path.join(folder, 'enrol.json');
    writeFileSync(file, JSON.stringify({ accounts: [{ config: world.config, secrets: world.secrets }] }), { mode: 0o600 });
    const startedAt = performance.now();
    app = await startApp({ profile, env: { HOLDOVER_ENROL_FILE: file } });
    await expect.poll(() => existsSync(file), { timeout: 20_000 }).toBe(false);
    await expect.poll(async () => (await inbox().catch(() => null))?.total ?? 0, { timeout: 20_000 }).toBeGreaterThan(0);
    const firstRowsMs = performance.now() - startedAt;
    // The window shows it, too: the form of the first run gives way to the mail.
    await app.window.getByRole('option').first().waitFor({ timeout: 10_000 });
    await expect.poll(complete, { timeout: 60_000, interval: 200 }).toBe(true);
    reportFigure('app: enrolment file to whole mirror', {
      firstRowsMs: Math.round(firstRowsMs),
      completeMs: Math.round(performance.now() - startedAt),
    });
    const names = (await mailboxes()).map(({ path: name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['INBOX', 'Sent', 'Drafts', 'Archive', 'Projekte/Offshore', 'Projekte/Größe & Maß', 'Vorstand']),
    );
  });

  it('has the mail of both servers once, with where it was seen', async () => {
    const rows = await rowsOf((await inbox()).key);
    expect(rows.length).toBeGreaterThanOrEqual(surelyShown());
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    const sides = rows.map((row) => [...row.sides].sort().join('+'));
    expect(sides.filter((one) => one === 'primary+relay').length).toBeGreaterThan(surelyShown() / 2);
    expect(rows.every(({ bodyState }) => bodyState === 'complete')).toBe(true);
  });

  it('opens every mail and every attachment', async () => {
    online = await openAll();
    expect(online.opened).toBeGreaterThan(200);
    expect(online.attachments).toBeGreaterThanOrEqual(20);
  });

  it('finds words', async () => {
    const rows = await rowsOf((await inbox()).key);
    const word = rows.map(({ subject }) => /[A-Za-zäöüß]{7,}/.exec(subject)?.[0]).find((one) => one !== undefined);
    const hits = await value(app.call('search.query', { text: word ?? '', mailboxKey: null, limit: 50 }));
    expect(hits.rows.length).toBeGreaterThan(0);
    expect(await value(app.call('search.query', { text: 'xyzzyplugh', mailboxKey: null, limit: 50 }))).toMatchObject({
      rows: [],
      hasMore: false,
    });
  });
});

describe('saving an attachment', () => {
  async function firstAttachment() {
    for (const { id, hasAttachments } of await allRows()) {
      if (!hasAttachments) continue;
      const { attachments } = await value(app.call('messages.open', { entryId: id }));
      const found = attachments.find(({ isInline, sizeBytes }) => !isInline && sizeBytes > 0);
      if (found) return { entryId: id, ...found };
    }
    throw new Error('no attachment in the sample');
  }

  it('asks for a place and writes it there, for its owner, without the right to be run', async () => {
    const { entryId, index, fileName } = await firstAttachment();
    const target = path.join(folder, 'saved.bin');
    await answerSaveDialog(app, target);
    expect(await value(app.call('attachments.save', { entryId, index }))).toEqual({ savedAs: 'saved.bin' });
    const { content } = await value(app.call('attachments.preview', { entryId, index }));
    expect(Buffer.compare(readFileSync(target), Buffer.from(Object.values(content)))).toBe(0);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    const [proposed] = await proposedPaths(app);
    expect(path.basename(proposed ?? '')).toBe(fileName);
  });

  it('replaces a file that the dialog asked about, with its rights', async () => {
    const { entryId, index, sizeBytes } = await firstAttachment();
    const target = path.join(folder, 'old.sh');
    writeFileSync(target, '#!/bin/sh\n');
    chmodSync(target, 0o755);
    await answerSaveDialog(app, target);
    await value(app.call('attachments.save', { entryId, index }));
    expect(statSync(target).size).toBe(sizeBytes);
    expect(statSync(target).mode & 0o777).toBe(0o600);
  });

  it('writes nothing when the person changes their mind', async () => {
    const { entryId, index } = await firstAttachment();
    const before = readdirSync(folder);
    await answerSaveDialog(app, null);
    expect(await value(app.call('attachments.save', { entryId, index }))).toEqual({ savedAs: null });
    expect(readdirSync(folder)).toEqual(before);
  });

  it('says so when the place cannot be written', async () => {
    const { entryId, index } = await firstAttachment();
    await answerSaveDialog(app, path.join(folder, 'missing', 'x.bin'));
    expect(await app.call('attachments.save', { entryId, index })).toMatchObject({ ok: false, error: { scope: 'message' } });
  });
});

describe('with no network at all', () => {
  it('the app starts, lists, opens, searches and gives attachments of the whole window', async () => {
    await app.quit();
    await world.pullPlug();
    const startedAt = performance.now();
    app = await startApp({ profile });
    await app.electron.evaluate(({ webContents }) => webContents.getAllWebContents()[0]?.session.enableNetworkEmulation({ offline: true }));
    await expect.poll(async () => (await inbox().catch(() => null))?.total ?? 0, { timeout: 20_000 }).toBeGreaterThanOrEqual(surelyShown());
    reportFigure('app: offline start to first rows', { ms: Math.round(performance.now() - startedAt) });
    expect(await openAll()).toEqual(online);
    expect((await value(app.call('search.query', { text: 'Offshore', mailboxKey: null, limit: 50 }))).rows.length).toBeGreaterThan(0);
    const states = await value(app.call('sync.state'));
    expect(states.every(({ isConnected }) => !isConnected)).toBe(true);
  });

  it('reads on when its engine is killed', async () => {
    process.kill((await app.enginePid()) as number, 'SIGKILL');
    await expect.poll(async () => (await inbox().catch(() => null))?.total ?? 0, { timeout: 20_000 }).toBeGreaterThanOrEqual(surelyShown());
  });

  it('mail that arrived meanwhile is there soon after the servers are back', async () => {
    await world.plugIn();
    const client = await world.primary.connect('alice');
    const subject = 'Nachricht nach dem Ausfall 7b1e';
    await client.append('INBOX', buildMail({ subject, text: 'Da bin ich wieder.' }));
    await client.close();
    await app.call('sync.now');
    const arrived = async () => (await rowsOf((await inbox()).key)).some((row) => row.subject === subject);
    await expect.poll(arrived, { timeout: 40_000, interval: 500 }).toBe(true);
  });
});

describe('what is left on the disk', () => {
  it('holds no password, subject, address, body or file name in plain text', async () => {
    const rows = await allRows();
    const canaries = new Set<string>([world.password]);
    for (const { subject, people } of rows) {
      if (subject.length >= 12) canaries.add(subject.slice(0, 40));
      for (const { address } of people) if (address.includes('@')) canaries.add(address);
    }
    for (const { id, hasAttachments } of rows.slice(0, 80)) {
      if (!hasAttachments) continue;
      for (const { fileName } of (await value(app.call('messages.open', { entryId: id }))).attachments)
        if (fileName.length > 8) canaries.add(fileName);
    }
    await app.quit();
    const forms = [...canaries].flatMap((canary) => [Buffer.from(canary), Buffer.from(canary, 'utf16le')]);
    const { files, found } = hitsBelow(profile, forms);
    expect(found).toEqual([]);
    reportFigure('S9 plain text in the profile', { files, canaries: canaries.size, found: found.length });
  });
});
