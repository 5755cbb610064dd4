import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { capabilityProfiles } from '../support/imap-proxy.ts';
import { filterServerLine } from '../support/imap-proxy/filter.ts';
import { parseTokens } from '../support/imap-tokens.ts';
import { LineAssembler, WireScanner } from '../support/imap-wire.ts';
import { buildMail, canary } from '../support/mail-builder.ts';
import { oddMails, randomMail } from '../support/mail-random.ts';
import { decodeMailboxName, encodeMailboxName } from '../support/mailbox-name.ts';
import { seededRandom } from '../support/random.ts';

describe('mail builder', () => {
  it('builds what another parser reads back', async () => {
    const fields = {
      from: 'Jörg Müller <joerg@example.com>',
      to: ['a@example.org', 'Zoë <z@example.net>'],
      subject: 'Ein sehr langer Betreff mit Umlauten: äöü ÄÖÜ ß und noch viel mehr Text dahinter',
      text: 'Grüße\nZeile 2\n',
      html: '<p>Grüße <img src="cid:i1"></p>',
      attachments: [
        { fileName: 'Übersicht.pdf', contentType: 'application/pdf', content: Buffer.from('%PDF') },
        { fileName: 'i.png', contentType: 'image/png', content: Buffer.from('png'), contentId: 'i1' },
      ],
    };
    const raw = buildMail(fields);
    const mail = await simpleParser(raw);
    expect([mail.subject, mail.from?.text, mail.text]).toEqual([fields.subject, '"Jörg Müller" <joerg@example.com>', fields.text]);
    expect(mail.attachments.map((a) => [a.filename, a.content.toString(), a.related === true])).toEqual([
      ['i.png', 'png', true],
      ['Übersicht.pdf', '%PDF', false],
    ]);
    expect(/[^\r]\n|\r[^\n]/.test(raw.toString('latin1'))).toBe(false);
  });

  it('gives equal mail for equal seeds and the size asked for', () => {
    const mails = (): Buffer[] => {
      const random = seededRandom(7);
      return Array.from({ length: 50 }, () => randomMail(random).raw);
    };
    expect(mails()).toEqual(mails());
    const size = randomMail(seededRandom(1), { sizeBytes: 100_000 }).raw.length;
    expect(Math.abs(size - 100_000)).toBeLessThan(5000);
    expect(oddMails().length).toBeGreaterThan(10);
  });

  it('makes canaries that differ', () => {
    expect(new Set(Array.from({ length: 1000 }, () => canary('subject'))).size).toBe(1000);
  });
});

describe('seeded random', () => {
  it('is even, repeatable and within bounds', () => {
    const random = seededRandom(42);
    const counts = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 10_000; i += 1) counts[random.int(0, 9)] = (counts[random.int(0, 9)] ?? 0) + 1;
    expect(Math.min(...counts)).toBeGreaterThan(700);
    expect(seededRandom(42).bytes(100)).toEqual(seededRandom(42).bytes(100));
    expect(seededRandom(1).shuffle([1, 2, 3, 4, 5]).sort()).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('IMAP wire', () => {
  const stream = Buffer.from(
    'a APPEND "x" {5+}\r\n\r\n{9 (x)\r\n* 1 FETCH (BODY[] {0}\r\n UID 7)\r\n* LIST () "/" "q\\"{3}"\r\n',
    'latin1',
  );

  it('finds the same lines and literals whatever the chunks', () => {
    const random = seededRandom(3);
    const read = (cuts: boolean): unknown[] => {
      const lines: unknown[] = [];
      const assembler = new LineAssembler((line) => lines.push(line.parts.map(String)));
      for (let at = 0; at < stream.length;) {
        const step = cuts ? random.int(1, 4) : stream.length;
        assembler.push(stream.subarray(at, at + step));
        at += step;
      }
      return lines;
    };
    const whole = read(false);
    expect(whole).toHaveLength(3);
    expect(whole[0]).toEqual(['a APPEND "x" ', '\r\n{9 ', '(x)']);
    for (let i = 0; i < 20; i += 1) expect(read(true)).toEqual(whole);
  });

  it('streams literals through without gathering them', () => {
    let largest = 0;
    const scanner = new WireScanner({ line: () => undefined, data: (chunk) => (largest = Math.max(largest, chunk.length)) });
    scanner.push(Buffer.from('* 1 FETCH (BODY[] {100000}\r\n'));
    for (let i = 0; i < 100; i += 1) scanner.push(Buffer.alloc(1000));
    expect([largest, scanner.isAtLineStart]).toEqual([1000, true]);
  });

  it('parses nested lists, quoted strings, sections and codes', () => {
    const tokens = parseTokens(['* 1 FETCH (FLAGS (\\Seen) BODY[HEADER.FIELDS (A B)]<0> ', Buffer.from('x)'), ' NIL "a\\"b")']);
    expect(JSON.parse(JSON.stringify(tokens[3])).items.map((t: { value?: unknown }) => t.value ?? 'list')).toEqual([
      'FLAGS',
      'list',
      'BODY[HEADER.FIELDS (A B)]<0>',
      { type: 'Buffer', data: [120, 41] },
      'NIL',
      { type: 'Buffer', data: [97, 34, 98] },
    ]);
    expect(() => parseTokens(['(('])).toThrow(SyntaxError);
  });
});

describe('proxy filter', () => {
  it('hides what the profile hides and nothing else', () => {
    const none = new Set(capabilityProfiles.at(-1)?.hidden);
    expect(filterServerLine('* CAPABILITY IMAP4rev1 IDLE MOVE QRESYNC ID', none)).toBe('* CAPABILITY IMAP4rev1 ID');
    expect(filterServerLine('a OK [CAPABILITY IMAP4rev1 UIDPLUS] Logged in', none)).toBe('a OK [CAPABILITY IMAP4rev1] Logged in');
    expect(filterServerLine('a OK [COPYUID 1 2 3] Done', none)).toBe('a OK Done');
    expect(filterServerLine('* OK [HIGHESTMODSEQ 7] Highest', none)).toBeNull();
    expect(filterServerLine('* LIST (\\HasNoChildren \\Sent) "/" Sent', none)).toBe('* LIST (\\HasNoChildren) "/" Sent');
    for (const line of ['* LIST (\\Sent) "/" Sent', 'a OK [APPENDUID 1 2] x', '* OK [HIGHESTMODSEQ 7] x'])
      expect(filterServerLine(line, new Set())).toBe(line);
  });
});

describe('mailbox names', () => {
  it.each([
    ['Entwürfe', 'Entw&APw-rfe'],
    ['A&B', 'A&-B'],
    ['台北', '&U,BTFw-'],
    ['Plain', 'Plain'],
  ])('%s is %s on the wire', (name, wire) => {
    expect([encodeMailboxName(name), decodeMailboxName(wire)]).toEqual([wire, name]);
  });
});
