import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EntryId, OutboxId } from '../../shared/model/ids.ts';
import { buildMail } from '../support/mail-builder.ts';
import { emptyContent } from '../support/draft-random.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { frozenMessage } from '../support/frozen.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { outlast } from '../support/outlast.ts';
import { ShiftClock } from '../support/shift-clock.ts';
import { until } from '../support/until.ts';

/** A primary that ends the connection in place of refusing a message over its limit; everything else has to go on all the same. */

const LIMIT_BYTES = 3_000;
/** Longer than the first pause after two cuts, and than any other. */
const PAUSE_MS = 31_000;
const LONG_MS = 16 * 60_000;
const GRACE_SECONDS = 60;
const large = 'x'.repeat(60).concat('\n').repeat(100);

let clock: ShiftClock;
let primary: ImapScript;
let relay: ImapScript;
let rig: EngineRig;
let lift: () => void;

beforeEach(async () => {
  clock = new ShiftClock();
  [primary, relay] = await Promise.all([startImapScript(), startImapScript()]);
  for (const [path, specialUse] of Object.entries({ Drafts: '\\Drafts', Sent: '\\Sent', Trash: '\\Trash' }))
    primary.store.create(path, { specialUse });
  lift = primary.fault({
    ...{ command: 'APPEND', nth: 'every' },
    action: ({ args }) => (Number(/\{(\d+)\+?\}/u.exec(args)?.[1] ?? 0) > LIMIT_BYTES ? { bye: 'message too large' } : 'pass'),
  });
  const login = (server: ImapScript) => ({ port: server.port, user: 'alice', password: 'pw-alice' });
  const times = { stableSeconds: 0, previewSeconds: 0, undoSendSeconds: 0, deliveryGraceSeconds: GRACE_SECONDS };
  rig = await EngineRig.open({
    ...{ primary: login(primary), relay: login(relay), clock },
    config: { email: 'alice@example.com', continuity: { failover: 'automatic', reconcile: 'automatic', ...times } },
  });
  await look();
});
afterEach(async () => {
  await rig.close();
  await Promise.all([primary.close(), relay.close()]);
});

/** Looks as often as the connection would be made anew; tells which of them came to an end. */
async function look(times = 1): Promise<boolean[]> {
  const ended: boolean[] = [];
  for (let n = 0; n < times; n += 1) ended.push((await rig.engine.mirrorOnce()).every((one) => one.error === null));
  return ended;
}
const mail = (name: string, text = 'short') =>
  buildMail({
    ...{ from: 'Anna <anna@example.org>', to: 'alice@example.com', subject: name, date: clock.now(), text },
    messageId: `<${name}@example.org>`,
  });
const arrive = (name: string) => primary.store.get('INBOX').add({ raw: mail(name) });
const subjects = (path: string) => rig.rows(path).map((row) => row.subject);
const stored = (path: string) => primary.store.get(path).messages.map(({ raw }) => /^Subject: (.*)\r$/mu.exec(raw.toString())?.[1]);
const appends = () => primary.commands.filter((one) => one.name === 'APPEND').length;
const draft = async (subject: string, text: string) => {
  const { desk } = rig.engine.features.compose;
  const { id } = await desk.start({ kind: 'new', accountId: null, mailto: null });
  desk.save(id, 0, emptyContent({ accountId: rig.accountId, to: [{ name: '', address: 'b@example.org' }], subject, text }));
  return id;
};

describe('a message at which the primary ends the connection', () => {
  it('as a draft keeps neither new mail nor other drafts from their way, and is filed once it is taken', async () => {
    await draft('much', large);
    await draft('little', 'words');
    clock.pass(20_000);
    arrive('news');
    expect(await look(3)).toEqual([false, false, true]);
    expect(subjects('INBOX')).toEqual(['news']);
    expect(stored('Drafts')).toEqual(['little']);
    const before = appends();
    expect(await look(2)).toEqual([true, true]);
    expect(appends()).toBe(before);
    // Later it is tried once more, and then left alone for longer.
    clock.pass(PAUSE_MS);
    expect(await look(2)).toEqual([false, true]);
    clock.pass(PAUSE_MS);
    expect(await look()).toEqual([true]);
    lift();
    clock.pass(PAUSE_MS);
    await look();
    expect(stored('Drafts')).toEqual(['little', 'much']);
  });

  it('as a copy in Sent holds up no other copy, and after eight tries a person is told why', async () => {
    const { outbox } = rig.engine.store;
    const sent = (subject: string, text: string): OutboxId => {
      const raw = buildMail({
        from: 'alice@example.com',
        to: 'b@example.org',
        subject,
        date: clock.now(),
        text,
        messageId: `<${subject}@x>`,
      });
      const id = outbox.add(frozenMessage(rig.accountId, { raw, subject, messageId: `<${subject}@x>` }), 'alice@example.com', clock.now());
      outbox.change(id, { state: 'accepted', route: 'relay', acceptedAt: clock.now(), sentCopy: 'waiting' });
      return id;
    };
    const [much, little] = [sent('much', large), sent('little', 'words')];
    expect(await look(2)).toEqual([false, true]);
    expect(stored('Sent')).toEqual(['little']);
    expect(outbox.get(little).state).toBe('filed');
    for (let n = 0; n < 40 && outbox.get(much).sentCopy === 'waiting'; n += 1) {
      clock.pass(LONG_MS);
      await look();
    }
    expect(outbox.get(much)).toMatchObject({ state: 'accepted', sentCopy: 'failed' });
    expect(rig.engine.features.outbox.item(much).error).toMatchObject({ scope: 'connection', side: 'primary' });
    expect(appends()).toBe(9);
    lift();
    await rig.engine.features.outbox.lookUp(much);
    for (let n = 0; n < 3; n += 1) {
      clock.pass(LONG_MS);
      await look();
    }
    expect(stored('Sent')).toEqual(['little', 'much']);
  });

  it('as mail that only the relay received holds up no other mail, and is an exception in the end', async () => {
    const { monitor, reconciler } = rig.engine.features;
    const words = () => {
      const [run] = reconciler.list();
      return reconciler
        .items(run!.id, 0, 100)
        .items.map((one) => `${one.subject} ${one.state}`)
        .sort();
    };
    monitor.setControl(rig.accountId, 'forced-continuity');
    for (const [name, text] of [
      ['much', large],
      ['little', 'words'],
    ] as const) {
      relay.store.get('INBOX').add({ raw: mail(name, text), internalDate: clock.now() });
    }
    await look();
    monitor.setControl(rig.accountId, 'forced-normal');
    await look();
    clock.pass((GRACE_SECONDS + 1) * 1_000);
    arrive('news');
    expect(await look(3)).toEqual([false, false, true]);
    expect(stored('INBOX')).toEqual(['news', 'little']);
    expect(subjects('INBOX').sort()).toEqual(['little', 'much', 'news']);
    expect(words()).toEqual(['little confirmed', 'much running']);
    clock.pass(25 * 3_600_000);
    await look(3);
    expect(words()).toEqual(['little confirmed', 'much exception']);
    expect(monitor.mode(rig.accountId)).toBe('normal');
  });

  /** The primary keeps the connection, but for one command. */
  const hangUpAt = (command: string) => primary.fault({ command, nth: 'every', action: { bye: 'no' } });
  const tries = (command: string) => primary.commands.filter((one) => one.name === command).length;
  async function moveAway(): Promise<EntryId> {
    primary.store.create('Projects', {});
    arrive('moved');
    await look(2);
    const { id } = rig.rows('INBOX')[0]!;
    const target = rig.engine.store.mailboxes.list(rig.accountId, 'primary').find((one) => one.path === 'Projects')!;
    rig.engine.actions.move([id], target.id);
    return id;
  }
  const failed = () => rig.engine.actions.failed().map((one) => `${one.kind} ${one.state} ${one.error?.code}`);

  it('as a change is refused, reverted and told once it was so eight times with nothing else wrong, a restart included', async () => {
    const id = await moveAway();
    hangUpAt('UID MOVE');
    expect(subjects('Projects')).toEqual(['moved']);
    rig.engine.start();
    expect(await outlast(rig, clock, () => failed().length > 0, 5)).toBe(5);
    expect(failed()).toEqual([]);
    await rig.restart();
    rig.engine.start();
    await outlast(rig, clock, () => failed().length > 0);
    expect(failed()).toEqual(['move refused server-hangs-up']);
    expect([subjects('INBOX'), subjects('Projects'), rig.rows('INBOX')[0]!.id]).toEqual([['moved'], [], id]);
    const { cuts, loneCuts } = rig.engine.store.ops.get(rig.engine.actions.failed()[0]!.opId)!;
    expect([loneCuts, tries('UID MOVE')]).toEqual([8, cuts]);
    // Those in a row at each start prove nothing: no look had ended between them.
    expect(cuts).toBeLessThanOrEqual(8 + 2 * 3);
    await outlast(rig, clock, () => false, 2);
    expect(tries('UID MOVE')).toBe(cuts);
  }, 120_000);

  it('as a draft says so, and is left alone after twelve tries until it changes', async () => {
    const id = await draft('much', large);
    const { desk } = rig.engine.features.compose;
    const reason = () => {
      const { notFiled } = desk.get(id);
      return notFiled && `${notFiled.error.code} ${notFiled.isFinal ? 'final' : 'again'}`;
    };
    clock.pass(20_000);
    rig.engine.start();
    await until('two cuts', () => appends() === 2, 20_000);
    expect(reason()).toBeNull();
    await outlast(rig, clock, () => reason() !== null);
    expect(reason()).toBe('server-hangs-up again');
    await outlast(rig, clock, () => reason() === 'server-hangs-up final', 100);
    const before = appends();
    expect(before).toBeLessThanOrEqual(12 + 3);
    await outlast(rig, clock, () => false, 2);
    expect(appends()).toBe(before);
    desk.save(id, desk.get(id).version, { ...desk.get(id).content, text: 'less' });
    await outlast(rig, clock, () => reason() === null, 3);
    expect([reason(), stored('Drafts')]).toEqual([null, ['much']]);
  }, 240_000);

  it('as a mail that is restored holds up no other change of the person', async () => {
    const inbox = primary.store.get('INBOX');
    inbox.add({ raw: mail('much', large) });
    arrive('other');
    await look(2);
    inbox.expunge(inbox.messages[0]!.uid);
    await look(3);
    const entry = (name: string): EntryId => [...rig.rows('INBOX'), ...rig.recoverable()].find((row) => row.subject === name)!.id;
    const { actions } = rig.engine;
    actions.restore([entry('much')]);
    rig.engine.start();
    await until('two cuts', () => primary.commands.filter((one) => one.name === 'APPEND').length === 2, 20_000);
    actions.setFlag([entry('other')], 'flagged', true);
    arrive('news');
    await until('flagged', () => inbox.messages[0]!.flags.has('\\flagged'), 20_000);
    await until('news', () => subjects('INBOX').includes('news'), 20_000);
    expect(appends()).toBe(2);
    lift();
    clock.pass(PAUSE_MS);
    rig.engine.syncNow();
    await until('restored', () => stored('INBOX').includes('much'), 20_000);
    expect(stored('INBOX').sort()).toEqual(['much', 'news', 'other']);
  }, 90_000);
});
