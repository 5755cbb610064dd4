import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContactWalk } from '../../main/engine/compose/contact-walk.ts';
import { addressKey, replyRecipients } from '../../main/engine/compose/reply-recipients.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { attachmentDangers } from '../../main/engine/trust/attachment-dangers.ts';
import { assessMail } from '../../main/engine/trust/trust.ts';
import { openMessage } from '../../main/engine/read/read-message.ts';
import { visibleLine } from '../../shared/visible-text.ts';
import { DraftRig } from '../support/draft-rig.ts';
import { reportFigure } from '../support/figures.ts';
import { FAILED, FORGED, HOP, MX, NAMES, word } from '../support/hostile-mail/forged-senders.ts';
import { buildMail } from '../support/mail-builder.ts';
import { buildZip } from '../support/zip-builder.ts';

describe('the sender of a mirrored mail', () => {
  let rig: DraftRig;
  beforeEach(async () => {
    rig = await DraftRig.open({ config: { managed: { trustedAuthservIds: [MX] } } });
  });
  afterEach(() => rig.close());

  let serial = 0;
  const mail = (lines: readonly string[], path = 'INBOX') =>
    rig.receive(
      `${lines.join('\n')}\nTo: alice@example.com\nSubject: s\nMessage-ID: <${(serial += 1)}@t>\nDate: Fri, 27 Nov 2026 10:00:00 +0000\n\nx\n`,
      path,
    );
  const count = () => {
    const walk = new ContactWalk(rig.store, rig.clock, silentLog);
    while (walk.step());
  };
  const ingest = () => rig.rig.engine.deps.ingest;
  const codes = async (at = 0, path = 'INBOX') => (await assessMail(rig.store, ingest(), rig.entry(path, at))).map(({ code }) => code);

  it('forged in any known way is flagged, and an answer goes where the reader shows', async () => {
    for (const [, lines] of FORGED.toReversed()) mail(lines);
    await rig.rig.mirror();
    const missed: string[] = [];
    for (const [at, [what]] of FORGED.entries()) {
      const id = rig.entry('INBOX', at);
      const view = await openMessage(rig.store, ingest(), id);
      const shown = [...view.from, ...view.replyTo].map(({ address }) => addressKey(address));
      const { to } = replyRecipients(view, false, new Set());
      for (const { address } of to) expect(shown, what).toContain(addressKey(address));
      const findings = await assessMail(rig.store, ingest(), id);
      const named = findings.map((one) => one.named);
      // What an answer would use beside the sender is named in the warning, too.
      for (const { address } of view.replyTo) expect(named.join(' '), what).toContain(address);
      if (!findings.some(({ code }) => code !== 'first-mail')) missed.push(what);
    }
    reportFigure('H8 forged senders', { cases: FORGED.length, missed: missed.length });
    expect(missed).toEqual([]);
  });

  it('has a name in which nothing hides', async () => {
    for (const [name] of NAMES.toReversed()) mail([`From: ${word(name)} <second@evil.test>`]);
    await rig.rig.mirror();
    for (const [at, [name, shown]] of NAMES.entries()) {
      const view = await openMessage(rig.store, ingest(), rig.entry('INBOX', at));
      expect(visibleLine(view.from[0]?.name ?? ''), JSON.stringify(name)).toBe(shown);
      expect(view.from[0]?.address).toBe('second@evil.test');
    }
    reportFigure('H8 hiding names', { cases: NAMES.length });
  });

  const anOldMail = () => {
    const raw = Buffer.from('From: old@elsewhere.test\r\nSubject: s\r\nMessage-ID: <old@t>\r\n\r\nx\r\n');
    rig.server.store.get('INBOX').add({ raw, internalDate: Date.now() - 10 * 86_400_000 });
  };

  it('is not called new while there is hardly any mail to know them from', async () => {
    mail([`Authentication-Results: ${MX}; dmarc=pass`, 'From: New <new@x.test>', HOP]);
    await rig.rig.mirror();
    count();
    expect(await codes()).toEqual([]);
  });

  it('is new once, unless of one’s own domain or written to before', async () => {
    anOldMail();
    mail(['From: New <new@x.test>', HOP]);
    await rig.rig.mirror();
    expect(await codes()).toEqual(['auth-missing']);
    count();
    expect(await codes()).toEqual(['auth-missing', 'first-mail']);
    mail(['From: New <new@x.test>', HOP]);
    mail(['From: Colleague <c@example.com>']);
    mail(['From: Alice <alice@example.com>', 'Cc: met@y.test'], 'Sent');
    mail([`Authentication-Results: ${MX}; dmarc=pass`, 'From: Met <met@y.test>', HOP]);
    await rig.rig.mirror();
    count();
    expect(await codes(0)).toEqual([]);
    expect(await codes(1)).toEqual([]);
    expect(await codes(2)).toEqual(['auth-missing']);
    expect(await codes(3)).toEqual(['auth-missing']);
    expect(await codes(0, 'Sent')).toEqual([]);
  });

  it('bears the name of somebody who was written to', async () => {
    anOldMail();
    mail(['From: Alice <alice@example.com>', 'Cc: Bob Builder <bob@partner.test>'], 'Sent');
    mail([`Authentication-Results: ${MX}; dmarc=pass`, 'From: "Builder, Bob" <bob.builder@evil.test>', HOP]);
    mail([`Authentication-Results: ${MX}; dmarc=pass`, 'From: X <x@partnre.test>', HOP]);
    mail([`Authentication-Results: ${MX}; dmarc=pass`, 'From: "Bob Builder" <bob@partner.test>', HOP]);
    await rig.rig.mirror();
    count();
    expect(await codes(0)).toEqual([]);
    expect(await codes(1)).toEqual(['look-alike-domain', 'first-mail']);
    expect(await codes(2)).toEqual(['name-of-contact', 'first-mail']);
  });

  it('is not judged by checks where IT has named no server', async () => {
    const { config } = rig.store.accounts.get(rig.rig.accountId);
    rig.rig.engine.setPolicy(config.email, {});
    mail([FAILED, HOP, 'From: <admin@bank.example>']);
    await rig.rig.mirror();
    expect(await codes()).toEqual([]);
  });

  it('and its attachments are looked through, archives within, too', async () => {
    const attachments = [
      { fileName: 'a.pdf', content: Buffer.from('x') },
      { fileName: 'a.pdf.exe', content: Buffer.from('x') },
      { fileName: 'b.zip', contentType: 'application/zip', content: buildZip([{ name: 'x.js' }]) },
      { fileName: 'c.zip', contentType: 'application/zip', content: buildZip([{ name: 'x.pdf' }]) },
      { fileName: 'd.rar', content: Buffer.from('x') },
      { fileName: 'e.jpg', contentType: 'text/html', content: Buffer.from('x') },
      { fileName: 'f.pdf', contentType: 'application/pdf', content: Buffer.from('MZ'.padEnd(100, '\0')) },
      { fileName: 'g.docx', content: buildZip([{ name: '[Content_Types].xml' }, { name: 'word/vbaProject.bin' }]) },
    ];
    rig.server.store.get('INBOX').add({ raw: buildMail({ text: 't', attachments }), internalDate: Date.now() - 60_000 });
    await rig.rig.mirror();
    const id = rig.entry('INBOX');
    const view = await openMessage(rig.store, ingest(), id);
    const dangers = await attachmentDangers(rig.store, ingest(), id, view.attachments);
    expect(dangers.map(({ index, code, named }) => [view.attachments[index]?.fileName, code, named])).toEqual([
      ['a.pdf.exe', 'double-ending', 'exe'],
      ['b.zip', 'holds-risky', 'x.js'],
      ['d.rar', 'unclear-archive', ''],
      ['e.jpg', 'other-type', 'jpg'],
      ['f.pdf', 'disguised', 'program'],
      ['g.docx', 'has-macros', ''],
    ]);
  });
});
