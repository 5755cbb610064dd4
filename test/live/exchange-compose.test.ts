import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DraftContent } from '../../shared/model/compose.ts';
import type { DraftId } from '../../shared/model/ids.ts';
import { emptyContent } from '../support/draft-random.ts';
import { exchangeMailboxesGerman } from '../support/exchange-face.ts';
import { exchangeForm } from '../support/exchange-form.ts';
import { ExchangeServers, type ExchangeSetting } from '../support/exchange-world.ts';
import { until } from '../support/until.ts';

/** What is written and sent where the mail server is Exchange: it keeps neither a draft nor a sent mail as it was given. */

let servers: ExchangeServers;
let german: ExchangeServers;
beforeAll(async () => {
  servers = await ExchangeServers.start();
  german = await ExchangeServers.start(exchangeMailboxesGerman, 5);
});
afterAll(async () => {
  await servers.dispose();
  await german.dispose();
});

const to = [{ name: 'Bob', address: 'bob@example.org' }];
/** Longer than a server of its own copies is waited for. */
const OWN_COPY_MS = 155_000;

const formats = {
  plain: (text: string) => ({ format: 'plain' as const, text: `${text} in Köln` }),
  rich: (text: string) => ({ format: 'rich' as const, html: `<p>${text} in <b>Köln</b></p>`, text: `${text} in Köln` }),
};
type Format = keyof typeof formats;

/** Writes and files a draft three times. */
async function threeVersions(s: ExchangeSetting, format: Format): Promise<{ id: DraftId; version: number }> {
  const { desk } = s.rig.engine.features.compose;
  const { id } = await desk.start({ kind: 'new', accountId: s.rig.accountId, mailto: null });
  let version = 0;
  for (const text of ['one', 'two', 'three']) {
    const content: DraftContent = emptyContent({ accountId: s.rig.accountId, to, bcc: to, subject: 'draft', ...formats[format](text) });
    version = desk.save(id, version, content).version;
    await s.file();
    await s.file();
  }
  return { id, version };
}

/** Texts of the mails in a mailbox of the server, one each. */
async function contents(s: ExchangeSetting, path: string): Promise<string[]> {
  await s.direct.select(path, { readOnly: true });
  const found: string[] = [];
  for (const word of ['one', 'two', 'three', 'four', 'theirs']) {
    for (const _ of await s.direct.uids(`BODY "${word} in"`)) found.push(word);
  }
  return found;
}

const copies = (s: ExchangeSetting) => s.rig.engine.store.outboxHandle.db.prepare('SELECT state FROM draft_copies').pluck().all();

describe.each(['plain', 'rich'] as const)('a draft written and filed three times, %s', (format) => {
  it('leaves its last version alone on the server, and is in no conflict', () =>
    servers.with(async (s) => {
      await s.rig.mirror();
      const { id } = await threeVersions(s, format);
      expect([await contents(s, 'Drafts'), copies(s)]).toEqual([['three'], ['filed']]);
      expect(await s.places('draft')).toEqual(['Drafts \\Seen \\Draft']);
      await s.settle();
      const { desk } = s.rig.engine.features.compose;
      expect(desk.get(id).hasConflict).toBe(false);
      expect([s.list('Drafts'), s.rig.recoverable(), desk.list().length]).toEqual([['draft'], [], 1]);
    }));

  it('opened from the list is the open draft', () =>
    servers.with(async (s) => {
      await s.rig.mirror();
      const { id } = await threeVersions(s, format);
      await s.settle();
      const { desk } = s.rig.engine.features.compose;
      const opened = await desk.start({ kind: 'edit', entryId: s.rig.rows('Drafts')[0]!.id });
      expect([opened.id, opened.content, desk.list().length]).toMatchObject([id, formats[format]('three'), 1]);
    }));

  it('and then discarded, leaves nothing', () =>
    servers.with(async (s) => {
      await s.rig.mirror();
      const { id } = await threeVersions(s, format);
      s.rig.engine.features.compose.desk.discard(id);
      await s.file();
      await s.file();
      expect([await s.places('draft'), copies(s)]).toEqual([[], []]);
      expect([s.list('Drafts'), s.rig.recoverable()]).toEqual([[], []]);
    }));

  it('and then sent, leaves one copy in Sent Items', () =>
    servers.with(async (s) => {
      await s.rig.mirror();
      s.rig.engine.store.outbox.learnFilesOwnCopy('127.0.0.1', false, s.clock.now());
      const { id, version } = await threeVersions(s, format);
      s.rig.engine.start();
      const { outboxId } = await s.rig.engine.features.compose.desk.send(id, version);
      await s.sent(outboxId, 'filed');
      await until('the draft is gone', async () => (await s.count('Drafts')) === 0);
      expect([await s.places('draft'), await contents(s, 'Sent Items')]).toEqual([['Sent Items \\Seen'], ['three']]);
    }));
});

it('a draft is replaced by its next version after a restart, too', () =>
  servers.with(async (s) => {
    await s.rig.mirror();
    const { id, version } = await threeVersions(s, 'rich');
    await s.rig.restart();
    const { desk } = s.rig.engine.features.compose;
    const content = emptyContent({ accountId: s.rig.accountId, to, subject: 'draft', ...formats.rich('four') });
    desk.save(id, version, content);
    await s.file();
    await s.file();
    expect([await contents(s, 'Drafts'), desk.get(id).hasConflict]).toEqual([['four'], false]);
  }));

it('a draft that another program has written on is kept beside ours', () =>
  servers.with(async (s) => {
    await s.rig.mirror();
    const { id, version } = await threeVersions(s, 'plain');
    await s.direct.select('Drafts');
    const before = await s.direct.uids('BODY "three in"');
    const ours = await s.sourceOnServer(before[0]!);
    await s.direct.append('Drafts', Buffer.from(ours.replace('three', 'theirs'), 'latin1'), { flags: ['\\Draft', '\\Seen'] });
    await s.direct.expunge(before);
    const { desk } = s.rig.engine.features.compose;
    desk.save(id, version, emptyContent({ accountId: s.rig.accountId, to, subject: 'draft', ...formats.plain('four') }));
    await s.file();
    await s.file();
    expect(await contents(s, 'Drafts')).toEqual(['four', 'theirs']);
    expect(desk.get(id).hasConflict).toBe(true);
  }));

/** Puts a copy of what was submitted into a mailbox, as a server does that keeps sent mail by itself. */
async function fileAsServer(s: ExchangeSetting, path = 'Sent Items'): Promise<void> {
  await s.direct.append(path, exchangeForm(servers.smtp.mails.at(-1)!.raw), { flags: ['\\Seen'] });
}

describe('a mail that is sent', () => {
  it.each([
    ['known to', true],
    ['not known to', null],
  ] as const)('where the server is %s file its own copy: that copy stays the only one', (_, rule) =>
    servers.with(async (s) => {
      if (rule !== null) s.rig.engine.store.outbox.learnFilesOwnCopy('127.0.0.1', rule, s.clock.now());
      await s.rig.mirror();
      s.rig.engine.start();
      const id = await s.rig.send(['bob@example.org'], 'own');
      await s.sent(id, 'accepted', 'filed');
      await fileAsServer(s);
      await s.passUntilFiled(id);
      expect([await s.places('own'), s.rig.engine.store.outbox.get(id).sentCopy]).toEqual([['Sent Items \\Seen'], 'by-server']);
      await until('it is listed once', () => s.list('Sent Items').length === 1);
    }),
  );

  it('where the server files none, though it once did: one is filed, once it was waited for', () =>
    servers.with(async (s) => {
      s.rig.engine.store.outbox.learnFilesOwnCopy('127.0.0.1', true, s.clock.now());
      await s.rig.mirror();
      s.rig.engine.start();
      const id = await s.rig.send(['bob@example.org'], 'none');
      await s.sent(id, 'accepted', 'filed');
      await until('it is being waited for', () => s.rig.engine.store.outbox.get(id).sentStep !== null);
      expect(await s.places('none')).toEqual([]);
      s.clock.pass(OWN_COPY_MS);
      await s.passUntilFiled(id);
      expect(await s.places('none')).toEqual(['Sent Items \\Seen']);
    }));

  it.each(['close', 'reset'] as const)('the answer to whose filing was lost by a %s is not filed again', (effect) =>
    servers.with(async (s) => {
      s.rig.engine.store.outbox.learnFilesOwnCopy('127.0.0.1', false, s.clock.now());
      await s.rig.mirror();
      const cut = s.proxy.fault({ command: 'APPEND', point: { at: 'tagged' }, effect });
      s.rig.engine.start();
      const id = await s.rig.send(['bob@example.org'], 'cut');
      await cut.fired;
      expect(await s.places('cut')).toEqual(['Sent Items \\Seen']);
      await s.passUntilFiled(id);
      expect([await s.places('cut'), s.rig.engine.store.outbox.get(id).sentCopy]).toEqual([['Sent Items \\Seen'], 'filed']);
      expect(s.proxy.commands.filter((one) => one.name === 'APPEND')).toHaveLength(1);
    }),
  );
});

it('in German: the draft goes to Entwürfe, what was sent to Gesendete Elemente', () =>
  german.with(async (s) => {
    await s.rig.mirror();
    s.rig.engine.store.outbox.learnFilesOwnCopy('127.0.0.1', false, s.clock.now());
    const { id, version } = await threeVersions(s, 'rich');
    expect(await s.places('draft')).toEqual(['Entwürfe \\Seen \\Draft']);
    s.rig.engine.start();
    const { outboxId } = await s.rig.engine.features.compose.desk.send(id, version);
    await s.sent(outboxId, 'filed');
    await until('the draft is gone', async () => (await s.count('Entwürfe')) === 0);
    expect(await s.places('draft')).toEqual(['Gesendete Elemente \\Seen']);
  }));
