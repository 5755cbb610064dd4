import Database from 'better-sqlite3';
import { simpleParser } from 'mailparser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asDraftFileId, asDraftId } from '../../shared/model/ids.ts';
import { answerCall } from '../../main/engine/calls.ts';
import { contract } from '../../shared/ipc/contract.ts';
import { migrate, schemaVersion } from '../../main/engine/store/migrate.ts';
import { nativeBinding } from '../../main/engine/store/native-binding.ts';
import { outboxMigrations } from '../../main/engine/store/open-outbox.ts';
import { DraftRig } from '../support/draft-rig.ts';
import { until } from '../support/until.ts';
import { failureOf } from '../support/error-code.ts';

let rig: DraftRig;
beforeEach(async () => {
  rig = await DraftRig.open();
});
afterEach(() => rig.close());

async function outcomeOf(work: () => unknown): Promise<string> {
  const error = await failureOf(work);
  return error === null ? 'none' : `${error.code} ${error.detail}`.trim();
}

const to = [{ name: 'Bob', address: 'bob@example.org' }];
const start = () => rig.desk.start({ kind: 'new', accountId: null, mailto: null });
const queued = () => rig.store.outbox.inStates(rig.rig.accountId, ['queued']);
const bytesOf = (index = 0) => Buffer.concat([...rig.store.outbox.bytes.pieces(queued()[index]!.id)]);

describe('a draft', () => {
  it('begins with the signature, is saved durably and found again after a restart', async () => {
    const draft = await start();
    expect(draft.content.html).toContain('-- <br>Alice<br>Example Ltd');
    expect(rig.desk.save(draft.id, 0, rig.content({ subject: 'half', text: 'wor' })).version).toBe(1);
    await rig.rig.restart();
    expect(rig.desk.list()).toMatchObject([{ id: draft.id, version: 1, content: { subject: 'half', text: 'wor' } }]);
  });

  it('is not overwritten by a window that has an older version', async () => {
    const { id } = await start();
    rig.desk.save(id, 0, rig.content({ text: 'first' }));
    expect(await outcomeOf(() => rig.desk.save(id, 0, rig.content({ text: 'second' })))).toBe('draft-changed');
    expect(rig.desk.get(id).content.text).toBe('first');
  });

  it('keeps files of any size in pieces and gives them back', async () => {
    const { id } = await start();
    const content = Buffer.alloc(3 * 1024 * 1024 + 17, 'abc');
    const added = rig.desk.addFile(id, { name: '../x/a<b>.bin', mimeType: 'application/x-thing', isInline: false, content });
    expect(added).toMatchObject({ fileName: '_x_a_b_.bin', sizeBytes: content.length, contentId: '' });
    expect(Buffer.compare(rig.desk.file(id, added.id).content, content)).toBe(0);
    rig.desk.removeFile(id, added.id);
    expect(rig.desk.get(id).files).toEqual([]);
    expect(rig.store.outboxHandle.db.prepare('SELECT count(*) AS n FROM draft_chunks').get()).toEqual({ n: 0 });
    expect(await outcomeOf(() => rig.desk.file(id, added.id))).toMatch(/^not-found/u);
    expect(await outcomeOf(() => rig.desk.removeFile(id, asDraftFileId(99)))).toMatch(/^not-found/u);
  });

  it('takes files up to a sum only', async () => {
    const { id } = await start();
    const content = Buffer.alloc(31 * 1024 * 1024);
    rig.desk.addFile(id, { name: 'a', mimeType: '', isInline: false, content });
    expect(await outcomeOf(() => rig.desk.addFile(id, { name: 'b', mimeType: '', isInline: false, content }))).toBe('draft-invalid files');
  });

  it('is gone when it is discarded', async () => {
    const { id } = await start();
    rig.desk.discard(id);
    expect(rig.desk.list()).toEqual([]);
    expect(await outcomeOf(() => rig.desk.get(id))).toMatch(/^not-found/u);
    expect(await outcomeOf(() => rig.desk.discard(asDraftId(999)))).toMatch(/^not-found/u);
  });

  it('that cannot be understood any more is shown as it is stored', async () => {
    const { id } = await start();
    rig.store.outboxHandle.db.prepare('UPDATE drafts SET content = \'{"words": "of old"}\', thread = \'x\' WHERE id = ?').run(id);
    expect(rig.desk.get(id).content).toMatchObject({ format: 'plain', text: '{"words": "of old"}' });
  });

  it('goes with its account', async () => {
    await start();
    // Nothing was written in it.
    await rig.rig.engine.removeAccount(rig.rig.accountId);
    expect(rig.desk.list()).toEqual([]);
  });
});

describe('sending', () => {
  it('composes once and moves the draft to the outbox in one step', async () => {
    const { id } = await start();
    const { version } = rig.desk.save(
      id,
      0,
      rig.content({ to, bcc: [{ name: '', address: 'c@example.org' }], subject: 'Hello', text: 'Text' }),
    );
    const { outboxId, sendsAt } = await rig.desk.send(id, version);
    expect(queued()).toMatchObject([{ id: outboxId, subject: 'Hello', draftId: id, sendAfter: sendsAt }]);
    const parsed = await simpleParser(bytesOf());
    expect(parsed).toMatchObject({ subject: 'Hello', from: { text: '"Alice" <alice@example.com>' } });
    expect(bytesOf().toString()).not.toContain('c@example.org');
    expect(rig.desk.list()).toEqual([]);
    expect(await outcomeOf(() => rig.desk.send(id, version))).toMatch(/^too-late/u);
    expect(await outcomeOf(() => rig.desk.save(id, version, rig.content()))).toMatch(/^too-late/u);
  });

  it('happens once however often it is asked for at the same time', async () => {
    const { id } = await start();
    const { version } = rig.desk.save(id, 0, rig.content({ to }));
    const outcomes = await Promise.all([1, 2, 3].map(() => outcomeOf(() => rig.desk.send(id, version))));
    expect(outcomes.sort()).toEqual(['none', 'too-late the draft was handed over', 'too-late the draft was handed over']);
    expect(queued()).toHaveLength(1);
  });

  it('is refused for an older version, a change meanwhile, and what cannot be sent; the draft stays', async () => {
    const { id } = await start();
    expect(await outcomeOf(() => rig.desk.send(id, 0))).toBe('draft-invalid to');
    const { version } = rig.desk.save(id, 0, rig.content({ to: [...to, { name: '', address: 'nobody' }] }));
    expect(await outcomeOf(() => rig.desk.send(id, 0))).toBe('draft-changed');
    expect(await outcomeOf(() => rig.desk.send(id, version))).toBe('draft-invalid to[1]');
    const fine = rig.desk.save(id, version, rig.content({ to })).version;
    const sending = outcomeOf(() => rig.desk.send(id, fine));
    rig.desk.save(id, fine, rig.content({ to, text: 'one word more' }));
    expect(await sending).toBe('draft-changed');
    expect(queued()).toEqual([]);
    expect(rig.desk.get(id).content.text).toBe('one word more');
  });

  it('can be taken back: the draft is open again, with a Message-ID of its own when it is sent anew', async () => {
    const { compose } = rig.rig.engine.features;
    const { id } = await start();
    const { version } = rig.desk.save(id, 0, rig.content({ to, cc: [{ name: '', address: 'carl@example.org' }], text: 'x' }));
    const first = await rig.desk.send(id, version);
    expect(rig.store.outboxHandle.tx('t', () => compose.reopen(first.outboxId, id, null))).toBe(id);
    expect(rig.desk.get(id).content.text).toBe('x');
    // Asked once more it is the same one.
    expect(compose.reopen(first.outboxId, id, null)).toBe(id);
    const second = await rig.desk.send(id, version);
    expect(new Set(queued().map((one) => one.messageId)).size).toBe(2);
    expect(compose.reopen(second.outboxId, id, ['CARL@example.org'])).toBe(id);
    expect(rig.desk.get(id).content).toMatchObject({ to: [], cc: [{ address: 'carl@example.org' }] });
    expect(compose.reopen(second.outboxId, null, null)).toBeNull();
  });
});

describe('a further address of the account', () => {
  const CHEF = 'chef@example.com';
  beforeEach(async () => {
    await rig.close();
    rig = await DraftRig.open({ config: { aliases: [CHEF] } });
  });
  const sent = async (index = 0) => ({ item: queued()[index]!, parsed: await simpleParser(bytesOf(index)) });

  it('is what an answer to a mail that came to it is from, on the envelope, too', async () => {
    rig.receive(`From: Bob <bob@example.org>\nTo: Chef <Chef@Example.com>\nSubject: s\nMessage-ID: <1@example.org>\n\nx\n`);
    await rig.rig.mirror();
    const draft = await rig.desk.start({ kind: 'reply', entryId: rig.entry('INBOX'), format: 'plain' });
    expect(draft.content.from).toBe(CHEF);
    await rig.desk.send(draft.id, 0);
    const { item, parsed } = await sent();
    expect(parsed.from?.text).toBe(`"Alice" <${CHEF}>`);
    expect(item.from).toBe(CHEF);
  });

  it('stays chosen over a save, a restart, and the sending that is taken back; its copy on the server has it', async () => {
    await rig.rig.mirror();
    const { id } = await start();
    const { version } = rig.desk.save(id, 0, rig.content({ to, subject: 's', from: CHEF }));
    await rig.file();
    expect(rig.texts('Drafts')).toEqual([expect.stringContaining(`<${CHEF}>`)]);
    await rig.rig.restart();
    const { outboxId } = await rig.desk.send(id, version);
    const { compose } = rig.rig.engine.features;
    expect(rig.store.outboxHandle.tx('t', () => compose.reopen(outboxId, id, null))).toBe(id);
    expect(rig.desk.get(id).content.from).toBe(CHEF);
  });

  it('is kept of a draft of another program', async () => {
    rig.receive(`From: Alice <${CHEF}>\nTo: bob@example.org\nSubject: s\nMessage-ID: <d@example.org>\n\nx\n`, 'Drafts', ['\\Draft']);
    await rig.rig.mirror();
    expect((await rig.desk.start({ kind: 'edit', entryId: rig.entry('Drafts') })).content.from).toBe(CHEF);
  });

  it.each(['mallory@example.com', 'alice@example.com', 'no address', ''])('is none that the account does not have: %j', async (from) => {
    const { id } = await start();
    const { version } = rig.desk.save(id, 0, rig.content({ to, from }));
    await rig.desk.send(id, version);
    const { item, parsed } = await sent();
    expect([parsed.from?.text, item.from]).toEqual(['"Alice" <alice@example.com>', 'alice@example.com']);
  });
});

describe('answers', () => {
  const mail = `From: "Bob" <bob@example.org>\nTo: Alice <alice@example.com>, dora@example.org\nCc: emil@example.org\nSubject: AW: Re: Plan\nMessage-ID: <2@example.org>
References: <1@example.org>\nDate: Fri, 27 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=m\n
--m\nContent-Type: multipart/related; boundary=r\n
--r\nContent-Type: text/html; charset=utf-8\n
<p>Seen <img src="cid:pic@x"><img src="https://tracker.example/a.gif"></p><p style="display:none">Unseen</p><script>x()</script>
--r\nContent-Type: image/png; name=pic.png\nContent-ID: <pic@x>\nContent-Transfer-Encoding: base64\n
aGVsbG8=\n--r--
--m\nContent-Type: application/pdf; name="plan.pdf"\nContent-Disposition: attachment; filename="plan.pdf"\nContent-Transfer-Encoding: base64\n
cGRm\n--m--\n`;

  it('reply to all: recipients, subject, threading, what was seen, pictures with it', async () => {
    rig.receive(mail);
    await rig.rig.mirror();
    const draft = await rig.desk.start({ kind: 'reply-all', entryId: rig.entry('INBOX'), format: 'rich' });
    expect(draft.content).toMatchObject({
      to,
      cc: [{ address: 'dora@example.org' }, { address: 'emil@example.org' }],
      subject: 'Re: Plan',
    });
    expect(draft.original).toMatchObject({ kind: 'reply-all' });
    expect(draft.files).toMatchObject([{ isInline: true, mimeType: 'image/png', fileName: 'pic.png', sizeBytes: 5 }]);
    const { html } = draft.content;
    expect(html).toContain('Seen');
    expect(html).toContain(`src="cid:${draft.files[0]!.contentId}"`);
    expect(html).not.toMatch(/Unseen|tracker|script|pic@x/u);
    expect(html.indexOf('Example Ltd')).toBeLessThan(html.indexOf('<blockquote'));
    await rig.desk.send(draft.id, 0);
    const parsed = await simpleParser(bytesOf());
    expect(parsed).toMatchObject({ inReplyTo: '<2@example.org>', references: ['<1@example.org>', '<2@example.org>'] });
    expect(parsed.text).toMatch(/^On .*Bob <bob@example.org> wrote:\n\n?> Seen/mu);
    expect(parsed.attachments).toMatchObject([{ related: true, size: 5 }]);
  });

  it('forward: the files come along, and nobody is written to yet', async () => {
    rig.receive(mail);
    await rig.rig.mirror();
    const draft = await rig.desk.start({ kind: 'forward', entryId: rig.entry('INBOX'), format: 'rich' });
    expect(draft.content).toMatchObject({ to: [], cc: [], subject: 'Fwd: AW: Re: Plan' });
    expect(draft.files.map((one) => [one.fileName, one.isInline])).toEqual([
      ['pic.png', true],
      ['plan.pdf', false],
    ]);
    expect(Buffer.from(rig.desk.file(draft.id, draft.files[1]!.id).content).toString()).toBe('pdf');
  });

  it('plain: every line quoted, nothing attached', async () => {
    rig.receive(mail);
    await rig.rig.mirror();
    const draft = await rig.desk.start({ kind: 'reply', entryId: rig.entry('INBOX'), format: 'plain' });
    expect(draft.content.text).toMatch(/^\n\n-- \nAlice\nExample Ltd\n\nOn .*wrote:\n> Seen\n$/u);
    expect(draft.files).toEqual([]);
  });

  it('to mail whose body is not here yet is possible; forwarding it is not', async () => {
    rig.receive(mail);
    await rig.rig.mirror();
    const id = rig.entry('INBOX');
    rig.store.handle.db.prepare("UPDATE entries SET body_state = 'missing', source_id = NULL").run();
    expect((await rig.desk.start({ kind: 'reply', entryId: id, format: 'rich' })).content.to).toEqual(to);
    expect(await outcomeOf(() => rig.desk.start({ kind: 'forward', entryId: id, format: 'rich' }))).toMatch(/^message-missing/u);
  });
});

it('every call answers in the form of the contract', async () => {
  const { engine } = rig.rig;
  const ask = async (name: Parameters<typeof answerCall>[1], ...args: unknown[]): Promise<never> =>
    contract[name].result.parse(await answerCall(engine, name, args)) as never;
  const draft = (await ask('compose.start', { kind: 'new', accountId: null, mailto: 'mailto:bob@example.org?subject=Hi' })) as {
    id: number;
    content: { subject: string };
  };
  expect(draft.content.subject).toBe('Hi');
  const file = (await ask('drafts.addFile', {
    draftId: draft.id,
    name: 'a.png',
    mimeType: 'image/png',
    isInline: true,
    content: Buffer.from('x'),
  })) as { id: number };
  await ask('drafts.file', { draftId: draft.id, attachmentId: file.id });
  await ask('drafts.removeFile', { draftId: draft.id, attachmentId: file.id });
  await ask('drafts.save', { draftId: draft.id, version: 0, content: rig.content({ to }) });
  expect(await ask('drafts.list')).toHaveLength(1);
  await ask('drafts.get', { draftId: draft.id });
  await ask('drafts.send', { draftId: draft.id, version: 1 });
  const other = (await ask('compose.start', { kind: 'new', accountId: rig.rig.accountId, mailto: null })) as { id: number };
  await ask('drafts.discard', { draftId: other.id });
  expect(await ask('contacts.complete', { text: 'bo', accountId: null, limit: 5 })).toEqual([]);
});

describe('while the engine runs', () => {
  it('the last words are filed before it ends', async () => {
    rig.rig.engine.start();
    await until('connected', () => rig.rig.engine.syncStates().some((one) => one.isConnected && one.lastCompleteAt !== null));
    const { id } = await start();
    rig.desk.save(id, 0, rig.content({ subject: 'last words' }));
    expect(rig.messages('Drafts')).toEqual([]);
    await rig.rig.restart();
    expect(rig.texts('Drafts').filter((one) => one.includes('Subject: last words\r\n'))).toHaveLength(1);
  });

  it('drafts of mail that everybody has are let go a week later, those of refused mail are kept', async () => {
    const { outbox, drafts } = rig.store;
    const ids = await Promise.all(
      ['gone', 'refused'].map(async (text) => {
        const { id } = await start();
        const { version } = rig.desk.save(id, 0, rig.content({ to, text }));
        return { id, outboxId: (await rig.desk.send(id, version)).outboxId };
      }),
    );
    const state = (index: number, verdict: 'accepted' | 'rejected') => {
      outbox.setRecipients(ids[index]!.outboxId, ['pending'], verdict);
      outbox.change(ids[index]!.outboxId, { state: 'filed', endedAt: rig.clock.now() });
    };
    rig.store.outboxHandle.tx('t', () => (state(0, 'accepted'), state(1, 'rejected')));
    const upkeep = () => {
      const { compose } = rig.rig.engine.features;
      compose.start();
      return compose.stop();
    };
    await upkeep();
    expect(drafts.handedOver()).toHaveLength(2);
    rig.pass(7 * 86_400_000);
    await upkeep();
    expect(drafts.handedOver().map((one) => one.id)).toEqual([ids[1]!.id]);
    rig.store.outboxHandle.tx('t', () => outbox.change(ids[1]!.outboxId, { dismissedAt: rig.clock.now() }));
    await upkeep();
    expect(drafts.handedOver()).toEqual([]);
  });
});

it('a store of an older version gets its tables for drafts, and keeps what it had', () => {
  const binding = nativeBinding();
  const db = new Database(':memory:', binding ? { nativeBinding: binding } : {});
  migrate(
    db,
    outboxMigrations.filter((one) => one.version < 20),
  );
  db.prepare("INSERT INTO meta VALUES ('kept', '1')").run();
  migrate(db, outboxMigrations);
  expect(schemaVersion(db)).toBeGreaterThanOrEqual(20);
  expect(db.prepare("SELECT count(*) AS n FROM meta WHERE key = 'kept'").get()).toEqual({ n: 1 });
  const tables = db.prepare("SELECT name, strict FROM pragma_table_list WHERE name LIKE 'draft%' ORDER BY name").all();
  expect(tables).toEqual(['draft_chunks', 'draft_copies', 'draft_files', 'drafts'].map((name) => ({ name, strict: 1 })));
  db.close();
});
