import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EntryId } from '../../shared/model/ids.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { startSmtpScript, type SmtpScript } from '../support/smtp-script.ts';
import { until } from '../support/until.ts';

/** As cPanel and Courier have it. */
const BELOW_INBOX = 'namespace inbox {\n  prefix = INBOX.\n}\n';

let server: Dovecot;
let smtp: SmtpScript;
beforeAll(async () => {
  const mailboxes = [{ path: 'Drafts', specialUse: '\\Drafts' }];
  server = await startDovecot({ mailboxes, separator: '.', extraConfig: BELOW_INBOX });
  smtp = await startSmtpScript();
});
afterAll(async () => {
  await server.dispose();
  await smtp.close();
});

describe('a server that keeps all mailboxes below INBOX, without Archive, Trash and Sent', () => {
  it('is given those there where they are needed', { timeout: 60_000 }, async () => {
    const { password } = server.user();
    const config = { continuity: { undoSendSeconds: 0 } };
    const rig = await EngineRig.open({ primary: { port: server.imapPort, user: 'alice', password, smtpPort: smtp.port }, config });
    const other = await server.connect();
    try {
      for (const subject of ['old', 'unwanted']) await other.append('INBOX', Buffer.from(`Subject: ${subject}\r\n\r\nx\r\n`));
      await rig.mirror();
      const { outbox } = rig.engine.features;
      const { actions } = rig.engine;
      const entry = (subject: string): EntryId => rig.rows('INBOX').find((row) => row.subject === subject)!.id;
      const [old, unwanted] = [entry('old'), entry('unwanted')];
      actions.archive([old]);
      actions.delete([unwanted]);
      rig.engine.store.outbox.learnFilesOwnCopy('127.0.0.1', false, Date.now());
      rig.engine.start();
      const outboxId = await rig.send(['bob@example.org'], 'sent');
      await until('filed', () => outbox.item(outboxId).state === 'filed');
      await until('carried over', () => rig.engine.store.ops.countOpen(rig.accountId) === 0);
      const count = async (path: string): Promise<number> => (await other.select(path, { readOnly: true })).exists;
      expect([await count('INBOX.Archive'), await count('INBOX.Trash'), await count('INBOX.Sent'), await count('INBOX')]).toEqual([
        1, 1, 1, 0,
      ]);
    } finally {
      await other.close();
      await rig.close();
    }
  });
});
