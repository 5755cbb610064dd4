import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { accessibilityFaults, faultsInBothThemes } from './support/accessibility.ts';
import { value } from './support/enrolled-app.ts';
import { ToldWorld } from './support/told-world.ts';

const LIMIT_MS = 30_000;
/** Drafts and mail that was sent are filed after less. */
const SOON_MS = 30_000;
/** Longer than any pause after a connection that broke, and than mail may take to be delivered. */
const LONG_MS = 16 * 60_000;
/** Longer than any pause of a draft that was refused: how often it was until then depends on how many looks there were. */
const LONGEST_MS = 7 * 3_600_000;
/** Looks at everything within which that is told at which a server hangs up. */
const MOST_LOOKS = 30;

type Words = Readonly<Record<'de' | 'en', RegExp>>;
const missed: Words = {
  de: /^Der Mailserver stellt offenbar keine Mail zu: 3 Mails, die das Relay seit .*\d\d:\d\d hat, sind nicht am Mailserver angekommen\./u,
  en: /^The mail server seems not to deliver mail: 3 mails that the relay has since .*\d\d:\d\d have not reached the mail server\./u,
};
const withEffect = (de: string, en: string): Words => ({
  de: new RegExp(`${missed.de.source}\\s+${de}`, 'u'),
  en: new RegExp(`${missed.en.source}\\s+${en}`, 'u'),
});
const question = withEffect(
  'Diese Mails können Sie hier lesen\\. Gesendet wird über den Mailserver, bis Sie entscheiden\\.',
  'You can read that mail here\\. What you send goes through the mail server until you decide\\.',
);
const outage = withEffect('Mail wird über das Relay gesendet\\.', 'Mail is sent through the relay\\.');
const onlyHere: Words = {
  de: /^Hier gespeichert, nicht auf dem Mailserver: .+ Es wird von selbst wieder versucht\.$/u,
  en: /^Saved here, not on the mail server: .+ It is tried again by itself\.$/u,
};
const refused: Words = { de: /^1 Änderung konnte nicht übertragen werden\./u, en: /^1 change could not be carried over\./u };

const setBack: Words = {
  de: /Der Mailserver ist ohne Nachrichten zurückgekommen, die er vorher hatte\.\s+Hier sind sie vorhanden und lassen sich zurücklegen\./u,
  en: /The mail server came back without mail that it had\.\s+It is safe here and can be put back\./u,
};

let world: ToldWorld;
beforeAll(async () => {
  world = await ToldWorld.start();
  await world.open();
}, 120_000);
afterAll(() => world?.dispose());

const page = () => world.app.window;
const state = async () => (await value(world.app.call('continuity.state')))[0]!;
const failed = async () => (await value(world.app.call('actions.failed'))).map(({ error }) => error?.code);
const banners = () => page().locator('section.notices .banner');
const asked = () => banners().first();
/** What is told aloud of the mode. */
const aloud = () => page().locator('section.notices > p[role=status]');
const rows = () => page().locator('#pane-list [role=option]');
const composer = () => page().locator('[data-composer]');
const notice = () => composer().locator('p.way[role=status]');

/** What a person sees and what is told aloud, in each language; no fault that a machine finds. */
async function expectTold(seen: Locator, heard: Locator, words: Words): Promise<void> {
  for (const [language, theme] of [
    ['en', 'light'],
    ['de', 'dark'],
  ] as const) {
    // prettier-ignore
    await value(world.app.call('settings.set', { language, theme }));
    await expect.poll(() => seen.innerText(), { timeout: LIMIT_MS }).toMatch(words[language]);
    await expect.poll(() => heard.innerText(), { timeout: LIMIT_MS }).toMatch(words[language]);
  }
  expect(await accessibilityFaults(world.app)).toEqual([]);
  await value(world.app.call('settings.set', { language: 'en', theme: 'light' }));
}

/** By now it would have been asked about: a question takes a moment from the look that brings it up. */
async function expectNotAsked(): Promise<void> {
  expect(await state()).toMatchObject({ mode: 'normal', cause: null });
  expect((await banners().allInnerTexts()).filter((text) => missed.en.test(text))).toEqual([]);
}

/** Of the window's content, in pixels of the screen. */
async function setSize(width: number, height: number, zoom: number): Promise<void> {
  await world.app.electron.evaluate(
    ({ BrowserWindow }, given) => {
      const [window] = BrowserWindow.getAllWindows();
      window?.setContentSize(given.width, given.height);
      window?.webContents.setZoomFactor(given.zoom);
    },
    { width, height, zoom },
  );
}

/** Goes on by the Tab key until it stands on this. */
async function tabTo(target: Locator): Promise<void> {
  for (let n = 0; n < 60; n += 1) {
    await page().keyboard.press('Tab');
    if (await target.evaluate((one) => one === one.ownerDocument.activeElement)) return;
  }
  throw new Error('the Tab key does not get there');
}

async function isHere(subject: string): Promise<void> {
  const found = async () => (await value(world.app.call('search.query', { text: subject, mailboxKey: null, limit: 10 }))).rows.length;
  await expect.poll(found, { timeout: LIMIT_MS }).toBe(1);
}

/** Mail of two senders that the relay has and the primary never gets, for longer than is normal. @returns when the first of it came */
async function goesMissing(first: number): Promise<number> {
  // Servers date by whole seconds: all three are of the same one.
  await vi.waitUntil(() => world.now % 1000 < 300, { timeout: 20_000, interval: 5 });
  const since = Math.floor(world.now / 1000) * 1000;
  for (const n of [0, 1, 2]) {
    world.arrives(`Sendung ${first + n}`, n % 2 === 0 ? 'Einkauf <einkauf@kunde.example>' : 'Lager <lager@lieferant.example>', false);
  }
  await isHere(`Sendung ${first + 2}`);
  await world.looks(LONG_MS);
  return since;
}

/** Writes a draft as a person does, and lets the time go by after which it is filed. */
async function write(subject: string): Promise<void> {
  await page().locator('#pane-list').press('c');
  await composer().locator('#compose-to').waitFor();
  await page().keyboard.type('einkauf@kunde.example,');
  await composer().locator('#compose-subject').fill(subject);
  await composer().locator('#compose-text').click();
  await page().keyboard.type('Bitte bestätigen Sie den Termin.');
  const drafts = async () => (await value(world.app.call('drafts.list'))).map(({ content }) => content.subject);
  await expect.poll(drafts, { timeout: LIMIT_MS }).toContain(subject);
  await world.looks(SOON_MS);
}
const withSubject = (mails: readonly { readonly raw: Buffer }[], subject: string) =>
  mails.filter(({ raw }) => raw.includes(`Subject: ${subject}`));

describe('mail that the mail server takes and does not deliver', () => {
  it('is asked about, in words and aloud', async () => {
    const since = await goesMissing(88_101);
    const expected = {
      mode: 'degraded',
      reason: 'waiting-for-person',
      cause: 'primary-not-delivering',
      outageId: null,
      troubleSince: since,
    };
    await expect.poll(state, { timeout: LIMIT_MS }).toMatchObject(expected);
    await expectTold(asked(), aloud(), question);
  });

  it('is one line where the window is very low, and all of it by a button: the list keeps its room', async () => {
    await setSize(640, 480, 1.25);
    const fold = asked().getByRole('button', { name: 'Show the whole text' });
    try {
      await fold.waitFor();
      const boxOf = async (one: Locator) => (await one.boundingBox())!;
      const low = (await boxOf(asked())).height;
      const [list, second] = [await boxOf(page().locator('#pane-list')), await boxOf(rows().nth(1))];
      // Rows go before their previews.
      expect(second.y + second.height).toBeLessThan(list.y + list.height);
      expect(await page().locator('#pane-list .preview').count()).toBe(0);
      await fold.press('Enter');
      expect(await fold.getAttribute('aria-expanded')).toBe('true');
      await expect.poll(async () => (await boxOf(asked())).height).toBeGreaterThan(low + 30);
      expect(await accessibilityFaults(world.app)).toEqual([]);
    } finally {
      await setSize(1280, 800, 1);
    }
    await fold.waitFor({ state: 'hidden' });
    await page().locator('#pane-list .preview').first().waitFor();
  });

  it('is answered with no by the keyboard: the mail server stays', async () => {
    await tabTo(asked().getByRole('button', { name: 'Send through the relay now' }));
    await tabTo(asked().getByRole('button', { name: 'Go on with the mail server' }));
    await page().keyboard.press('Enter');
    await expect.poll(state).toMatchObject({ mode: 'normal', reason: 'declined-by-person' });
    await expect.poll(() => banners().count()).toBe(0);
    await world.looks(LONG_MS);
  });
});

describe('a draft that the mail server does not take', () => {
  it('says so where it is written, and is sent all the same', async () => {
    world.refusesDrafts(true);
    await write('Angebot 4711');
    await expectTold(notice(), notice(), onlyHere);
    await page().keyboard.press('Control+Enter');
    await composer().waitFor({ state: 'detached' });
    await expect.poll(() => withSubject(world.smtp.mails, 'Angebot 4711').length, { timeout: LIMIT_MS }).toBe(1);
  });

  it('says so where it is kept', async () => {
    await write('Angebot 4712');
    await expect.poll(() => notice().innerText(), { timeout: LIMIT_MS }).toMatch(onlyHere.en);
    await composer().getByRole('button', { name: 'Close and keep as draft' }).click();
    await page().getByRole('button', { name: '1 other draft' }).click();
    expect(await page().locator('nav.drafts li .why').innerText()).toMatch(onlyHere.en);
    await page().keyboard.press('Escape');
    await expectNotAsked();
  });
});

describe('a change at which the mail server ends the connection each time', () => {
  it('is taken back and told, and can be looked at by the keyboard', async () => {
    world.primary.fault({ command: 'UID MOVE', nth: 'every', action: { bye: 'no' } });
    // One that both have: what the relay alone has stands above.
    await rows().nth(5).click();
    const subject = () => rows().nth(5).locator('.subject').innerText();
    const moved = await subject();
    await page().keyboard.press('e');
    await expect.poll(subject).not.toBe(moved);
    for (let n = 0; n < MOST_LOOKS && (await failed()).length === 0; n += 1) {
      await world.looks(LONG_MS, async () => (await failed()).length > 0);
    }
    expect(await failed()).toEqual(['server-hangs-up']);
    await expect.poll(subject).toBe(moved);
    await expectTold(asked(), page().locator('section.notices > div[role=status]'), refused);
    await tabTo(asked().getByRole('button', { name: 'Show' }));
    await page().keyboard.press('Enter');
    const dialog = page().getByRole('dialog', { name: 'Changes that could not be carried over' });
    const first = await dialog.getByRole('listitem').first().innerText();
    expect(first).toContain(moved);
    expect(first).toContain('The mail server ends the connection whenever this is tried.');
    expect(first).toContain('ask your IT department');
    expect(await faultsInBothThemes(world.app)).toEqual([]);
    await page().keyboard.press('Escape');
  });
});

describe('a mail server that was set back to a backup', () => {
  it('is told, and what it has lost is put back by one click', async () => {
    const inbox = world.primary.store.get('INBOX');
    // Its newest mails came after the backup was made; their UIDs are given once more.
    const lost = inbox.messages.splice(-3);
    inbox.uidNext = lost[0]!.uid;
    for (const n of [1, 2, 3, 4]) world.arrives(`Nach der Rückkehr ${n}`, 'Einkauf <einkauf@kunde.example>', true);
    world.primary.dropConnections();
    await isHere('Nach der Rückkehr 1');
    const banner = banners().filter({ hasText: /came back without|zurückgekommen/u });
    await world.looks(0, async () => (await banner.count()) > 0);
    await world.looks(SOON_MS, async () => (await banner.count()) > 0);
    await expectTold(banner, page().locator('section.notices > div[role=status]'), setBack);
    if (process.env['HOLDOVER_SHOTS']) await page().screenshot({ path: `${process.env['HOLDOVER_SHOTS']}/set-back.png` });
    await banner.getByRole('button', { name: 'Show', exact: true }).press('Enter');
    await expect.poll(() => rows().allInnerTexts(), { timeout: LIMIT_MS }).not.toEqual([]);
    const listed = (await value(world.app.call('mailboxes.list'))).find(({ role }) => role === 'recoverable')!.total;
    expect(await rows().count()).toBe(listed);
    await banner.getByRole('button', { name: 'Put it back' }).press('Enter');
    const back = () => lost.filter(({ raw }) => inbox.messages.some((one) => one.raw.equals(raw))).length;
    await expect.poll(back, { timeout: LIMIT_MS }).toBe(lost.length);
    await world.looks(0);
    await expect.poll(() => banner.count(), { timeout: LIMIT_MS }).toBe(0);
    for (const { raw } of lost) expect(inbox.messages.filter((one) => one.raw.equals(raw))).toHaveLength(1);
    // What a person had deleted before stays where it was.
    await expect.poll(() => rows().count(), { timeout: LIMIT_MS }).toBe(listed - lost.length);
    await page()
      .locator('#pane-folders')
      .getByRole('button', { name: /^Inbox/u })
      .click();
  });
});

describe('after a restart', () => {
  it('is told what is still so', async () => {
    await world.restart();
    await world.looks(LONG_MS);
    await expect.poll(() => banners().allInnerTexts()).toEqual([expect.stringMatching(refused.en)]);
  });

  it('a draft says nothing any more once the mail server has taken it, and a question that was answered is not asked again', async () => {
    await page().getByRole('navigation', { name: 'Mails being written' }).getByRole('button', { name: 'Angebot 4712' }).click();
    await expect.poll(() => notice().innerText(), { timeout: LIMIT_MS }).toMatch(onlyHere.en);
    world.refusesDrafts(false);
    await world.looks(LONGEST_MS);
    await expect.poll(() => notice().count(), { timeout: LIMIT_MS }).toBe(0);
    expect(withSubject(world.primary.store.get('Drafts').messages, 'Angebot 4712')).toHaveLength(1);
    await expectNotAsked();
  });

  it('mail that goes missing later is asked about; with a yes mail leaves through the relay', async () => {
    world.arrives('Sendung 88200', 'Einkauf <einkauf@kunde.example>', true);
    await isHere('Sendung 88200');
    // Servers count in seconds: what came in the same one as what is missing would be as new.
    world.pass(SOON_MS);
    const since = await goesMissing(88_301);
    const expected = { cause: 'primary-not-delivering', troubleSince: since };
    await expect.poll(state, { timeout: LIMIT_MS }).toMatchObject({ ...expected, mode: 'degraded', asksForFailover: true });
    await asked().getByRole('button', { name: 'Send through the relay now' }).press('Enter');
    await expect.poll(state).toMatchObject({ ...expected, mode: 'continuity', reason: 'confirmed-by-person', asksForFailover: false });
    expect((await state()).outageId).not.toBeNull();
    await expectTold(asked(), aloud(), outage);
    await composer().locator('#compose-text').press('Control+Enter');
    await expect.poll(() => withSubject(world.relayed, 'Angebot 4712').length, { timeout: LIMIT_MS }).toBe(1);
    expect(withSubject(world.smtp.mails, 'Angebot 4712')).toEqual([]);
  });
});
