import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DraftContent } from '../../shared/model/compose.ts';
import type { DraftId } from '../../shared/model/ids.ts';
import { emptyContent } from '../support/draft-random.ts';
import { gmailNames, type GmailSettings } from '../support/gmail-face.ts';
import { GmailServers, type GmailSetting } from '../support/gmail-world.ts';
import { buildMail } from '../support/mail-builder.ts';
import { until } from '../support/until.ts';

/** What is written and sent where the company's mail is at Gmail, whatever its settings and however it tells one message from another. */

let servers: GmailServers;
beforeAll(async () => {
  servers = await GmailServers.start();
});
afterAll(() => servers.dispose());

const { all, drafts, sent } = gmailNames;
const to = [{ name: 'Bob', address: 'bob@example.org' }];
const DAY_MS = 86_400_000;
/** Longer than a server's own copy is waited for. */
const OWN_COPY_MS = 155_000;

/** Writes and files a draft three times. */
async function threeVersions(s: GmailSetting): Promise<{ id: DraftId; version: number }> {
  const { desk } = s.rig.engine.features.compose;
  const { id } = await desk.start({ kind: 'new', accountId: s.rig.accountId, mailto: null });
  let version = 0;
  for (const text of ['one', 'two', 'three']) {
    const content: DraftContent = emptyContent({ accountId: s.rig.accountId, to, subject: 'draft', format: 'plain', text });
    version = desk.save(id, version, content).version;
    await s.file();
    await s.file();
  }
  return { id, version };
}

const settings: readonly (readonly [string, Partial<GmailSettings>])[] = [
  ['usual settings', {}],
  ['expunged mail goes to the Trash, at the program’s word', { autoExpunge: false, lastExpunge: 'trash' }],
  ['equal Message-IDs are one message', { same: 'message-id' }],
  ['nothing is ever one message', { same: 'none' }],
];

describe.each(settings)('a draft written and filed three times, %s', (_, change) => {
  it('leaves its last version alone, and is one mail', () =>
    servers.with(async (s) => {
      servers.face.set(change);
      await s.rig.mirror();
      await threeVersions(s);
      await s.settle();
      expect(await s.places('draft')).toEqual([`${all} \\Seen \\Draft`, `${drafts} \\Seen \\Draft`]);
      const { desk } = s.rig.engine.features.compose;
      expect([s.list(drafts), s.list(all), s.rig.recoverable(), desk.list().length, s.entryCount('draft')]).toEqual([
        ['draft'],
        [],
        [],
        1,
        1,
      ]);
      const opened = await desk.start({ kind: 'edit', entryId: s.rig.rows(drafts)[0]!.id });
      expect([opened.id, opened.hasConflict]).toEqual([desk.list()[0]!.id, false]);
    }));

  it('and then discarded, leaves nothing anywhere', () =>
    servers.with(async (s) => {
      servers.face.set(change);
      await s.rig.mirror();
      const { id } = await threeVersions(s);
      await s.settle();
      s.rig.engine.features.compose.desk.discard(id);
      await s.file();
      await s.file();
      await s.settle();
      expect([await s.places('draft'), s.list(drafts), s.list(all), s.rig.recoverable()]).toEqual([[], [], [], []]);
    }));

  it('and then sent, leaves the sent mail alone', () =>
    servers.with(async (s) => {
      servers.face.set(change);
      servers.onMail = ({ raw }) =>
        servers.face.deliver(s.user, Buffer.concat([Buffer.from('Received: by smtp.gmail.com\r\n'), raw]), [sent], seen);
      await s.rig.mirror();
      const { id, version } = await threeVersions(s);
      s.rig.engine.start();
      const { outboxId } = await s.rig.engine.features.compose.desk.send(id, version);
      await s.sent(outboxId, 'accepted', 'filed');
      await s.passUntilFiled(outboxId);
      await until('the draft is gone', async () => (await s.count(drafts)) === 0);
      expect(await s.places('draft')).toEqual([`${all} \\Seen`, `${sent} \\Seen`]);
      await until('it is listed once', () => s.list(sent).length === 1 && s.list(drafts).length === 0);
      expect([s.list(all), s.rig.recoverable()]).toEqual([[], []]);
    }));
});

const seen = { flags: ['\\Seen'] };

describe('a mail that is sent', () => {
  it.each([true, false, null])('is one where Gmail files its own copy late, though the server was known to: %s', (rule) =>
    servers.with(async (s) => {
      if (rule !== null) s.rig.engine.store.outbox.learnFilesOwnCopy('127.0.0.1', rule, s.clock.now());
      await s.rig.mirror();
      s.rig.engine.start();
      const id = await s.rig.send(['bob@example.org'], 'own');
      await s.sent(id, 'accepted', 'filed');
      s.clock.pass(30_000);
      await s.rig.engine.mirrorOnce();
      expect(await s.places('own')).toEqual([]);
      await servers.face.deliver(s.user, servers.smtp.mails.at(-1)!.raw, [sent], seen);
      await s.passUntilFiled(id);
      expect([await s.places('own'), s.rig.engine.store.outbox.get(id).sentCopy]).toEqual([
        [`${all} \\Seen`, `${sent} \\Seen`],
        'by-server',
      ]);
      expect(s.proxy.commands.filter((one) => one.name === 'APPEND')).toEqual([]);
    }),
  );

  it('is filed by us where nothing comes in time', () =>
    servers.with(async (s) => {
      await s.rig.mirror();
      s.rig.engine.start();
      const id = await s.rig.send(['bob@example.org'], 'none');
      await s.sent(id, 'accepted', 'filed');
      s.clock.pass(OWN_COPY_MS);
      await s.passUntilFiled(id);
      expect(await s.places('none')).toEqual([`${all} \\Seen`, `${sent} \\Seen`]);
    }));
});

describe('how long mail is kept', () => {
  it('is, for what was sent, as is said for that, though All Mail has it', () =>
    servers.with(
      async (s) => {
        const ours = (name: string) => buildMail({ from: `${s.user}@example.com`, subject: name, messageId: `<${name}@example.com>` });
        await s.deliver(ours('old'), [sent], 'primary', 20 * DAY_MS);
        await s.deliver(ours('new'), [sent], 'primary', 2 * DAY_MS);
        await s.deliver(buildMail({ subject: 'theirs', messageId: '<theirs@example.org>' }), [all], 'primary', 20 * DAY_MS);
        await s.settle();
        expect([s.list(sent), s.list(all)]).toEqual([['new'], ['theirs']]);
        expect((await s.verify()).code).toBe(0);
        await s.direct.select(sent);
        await s.direct.store(await s.direct.uids(), '+', ['\\Seen']);
        await s.settle();
        s.clock.pass(14 * DAY_MS);
        await s.settle();
        expect([s.list(sent), s.list(all), s.entryCount('new'), s.rig.recoverable()]).toEqual([[], ['theirs'], 0, []]);
      },
      { retention: { incomingDays: 90, outgoingDays: 10, quarantinedDays: 30 } },
    ));
});
