import { describe, expect, it } from 'vitest';
import { createInlineIngest } from '../../main/engine/ingest/inline-ingest.ts';
import { decodeSegment } from '../../main/engine/ingest/segment-codec.ts';

const ingest = createInlineIngest();
const lines = (...all: string[]) => Buffer.from(all.join('\r\n'), 'utf8');

const sample = lines(
  'Received: from a by b',
  'Message-ID: <one@example.com>',
  'Date: Tue, 1 Apr 2025 10:00:00 +0200',
  'From: =?utf-8?Q?J=C3=BCrgen_M=C3=BCller?= <jm@example.com>',
  'To: "Doe, Jane" <jane@example.org>, Team: a@example.org, b@example.org;',
  'Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= aus =?iso-8859-1?Q?K=F6ln?=',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary="outer"',
  '',
  'preamble',
  '--outer',
  'Content-Type: multipart/alternative; boundary=inner',
  '',
  '--inner',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'Hallo Stra=C3=9Fe, sch=C3=B6ner Tag',
  '> quoted',
  '--inner',
  'Content-Type: text/html; charset=utf-8',
  '',
  '<style>p{color:red}</style><p>Hallo Stra&szlig;e, sch&ouml;ner <b>T</b>ag extra</p>',
  '--inner--',
  '--outer',
  'Content-Type: application/pdf; name="x.pdf"',
  "Content-Disposition: attachment; filename*=utf-8''R%C3%A9sum%C3%A9.pdf",
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.from('%PDF-1.4 hello').toString('base64'),
  '--outer--',
  '',
);

describe('a message', () => {
  it('is read with people, subject, preview, attachments and words', async () => {
    const { parsed, segments, digest } = await ingest.ingest(Buffer.from(sample));
    expect(Buffer.concat(segments.map(decodeSegment)).equals(sample)).toBe(true);
    expect(digest.sizeBytes).toBe(sample.length);
    expect(parsed.subject).toBe('Grüße aus Köln');
    expect(parsed.from).toEqual([{ name: 'Jürgen Müller', address: 'jm@example.com' }]);
    expect(parsed.to.map((one) => one.address)).toEqual(['jane@example.org', 'a@example.org', 'b@example.org']);
    expect(parsed.messageId).toBe('<one@example.com>');
    expect(parsed.sentDate).toBe(Date.UTC(2025, 3, 1, 8));
    expect(parsed.preview).toBe('Hallo Straße, schöner Tag');
    expect(parsed.attachments).toEqual([
      { index: 0, fileName: 'Résumé.pdf', mimeType: 'application/pdf', sizeBytes: 14, isInline: false, contentId: null },
    ]);
    expect(parsed.search.subject).toBe('grusse aus koln');
    expect(parsed.search.body).toBe('hallo strasse schoner tag quoted extra');
    expect(parsed.search.files).toBe('resume pdf');
    expect(parsed.search.newTerms).toContain('strasse');
    expect(parsed.problems).toEqual([]);
  });

  it('gives its attachment and its texts back from stored segments', async () => {
    const { segments } = await ingest.ingest(Buffer.from(sample));
    const opened = await ingest.open(segments);
    expect(opened.text).toBe('Hallo Straße, schöner Tag\n> quoted');
    expect(opened.html).toContain('<p>Hallo Stra&szlig;e');
    const { attachment, content } = await ingest.attachment(segments, 0, 1000);
    expect(attachment.fileName).toBe('Résumé.pdf');
    expect(Buffer.from(content).toString()).toBe('%PDF-1.4 hello');
    await expect(ingest.attachment(segments, 1, 1000)).rejects.toMatchObject({ code: 'not-found' });
    await expect(ingest.attachment(segments, 0, 5)).rejects.toMatchObject({ code: 'message-too-large' });
  });
});
