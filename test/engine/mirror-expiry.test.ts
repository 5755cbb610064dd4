import { expect, it } from 'vitest';
import type { EntryId } from '../../shared/model/ids.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { frozenMessage } from '../support/frozen.ts';
import { startImapScript } from '../support/imap-script.ts';
import { profileMail } from '../support/script-profile.ts';
import { ShiftClock } from '../support/shift-clock.ts';

const DAY_MS = 86_400_000;

it('mail that leaves the window stays while the outbox or an unseen conflict still needs it (I12)', async () => {
  const clock = new ShiftClock();
  const server = await startImapScript();
  const inbox = server.store.get('INBOX');
  const internalDate = Math.floor((clock.now() - 29 * DAY_MS) / 1000) * 1000;
  for (const id of ['answered', 'copied', 'conflict', 'plain']) inbox.add({ raw: profileMail(id), internalDate, flags: ['\\Seen'] });
  const rig = await EngineRig.open({ primary: { port: server.port, user: 'alice', password: 'pw-alice' }, clock });
  try {
    await rig.mirror();
    const { engine, accountId } = rig;
    const { store } = engine;
    const shown = (): string[] => rig.rows('INBOX').map((row) => row.subject.replace('subject ', ''));
    const entry = (id: string): EntryId => rig.rows('INBOX').find((row) => row.subject === `subject ${id}`)!.id;
    const reply = frozenMessage(accountId, { original: { entryId: entry('answered'), kind: 'reply' } });
    const items = [reply, frozenMessage(accountId, { messageId: '<copied@example.com>' })].map((one) =>
      store.outbox.add(one, 'alice@example.com', clock.now()),
    );
    store.outbox.change(items[1]!, { state: 'unknown' });
    engine.actions.setFlag([entry('conflict')], 'flagged', true);
    const [op] = store.ops.ofEntry(entry('conflict'));
    store.ops.advance(op!.id, 'conflict', clock.now());
    // A flag would keep it in any case.
    for (const one of rig.placements(entry('conflict'))) store.placements.setFlags(one.id, '\\seen', null);

    clock.pass(4 * DAY_MS);
    await rig.mirror();
    expect(shown().sort()).toEqual(['answered', 'conflict', 'copied']);

    for (const id of items) store.outbox.change(id, { state: 'cancelled', endedAt: clock.now() });
    await rig.mirror();
    expect(shown()).toEqual(['conflict']);
    store.ops.dismiss(op!.id, clock.now());
    await rig.mirror();
    expect(shown()).toEqual([]);
    expect(server.mutating()).toEqual([]);
  } finally {
    await rig.close();
    await server.close();
  }
});

it('much mail that leaves the window goes in portions, between which others have their turn, and behind all that has to stay', async () => {
  const [kept, gone] = [120, 230];
  const clock = new ShiftClock();
  const server = await startImapScript();
  const inbox = server.store.get('INBOX');
  const oldest = Math.floor((clock.now() - 29 * DAY_MS) / 1000) * 1000;
  for (let n = 0; n < kept + gone; n += 1) {
    inbox.add({ raw: profileMail(n < kept ? `kept${n}` : `gone${n}`), internalDate: oldest + n * 1000, flags: ['\\Seen'] });
  }
  const steps: string[] = [];
  const step = (name: string): void => void steps.push(name);
  const rig = await EngineRig.open({ primary: { port: server.port, user: 'alice', password: 'pw-alice' }, clock, step });
  let isOver = false;
  try {
    await rig.mirror();
    const { store, actions } = rig.engine;
    for (const { id } of rig.rows('INBOX').filter((row) => row.subject.startsWith('subject kept'))) {
      actions.setFlag([id], 'flagged', true);
      store.ops.advance(store.ops.ofEntry(id)[0]!.id, 'conflict', clock.now());
      for (const one of rig.placements(id)) store.placements.setFlags(one.id, '\\seen', null);
    }
    clock.pass(4 * DAY_MS);
    steps.length = 0;
    const turn = (): void => void (isOver || (steps.push('turn'), setImmediate(turn)));
    setImmediate(turn);
    await rig.mirror();
    isOver = true;
    expect(
      rig
        .rows('INBOX')
        .map((row) => row.subject)
        .filter((one) => !one.startsWith('subject kept')),
    ).toEqual([]);
    expect(rig.rows('INBOX')).toHaveLength(kept);
    const portions =
      steps
        .filter((name) => name === 'mirror.expire' || name === 'turn')
        .join(' ')
        .match(/mirror\.expire(?: turn)+/gu) ?? [];
    expect(portions.length).toBeGreaterThanOrEqual(3);
    expect(steps.join(' ')).not.toContain('mirror.expire mirror.expire');
    expect(server.mutating()).toEqual([]);
  } finally {
    isOver = true;
    await rig.close();
    await server.close();
  }
});
