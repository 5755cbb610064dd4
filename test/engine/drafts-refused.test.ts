import { afterEach, describe, expect, it } from 'vitest';
import type { DraftId } from '../../shared/model/ids.ts';
import { DraftRig } from '../support/draft-rig.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';

/** A draft whose copy the primary does not take: kept here, told with its reason, tried again where that makes sense, and never for ever. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let rig: DraftRig;
let relay: ImapScript | null = null;
let told: string[];
const open = async (options: Parameters<typeof DraftRig.open>[0] = {}) => {
  told = [];
  rig = await DraftRig.open({ onEvent: (name) => void told.push(name), ...options });
  await rig.rig.mirror();
};
afterEach(async () => {
  await rig.close();
  await relay?.close();
  relay = null;
});

const to = [{ name: 'Bob', address: 'bob@example.org' }];
const begin = async (text = 'one') => {
  const { id } = await rig.desk.start({ kind: 'new', accountId: null, mailto: null });
  return { id, version: rig.desk.save(id, 0, rig.content({ to, subject: 'S', text })).version };
};
const refuse = (no: string) => rig.server.fault({ command: 'APPEND', nth: 'every', action: { no } });
const appends = () => rig.server.commands.filter((one) => one.name === 'APPEND').length;
const after = async (ms: number) => {
  rig.pass(ms);
  await rig.rig.mirror();
};
const reason = (id: DraftId) => {
  const { notFiled } = rig.desk.get(id);
  return notFiled && `${notFiled.error.code} ${notFiled.isFinal ? 'final' : 'again'}`;
};

describe('a draft that the primary refuses', () => {
  it.each([
    ['[TOOBIG] large', 'message-too-large-for-server final'],
    ['[LIMIT] over 10 MB', 'command-refused final'],
    ['[NOPERM] no', 'command-refused final'],
    ['[CANNOT] no', 'command-refused final'],
  ])('for good (%s) is told with its reason, and not sent again until it changes', async (no, expected) => {
    await open();
    const { id, version } = await begin();
    const withdraw = refuse(no);
    await rig.file();
    expect([reason(id), appends()]).toEqual([expected, 1]);
    for (const ms of [MINUTE_MS, HOUR_MS, 30 * 24 * HOUR_MS]) await after(ms);
    await rig.rig.restart();
    await after(HOUR_MS);
    expect([reason(id), appends()]).toEqual([expected, 1]);
    withdraw();
    await after(HOUR_MS);
    expect([rig.texts('Drafts'), rig.desk.get(id).content.text]).toEqual([[], 'one']);
    rig.desk.save(id, version, rig.content({ to, subject: 'S', text: 'less' }));
    expect(reason(id)).toBe(expected);
    await after(HOUR_MS);
    expect([reason(id), rig.texts('Drafts').length]).toEqual([null, 1]);
  });

  it.each([
    ['[OVERQUOTA] full', 'over-quota'],
    ['[INUSE] busy', 'command-refused'],
    ['not now', 'command-refused'],
    ['[TRYCREATE] gone', 'mailbox-missing'],
  ])('for now (%s) is tried again at growing intervals over hours, and then waits for a change', async (no, code) => {
    await open();
    const { id, version } = await begin();
    const withdraw = refuse(no);
    await rig.file();
    expect([reason(id), appends()]).toEqual([`${code} again`, 1]);
    await after(MINUTE_MS / 2);
    expect(appends()).toBe(1);
    await after(MINUTE_MS);
    expect(appends()).toBe(2);
    await after(MINUTE_MS);
    expect(appends()).toBe(2);
    for (let n = 0; n < 40; n += 1) await after(HOUR_MS);
    expect([reason(id), appends()]).toEqual([`${code} final`, 12]);
    await rig.rig.restart();
    await after(30 * 24 * HOUR_MS);
    expect(appends()).toBe(12);
    // Written on: tried anew, as often as the first version.
    rig.desk.save(id, version, rig.content({ to, subject: 'S', text: 'two' }));
    await after(HOUR_MS);
    expect([reason(id), appends()]).toEqual([`${code} again`, 13]);
    withdraw();
    await after(HOUR_MS);
    expect([reason(id), rig.texts('Drafts').length]).toEqual([null, 1]);
  });

  it.each(['[NOPERM] no', '[CANNOT] no'])(
    'that only a question about it was refused for good (%s) is no refusal of the copy',
    async (no) => {
      await open();
      const { id } = await begin();
      const withdraw = rig.server.fault({ command: 'STATUS', nth: 'every', action: { no } });
      await rig.file();
      expect([reason(id), appends()]).toEqual(['command-refused again', 0]);
      withdraw();
      await after(2 * MINUTE_MS);
      expect([reason(id), appends(), rig.texts('Drafts').length]).toEqual([null, 1, 1]);
    },
  );

  it('is filed by itself once there is room, and the window is told each time', async () => {
    await open();
    const { id } = await begin();
    const withdraw = refuse('[OVERQUOTA] full');
    told = [];
    await rig.file();
    await expect.poll(() => told).toContain('drafts.changed');
    withdraw();
    told = [];
    await after(2 * MINUTE_MS);
    expect([reason(id), rig.texts('Drafts').length]).toEqual([null, 1]);
    await expect.poll(() => told).toContain('drafts.changed');
  });

  it('remembers over a restart when it is tried again', async () => {
    await open();
    const { id } = await begin();
    refuse('[OVERQUOTA] full');
    for (const ms of [20_000, 2 * MINUTE_MS, 3 * MINUTE_MS]) await after(ms);
    expect(appends()).toBe(3);
    await rig.rig.restart();
    await after(2 * MINUTE_MS);
    expect([reason(id), appends()]).toEqual(['over-quota again', 3]);
    await after(3 * MINUTE_MS);
    expect(appends()).toBe(4);
  });

  it('is sent at most once a minute while a person goes on writing it', async () => {
    await open();
    const { id, version: first } = await begin();
    let version = first;
    refuse('[TOOBIG] large');
    await rig.file();
    for (const text of ['a', 'b', 'c']) {
      ({ version } = rig.desk.save(id, version, rig.content({ to, subject: 'S', text })));
      await after(15_000);
    }
    expect(appends()).toBe(1);
    await after(MINUTE_MS);
    expect(appends()).toBe(2);
  });

  it('is not held back by a clock that was put back', async () => {
    await open();
    const { id } = await begin();
    const withdraw = refuse('[OVERQUOTA] full');
    await rig.file();
    withdraw();
    await after(-24 * HOUR_MS);
    expect([reason(id), rig.texts('Drafts').length]).toEqual([null, 1]);
  });

  it('holds up no other draft', async () => {
    await open();
    const large = await begin('x'.repeat(5_000));
    rig.server.fault({
      ...{ command: 'APPEND', nth: 'every' },
      action: ({ args }) => (Number(/\{(\d+)\+?\}/u.exec(args)?.[1] ?? 0) > 4_000 ? { no: '[TOOBIG] large' } : 'pass'),
    });
    const small = await begin('small');
    await rig.file();
    expect([reason(large.id), reason(small.id), rig.texts('Drafts').length]).toEqual(['message-too-large-for-server final', null, 1]);
  });

  it('is told, too, where the primary has no mailbox for drafts, and filed when it has one again', async () => {
    await open();
    rig.server.store.delete('Drafts');
    await rig.rig.mirror();
    const { id } = await begin();
    await rig.file();
    expect([reason(id), appends()]).toEqual(['mailbox-missing final', 0]);
    rig.server.store.create('Drafts', { specialUse: '\\Drafts' });
    await rig.rig.mirror();
    await rig.file();
    expect([reason(id), rig.texts('Drafts').length]).toEqual([null, 1]);
  });

  it('says nothing of it any more when it is taken back after it was sent', async () => {
    await open();
    const { id, version } = await begin();
    const withdraw = refuse('[TOOBIG] large');
    await rig.file();
    const { outboxId } = await rig.desk.send(id, version);
    rig.rig.engine.features.compose.reopen(outboxId, id, null);
    expect(reason(id)).toBeNull();
    withdraw();
    await rig.file();
    expect(rig.texts('Drafts')).toHaveLength(1);
  });
});

describe('the balance of an outage', () => {
  const words = () => {
    const { reconciler } = rig.rig.engine.features;
    const [run] = reconciler.list();
    return run === undefined
      ? []
      : reconciler.items(run.id, 0, 100).items.map((one) => `${one.kind} ${one.state} ${one.error?.code ?? ''}`.trim());
  };

  it.each([
    ['[OVERQUOTA] full', 'over-quota'],
    ['[TOOBIG] large', 'message-too-large-for-server'],
  ])('lists the draft as an exception with its reason (%s), and it is confirmed once the primary takes it', async (no, code) => {
    relay = await startImapScript();
    const times = { stableSeconds: 0, previewSeconds: 0, undoSendSeconds: 0, deliveryGraceSeconds: 0 };
    await open({
      relay: { port: relay.port, user: 'alice', password: 'pw-alice' },
      config: { continuity: { failover: 'automatic', reconcile: 'automatic', ...times } },
    });
    const { monitor } = rig.rig.engine.features;
    monitor.setControl(rig.rig.accountId, 'forced-continuity');
    const { id, version } = await begin();
    await rig.file();
    expect(appends()).toBe(0);
    const withdraw = refuse(no);
    monitor.setControl(rig.rig.accountId, 'forced-normal');
    for (let n = 0; n < 3; n += 1) await rig.file();
    expect(words()).toEqual([`draft exception ${code}`]);
    expect(monitor.mode(rig.rig.accountId)).toBe('normal');
    withdraw();
    rig.desk.save(id, version, rig.content({ to, subject: 'S', text: 'two' }));
    await after(HOUR_MS);
    await after(MINUTE_MS);
    expect(rig.texts('Drafts')).toHaveLength(1);
    expect(words()).toEqual(['draft confirmed']);
  });
});
