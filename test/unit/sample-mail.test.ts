import { execFileSync } from 'node:child_process';
import { simpleParser, type ParsedMail } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { digestSample } from '../support/sample-mail/digest.mjs';
import { buildSampleMailbox, sampleOwner, type Sample, type SampleMessage } from '../support/sample-mail/index.mjs';

const NOW = new Date('2025-11-24T10:00:00Z');
const DAY_MS = 86_400_000;
const sample = buildSampleMailbox({ now: NOW });
const primary = sample.primary.flatMap((mailbox) => mailbox.messages);

function find(name: string, messages: readonly SampleMessage[] = primary): SampleMessage {
  const found = messages.find((message) => message.name === name);
  if (found === undefined) throw new Error(`no sample mail named ${name}`);
  return found;
}

function mailbox(side: keyof Sample, path: string): readonly SampleMessage[] {
  return sample[side].find((one) => one.path === path)?.messages ?? [];
}

const parse = (message: SampleMessage): Promise<ParsedMail> => simpleParser(message.raw);

describe('sample mailbox', () => {
  it('has the mailboxes of both sides with their special uses', () => {
    expect(sample.primary.map((one) => [one.path, one.specialUse])).toEqual([
      ['INBOX', null],
      ['Sent', '\\Sent'],
      ['Drafts', '\\Drafts'],
      ['Archive', '\\Archive'],
      ['Trash', '\\Trash'],
      ['Junk', '\\Junk'],
      ['Projekte/Offshore', null],
      ['Projekte/Größe & Maß', null],
      ['Vorstand', null],
    ]);
    expect(sample.relay.map((one) => [one.path, one.specialUse])).toEqual([
      ['INBOX', null],
      ['Sent', '\\Sent'],
      ['Quarantine', null],
    ]);
  });

  it('has some hundred mails over 30 days, none in the future, in order of arrival', () => {
    expect(primary.length).toBeGreaterThanOrEqual(370);
    for (const one of [...sample.primary, ...sample.relay]) {
      expect(one.messages.length, one.path).toBeGreaterThan(0);
      const times = one.messages.map((message) => message.internalDate.getTime());
      expect(times).toEqual([...times].sort((left, right) => left - right));
      expect(times.every((time) => time % 1000 === 0 && time <= NOW.getTime())).toBe(true);
      if (one.path !== 'Drafts') expect(Math.min(...times)).toBeGreaterThan(NOW.getTime() - 30 * DAY_MS);
    }
  });

  it('is the same in every process for the same arguments, and differs for another seed', () => {
    const first = digestSample(sample);
    expect(digestSample(buildSampleMailbox({ now: NOW }))).toBe(first);
    expect(digestSample(buildSampleMailbox({ now: NOW, seed: 2 }))).not.toBe(first);
    const folder = new URL('../support/sample-mail/', import.meta.url).href;
    const script = `import { digestSample } from '${folder}digest.mjs';
      import { buildSampleMailbox } from '${folder}index.mjs';
      console.log(digestSample(buildSampleMailbox({ now: new Date('${NOW.toISOString()}') })));`;
    // Another time zone: nothing may depend on where the sample is made.
    const options = { encoding: 'utf8', env: { ...process.env, TZ: 'America/Los_Angeles' } } as const;
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', script], options).trim()).toBe(first);
  });

  it.each([1, 7, 14, 30, 60])('covers %i days when asked to', (days) => {
    const made = buildSampleMailbox({ now: NOW, days });
    const times = made.primary.flatMap((one) =>
      one.path === 'Drafts' ? [] : one.messages.map((message) => message.internalDate.getTime()),
    );
    expect(times.length).toBeGreaterThan(0);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(NOW.getTime() - days * DAY_MS);
  });

  it.each(['2025-01-01T00:00:30Z', '2025-03-30T01:30:00Z', '2024-02-29T23:59:59Z', '2025-10-26T00:59:59Z', '2025-06-15T05:00:00Z'])(
    'has no mail from the future at %s',
    (moment) => {
      const now = new Date(moment);
      const made = buildSampleMailbox({ now });
      const all = [...made.primary, ...made.relay].flatMap((one) => one.messages);
      expect(all.filter((message) => message.internalDate > now).map((message) => message.name)).toEqual([]);
    },
  );

  it('has read, unread, flagged and answered mail', () => {
    const inbox = mailbox('primary', 'INBOX');
    const having = (flag: string): number => inbox.filter((message) => message.flags.includes(flag)).length;
    expect(inbox.length - having('\\Seen')).toBeGreaterThanOrEqual(15);
    expect(having('\\Flagged')).toBeGreaterThanOrEqual(5);
    expect(having('\\Answered')).toBeGreaterThanOrEqual(10);
    expect(mailbox('primary', 'Sent').every((message) => message.flags.includes('\\Seen'))).toBe(true);
  });
});

describe('well-formed sample mails', () => {
  const wellFormed = primary.filter((message) => !message.isMalformed);

  it('parse, each with sender, date, Message-ID and something to read', async () => {
    for (const message of wellFormed) {
      const mail = await parse(message);
      const isDraft = message.name.startsWith('draft-');
      expect(mail.from?.value[0]?.address, message.name).toMatch(/^[^@\s]+@[a-z0-9.-]+\.(example|test|com|org)$/);
      expect(mail.messageId, message.name).toMatch(/^<[^<>\s]+@[^<>\s]+>$/);
      if (!isDraft) expect(mail.subject, message.name).toBeTruthy();
      expect(mail.subject ?? '', message.name).not.toMatch(/=\?|\ufffd/);
      expect(Math.abs((mail.date?.getTime() ?? 0) - message.internalDate.getTime()), message.name).toBeLessThan(60_000);
      expect((mail.text ?? '').length + mail.attachments.length, message.name).toBeGreaterThan(0);
      expect(mail.text ?? '', message.name).not.toContain('\ufffd');
    }
  });

  it('use CRLF only, lines of at most 998 bytes, and 7-bit headers', () => {
    for (const message of wellFormed) {
      const text = message.raw.toString('latin1');
      expect(/(^|[^\r])\n|\r[^\n]/.test(text), message.name).toBe(false);
      expect(Math.max(...text.split('\r\n').map((line) => line.length)), message.name).toBeLessThanOrEqual(998);
      expect(/[^\x00-\x7f]/.test(text.slice(0, text.indexOf('\r\n\r\n'))), message.name).toBe(false);
    }
  });

  it('have Message-IDs of their own', () => {
    const ids = wellFormed.map((message) => /^Message-ID: (.*)$/im.exec(message.raw.toString('latin1'))?.[1]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('reach the owner, or come from the owner', async () => {
    for (const message of wellFormed) {
      if (/^(many|hidden|draft-)/.test(message.name)) continue;
      const text = message.raw.toString('latin1');
      const head = text.slice(0, text.indexOf('\r\n\r\n'));
      expect(head.includes(sampleOwner.address), message.name).toBe(true);
    }
  });

  it('answer mails that exist, quote them, and keep the references', async () => {
    const mails = await Promise.all(wellFormed.map(parse));
    const known = new Map(mails.map((mail) => [mail.messageId, mail]));
    const answers = mails.filter((mail) => mail.inReplyTo !== undefined);
    expect(answers.length).toBeGreaterThan(80);
    for (const answer of answers) {
      const original = known.get(answer.inReplyTo ?? '');
      // The first mails of a conversation may be older than the sample; all of these conversations are younger.
      expect(original, answer.subject).toBeDefined();
      expect([answer.references].flat().at(-1)).toBe(answer.inReplyTo);
      expect(answer.text).toMatch(/schrieb|wrote:|Ursprüngliche Nachricht|Original Message/);
      expect(answer.date?.getTime()).toBeGreaterThan(original?.date?.getTime() ?? Infinity);
    }
  });
});

describe('kinds of sample mail', () => {
  it.each([
    ['charset-latin1', 'Übernachtung für Ihre Gäste', 'größere Gruppen'],
    ['charset-latin9', 'Angebot Fräser: 1.240 € netto', '58 € je Stück'],
    ['charset-cp1252', 'Einladung – „Stahl und See“', '– gern mit Begleitung'],
    ['charset-koi8r', 'Запрос на запасные части', 'поворотных привода'],
    ['charset-iso2022jp', '大阪訪問の日程について', '工場見学は月曜日'],
    ['charset-utf16', 'Export abgeschlossen', '0 Fehler – alle Maße'],
    ['charset-latin5', 'Fiyat teklifi', 'İyi çalışmalar'],
    ['charset-latin2', 'Zapytanie: dwanaście napędów', 'dostawą jesienią'],
    ['charset-emoji', '🎉 Schweißprüfung bestanden – alle 7! 👩‍🏭', 'Kuchen 🍰'],
    ['charset-greek', 'Επίσκεψη στο ναυπηγείο', 'στον Πειραιά'],
    ['mixed-words', 'Größe und Maß – Stückliste', 'Stückliste folgt'],
  ])('%s is read in its charset', async (name, subject, words) => {
    const mail = await parse(find(name));
    expect(mail.subject).toBe(subject);
    expect(mail.text).toContain(words);
  });

  it('has whole attachments of every common type', async () => {
    const files = (await Promise.all(primary.filter((one) => !one.isMalformed).map(parse))).flatMap((mail) => mail.attachments);
    const first = (type: string): Buffer | undefined => files.find((file) => file.contentType === type)?.content;
    expect(first('application/pdf')?.toString('latin1')).toMatch(/^%PDF-1\.4[\s\S]*%%EOF\n$/);
    expect(first('image/png')?.subarray(1, 4).toString()).toBe('PNG');
    expect(first('image/jpeg')?.readUInt16BE(0)).toBe(0xffd8);
    expect(first('text/csv')?.toString()).toContain(';');
    expect(first('application/vnd.openxmlformats-officedocument.wordprocessingml.document')?.readUInt32LE(0)).toBe(0x04034b50);
    expect(first('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet')?.readUInt32LE(0)).toBe(0x04034b50);
    expect(files.find((file) => file.filename?.includes('(Entwurf 2)'))?.filename).toBe(
      'Prüfprotokoll der Maßhaltigkeit für Drehkränze größer 6 m – Zusammenfassung für die Geschäftsführung (Entwurf 2).pdf',
    );
  });

  it('shows inline pictures by cid', async () => {
    for (const name of ['messraum-fundament-0', 'html-only', 'mustermodul-kw8-1']) {
      const mail = await parse(find(name));
      const shown = mail.attachments.filter((file) => file.related);
      expect(shown.length, name).toBeGreaterThan(0);
      // mailparser puts the picture in place of the cid link.
      expect(mail.html, name).toContain('src="data:image/');
    }
  });

  it('has invitations, a delivery report, signed and encrypted mail, and a forwarded mail', async () => {
    const invitation = await parse(find('meeting-1'));
    expect(invitation.attachments.map((file) => file.contentType)).toContain('text/calendar');
    const types: [string, RegExp][] = [
      ['bounce', /^Content-Type: multipart\/report;\r\n report-type=delivery-status;/m],
      ['signed', /^Content-Type: multipart\/signed;/m],
      ['encrypted', /^Content-Type: multipart\/encrypted;/m],
      ['forwarded', /^Content-Type: message\/rfc822\r\nContent-Disposition: attachment;/m],
    ];
    for (const [name, pattern] of types) expect(find(name).raw.toString('latin1'), name).toMatch(pattern);
  });

  it('has malformed mail that does not stop a parser', async () => {
    const broken = primary.filter((message) => message.isMalformed);
    expect(broken.length).toBeGreaterThanOrEqual(15);
    for (const message of broken) await expect(parse(message), message.name).resolves.toBeDefined();
    expect(find('malformed-no-message-id').raw.toString('latin1')).not.toMatch(/^Message-ID:/im);
    expect(find('malformed-no-date').raw.toString('latin1')).not.toMatch(/^Date:/im);
    expect(find('malformed-bare-lf').raw.includes('\r')).toBe(false);
    expect(find('malformed-raw-8bit-header').raw.includes(0xfc)).toBe(true);
  });
});

describe('the relay', () => {
  it('keeps a copy of what came in and went out in the last 14 days, with its own lines on top', () => {
    const limit = NOW.getTime() - 14 * DAY_MS;
    for (const copy of [...mailbox('relay', 'INBOX'), ...mailbox('relay', 'Sent')]) {
      const original = find(copy.name);
      const tail = original.raw.subarray(original.raw.indexOf('From:'));
      if (copy.name !== 'malformed-no-sender') expect(copy.raw.subarray(copy.raw.indexOf('From:')).equals(tail), copy.name).toBe(true);
      expect(copy.raw.toString('latin1'), copy.name).toMatch(/^Return-Path:[\s\S]*X-Filter-Verdict: clean/);
      expect(copy.internalDate.getTime()).toBeGreaterThanOrEqual(limit);
      expect(copy.flags).toEqual([]);
    }
    expect(mailbox('relay', 'INBOX').length).toBeGreaterThan(100);
    expect(mailbox('relay', 'Sent').length).toBeGreaterThan(15);
  });

  it('holds mail in quarantine that the primary never got', () => {
    const names = new Set(primary.map((message) => message.name));
    const held = mailbox('relay', 'Quarantine');
    expect(held.length).toBeGreaterThanOrEqual(5);
    expect(held.filter((message) => names.has(message.name))).toEqual([]);
  });
});
