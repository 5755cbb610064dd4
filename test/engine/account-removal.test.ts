import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AccountId } from '../../shared/model/ids.ts';
import { EngineRig, rigConfig } from '../support/engine-rig.ts';
import { reportFigure } from '../support/figures.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { buildMail } from '../support/mail-builder.ts';
import { until } from '../support/until.ts';

/** An account leaves in portions: nothing else waits for it, its room is given back, and a kill ends nothing halfway. */

const MAILS = 160;
/** Into the portions of an account of this many mails. */
const MOST = 10;

let imap: ImapScript;
let other: ImapScript;
let rig: EngineRig;
let otherId: AccountId;
const steps: string[] = [];
const events: string[] = [];
let onStep: (name: string) => void = () => undefined;

/** Each with a file of its own, but for the first: that one both accounts have. */
const mail = (of: string, n: number): Buffer =>
  buildMail({
    ...{ from: 'Anna <anna@example.org>', to: 'b@example.com', subject: `offer ${n}`, messageId: `<${of}${n}@example.org>` },
    text: `words ${of} ${n}\r\n${n === 0 ? 'shared '.repeat(3_000) : randomBytes(6_000).toString('hex')}`,
  });

beforeEach(async () => {
  [imap, other] = [await startImapScript(), await startImapScript()];
  for (let n = 0; n < MAILS; n += 1) imap.store.get('INBOX').add({ raw: mail(n === 0 ? 'both' : 'alice', n) });
  for (let n = 0; n < 3; n += 1) other.store.get('INBOX').add({ raw: mail(n === 0 ? 'both' : 'bob', n) });
  [steps.length, events.length] = [0, 0];
  onStep = () => undefined;
  const server = (of: ImapScript) => ({ port: of.port, user: 'alice', password: 'pw-alice' });
  rig = await EngineRig.open({
    primary: server(imap),
    step: (name) => (steps.push(name), onStep(name)),
    onEvent: (name) => void events.push(name),
  });
  const config = rigConfig({ primary: server(other), config: { email: 'bob@example.com' } });
  otherId = (await rig.engine.enrol(config, { primary: { imap: { type: 'password', password: 'pw-alice' } }, relay: null })).id;
  await rig.mirror();
});
afterEach(async () => {
  await rig.close();
  await imap.close();
  await other.close();
});

const count = (sql: string): number => rig.engine.store.handle.db.prepare(`SELECT count(*) FROM ${sql}`).pluck().get() as number;
const accounts = (): AccountId[] => rig.engine.store.accounts.list().map(({ id }) => id);
const packed = (): unknown => rig.engine.store.handle.db.prepare('SELECT sum(live_bytes) FROM packs').pluck().get();
const inUse = (): unknown => rig.engine.store.handle.db.prepare('SELECT coalesce(sum(pack_bytes), 0) FROM segments').pluck().get();

/** All of the other account is as it was, and nothing of the one that went is left. */
function expectGone(): void {
  expect(accounts()).toEqual([otherId]);
  expect([count('entries'), count('placements'), count('sources'), count("meta WHERE key GLOB 'removal.*'")]).toEqual([3, 3, 3, 0]);
  expect([count(`entries WHERE account_id <> ${otherId}`), packed()]).toEqual([0, inUse()]);
  for (const index of ['search', 'search_recent']) expect(count(`${index} WHERE rowid NOT IN (SELECT id FROM entries)`)).toBe(0);
  expect(rig.engine.store.handle.db.pragma('foreign_key_check')).toEqual([]);
}

it('leaves in portions between which others have their turn, and its room in the packs is free', async () => {
  const before = Number(packed());
  let turns = 0;
  let isOver = false;
  const turn = (): void => void (isOver || ((turns += 1), setImmediate(turn)));
  setImmediate(turn);
  await rig.engine.removeAccount(rig.accountId);
  isOver = true;
  const portions = steps.filter((name) => name === 'accounts.removed-some').length;
  expect(portions).toBeGreaterThan(2);
  expect(portions).toBeLessThanOrEqual(MOST);
  expect(turns).toBeGreaterThanOrEqual(portions);
  expectGone();
  expect(Number(packed())).toBeLessThan(before / 10);
  expect(await rig.secrets.get(rig.accountId, 'primary', 'imap')).toBeNull();
  expect(events).toEqual(expect.arrayContaining(['accounts.changed', 'messages.changed']));
  reportFigure('an account leaves', { mails: MAILS, portions, packedBefore: before, packedAfter: Number(packed()) });
});

it.each(['accounts.removal-begun', 'accounts.removed-some'])('goes on with the next start where the app ended at %s', async (at) => {
  let stopping: Promise<void> | null = null;
  onStep = (name) => {
    if (name === at) stopping ??= rig.restart();
  };
  await expect(rig.engine.removeAccount(rig.accountId, true)).rejects.toMatchObject({ code: 'cancelled' });
  await stopping;
  onStep = () => undefined;
  expect(accounts()).toEqual([rig.accountId, otherId]);
  expect(count('entries')).toBeGreaterThan(3);
  const mark = imap.commands.length;
  // It is not mirrored any more, whoever asks.
  await rig.mirror();
  rig.engine.start();
  await until('the account is gone', () => !accounts().includes(rig.accountId));
  await until('its secrets are gone', async () => (await rig.secrets.get(rig.accountId, 'primary', 'imap')) === null);
  expect(imap.commands.slice(mark)).toEqual([]);
  expectGone();
});

it('that is asked for twice is one removal', async () => {
  await Promise.all([rig.engine.removeAccount(rig.accountId), rig.engine.removeAccount(rig.accountId)]);
  expectGone();
  expect(steps.filter((name) => name === 'accounts.removed')).toHaveLength(1);
});

it('room that an earlier version did not give back is counted anew', async () => {
  const { db } = rig.engine.store.handle;
  db.exec('UPDATE packs SET live_bytes = live_bytes + 1000; PRAGMA user_version = 130');
  expect(packed()).not.toEqual(inUse());
  await rig.restart();
  expect(packed()).toEqual(inUse());
});
