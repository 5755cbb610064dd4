import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handlers } from '../../main/engine/calls.ts';
import { outboxItemSchema } from '../../shared/model/outbox.ts';
import type { EntryId } from '../../shared/model/ids.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { frozenMessage } from '../support/frozen.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { RateClock } from '../support/rate-clock.ts';
import { startSmtpScript, type SmtpScript } from '../support/smtp-script.ts';
import { until } from '../support/until.ts';

let imap: ImapScript;
let smtp: SmtpScript;
let rig: EngineRig;
let clock: RateClock;
const events: string[] = [];

beforeEach(async () => {
  imap = await startImapScript();
  imap.store.create('Sent', { specialUse: '\\Sent' });
  imap.store.get('INBOX').add({ raw: 'From: b@example.com\r\nSubject: question\r\nMessage-ID: <q@example.com>\r\n\r\nWhat?\r\n' });
  smtp = await startSmtpScript();
  events.length = 0;
  clock = new RateClock();
  const server = { port: imap.port, user: 'alice', password: 'pw-alice', smtpPort: smtp.port };
  rig = await EngineRig.open({ primary: server, clock, onEvent: (name) => void events.push(name) });
  await rig.mirror();
});
afterEach(async () => {
  await rig.close();
  await imap.close();
  await smtp.close();
});

const list = () => handlers['outbox.list'](rig.engine) as ReturnType<typeof rig.engine.features.outbox.items>;
const question = (): EntryId => rig.rows('INBOX')[0]?.id as EntryId;

describe('a reply in the running engine', () => {
  it('leaves, stands in Sent once, and marks its original as answered on the server', { timeout: 40_000 }, async () => {
    rig.engine.start();
    const frozen = frozenMessage(rig.accountId, { original: { entryId: question(), kind: 'reply' } });
    const id = rig.engine.features.outbox.enqueue(frozen);
    await until('accepted', () => rig.engine.features.outbox.item(id).acceptedAt !== null);
    clock.rate = 60;
    await until('filed', () => rig.engine.features.outbox.item(id).state === 'filed', 30_000);
    expect(smtp.mails).toHaveLength(1);
    const copies = imap.store.get('Sent').messages;
    expect(copies.map((one) => one.raw.equals(Buffer.from(frozen.raw)))).toEqual([true]);
    await until('answered', () => [...(imap.store.get('INBOX').messages[0]?.flags ?? [])].some((flag) => /answered/iu.test(flag)));
    expect(events).toContain('outbox.changed');
    for (const item of list()) expect(() => outboxItemSchema.parse(item)).not.toThrow();
    handlers['outbox.dismiss'](rig.engine, { outboxId: id });
    expect(list()).toEqual([]);
  });

  it('that was accepted in the last moment before a stop marks its original at the next start', async () => {
    const { store } = rig.engine;
    const id = store.outbox.add(
      frozenMessage(rig.accountId, { original: { entryId: question(), kind: 'forward' } }),
      'alice@example.com',
      1,
    );
    store.outbox.setRecipients(id, ['pending'], 'accepted');
    store.outbox.change(id, { state: 'accepted', acceptedAt: 1, route: 'relay', sentCopy: 'waiting' });
    await rig.restart();
    rig.engine.start();
    await until(
      'forwarded',
      () =>
        imap.store.get('INBOX').messages[0]?.flags.has('$Forwarded') === true ||
        imap.store.get('INBOX').messages[0]?.flags.has('$Forwarded') === true,
    );
    expect(rig.engine.store.outbox.get(id).originalMarked).toBe(true);
  });

  it('is told unsent before its account goes, and goes with it', async () => {
    rig.engine.features.outbox.enqueue(frozenMessage(rig.accountId));
    const { desk } = rig.engine.features.compose;
    const draft = await desk.start({ kind: 'new', accountId: rig.accountId, mailto: null });
    expect(rig.engine.lossesOf(rig.accountId)).toEqual({ mails: 1, drafts: 0, changes: 0 });
    desk.save(draft.id, 0, { ...draft.content, text: 'words' });
    expect(rig.engine.lossesOf(rig.accountId)).toEqual({ mails: 1, drafts: 1, changes: 0 });
    await expect(rig.engine.removeAccount(rig.accountId)).rejects.toMatchObject({ code: 'account-has-unsent' });
    expect([list().length, desk.list().length]).toEqual([1, 1]);
    await rig.engine.removeAccount(rig.accountId, true);
    expect([list(), desk.list()]).toEqual([[], []]);
    expect(() => rig.engine.lossesOf(rig.accountId)).toThrow('account-missing');
  });
});
