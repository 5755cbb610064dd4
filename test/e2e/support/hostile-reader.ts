import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Dovecot } from '../../support/dovecot.ts';
import type { SmtpScript } from '../../support/smtp-script.ts';
import { seedMailbox } from '../../support/dovecot-seed.ts';
import { HOSTILE_DOMAIN, RAN } from '../../support/hostile-mail/index.ts';
import { until } from '../../support/until.ts';
import { isMirrored, startEnrolled, value } from './enrolled-app.ts';
import type { HostileServer } from './hostile-server.ts';
import type { RunningApp } from './start-app.ts';

const START = 'app://holdover/index.html';
/** What the browser puts in a frame whose load was refused: a link that was clicked, or a frame in the mail. */
const REFUSED = 'chrome-error://chromewebdata/';
/** The empty page with which a frame in a process of its own begins, as Chromium names it. */
const EMPTY = new Set([':', '', 'about:blank']);
const CONTROL = `control.${HOSTILE_DOMAIN}`;

/** Everything that was seen of an attack. */
interface Seen {
  readonly ran: string[];
  readonly dialogs: string[];
  readonly navigations: string[];
  /** Attempts that the policy of the mail frame stopped, as the browser tells them: the attacks are alive. */
  refused: number;
  refusedFrames: number;
}

/** The app with hostile mail of one user, and what it was seen to do. */
export interface HostileReader {
  readonly app: RunningApp;
  readonly seen: Seen;
  readonly netLog: string;
  /** Whom the app's own process and its engine looked up and connected to so far: `name x` or `connect host:port`. */
  reached(): readonly string[];
}

/** A mail of a mailbox; it was read unless it says otherwise. */
interface SeededMail {
  readonly raw: Buffer;
  readonly isNew?: boolean;
}

/**
 * A reader of its own for the mails of one user, by mailbox; the first of each is the newest, and the first sixty are of one minute.
 * `servers`: where its mail is, and what takes what it sends. `folder`: for its profile.
 */
export async function startReader(
  { dovecot, smtp }: { readonly dovecot: Dovecot; readonly smtp: SmtpScript },
  folder: string,
  user: string,
  mails: Readonly<Record<string, readonly SeededMail[]>>,
): Promise<HostileReader> {
  const at = Math.floor(Date.now() / 60_000 - 60) * 60_000 + 59_000;
  for (const [mailbox, list] of Object.entries(mails)) {
    const seeds = list.map(({ raw, isNew }, n) => ({ raw, internalDate: at - n * 1_000, flags: isNew === true ? [] : ['\\Seen'] }));
    await seedMailbox(dovecot, user, mailbox, seeds.toReversed());
  }
  const secret = { type: 'password', password: 'pw' };
  const endpoint = { host: '127.0.0.1', security: 'plain', user };
  const config = {
    email: 'katharina.brandt@nordlicht.example',
    displayName: 'K',
    primary: { imap: { ...endpoint, port: dovecot.imapPort }, smtp: { ...endpoint, port: smtp.port } },
  };
  const enrolment = JSON.stringify({ accounts: [{ config, secrets: { primary: { imap: secret, smtp: secret } } }] });
  const own = path.join(folder, user);
  mkdirSync(own);
  const [netLog, reachedFile] = [path.join(own, 'net.json'), path.join(own, 'reached')];
  const env = { HOLDOVER_TEST_REACHED: reachedFile };
  const app = await startEnrolled(enrolment, own, { args: [`--log-net-log=${netLog}`], env, locale: 'en-GB' });
  const seen = watch(app.window);
  await until('all mails are listed', async () => (await total(app)) === mails['INBOX']?.length, 60_000);
  await until('all mails are here', () => isMirrored(app, 1), 60_000);
  await countOutside(app);
  const reached = () => [...new Set(readFileSync(reachedFile, 'utf8').trimEnd().split('\n'))];
  return { app, seen, netLog, reached };
}

async function total(app: RunningApp): Promise<number> {
  const key = (await value(app.call('mailboxes.list'))).find(({ role }) => role === 'inbox')?.key;
  if (key === undefined) return 0;
  return (await value(app.call('messages.list', { mailboxKey: key, filter: 'all', offset: 0, limit: 1 }))).total;
}

const isRefusal = (text: string): boolean => /^(?:Refused to|Blocked |Unsafe attempt)/u.test(text);

function watch(window: Page): Seen {
  const seen: Seen = { ran: [], dialogs: [], navigations: [], refused: 0, refusedFrames: 0 };
  window.on('console', (message) => {
    if (message.text().includes(RAN) && !isRefusal(message.text())) seen.ran.push(message.text());
    if (isRefusal(message.text())) seen.refused += 1;
  });
  window.on('dialog', (dialog) => {
    seen.dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  window.on('framenavigated', (frame) => {
    const url = frame.url();
    if (url === REFUSED) seen.refusedFrames += 1;
    else if (url !== 'about:srcdoc' && !EMPTY.has(url) && url.split('#')[0] !== START) seen.navigations.push(url);
  });
  return seen;
}

/** Counts in the app's own process what the page cannot see. */
const countOutside = (app: RunningApp): Promise<void> =>
  app.electron.evaluate(({ app: electronApp, webContents, shell }) => {
    const counts = { windows: 0, downloads: 0, opened: 0 };
    Object.assign(globalThis, { counts });
    electronApp.on('web-contents-created', () => (counts.windows += 1));
    webContents.getAllWebContents()[0]?.session.on('will-download', (event) => {
      if (!event.defaultPrevented) counts.downloads += 1;
    });
    shell.openExternal = () => ((counts.opened += 1), Promise.resolve());
  });
const outside = (app: RunningApp) =>
  app.electron.evaluate(() => (globalThis as unknown as { counts: { windows: number; downloads: number; opened: number } }).counts);

/** Asserts that nothing came of any of the mails that were read so far. */
export async function expectNothing({ app, seen }: HostileReader, server: HostileServer): Promise<void> {
  await app.window.waitForTimeout(1_000);
  expect(seen).toMatchObject({ ran: [], dialogs: [], navigations: [] });
  expect(server.requests).toEqual([]);
  expect(await app.window.evaluate(() => (globalThis as { hit?: unknown }).hit)).toBeUndefined();
  expect(await outside(app)).toEqual({ windows: 0, downloads: 0, opened: 0 });
  expect(app.window.url().split('#')[0]).toBe(START);
  expect(app.electron.windows()).toHaveLength(1);
  expect(app.log().filter(({ ev }) => ev === 'window.left' || ev === 'window.process-gone')).toEqual([]);
}

/** Requests and look-ups of names that Chromium's own log knows of, beyond its own pages. */
function reachedOut(netLog: string, { origin }: HostileServer): string[] {
  const text = readFileSync(netLog, 'utf8');
  const found = text.match(/"(?:host|hostname|url|location)":"[^"]*"/gu) ?? [];
  return [...new Set(found.filter((one) => one.includes(HOSTILE_DOMAIN) || one.includes(origin.slice('http://'.length))))];
}

/** Quits, and asserts by the browser's own log that no foreign place was asked for or looked up in all its life. */
export async function expectAskedNobody({ app, netLog }: HostileReader, server: HostileServer): Promise<void> {
  // One request of the app's own process, to see that the browser's log would have told.
  await app.electron.evaluate(async ({ net }, url) => void (await net.fetch(url).catch(() => null)), `http://${CONTROL}/`);
  await app.quit();
  const reached = reachedOut(netLog, server);
  expect(reached.length).toBeGreaterThan(0);
  expect(reached.filter((one) => !one.includes(CONTROL))).toEqual([]);
}
