import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { simpleParser, type ParsedMail } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ContinuityBridge } from '../../../shared/ipc/bridge.ts';
import type { CallArgs, CallName, CallResult } from '../../../shared/ipc/contract.ts';
import type { ContinuityMode } from '../../../shared/model/continuity.ts';
import type { Draft, DraftContent, DraftFile } from '../../../shared/model/compose.ts';
import type { AccountId, MailboxId } from '../../../shared/model/ids.ts';
import type { MessageRow } from '../../../shared/model/message.ts';
import { reportFigure } from '../../support/figures.ts';
import { isFull } from '../../support/this-run.ts';
import { messageIdOf, OutageWorld, SIGNATURE, type OutageKind } from './outage-world.ts';
import { TOLD } from './outage-told.ts';
import { startApp, type RunningApp } from './start-app.ts';

const BEFORE = 40;
const DURING = 6;
/** The longest wait between two tries, and the time that a try at a silent server takes. */
const RETURN_MS = 420_000;
const FILE_BYTES = 60_000;
const root = path.join(import.meta.dirname, '../../..');

let world: OutageWorld;
let folder: string;
let app: RunningApp;
let accountId: AccountId;
/** Moved twice and deleted while there was no network. */
let movedAbout: MessageRow | null = null;

async function begin(): Promise<void> {
  world = await OutageWorld.start();
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-outage-'));
  const before = Array.from({ length: BEFORE }, (_, n) => `before-${n}`);
  await world.arrive(before);
  await world.flush();
  const primary = await world.client('primary');
  for (const name of ['Projects', 'Archive']) {
    await primary.create(name).catch(() => undefined);
    await primary.subscribe(name);
  }
  await primary.close();
  const file = path.join(folder, 'enrol.json');
  writeFileSync(file, JSON.stringify({ accounts: [{ config: world.config, secrets: world.secrets }] }), { mode: 0o600 });
  app = await startApp({ profile: path.join(folder, 'profile'), env: { HOLDOVER_ENROL_FILE: file }, locale: 'en-GB' });
  await vi.waitFor(() => expect(existsSync(file)).toBe(false), { timeout: 30_000 });
  accountId = (await call('accounts.list'))[0]!.id;
  await vi.waitFor(async () => expect((await inbox()).length).toBe(BEFORE), { timeout: 60_000, interval: 200 });
}

async function end(): Promise<void> {
  await app?.quit();
  await world?.dispose();
  rmSync(folder, { recursive: true, force: true });
}

async function call<N extends CallName>(name: N, ...args: CallArgs<N>): Promise<CallResult<N>> {
  const answer = await app.call(name, ...args);
  if (!answer.ok) throw new Error(`${name}: ${answer.error.code} ${answer.error.detail}`);
  return answer.value;
}

const state = async () => (await call('continuity.state')).find((one) => one.accountId === accountId)!;
const until = (mode: ContinuityMode, timeout = 90_000) =>
  expect.poll(async () => (await state()).mode, { timeout, interval: 200 }).toBe(mode);

/** By clicks, in the details beside the notice. */
async function checkNow(): Promise<void> {
  await app.window.locator('section.notices .banner').first().getByRole('button', { name: 'Details' }).click();
  await app.window.getByRole('dialog', { name: 'State of your mail servers' }).getByRole('button', { name: 'Check now' }).click();
  await app.window.keyboard.press('Escape');
}

async function mailboxes() {
  return call('mailboxes.list');
}

async function rowsIn(role: string): Promise<MessageRow[]> {
  const key = (await mailboxes()).find((one) => one.role === role || one.path === role)?.key;
  if (key === undefined) return [];
  return (await call('messages.list', { mailboxKey: key, filter: 'all', offset: 0, limit: 500 })).rows;
}
const inbox = () => rowsIn('inbox');
const idOf = (row: MessageRow): string => row.subject.replace('Subject ', '');

interface Answering {
  readonly kind: 'reply' | 'forward';
  readonly row: MessageRow;
}

const fileOf = (tag: string): string => tag.repeat(Math.ceil(FILE_BYTES / tag.length));

/** Bytes do not survive the way into the page: they are made there. */
async function addFile(file: Omit<CallArgs<'drafts.addFile'>[0], 'content'>, text: string): Promise<DraftFile> {
  const answer = await app.window.evaluate(
    ([given, content]) => {
      const { calls } = (globalThis as unknown as { continuity: ContinuityBridge }).continuity;
      return calls['drafts.addFile']({ ...given, content: new TextEncoder().encode(content) });
    },
    [file, text] as const,
  );
  if (!answer.ok) throw new Error(`drafts.addFile: ${answer.error.code} ${answer.error.detail}`);
  return answer.value;
}

/** Writes as a person does; an answer goes with a file. */
async function write(tag: string, answering?: Answering) {
  const draft = answering
    ? await call('compose.start', { kind: answering.kind, entryId: answering.row.id, format: 'rich' })
    : await call('compose.start', { kind: 'new', accountId, mailto: null });
  if (answering) {
    await addFile({ draftId: draft.id, name: `${tag}.pdf`, mimeType: 'application/pdf', isInline: false }, fileOf(tag));
  }
  const content = {
    ...draft.content,
    to: [{ name: 'Carol', address: 'carol@outside.test' }],
    subject: tag,
    html: `<p>Text of ${tag} with grüße</p>`,
  };
  const current = await call('drafts.get', { draftId: draft.id });
  const { version } = await call('drafts.save', { draftId: draft.id, version: current.version, content });
  return { draftId: draft.id, version };
}

async function send(tag: string, answering?: Answering): Promise<void> {
  await call('drafts.send', await write(tag, answering));
}

/** Writes into a draft and sends it; gives what comes to its recipients. */
async function sendAs(draft: Draft, change: (content: DraftContent) => Partial<DraftContent>): Promise<ParsedMail> {
  const { version, content } = await call('drafts.get', { draftId: draft.id });
  const written = { ...content, ...change(content) };
  const saved = await call('drafts.save', { draftId: draft.id, version, content: written });
  await call('drafts.send', { draftId: draft.id, version: saved.version });
  const left = () => world.outside.mails.filter(({ raw }) => raw.includes(`Subject: ${written.subject}\r\n`));
  await expect.poll(() => left().length, { timeout: 30_000 }).toBe(1);
  return simpleParser(left()[0]!.raw);
}

const addresses = (list: ParsedMail['to']): (string | undefined)[] =>
  [list ?? []].flat().flatMap(({ value }) => value.map(({ address }) => address));

/** As the system tells the app: a machine that has no interface left. */
async function setNetwork(isOnline: boolean): Promise<void> {
  await app.electron.evaluate(({ net }, given) => {
    Object.defineProperty(net, 'isOnline', { value: () => given, configurable: true });
  }, isOnline);
}

/** Expected place and flags on the primary of every mail that the person touched. */
interface Wanted {
  readonly path: string;
  readonly isFlagged: boolean;
  readonly isSeen: boolean;
}

/** Flags, moves, archivings, deletions and what takes them back; every mail is changed at most twice, and what is wanted is noted. */
async function change(rows: readonly MessageRow[], count: number): Promise<Map<string, Wanted>> {
  const wanted = new Map<string, Wanted>();
  const projects = (await mailboxes()).find((one) => one.path === 'Projects')!.mailboxId as MailboxId;
  for (let n = 0; n < count; n += 1) {
    const row = rows[n % rows.length]!;
    const before = wanted.get(idOf(row)) ?? { path: 'INBOX', isFlagged: row.isFlagged, isSeen: row.isSeen };
    const entryIds = [row.id];
    // The second time around, each mail gets another kind of change.
    const kind = (n + Math.floor(n / rows.length)) % 5;
    if (before.path === 'Trash') {
      await call('messages.restore', { entryIds });
      wanted.set(idOf(row), { ...before, path: 'INBOX' });
    } else if (kind === 0) {
      await call('messages.setFlag', { entryIds, flag: 'flagged', isSet: true });
      wanted.set(idOf(row), { ...before, isFlagged: true });
    } else if (kind === 1) {
      await call('messages.setFlag', { entryIds, flag: 'seen', isSet: true });
      wanted.set(idOf(row), { ...before, isSeen: true });
    } else if (kind === 2) {
      await call('messages.move', { entryIds, mailboxId: projects });
      wanted.set(idOf(row), { ...before, path: 'Projects' });
    } else if (kind === 3) {
      await call('messages.archive', { entryIds });
      wanted.set(idOf(row), { ...before, path: 'Archive' });
    } else {
      await call('messages.delete', { entryIds });
      wanted.set(idOf(row), { ...before, path: 'Trash' });
    }
  }
  return wanted;
}

/** Without any network: moved twice and then deleted, each time shown where it was put; it ends in the Trash and nowhere else. */
async function moveAbout(row: MessageRow): Promise<void> {
  const entryIds = [row.id];
  for (const name of ['Projects', 'Archive']) {
    const { mailboxId } = (await mailboxes()).find((one) => one.path === name)!;
    await call('messages.move', { entryIds, mailboxId: mailboxId as MailboxId });
    expect((await rowsIn(name)).map(({ id }) => id)).toContain(row.id);
  }
  await call('messages.delete', { entryIds });
  for (const name of ['inbox', 'Projects', 'Archive']) expect((await rowsIn(name)).map(({ id }) => id)).not.toContain(row.id);
  movedAbout = row;
}

/** Where the primary holds each Message-ID, with its flags. */
async function primaryState(): Promise<Map<string, { path: string; flags: string }[]>> {
  const client = await world.client('primary');
  const found = new Map<string, { path: string; flags: string }[]>();
  for (const { path: name } of await client.list()) {
    const text = await world.pair.primary.dovecot.doveadm(['-f', 'tab', 'fetch', '-u', 'alice', 'hdr.message-id flags', 'mailbox', name]);
    for (const line of text.split('\n').slice(1)) {
      const [id = '', flags = ''] = line.split('\t');
      if (id.trim() === '') continue;
      found.set(id.trim(), [...(found.get(id.trim()) ?? []), { path: name, flags }]);
    }
  }
  await client.close();
  return found;
}

/** An outage of one kind with all its work, and the comparison of both servers with the app afterwards. */
export function outageSuite(kind: OutageKind, { sent: SENT, changes: CHANGES }: { sent: number; changes: number }): void {
  beforeAll(begin, 180_000);
  afterAll(end);
  describe(`an outage: the primary is ${kind}`, () => work(kind, SENT, CHANGES));
  describe('after the outage', compared);
}

function work(kind: OutageKind, SENT: number, CHANGES: number): void {
  let wanted: Map<string, Wanted>;
  let originals: readonly MessageRow[];
  const tag = kind.replaceAll(' ', '-');
  const arrived = Array.from({ length: DURING }, (_, n) => `during-${tag}-${n}`);
  const together = `together-${tag}`;
  const sent = Array.from({ length: SENT }, (_, n) => `sent-${tag}-${n}`);

  it('is noticed in time', async () => {
    const startedAt = performance.now();
    await world.breakPrimary(kind);
    await until('continuity');
    const tookMs = Math.round(performance.now() - startedAt);
    expect(tookMs).toBeLessThan(kind === 'blackhole' ? 60_000 : 15_000);
    expect((await state()).cause).toBe(kind === 'log-in refused' ? 'primary-login-refused' : 'primary-unreachable');
    reportFigure(`app: backup mode, primary ${kind}`, { tookMs });
  });

  it.each(['de', 'en'] as const)('is told in the window with its evidence (%s)', async (language) => {
    await call('settings.set', { language });
    const headline = app.window.locator('section.notices .banner strong').first();
    await expect.poll(() => headline.innerText(), { timeout: 5_000 }).toMatch(TOLD[kind][language]);
    expect(await headline.isVisible()).toBe(true);
    // The strip below says the same of that server.
    expect(await app.window.locator('footer li').first().innerText()).toMatch(/^Mail ?server: (?!connected|verbunden)/iu);
  });

  it('shows mail that arrives at the relay in the same inbox', async () => {
    await world.arrive(arrived);
    await expect.poll(async () => (await inbox()).map(idOf).filter((id) => arrived.includes(id)).length, { timeout: 30_000 }).toBe(DURING);
  });

  it('finds, completes and writes as on any day: to all, in plain text with the signature, and with a picture in the text', async () => {
    await world.arrive([together], ['Dora <dora@outside.test>']);
    await expect.poll(async () => (await inbox()).map(idOf), { timeout: 30_000 }).toContain(together);
    for (const name of ['before-7', together]) {
      const { rows } = await call('search.query', { text: `"Text of ${name}"`, mailboxKey: null, limit: 10 });
      expect(rows.map(idOf), name).toEqual([name]);
      expect((await call('messages.open', { entryId: rows[0]!.id })).text, name).toContain(`Text of ${name}.\nSecond line.`);
    }
    const known = await call('contacts.complete', { text: 'bern', accountId, limit: 5 });
    expect(known.map(({ address }) => address)).toEqual(['bernd@partner.test']);
    const entryId = (await inbox()).find((row) => idOf(row) === together)!.id;
    const answer = await call('compose.start', { kind: 'reply-all', entryId, format: 'plain' });
    expect([answer.content.to, answer.content.cc].map((list) => list.map(({ address }) => address))).toEqual([
      ['bernd@partner.test'],
      ['dora@outside.test'],
    ]);
    const subject = `to-all-${tag}`;
    const toAll = await sendAs(answer, ({ text }) => ({ subject, text: `Answer with grüße.\n${text}` }));
    expect([addresses(toAll.to), addresses(toAll.cc), toAll.html]).toEqual([['bernd@partner.test'], ['dora@outside.test'], false]);
    expect(toAll.text).toMatch(/^Answer with grüße\.\n/u);
    expect(toAll.text).toContain(`-- \n${SIGNATURE}\n`);
    expect(toAll.text).toMatch(/^> Text of together/mu);
    expect(toAll.inReplyTo).toBe(messageIdOf(together));

    const draft = await call('compose.start', { kind: 'new', accountId, mailto: null });
    expect(draft.content.html).toContain('Beispiel GmbH');
    const picture = { draftId: draft.id, name: 'plan.png', mimeType: 'image/png', isInline: true };
    const { contentId } = await addFile(picture, `picture of ${tag}`);
    const image = `<p>See:</p><img src="cid:${contentId}" alt="plan">`;
    const to = [{ name: '', address: known[0]!.address }];
    const illustrated = await sendAs(draft, ({ html }) => ({ to, subject: `picture-${tag}`, html: `${image}${html}` }));
    const [file] = illustrated.attachments;
    expect(file).toMatchObject({ cid: contentId, related: true, contentType: 'image/png' });
    expect(file?.content.toString()).toBe(`picture of ${tag}`);
    expect(illustrated.html).toContain('Beispiel GmbH');
  });

  it('sends, answers and changes, with the laptop offline in between', { timeout: 180_000 }, async () => {
    const rows = (await inbox()).filter((row) => idOf(row).startsWith('before-') || arrived.includes(idOf(row)));
    originals = rows.slice(-2);
    const [replied, forwarded] = originals as [MessageRow, MessageRow];
    const half = SENT / 2;
    await send(sent[0]!, { kind: 'reply', row: replied });
    for (const one of sent.slice(1, half)) await send(one);
    await write(`left-open-${tag}`);
    // Of ten, five kinds of changes meet fifteen times: some mail is changed twice, by another kind.
    const changed = 5 * Math.ceil((0.6 * CHANGES) / 5);
    wanted = await change(rows.slice(0, -2).slice(0, changed), CHANGES);
    await setNetwork(false);
    await world.unplugRelay();
    await until('offline', 30_000);
    expect((await state()).cause).toBe('network-down');
    const headline = app.window.locator('section.notices .banner strong').first();
    await expect.poll(() => headline.innerText(), { timeout: 5_000 }).toMatch(/^No network on this computer/u);
    expect(await app.window.locator('section.notices .banner').first().innerText()).toMatch(/What you send waits in the outbox/u);
    await moveAbout(rows.slice(0, -2).slice(changed)[0]!);
    await send(sent[half]!, { kind: 'forward', row: forwarded });
    for (const one of sent.slice(half + 1)) await send(one);
    const waiting = (await call('outbox.list')).filter((one) => sent.slice(half).includes(one.subject)).map((one) => one.state);
    expect(waiting).toEqual(Array.from({ length: SENT - half }, () => 'queued'));
    await world.plugRelay();
    await setNetwork(true);
    await until('continuity', 60_000);
    const byRelay = async () =>
      (await call('outbox.list')).filter((one) => sent.includes(one.subject) && one.state === 'accepted' && one.route === 'relay').length;
    await expect.poll(byRelay, { timeout: 90_000 }).toBe(SENT);
  });

  it('carries everything back when the primary returns, and says so', { timeout: isFull ? 2 * RETURN_MS : 400_000 }, async () => {
    await world.mendPrimary();
    // By themselves a refused log-in and a silent server are tried again every few minutes only: a person who knows better clicks
    // "Check now". The full run waits for the app to find out.
    if (kind !== 'stopped' && !isFull) await checkNow();
    const notices = app.window.locator('section.notices');
    await notices.getByRole('button', { name: 'Details' }).first().focus();
    await until('recovering', isFull ? RETURN_MS : 150_000);
    await world.flush();
    await until('normal', 180_000);
    // The notices were told anew twice, and each took its buttons along: by keyboard one goes on where one was.
    await notices.getByRole('button', { name: 'Show report' }).waitFor();
    await expect.poll(() => notices.locator('button:focus').count()).toBe(1);
    const [run] = await call('reconcile.list');
    expect(run).toMatchObject({ state: 'finished', isAcknowledged: false });
    const { balance } = run!;
    // In a later outage, the mail sent just before may still wait for its copy.
    expect(balance.sent).toMatchObject({ confirmed: balance.sent.expected, exceptions: 0 });
    expect(balance.sent.confirmed).toBeGreaterThanOrEqual(SENT);
    expect(balance.received).toMatchObject({ expected: DURING + 1, confirmed: DURING + 1, exceptions: 0 });
    expect(balance.change.exceptions).toBe(0);
    expect(balance.change.confirmed).toBe(balance.change.expected);
    expect(balance.restore).toMatchObject({ confirmed: balance.restore.expected, exceptions: 0 });
    expect(balance.change.confirmed + balance.restore.confirmed).toBeGreaterThanOrEqual(CHANGES - DURING);
    expect(await call('actions.failed')).toEqual([]);
    reportFigure(`app: carried back, primary ${kind}`, {
      sent: balance.sent.confirmed,
      received: balance.received.confirmed,
      changes: balance.change.confirmed,
      exceptions: 0,
    });
  });

  it('leaves each mail once at the primary: sent, received and changed as wanted', async () => {
    const found = await primaryState();
    const bySubject = new Map((await call('outbox.list')).map((one) => [one.subject, one.messageId]));
    for (const one of sent) {
      expect(found.get(bySubject.get(one)!), one).toMatchObject([{ path: 'Sent' }]);
      const mails = world.outside.mails.filter(({ raw }) => raw.includes(bySubject.get(one)!));
      expect(mails.length, `${one} at its recipient`).toBe(1);
    }
    expect(found.get(messageIdOf(idOf(movedAbout!)))?.map(({ path: place }) => place)).toEqual(['Trash']);
    for (const id of [...arrived, together]) expect(found.get(messageIdOf(id))?.length, id).toBe(1);
    for (const [id, { path: wantedPath, isFlagged, isSeen }] of wanted) {
      const [place, ...more] = found.get(messageIdOf(id)) ?? [];
      expect(more, id).toEqual([]);
      expect({ path: place?.path, isFlagged: place?.flags.includes('\\Flagged'), isSeen: place?.flags.includes('\\Seen') }, id).toEqual({
        path: wantedPath,
        isFlagged,
        isSeen,
      });
    }
  });

  it('marks what was answered and forwarded there, with the files gone along', async () => {
    const flagsOf = async (row: MessageRow) => (await primaryState()).get(messageIdOf(idOf(row)))?.map((one) => one.flags) ?? [];
    const [replied, forwarded] = originals as [MessageRow, MessageRow];
    expect(await flagsOf(replied)).toEqual([expect.stringContaining('\\Answered')]);
    expect(await flagsOf(forwarded)).toEqual([expect.stringContaining('$Forwarded')]);
    for (const one of [sent[0]!, sent[SENT / 2]!]) {
      const [mail] = world.outside.mails.filter(({ raw }) => raw.includes(`Subject: ${one}\r\n`));
      const encoded = Buffer.from(fileOf(one)).toString('base64');
      expect(mail?.raw.toString('latin1').replaceAll(/\s/gu, '').includes(encoded), one).toBe(true);
    }
  });

  it('has the draft that was left open in Drafts there, once', async () => {
    const text = () => world.pair.primary.dovecot.doveadm(['-f', 'tab', 'fetch', '-u', 'alice', 'hdr.subject', 'mailbox', 'Drafts']);
    const copies = async () => (await text()).split('\n').filter((line) => line.trim() === `left-open-${tag}`).length;
    await expect.poll(copies, { timeout: 30_000, interval: 300 }).toBe(1);
    expect((await call('drafts.list')).map(({ content }) => content.subject)).toEqual([`left-open-${tag}`]);
  });

  it('sends through the primary again', async () => {
    await send(`normal-${tag}`);
    const item = async () => (await call('outbox.list')).find((one) => one.subject === `normal-${tag}`);
    // A server that nobody knows yet is given time to file its own copy: until then it is not filed.
    await expect.poll(async () => (await item())?.state, { timeout: 30_000 }).toMatch(/accepted|filed/);
    expect((await item())?.route).toBe('primary');
  });
}

function compared(): void {
  it('both servers and the copy are equal, byte by byte', async () => {
    const askedAt = Date.now();
    await call('sync.now');
    await expect
      .poll(async () => Math.min(...(await call('sync.state')).map((one) => one.lastCompleteAt ?? 0)), { timeout: 60_000 })
      .toBeGreaterThan(askedAt);
    await app.quit();
    const args = [path.join(root, 'dist/main/cli.js'), 'verify', '--profile', path.join(folder, 'profile'), '--json'];
    // It ends with 1 where something differs: what it printed says more.
    const run = promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 64 * 1024 * 1024 });
    const { stdout } = await run.catch((error: { stdout: string }) => error);
    const { totals, mailboxes: each } = JSON.parse(stdout) as {
      totals: Record<string, number>;
      mailboxes: { equal: number; onServer: number }[];
    };
    expect(each.filter((one) => one.equal !== one.onServer)).toEqual([]);
    expect(totals).toMatchObject({ equal: totals['onServer'], missing: 0, surplus: 0, flagsDiffer: 0, bytesDiffer: 0, bodyMissing: 0 });
    expect(totals['equal']).toBeGreaterThan(BEFORE);
  }, 120_000);
}
