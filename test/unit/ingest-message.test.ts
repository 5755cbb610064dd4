import { limits } from '../../shared/limits.ts';
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

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64');

/** A part with its head lines and body. */
const part = (boundary: string, head: readonly string[], body: string) => [`--${boundary}`, ...head, '', body];

async function open(...all: string[]) {
  const { segments, parsed } = await ingest.ingest(lines('Subject: s', ...all));
  return { ...(await ingest.open(segments)), segments, listed: parsed };
}

describe('a message opened for reading', () => {
  it('gives inline images by content id, and no SVG', async () => {
    const image = (type: string, id: string) =>
      part('r', [`Content-Type: ${type}`, 'Content-Transfer-Encoding: base64', `Content-ID: <${id}>`], png.toString('base64'));
    const { inlineImages, html, listed } = await open(
      'Content-Type: multipart/related; boundary=r',
      '',
      ...part('r', ['Content-Type: text/html'], '<img src="cid:a@x"><img src="cid:b@x">'),
      ...image('image/png', 'a@x'),
      ...image('image/svg+xml', 'b@x'),
      ...image('image/jpg', '__proto__'),
      '--r--',
    );
    expect(Object.keys(inlineImages).sort()).toEqual(['__proto__', 'a@x']);
    expect(inlineImages['a@x']).toBe(`data:image/png;base64,${png.toString('base64')}`);
    expect(html).toContain('cid:b@x');
    expect(listed.attachments.map((one) => [one.mimeType, one.isInline])).toEqual([
      ['image/png', true],
      ['image/svg+xml', true],
      ['image/jpg', true],
    ]);
  });

  it('counts files that are sent "inline" as attachments, and says when a picture is too large to be shown', async () => {
    const file = (type: string, ...head: string[]) =>
      part('m', [`Content-Type: ${type}`, 'Content-Disposition: inline; filename=x', 'Content-Transfer-Encoding: base64', ...head], 'QUJD');
    const { listed } = await open(
      'Content-Type: multipart/mixed; boundary=m',
      '',
      ...part('m', ['Content-Type: text/plain'], 'two files'),
      ...file('application/pdf'),
      ...file('image/jpeg', 'Content-ID: <photo@phone>'),
      '--m--',
    );
    expect(listed.attachments.map((one) => [one.mimeType, one.isInline])).toEqual([
      ['application/pdf', false],
      ['image/jpeg', false],
    ]);
    const large = await open(
      'Content-Type: multipart/related; boundary=r',
      '',
      ...part('r', ['Content-Type: text/html'], '<img src="cid:a@x"><img src="cid:b@x">'),
      ...part('r', ['Content-Type: image/png', 'Content-ID: <a@x>'], 'x'.repeat(limits.maxInlineImageBytes + 1)),
      ...part('r', ['Content-Type: image/png', 'Content-ID: <b@x>'], 'x'),
      '--r--',
    );
    expect(Object.keys(large.inlineImages)).toEqual(['b@x']);
    expect(large.parsed.problems).toContainEqual({ code: 'image-limit', detail: '' });
  });

  it('shows plain text beside HTML, so that no part of a mail is lost', async () => {
    const { html, text } = await open(
      'Content-Type: multipart/mixed; boundary=m',
      '',
      ...part('m', ['Content-Type: text/plain'], 'the answer <itself>'),
      ...part('m', ['Content-Type: text/html'], '<p>a footer</p>'),
      '--m--',
    );
    expect(text).toContain('the answer <itself>');
    expect(html).toContain('the answer &lt;itself&gt;');
    expect(html).toContain('<p>a footer</p>');
  });

  it('has no HTML when there is none', async () => {
    const { html, text, inlineImages } = await open('', 'just text');
    expect([html, text, inlineImages]).toEqual([null, 'just text', {}]);
  });

  it('unfolds format=flowed', async () => {
    const { text } = await open('Content-Type: text/plain; format=flowed; delsp=yes', '', 'one long ', 'line', 'another');
    expect(text).toBe('one longline\nanother');
  });

  it('lists an attached message as a file of its own, whole', async () => {
    const inner = 'Subject: inner\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nx\r\n--i--';
    const { listed, segments } = await open(
      'Content-Type: multipart/mixed; boundary=m',
      '',
      ...part('m', [], 'see'),
      ...part('m', ['Content-Type: message/rfc822'], inner),
      '--m--',
    );
    expect(listed.attachments).toEqual([
      expect.objectContaining({ fileName: 'message-1.eml', mimeType: 'message/rfc822', sizeBytes: inner.length }),
    ]);
    expect(Buffer.from((await ingest.attachment(segments, 0, 1000)).content).toString()).toBe(inner);
  });

  it('lists text with a file name behind the text of the mail as an attachment', async () => {
    const { listed, text } = await open(
      'Content-Type: multipart/mixed; boundary=m',
      '',
      ...part('m', ['Content-Type: text/plain; name=body.txt'], 'shown'),
      ...part('m', ['Content-Type: text/html', 'Content-Disposition: inline; filename=report.html'], '<script>'),
      '--m--',
    );
    expect(text).toBe('shown');
    expect(listed.attachments.map((one) => one.fileName)).toEqual(['report.html']);
  });

  it('shows what there is when the boundary never comes, and says when the end is missing', async () => {
    const lost = await open('Content-Type: multipart/mixed; boundary=right', '', '--wrong', '', 'some words', '--wrong--');
    expect(lost.text).toContain('some words');
    const cut = await open(
      'Content-Type: multipart/mixed; boundary=m',
      '',
      ...part('m', [], 'first'),
      ...part('m', ['Content-Type: image/png'], 'x'),
    );
    expect(cut.listed.problems.map((one) => one.code)).toContain('truncated');
    expect(cut.listed.attachments).toHaveLength(1);
  });

  it('finds the words of an invitation', async () => {
    const calendar =
      'BEGIN:VCALENDAR\r\nSUMMARY:Quartalsgespräch\r\nLOCATION;LANGUAGE=de:Besprechungs\r\n raum 4\r\nUID:secret-uid\r\nEND:VCALENDAR';
    const { listed } = await open(
      'Content-Type: text/calendar; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from(calendar).toString('base64'),
    );
    expect(listed.search.body).toBe('quartalsgesprach besprechungsraum 4');
  });
});

describe('charsets', () => {
  it.each([
    ['none said, UTF-8', [], 'Grüße', 'utf8'],
    ['none said, Latin-1', [], 'Grüße', 'latin1'],
    ['UTF-8 said, Latin-1 sent', ['Content-Type: text/plain; charset=utf-8'], 'Grüße', 'latin1'],
    ['ASCII said, UTF-8 sent', ['Content-Type: text/plain; charset=us-ascii'], 'Grüße', 'utf8'],
    ['unknown, UTF-8 sent', ['Content-Type: text/plain; charset=x-unheard-of'], 'Grüße', 'utf8'],
  ] as const)('%s', async (_, head, text, encoding) => {
    const { parsed } = await ingest.ingest(Buffer.from([...head, 'Subject: s', '', text].join('\r\n'), encoding));
    expect(parsed.preview).toBe(text);
  });

  it('Windows-1252 keeps its dashes and quotes in headers', async () => {
    const { parsed } = await ingest.ingest(Buffer.from('Subject: \x84Stahl\x93 \x96 10 \x80\r\n\r\nx', 'latin1'));
    expect(parsed.subject).toBe('„Stahl“ – 10 €');
  });
});

describe('previews', () => {
  it.each([
    ['> quoted\nOn Tue, Jane Doe <j@example.com> wrote:\n> more\nMy answer', 'My answer'],
    ['Hello\n-- \nJane Doe\nExample Inc', 'Hello'],
    [
      'Am 1. April 2025 um 10:00 schrieb Jane Doe <j@example.com>:\n> text\n> text',
      'Am 1. April 2025 um 10:00 schrieb Jane Doe <j@example.com>: > text > text',
    ],
    ['Kurz\n-----Ursprüngliche Nachricht-----\nVon: x', 'Kurz'],
    ['   much\t\t space \n\n here', 'much space here'],
    [`${'word '.repeat(100)}`, `${'word '.repeat(40).trim()}`],
  ])('of %j', async (text, expected) => {
    const { parsed } = await ingest.ingest(lines('Subject: s', 'Content-Type: text/plain; charset=utf-8', '', ...text.split('\n')));
    expect(parsed.preview).toBe(expected);
  });

  it('of HTML leave out style, comments and entities', async () => {
    const html =
      '<head><style>p{}</style><title>T</title></head><!-- no --><p>Gr&uuml;&szlig;e&nbsp;an</p><p>alle&#33;</p><script>x</script>';
    const { parsed } = await ingest.ingest(lines('Subject: s', 'Content-Type: text/html', '', html));
    expect(parsed.preview).toBe('Grüße an alle!');
  });
});
