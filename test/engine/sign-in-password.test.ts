import { afterEach, describe, expect, it } from 'vitest';
import { handlers } from '../../main/engine/calls.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { startSmtpScript, type SmtpScript } from '../support/smtp-script.ts';

const OLD = 'pw-before';
const NEW = 'pw-after';

let closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
});

/** An account whose password the server has changed since it was enrolled. */
async function changed(smtpPassword = NEW): Promise<{ rig: EngineRig; imap: ImapScript; smtp: SmtpScript }> {
  const imap = await startImapScript({ passwords: { alice: NEW } });
  const smtp = await startSmtpScript({ passwords: { alice: smtpPassword } });
  const rig = await EngineRig.open({ primary: { port: imap.port, user: 'alice', password: OLD, smtpPort: smtp.port } });
  closers.push(
    () => imap.close(),
    () => smtp.close(),
    () => rig.close(),
  );
  imap.store.get('INBOX').add({ raw: 'Subject: one\r\nMessage-ID: <1@example.com>\r\n\r\nx\r\n' });
  rig.engine.start();
  await expect.poll(() => rig.engine.syncStates()[0]?.error?.code, { timeout: 10_000 }).toBe('auth-rejected');
  return { rig, imap, smtp };
}

const give = ({ engine, accountId }: EngineRig, password: string, side: 'primary' | 'relay' = 'primary') =>
  handlers['signIn.password'](engine, { accountId, side, password });
const kept = ({ secrets, accountId }: EngineRig, service: 'imap' | 'smtp' = 'imap') => secrets.get(accountId, 'primary', service);

describe('a password that has changed', () => {
  it('is proved, kept, and used at once', async () => {
    const { rig } = await changed();
    await give(rig, NEW);
    expect(await kept(rig)).toEqual({ type: 'password', password: NEW });
    await expect.poll(() => rig.engine.syncStates()[0]?.phase, { timeout: 10_000 }).toBe('watching');
    expect(rig.rows('INBOX')).toHaveLength(1);
  });

  it('takes the place of an own one for sending', async () => {
    const { rig } = await changed();
    await rig.secrets.set(rig.accountId, 'primary', 'smtp', { type: 'password', password: OLD });
    await give(rig, NEW);
    expect(await kept(rig, 'smtp')).toBeNull();
  });

  it.each([
    ['the mail server refuses it', 'wrong', NEW],
    ['the submission server refuses it', NEW, 'another'],
  ])('is not kept where %s', async (_what, given, atSubmission) => {
    const { rig } = await changed(atSubmission);
    await expect(give(rig, given)).rejects.toMatchObject({ code: 'auth-rejected', side: 'primary' });
    expect(await kept(rig)).toEqual({ type: 'password', password: OLD });
  });

  it('is not kept where the server cannot be asked, or the account has no such side', async () => {
    const { rig, imap } = await changed();
    await imap.close();
    await expect(give(rig, NEW)).rejects.toMatchObject({ scope: 'connection' });
    await expect(give(rig, NEW, 'relay')).rejects.toMatchObject({ code: 'config-invalid' });
    expect(await kept(rig)).toEqual({ type: 'password', password: OLD });
  });
});
