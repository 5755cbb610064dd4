import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { startDovecot } from '../../support/dovecot.ts';
import { buildCallHomeMails, type CallHomeMail } from '../../support/hostile-mail/call-home.ts';
import { buildCssMails, type CssMail } from '../../support/hostile-mail/css-mails.ts';
import { buildHostileMails, bundleHostileMails, type HostileMail } from '../../support/hostile-mail/index.ts';
import { seededRandom } from '../../support/random.ts';
import { startSmtpScript, type SmtpScript } from '../../support/smtp-script.ts';
import { isFull } from '../../support/this-run.ts';
import { amongInnocent, ChromeWatch, type CssResult } from './chrome-watch.ts';
import { startReader, type HostileReader } from './hostile-reader.ts';
import { startHostileServer, type HostileServer } from './hostile-server.ts';
import type { RunningApp } from './start-app.ts';
import { seed } from '../../support/this-run.ts';

/** In a sample every so manieth mail is touched. */
const TOUCHED = isFull ? 1 : 5;
/** Every so manieth comes alone where others come together. */
const ALONE = 12;
/** Attacks of styles in a sample. */
const STYLES = 18;

/** Mailbox of the mails that ask the app to call somebody or to answer. */
export const CALL_HOME = 'Call home';

/** A mail to open, with the attacks that it holds. */
interface View {
  readonly id: string;
  readonly raw: Buffer;
  readonly attacks: number;
  readonly isTouched: boolean;
}

/** How many mails were opened, with how many attacks; and with how many of these as the markup they are, not as its text. */
export interface Shown {
  readonly views: number;
  readonly attacks: number;
  readonly asMarkup: number;
}

/** A mailbox of attacks, where they call, and the reader that opens them. */
export interface HostileTour {
  readonly server: HostileServer;
  readonly reader: HostileReader;
  /** What takes what the app sends, and where its mail is. */
  readonly smtp: SmtpScript;
  readonly imapPort: number;
  /** New mails of the mailbox CALL_HOME, in its order. */
  readonly callHome: readonly CallHomeMail[];
  /** Opens and touches them. */
  readAll(): Promise<Shown>;
  /** Opens the attacks of styles and asserts that the window around the mail stays the same, to the pixel. */
  expectSameAround(): Promise<CssResult>;
  dispose(): Promise<void>;
}

/**
 * Starts the reader with `sample` attacks of markup and some of styles, or all of both in a full run. `together`: so many of those that are only
 * looked at come in one mail of a sample, since to open a mail costs far more than what is in it. With no purifier before it, one attack may well
 * swallow the next: there each has to come alone.
 */
export async function startHostileTour(sample: number, together = 1, styleCount = STYLES): Promise<HostileTour> {
  const server = await startHostileServer();
  const folder = mkdtempSync(path.join(tmpdir(), 'holdover-hostile-'));
  const dovecot = await startDovecot({ users: { alice: 'pw' } });
  const smtp = await startSmtpScript({ passwords: { alice: 'pw' } });
  const leave = async () => {
    await Promise.all([server.close(), smtp.close()]);
    await dovecot.dispose();
    rmSync(folder, { recursive: true, force: true });
  };
  const mails = viewsOf(chosen(server, isFull ? Infinity : sample), isFull ? 1 : together);
  const styles = chosenStyles(server, styleCount);
  const callHome = buildCallHomeMails(server.origin);
  const mailboxes = { INBOX: mails, Styles: amongInnocent(styles), [CALL_HOME]: callHome.map(({ raw }) => ({ raw, isNew: true })) };
  const reader = await startReader({ dovecot, smtp }, folder, 'alice', mailboxes).catch(async (error: unknown) => {
    await leave();
    throw error;
  });
  return {
    ...{ server, reader, callHome, smtp, imapPort: dovecot.imapPort },
    readAll: () => readAll(reader.app, mails),
    expectSameAround: () => expectSameAround(reader, styles),
    dispose: () => reader.app.quit().finally(leave),
  };
}

/** Those that are touched come alone, since a click meets what is on top. */
function viewsOf(mails: readonly HostileMail[], together: number): View[] {
  const alone = together === 1 ? mails : mails.filter((_one, at) => at % ALONE === 0);
  const others = mails.filter((one) => !alone.includes(one));
  const bundles = Array.from({ length: Math.ceil(others.length / together) }, (_, n) => others.slice(n * together, (n + 1) * together));
  return [
    ...alone.map(({ id, raw }, at) => ({ id, raw, attacks: 1, isTouched: together > 1 || at % TOUCHED === 0 })),
    ...bundles.map((some, n) => {
      const id = `bundle${n}`;
      return { id, raw: bundleHostileMails(id, some), attacks: some.length, isTouched: false };
    }),
  ];
}

/** Opens every mail in turn as a person does, and touches what it shows: pointer, click, middle click, keys. */
async function readAll({ window }: RunningApp, mails: readonly View[]): Promise<Shown> {
  await window.locator('#pane-list [role=option]').first().click();
  let [views, attacks, asMarkup] = [0, 0, 0];
  for (const { id, attacks: held, isTouched } of mails) {
    if (views > 0) {
      await window.evaluate("document.querySelector('#pane-list [data-focus]').focus()");
      await window.keyboard.press('ArrowDown');
    }
    await window.waitForFunction(isShown, id, { timeout: 30_000, polling: 10 });
    views += 1;
    attacks += held;
    if ((await window.locator('.reader iframe').count()) > 0) asMarkup += held;
    if (isTouched) await touch(window);
  }
  return { views, attacks, asMarkup };
}

/** Whether the mail with this subject is in the reader, its frame drawn; runs in the page. */
export function isShown(id: string): boolean {
  const { document } = globalThis as unknown as { document: { querySelector(selector: string): { innerText: string } | null } };
  if (document.querySelector('.reader h2')?.innerText !== id) return false;
  return document.querySelector('.reader iframe[aria-busy=false], .reader .plain') !== null;
}

async function touch(window: Page): Promise<void> {
  const frame = window.locator('.reader iframe');
  const box = (await frame.count()) === 0 ? null : await frame.boundingBox();
  if (box === null) return;
  for (const [x, y] of [
    [20, 22],
    [40, 60],
  ] as const) {
    await window.mouse.move(box.x + x, box.y + y);
    await window.mouse.click(box.x + x, box.y + y);
    await window.mouse.click(box.x + x, box.y + y, { button: 'middle' });
  }
  await window.keyboard.press('Tab');
  // Beyond the frame the keys are the app's own.
  if (await window.evaluate("document.activeElement?.tagName === 'IFRAME'")) await window.keyboard.press('Enter');
}

const seeded = () => seededRandom(seed);

/** A seeded choice in the order of the list, the last always in it: that is the one of which only the text is shown. */
function chosenStyles(server: HostileServer, count: number): CssMail[] {
  const all = buildCssMails(server.origin);
  const last = all.pop()!;
  const some = isFull
    ? all
    : seeded()
        .shuffle(all)
        .slice(0, count - 1);
  return [...all.filter((one) => some.includes(one)), last];
}

/** A seeded choice that has each kind in each wrapping, and then each attack at least once before any comes in a second wrapping. */
function chosen(server: HostileServer, count: number): HostileMail[] {
  const all = seeded().shuffle(buildHostileMails(server.origin));
  const wrapping = ({ id }: HostileMail) => id.slice(0, id.indexOf('x'));
  const kinds = new Map(all.map((mail) => [`${wrapping(mail)} ${mail.vector.kind}`, mail])).values();
  const vectors = new Map(all.map((mail) => [mail.vector, mail])).values();
  return [...new Set([...kinds, ...vectors, ...all])].slice(0, Math.min(count, all.length));
}

/** What would catch a mail that reached beyond its frame: the frame over the window, and something of the app's own over its list. */
const BROKEN = [
  '.reader iframe { position: fixed; inset: 0; z-index: 9 }',
  '#pane-list::after { content: ""; position: fixed; top: 90px; left: 300px; width: 3px; height: 3px; background: rgb(255, 0, 238) }',
];

async function expectSameAround({ app }: HostileReader, styles: readonly CssMail[]): Promise<CssResult> {
  const around = new ChromeWatch(app);
  await around.begin('Styles');
  for (const css of BROKEN) expect(await around.control(css)).toBeGreaterThan(0);
  const result = await around.readAll(styles);
  expect(result).toMatchObject({ differing: {}, asText: 1 });
  return result;
}
