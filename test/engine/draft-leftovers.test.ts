import { afterEach, describe, expect, it } from 'vitest';
import { handlers } from '../../main/engine/calls.ts';
import { failedChangeSchema, type FailedChange } from '../../shared/model/action.ts';
import type { DraftId } from '../../shared/model/ids.ts';
import { DraftRig } from '../support/draft-rig.ts';
import type { ScriptAction } from '../support/imap-script/faults.ts';
import { outlast } from '../support/outlast.ts';
import { ShiftClock } from '../support/shift-clock.ts';

/** The older copy of a draft that the primary does not let go: tried for a bounded time, then told; what is written goes on as ever. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const to = [{ name: 'Bob', address: 'bob@example.org' }];

let rig: DraftRig;
let told: string[];
const open = async (options: Parameters<typeof DraftRig.open>[0] = {}) => {
  told = [];
  rig = await DraftRig.open({ onEvent: (name) => void told.push(name), ...options });
  await rig.rig.mirror();
};
afterEach(() => rig.close());

/** A draft of which one version stands on the server. */
async function filed(text = 'one'): Promise<{ id: DraftId; version: number }> {
  const { id } = await rig.desk.start({ kind: 'new', accountId: null, mailto: null });
  const { version } = rig.desk.save(id, 0, rig.content({ to, subject: 'S', text }));
  await rig.file();
  return { id, version };
}
const save = (id: DraftId, text: string) => void rig.desk.save(id, rig.desk.get(id).version, rig.content({ to, subject: 'S', text }));
const fault = (action: ScriptAction, command = 'UID STORE') => rig.server.fault({ command, nth: 'every', action });
const tries = (command = 'UID STORE') => rig.server.commands.filter((one) => one.name === command).length;
const after = async (ms: number) => {
  rig.pass(ms);
  await rig.rig.mirror();
};
const failed = () => handlers['actions.failed'](rig.rig.engine) as FailedChange[];
const left = () => failed().map((one) => `${one.subject}: ${one.detail} ${one.error?.code}`);
const bodies = () => rig.texts('Drafts').map((raw) => /\b(?:one|two|three|four)\b/u.exec(raw.slice(raw.indexOf('\r\n\r\n')))?.[0]);
const LEFT = 'S: remove-draft-copy Drafts command-refused';

describe('an older copy of a draft that the primary does not let go', () => {
  it.each(['[INUSE] busy', 'not now'])(
    'for now (%s) is tried at growing intervals for hours, over restarts, and then told',
    async (no) => {
      await open();
      const { id } = await filed();
      fault({ no });
      save(id, 'two');
      await rig.file();
      expect([tries(), left(), rig.desk.get(id).notFiled]).toEqual([1, [], null]);
      for (const [ms, n] of [
        [30_000, 1],
        [31_000, 2],
        [90_000, 2],
        [31_000, 3],
      ] as const) {
        // prettier-ignore
        await after(ms);
        expect(tries(), `${ms} ms`).toBe(n);
      }
      await rig.rig.restart();
      await after(3 * MINUTE_MS);
      expect(tries()).toBe(3);
      for (let n = 0; n < 40; n += 1) await after(HOUR_MS);
      expect([tries(), left()]).toEqual([12, [LEFT]]);
      expect(told).toContain('actions.changed');
      await rig.rig.restart();
      await after(30 * 24 * HOUR_MS);
      expect([tries(), left(), bodies()]).toEqual([12, [LEFT], ['one', 'two']]);
      for (const one of failed()) expect(() => failedChangeSchema.parse(one)).not.toThrow();
      expect(failed()[0]).toMatchObject({ opId: null, draftId: id, entryId: rig.rig.rows('Drafts').map((row) => row.id).sort()[0] }); // prettier-ignore
    },
    60_000,
  );

  it('for good is told at once', async () => {
    await open();
    const { id } = await filed();
    fault({ no: '[NOPERM] no' });
    save(id, 'two');
    await rig.file();
    expect([tries(), left()]).toEqual([1, [LEFT]]);
    await after(24 * HOUR_MS);
    expect(tries()).toBe(1);
  });

  it.each(['UID FETCH', 'SELECT'])('for which only a question (%s) was refused for good is asked for again', async (question) => {
    await open();
    const { id } = await filed();
    save(id, 'two');
    // The new copy has been proved by then.
    const gone = rig.server.fault({ command: 'UID STORE', nth: 1, action: { no: 'not now' } });
    await rig.file();
    gone();
    expect(bodies()).toEqual(['one', 'two']);
    const withdraw = fault({ no: '[NOPERM] no' }, question);
    await rig.rig.restart();
    await after(2 * MINUTE_MS);
    expect(left()).toEqual([]);
    withdraw();
    await after(HOUR_MS);
    expect([bodies(), left()]).toEqual([['two'], []]);
  });

  it('is removed when the primary changes its mind in that time, and nothing is told', async () => {
    await open();
    const { id } = await filed();
    const withdraw = fault({ no: 'not now' });
    save(id, 'two');
    await rig.file();
    for (let n = 0; n < 5; n += 1) await after(HOUR_MS);
    withdraw();
    await after(7 * HOUR_MS);
    await after(30 * HOUR_MS);
    expect([bodies(), left()]).toEqual([['two'], []]);
  });

  it('keeps no later version from being filed, and the draft from being sent, which leaves one notice', async () => {
    await open();
    const { id } = await filed();
    fault({ no: '[NOPERM] no' });
    for (const text of ['two', 'three']) {
      save(id, text);
      await rig.file();
      expect(bodies()).toContain(text);
      expect(rig.desk.get(id).notFiled).toBeNull();
    }
    const { outboxId } = await rig.desk.send(id, rig.desk.get(id).version);
    await rig.file();
    expect(rig.store.outbox.get(outboxId).subject).toBe('S');
    expect(left()).toEqual([LEFT]);
    expect(bodies()).toEqual(['one', 'two', 'three']);
  });

  it('is told for a draft that was thrown away, too, until that was seen; then it is mail as any other', async () => {
    await open();
    const { id } = await filed();
    const withdraw = fault({ no: '[NOPERM] no' });
    rig.desk.discard(id);
    await rig.file();
    expect(left()).toEqual([LEFT]);
    const draftId = failed()[0]!.draftId!;
    told = [];
    handlers['actions.dismiss'](rig.rig.engine, { draftId });
    await expect.poll(() => told).toContain('actions.changed');
    await after(HOUR_MS);
    expect([left(), bodies()]).toEqual([[], ['one']]);
    withdraw();
    const { id: again } = await rig.desk.start({ kind: 'edit', entryId: rig.entry('Drafts') });
    expect(rig.desk.get(again).content.text).toContain('one');
  });

  it('that was thrown away can be opened again while it is told, and saving replaces it', async () => {
    await open();
    const { id } = await filed();
    const withdraw = fault({ no: '[NOPERM] no' });
    rig.desk.discard(id);
    await rig.file();
    const { id: again } = await rig.desk.start({ kind: 'edit', entryId: rig.entry('Drafts') });
    expect(left()).toEqual([]);
    withdraw();
    save(again, 'two');
    await rig.file();
    expect(bodies()).toEqual(['two']);
  });

  it('is told no longer once somebody has removed it', async () => {
    await open();
    const { id } = await filed();
    fault({ no: '[NOPERM] no' });
    save(id, 'two');
    await rig.file();
    await after(MINUTE_MS);
    expect(left()).toEqual([LEFT]);
    rig.server.store.get('Drafts').expunge(rig.messages('Drafts')[0]!.uid);
    told = [];
    await after(MINUTE_MS);
    await after(MINUTE_MS);
    expect([left(), bodies()]).toEqual([[], ['two']]);
    await expect.poll(() => told).toContain('actions.changed');
  });

  it('is deleted by the person without the draft, which goes on', async () => {
    await open();
    const { id } = await filed();
    const withdraw = fault({ no: '[NOPERM] no' });
    save(id, 'two');
    await rig.file();
    await after(MINUTE_MS);
    withdraw();
    rig.server.store.create('Trash', { specialUse: '\\Trash' });
    await after(MINUTE_MS);
    handlers['messages.delete'](rig.rig.engine, { entryIds: [failed()[0]!.entryId!], areConversations: false });
    expect([left(), rig.desk.get(id).content.text]).toEqual([[], 'two']);
    await after(MINUTE_MS);
    expect([bodies(), rig.texts('Trash').length]).toEqual([['two'], 1]);
  });

  it('that is marked as deleted and not expunged is bounded as well, and not told: without UIDPLUS no more is done', async () => {
    await open();
    const { id } = await filed();
    fault({ no: 'not now' }, 'UID EXPUNGE');
    save(id, 'two');
    await rig.file();
    for (let n = 0; n < 60; n += 1) await after(HOUR_MS);
    expect([tries('UID EXPUNGE'), bodies(), left()]).toEqual([12, ['two'], []]);
  }, 60_000);

  it('is not held back by a clock that was put back', async () => {
    await open();
    const { id } = await filed();
    const withdraw = fault({ no: 'not now' });
    save(id, 'two');
    await rig.file();
    withdraw();
    await after(-24 * HOUR_MS);
    expect(bodies()).toEqual(['two']);
  });
});

describe('an older copy of a draft at whose removal the primary ends the connection', () => {
  it('is told after twelve such tries, a restart included; later versions are filed all the same', async () => {
    const clock = new ShiftClock();
    const times = { stableSeconds: 0, previewSeconds: 0, undoSendSeconds: 0, deliveryGraceSeconds: 0 };
    await open({ clock, config: { continuity: { failover: 'automatic', reconcile: 'automatic', ...times } } });
    const { id } = await rig.desk.start({ kind: 'new', accountId: null, mailto: null });
    save(id, 'one');
    clock.pass(20_000);
    await rig.rig.mirror();
    fault({ bye: 'no' });
    save(id, 'two');
    clock.pass(20_000);
    const { engine } = rig.rig;
    engine.start();
    expect(await outlast(rig.rig, clock, () => left().length > 0, 5)).toBe(5);
    await rig.rig.restart();
    rig.rig.engine.start();
    save(id, 'three');
    clock.pass(20_000);
    await outlast(rig.rig, clock, () => bodies().includes('three'), 3);
    expect(rig.desk.get(id).notFiled).toBeNull();
    await outlast(rig.rig, clock, () => left().length > 0, 100);
    expect(left()).toEqual(['S: remove-draft-copy Drafts server-hangs-up']);
    const { refusal } = rig.store.drafts.copies.inState(rig.rig.accountId, 'removing')[0]!;
    expect(refusal).toMatchObject({ tries: 12, isFinal: true });
  }, 240_000);
});
