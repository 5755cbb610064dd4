import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bridgeCallNames } from '../../../shared/ipc/bridge.ts';
import { reportFigure } from '../../support/figures.ts';
import { startImapScript, type ImapScript } from '../../support/imap-script.ts';
import { buildMail } from '../../support/mail-builder.ts';
import { startSmtpScript, type SmtpScript } from '../../support/smtp-script.ts';
import { isMirrored, value } from '../support/enrolled-app.ts';
import { callAsForeigners, type ForeignCall } from '../support/foreign-calls.ts';
import { enrolMailbox, mailboxApp, removeMailbox } from '../support/mailbox-app.ts';
import { callOf } from '../support/page-script.ts';
import type { RunningApp } from '../support/start-app.ts';

const SECRET = { imap: { type: 'password', password: 'pw-alice' }, smtp: { type: 'password', password: 'pw-alice' } };

let imap: ImapScript;
let smtp: SmtpScript;
let app: RunningApp;

/** What the servers were asked to do so far. That the app goes on waiting for news, it says anew every few seconds. */
const asked = () => ({
  imap: imap.commands.filter(({ name }) => name !== 'IDLE').map(({ name, args }) => `${name} ${args}`),
  connections: imap.attempts.length + smtp.attempts.length,
  smtp: smtp.received().toString('latin1'),
});

/** A draft that could be sent at once. */
async function writeDraft(): Promise<{ draftId: number; version: number }> {
  const mailto = 'mailto:erika@example.org?subject=Never%20sent&body=x';
  const { id, version } = await value(app.call('compose.start', { kind: 'new', accountId: null, mailto }));
  return { draftId: id, version };
}

/** Calls that would each have a server do something: their arguments are right. */
async function fruitful(): Promise<ForeignCall[]> {
  const inbox = (await value(app.call('mailboxes.list'))).find(({ role }) => role === 'inbox')!;
  const { rows } = await value(app.call('messages.list', { mailboxKey: inbox.key, filter: 'all', offset: 0, limit: 10 }));
  const [account] = await value(app.call('accounts.list'));
  const of = { entryIds: rows.map(({ id }) => id), areConversations: false };
  const { email, primary, relay } = account!.config;
  return [
    { name: 'messages.setFlag', args: [{ ...of, flag: 'flagged', isSet: true }] },
    { name: 'messages.archive', args: [of] },
    { name: 'messages.delete', args: [of] },
    { name: 'drafts.send', args: [await writeDraft()] },
    { name: 'sync.now', args: [] },
    { name: 'enrol.test', args: [{ config: { email, primary, relay }, secrets: { primary: SECRET, relay: null } }] },
    { name: 'accounts.remove', args: [{ accountId: account!.id, acceptLosses: true }] },
  ];
}

describe('E5: calls that are rejected, where there is an account', () => {
  beforeAll(async () => {
    [imap, smtp] = await Promise.all([startImapScript(), startSmtpScript()]);
    const internalDate = Date.now() - 3_600_000;
    imap.store.get('INBOX').add({ raw: buildMail({ subject: 'Untouched', text: 'x' }), internalDate });
    app = await mailboxApp();
    await enrolMailbox(app, imap.port, 'pw-alice', smtp.port);
    await vi.waitFor(async () => expect(await isMirrored(app, 1)).toBe(true), { timeout: 60_000, interval: 200 });
  });
  afterAll(async () => {
    await removeMailbox(app);
    await Promise.all([imap.close(), smtp.close()]);
  });

  it('have no server do anything', async () => {
    const calls = await fruitful();
    await vi.waitFor(() => expect(imap.commands.at(-1)?.name).toBe('IDLE'), 20_000);
    await app.window.waitForTimeout(1_000);
    const before = asked();
    const { tried, answered } = await callAsForeigners(app, calls);
    const malformed = await app.window.evaluate<{ tried: number; accepted: string[] }>(callOf('malformed-calls', bridgeCallNames, 1, -1));
    await app.window.waitForTimeout(1_000);
    expect([answered, malformed.accepted]).toEqual([[], []]);
    expect(asked()).toEqual(before);
    expect(await value(app.call('outbox.list'))).toEqual([]);
    reportFigure('E5 rejected calls with an account', { foreign: tried, malformed: malformed.tried, commands: 0, mails: 0 });
  });

  it('would have: the same ones of the window itself reach the servers', async () => {
    const calls = await fruitful();
    const call = (name: string) => calls.find((one) => one.name === name)!;
    for (const name of ['messages.setFlag', 'drafts.send', 'enrol.test']) {
      const before = asked();
      await app.window.evaluate(
        ({ of, args }) =>
          (globalThis as unknown as { continuity: { calls: Record<string, (...given: unknown[]) => Promise<unknown>> } }).continuity.calls[
            of
          ]!(...args),
        { of: name, args: call(name).args },
      );
      await expect.poll(asked, { message: name }).not.toEqual(before);
    }
    await expect.poll(() => smtp.mails.length, { timeout: 30_000 }).toBe(1);
  });
});
