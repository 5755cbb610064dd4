import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { ImapSession } from '../../main/engine/imap/gateway.ts';
import { reportFigure } from '../support/figures.ts';
import { ImapRigs, uids } from '../support/imap-rig.ts';
import { allSmtpCapabilities, startSmtpScript, type SmtpScript } from '../support/smtp-script.ts';
import { mailOf, submitTo } from '../support/submit-rig.ts';

/** Bar O14 on the wire: what reaches a command as an argument never becomes a command of its own. */

const CONTROLS = { CRLF: '\r\n', CR: '\r', LF: '\n', NUL: '\0', 'U+2028': '\u2028', 'U+2029': '\u2029' };
/** As a command of its own it would be seen under this name. */
const evilOf = (control: string): string => `x${control}EVIL NOOP`;
const raw = Buffer.from('Message-ID: <x@example.com>\r\n\r\nx\r\n');

const imapFields: Readonly<Record<string, (session: ImapSession, evil: string) => Promise<unknown>>> = {
  'folder to open': (session, evil) => session.select(evil),
  'folder to look at': (session, evil) => session.status(evil),
  'folder to make': (session, evil) => session.createMailbox(evil),
  'folder to rename': (session, evil) => session.renameMailbox(evil, 'y'),
  'new name of a folder': (session, evil) => session.renameMailbox('Projects', evil),
  'folder to delete': (session, evil) => session.deleteMailbox(evil),
  'folder to subscribe': (session, evil) => session.subscribe(evil, true),
  'folder to file in': (session, evil) => session.append(evil, raw, [], Date.now()),
  'flag to file with': (session, evil) => session.append('INBOX', raw, [evil], Date.now()),
  'folder to copy to': (session, evil) => session.copy(uids(1), evil),
  'folder to move to': (session, evil) => session.move(uids(1), evil),
  'flag to set': (session, evil) => session.storeFlags(uids(1), 'add', [evil]),
  'search text': (session, evil) => session.searchMessageId(`<${evil}@example.com>`),
};

const smtpFields: Readonly<Record<string, (server: SmtpScript, evil: string) => ReturnType<typeof submitTo>>> = {
  'sender on the wire': (server, evil) => submitTo(server, { raw: mailOf('x\r\n'), from: `${evil}@example.com` }),
  'sender, after the @': (server, evil) => submitTo(server, { raw: mailOf('x\r\n'), from: `a@example.com>${evil}` }),
  'recipient on the wire': (server, evil) => submitTo(server, { raw: mailOf('x\r\n'), to: [`${evil}@example.com`] }),
  'recipient, after the @': (server, evil) =>
    submitTo(server, { raw: mailOf('x\r\n'), to: ['a@example.com', `b@example.com> ORCPT=rfc822;${evil}`] }),
};

const rigs = new ImapRigs();
let smtp: SmtpScript | null = null;
const tally = { fields: Object.keys(imapFields).length + Object.keys(smtpFields).length, cases: 0, refused: 0, added: 0 };
afterEach(async () => {
  await rigs.close();
  await smtp?.close();
  smtp = null;
});
afterAll(() => reportFigure('O14 injection on the wire', tally));

describe('O14 IMAP', () => {
  it.each(Object.entries(imapFields))('%s', async (name, use) => {
    for (const [control, characters] of Object.entries(CONTROLS)) {
      const { server, session } = await rigs.open();
      server.store.create('Projects');
      await session.select('INBOX', { forChange: true });
      const before = server.commands.length;
      const outcome = await use(session, evilOf(characters)).then(
        () => 'carried out',
        (error: unknown) => String((error as { code?: unknown }).code),
      );
      await session.noop();
      const added = server.commands.slice(before);
      tally.cases += 1;
      tally.added += added.filter((one) => one.tag === 'EVIL' || one.args.includes('\r') || one.args.includes('\n')).length;
      // At most the command itself, and ours afterwards.
      expect(added.length, `${name}, ${control}: ${outcome}`).toBeLessThanOrEqual(2);
      expect(added.at(-1)?.name, `${name}, ${control}`).toBe('NOOP');
      // Refused, or sent in a form that has no line end (modified UTF-7, a literal).
      if (outcome !== 'carried out') tally.refused += 1;
    }
    expect(tally.added).toBe(0);
  });
});

describe('O14 SMTP', () => {
  it.each(Object.entries(smtpFields))('%s', async (name, use) => {
    for (const [control, characters] of Object.entries(CONTROLS)) {
      smtp = await startSmtpScript();
      const result = await use(smtp, evilOf(characters));
      tally.cases += 1;
      tally.added += smtp.commands.filter((one) => one.name === 'EVIL').length;
      expect(result.verdict, `${name}, ${control}`).not.toBe('accepted');
      expect(smtp.mails, `${name}, ${control}`).toEqual([]);
      await smtp.close();
    }
    expect(tally.added).toBe(0);
  });
});

it('fields of an envelope that nothing fills say nothing: the name at EHLO, ORCPT, and what asks for reports', async () => {
  smtp = await startSmtpScript({ capabilities: [...allSmtpCapabilities, 'DSN'] });
  const result = await submitTo(smtp, { raw: mailOf('x\r\n') });
  expect(result.verdict).toBe('accepted');
  const greetings = smtp.commands.filter(({ name }) => name === 'EHLO' || name === 'HELO');
  expect(new Set(greetings.map(({ args }) => args))).toEqual(new Set(['[127.0.0.1]']));
  const offered = smtp.received().toString('latin1');
  expect(offered).not.toMatch(/\b(?:ENVID|RET|NOTIFY|ORCPT|AUTH)=/iu);
});
