import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import runtime from '../../shared/engine-runtime.json' with { type: 'json' };
import { bundleChildren, childFile } from '../crash/build-children.ts';
import type { LargeMailOutcome, LargeMailTask } from '../crash/large-mail-child.ts';
import { runChild } from '../crash/run-child.ts';
import { reportFigure } from '../support/figures.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { startSmtpScript, type SmtpScript } from '../support/smtp-script.ts';

const MIB = 1024 * 1024;
const LIMIT_BYTES = 100 * MIB;
const mib = (bytes: number): number => Math.round(bytes / MIB);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let imap: ImapScript;
let smtp: SmtpScript;
beforeAll(async () => {
  await bundleChildren(['large-mail']);
  imap = await startImapScript();
  imap.store.create('Drafts', { specialUse: '\\Drafts' });
  imap.store.create('Sent', { specialUse: '\\Sent' });
  smtp = await startSmtpScript();
});
afterAll(async () => {
  await imap.close();
  await smtp.close();
});

describe('O15 a mail of 60 MiB', () => {
  it('goes from a draft to Sent within 100 MiB of memory, the same bytes everywhere', { timeout: 300_000 }, async () => {
    const task: LargeMailTask = {
      primary: { port: imap.port, user: 'alice', password: 'pw-alice', smtpPort: smtp.port },
      fileBytes: [24 * MIB, 20 * MIB],
    };
    const { out, stderr } = await runChild(childFile('large-mail'), task, 280_000, undefined, {
      args: runtime.v8Flags,
      env: runtime.env,
    });
    const line = out.split('\n').find((one) => one.startsWith('{'));
    expect(line, stderr).toBeDefined();
    const outcome = JSON.parse(line!) as LargeMailOutcome;
    expect(outcome.mailBytes).toBeGreaterThan(60 * MIB);
    reportFigure('O15 60 MiB from draft to Sent', {
      mailMib: mib(outcome.mailBytes),
      filingDraftRssMib: mib(outcome.filingPeakBytes),
      sendingRssMib: mib(outcome.sendingPeakBytes),
    });
    const [sent] = smtp.mails;
    const [copy] = imap.store.get('Sent').messages;
    const field = Buffer.from('Bcc: blind@example.org\r\n');
    expect(smtp.mails).toHaveLength(1);
    expect(imap.store.get('Sent').messages).toHaveLength(1);
    expect(copy!.raw.subarray(0, field.length).equals(field)).toBe(true);
    expect(sha256(copy!.raw.subarray(field.length))).toBe(sha256(sent!.raw));
    expect(Math.max(outcome.filingPeakBytes, outcome.sendingPeakBytes)).toBeLessThan(LIMIT_BYTES);
  });
});
