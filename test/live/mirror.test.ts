import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differences } from '../support/compare.ts';
import { startDovecot, usualMailboxes, type Dovecot } from '../support/dovecot.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { World } from '../crash/world.ts';

let primary: Dovecot;
let relay: Dovecot;
const users = Array.from({ length: 20 }, (_, n) => `user${n}`);
let nextUser = 0;

beforeAll(async () => {
  primary = await startDovecot({ users, mailboxes: [...usualMailboxes, { path: 'Projects', autoSubscribe: true }] });
  relay = await startDovecot({ users, mailboxes: [...usualMailboxes, { path: 'Quarantine', autoSubscribe: true }] });
});
afterAll(async () => {
  await primary.dispose();
  await relay.dispose();
});

interface Setting {
  readonly rig: EngineRig;
  readonly world: World;
  readonly user: string;
  equal(): Promise<string[]>;
}

/** A fresh user on both servers with an engine on them. */
async function setting(work: (setting: Setting) => Promise<void>): Promise<void> {
  const user = users[nextUser++]!;
  const login = (server: Dovecot) => ({ port: server.imapPort, user, password: server.user(user).password });
  const world = new World(await primary.connect(user), await relay.connect(user));
  const rig = await EngineRig.open({ primary: login(primary), relay: login(relay) });
  const equal = async () => [...(await differences(rig, 'primary', primary, user)), ...(await differences(rig, 'relay', relay, user))];
  try {
    await work({ rig, world, user, equal });
  } finally {
    await world.primary.close();
    await world.relay.close();
    await rig.close();
  }
}

describe('mirror of two Dovecots', () => {
  it('is equal with both after the first look, and sends nothing that changes', () =>
    setting(async ({ rig, world, user, equal }) => {
      for (let n = 0; n < 30; n += 1) {
        await world.add('primary', { id: `m${n}`, path: 'INBOX', ageDays: n / 2, flags: n % 2 ? ['\\Seen'] : [] });
        if (n < 20) await world.add('relay', { id: `m${n}`, path: 'INBOX', ageDays: n / 2 });
      }
      const marks = [primary.mark(user), relay.mark(user)] as const;
      await rig.mirror();
      expect(await equal()).toEqual([]);
      const changes = [...primary.mutatingSince(marks[0], { user }), ...relay.mutatingSince(marks[1], { user })];
      expect(changes).toEqual([]);
    }));

  it('shows a mail of both sides as one entry with two placements', () =>
    setting(async ({ rig, world }) => {
      await world.add('primary', { id: 'a', path: 'INBOX' });
      await world.add('relay', { id: 'a', path: 'INBOX' });
      await rig.mirror();
      const rows = rig.rows('INBOX');
      expect(rows).toHaveLength(1);
      expect(rows[0]?.sides).toEqual(['primary', 'relay']);
      expect(
        rig
          .placements(rows[0]!.id)
          .map((one) => one.side)
          .sort(),
      ).toEqual(['primary', 'relay']);
    }));

  it('keeps two entries where only the Message-ID is the same', () =>
    setting(async ({ rig, world }) => {
      await world.add('primary', { id: 'a', path: 'INBOX' });
      const forged = 'From: Mallory <m@example.net>\r\nSubject: other\r\nMessage-ID: <a@crash.example.com>\r\n\r\nother text\r\n';
      await world.relay.append('INBOX', Buffer.from(forged));
      await rig.mirror();
      expect(rig.rows('INBOX')).toHaveLength(2);
    }));

  it('splits what headers had joined when the bodies differ', () =>
    setting(async ({ rig, world }) => {
      const head =
        'From: Anna <anna@example.com>\r\nTo: b@example.com\r\nSubject: s\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <x@example.com>\r\n\r\n';
      await world.primary.append('INBOX', Buffer.from(`${head}pay to account 1\r\n`));
      await world.relay.append('INBOX', Buffer.from(`${head}pay to account 2\r\n`));
      await rig.mirror();
      const rows = rig.rows('INBOX');
      expect(rows.map((row) => row.preview).sort()).toEqual(['pay to account 1', 'pay to account 2']);
    }));

  it('joins mail without a Message-ID by its body', () =>
    setting(async ({ rig, world }) => {
      const mail = Buffer.from(
        'From: Scanner <scan@example.com>\r\nTo: b@example.com\r\nSubject: Scan\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\npage 1\r\n',
      );
      await world.primary.append('INBOX', mail);
      await world.relay.append('INBOX', Buffer.concat([Buffer.from('X-Filter: ok\r\n'), mail]));
      await rig.mirror();
      expect(rig.rows('INBOX')).toHaveLength(1);
    }));

  it('does not download a moved message again', () =>
    setting(async ({ rig, world, user, equal }) => {
      await world.add('primary', { id: 'big', path: 'INBOX', bytes: 2_000_000 });
      await rig.mirror();
      const [before] = rig.rows('INBOX');
      await world.move('primary', 'INBOX', 'big', 'Projects');
      const mark = primary.mark();
      await rig.mirror();
      expect(await equal()).toEqual([]);
      const fetched = primary.commandsSince(mark).filter((one) => one.user === user && /BODY(\.PEEK)?\[\]/iu.test(one.text));
      expect(fetched).toEqual([]);
      expect(rig.rows('Projects').map((row) => row.id)).toEqual([before?.id]);
    }));

  it('finds mail by word, part of a word, person and text of the body', () =>
    setting(async ({ rig, world }) => {
      const mail =
        'From: Jürgen Groß <jg@example.com>\r\nSubject: =?utf-8?q?Schlussrechnung_M=C3=BCller?=\r\nMessage-ID: <r@example.com>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nÜberweisung der Straßenbaukosten\r\n';
      await world.primary.append('INBOX', Buffer.from(mail));
      await rig.mirror();
      const { search } = rig.engine.store;
      for (const text of [
        'rechnung',
        'schluss',
        'muller',
        'Müller',
        'groß',
        'gross',
        'jg@example.com',
        'strassenbau',
        'baukosten',
        'von:groß',
        'subject:rechnung',
        '"der straßenbaukosten"',
      ]) {
        expect(search.query(text, { limit: 10 }).entryIds, text).toHaveLength(1);
      }
      for (const text of ['nichtda', 'von:rechnung', 'betreff:groß'])
        expect(search.query(text, { limit: 10 }).entryIds, text).toHaveLength(0);
    }));
});
