import { describe, expect, it } from 'vitest';
import { createInlineIngest } from '../../main/engine/ingest/inline-ingest.ts';
import type { IngestedSource } from '../../main/engine/ingest/protocol.ts';
import { decodeSegment } from '../../main/engine/ingest/segment-codec.ts';
import { limits } from '../../shared/limits.ts';
import { seededRandom } from '../support/random.ts';

const MAX_MS = 2000;

/** Processor time: the machine may be busy with other tests. */
function cpuMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Reads a source; it must come back whole, and in time. */
async function read(source: Buffer): Promise<IngestedSource & { codes: string[] }> {
  const ingest = createInlineIngest();
  const copy = Buffer.from(source);
  const before = process.cpuUsage();
  const answer = await ingest.ingest(copy);
  expect(cpuMs(before)).toBeLessThan(MAX_MS);
  expect(Buffer.concat(answer.segments.map(decodeSegment)).equals(source)).toBe(true);
  return { ...answer, codes: answer.parsed.problems.map((one) => one.code) };
}

const head = 'Message-ID: <m@example.com>\r\nDate: Tue, 1 Apr 2025 10:00:00 +0200\r\nFrom: a@example.com\r\nSubject: still here\r\n';

describe('a source beyond the limits', () => {
  it('nested 1,000 deep is listed with what lies above the limit', async () => {
    let source = head;
    for (let i = 0; i < 1000; i++) source += `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`;
    const { parsed, codes } = await read(Buffer.from(`${source}Content-Type: text/plain\r\n\r\nat the bottom\r\n`));
    expect(parsed.subject).toBe('still here');
    expect(codes).toContain('depth-limit');
    expect(parsed.attachments).toHaveLength(1);
  });

  it('of 100,000 parts is listed with the first ones', async () => {
    const part = '--b\r\nContent-Type: application/x-y; name=p.bin\r\n\r\nx\r\n';
    const { parsed, codes } = await read(
      Buffer.from(`${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n${part.repeat(100_000)}--b--\r\n`),
    );
    expect(codes).toContain('part-limit');
    expect(parsed.attachments.length).toBe(limits.maxMimeParts - 2);
    expect(parsed.preview).toBe('hello');
  });

  it.each([
    ['a header line of 1 MB', `${head}X-Long: ${'x'.repeat(1_000_000)}\r\n\r\nbody`],
    ['a header line of 20 MB', `${head}X-Long: ${'x'.repeat(20_000_000)}\r\nSubject: lost\r\n\r\nbody`],
    ['a folded header of 1 MB', `${head}To: ${'a@example.com,\r\n '.repeat(60_000)}b@example.com\r\n\r\nbody`],
    ['100,000 header lines', `${head}${'X-A: b\r\n'.repeat(100_000)}\r\nbody`],
    ['a million recipients', `${head}To: ${Array.from({ length: 1_000_000 }, (_, i) => `u${i}@example.com`).join(', ')}\r\n\r\nbody`],
  ])('with %s keeps subject and body', async (_, source) => {
    const { parsed, codes } = await read(Buffer.from(source));
    expect(parsed.subject).toBe('still here');
    expect(parsed.preview).toBe('body');
    expect(parsed.to.length).toBeLessThanOrEqual(limits.maxAddresses);
    if (source.length > 1_100_000) expect(codes).toContain('header-limit');
  });

  it('with a text of 30 MB is listed, and indexed as far as the limit', async () => {
    const { parsed, codes } = await read(Buffer.from(`${head}\r\n${'lots of words and more words\r\n'.repeat(1_000_000)}`));
    expect(codes).toContain('text-limit');
    expect(parsed.search.body.length).toBeLessThanOrEqual(limits.maxIndexedChars);
    expect(parsed.preview.length).toBeLessThanOrEqual(limits.maxPreviewChars);
  });

  it('with one line of 30 MB is listed', async () => {
    const { parsed } = await read(Buffer.from(`${head}\r\n${'word '.repeat(6_000_000)}`));
    expect(parsed.preview).toMatch(/^word word/);
  });
});

describe('hostile content', () => {
  const bodies: readonly (readonly [string, string])[] = [
    ['100,000 nested tags', `<div>${'<div><b>'.repeat(50_000)}deep`],
    ['unclosed tags', '<a '.repeat(300_000)],
    ['open quotes', `<a href="${'<a href="'.repeat(200_000)}`],
    ['mixed quotes', `<a href='"${`<b x="'`.repeat(200_000)}>`],
    ['unclosed comments', '<!--'.repeat(400_000)],
    ['unclosed style', `<style>${'</styl'.repeat(300_000)}`],
    ['entities', '&amp;&#x41;&nonsense'.repeat(100_000)],
    ['a data: image of 3 MB', `<img src="data:image/png;base64,${'A'.repeat(3_000_000)}">`],
    ['angle brackets', '<'.repeat(1_500_000)],
  ];
  it.each(bodies)('in HTML: %s', async (_, html) => {
    await read(Buffer.from(`${head}Content-Type: text/html; charset=utf-8\r\n\r\n${html}`));
  });

  const fields: readonly (readonly [string, string])[] = [
    ['parentheses', `To: ${'('.repeat(150_000)}`],
    ['quotes', `To: ${'"'.repeat(150_001)}`],
    ['commas', `To: ${','.repeat(150_000)}`],
    ['groups', `To: ${'a:'.repeat(70_000)};`],
    ['angle brackets', `To: ${'<'.repeat(150_000)}`],
    ['encoded words', `Subject: ${'=?utf-8?q?=C3=BC?= '.repeat(8_000)}`],
    ['half encoded words', `Subject: ${'=?utf-8?q?'.repeat(15_000)}`],
    ['spaces', `Subject: ${' '.repeat(150_000)}x`],
    ['backslashes', `From: "${'\\'.repeat(150_001)}" <a@example.com>`],
    ['parameters', `Content-Type: text/plain; ${'a=b; '.repeat(30_000)}`],
    ['parameter sections', `Content-Type: text/plain; ${Array.from({ length: 5000 }, (_, i) => `name*${i}*=x`).join('; ')}`],
    ['comments', `Content-Type: text/plain ${'('.repeat(100_000)}`],
    ['references', `References: ${'<a@b> '.repeat(25_000)}`],
    ['a Message-ID of 150 KB', `Message-ID: <${'x'.repeat(150_000)}@example.com>`],
    ['a date of digits', `Date: ${'1 Jan '.repeat(20_000)}`],
    ['dots and at signs', `From: ${'a@a.'.repeat(30_000)}`],
  ];
  it.each(fields)('in a header: %s', async (_, field) => {
    const { parsed } = await read(Buffer.from(`${field}\r\nX-End: 1\r\n\r\nbody`));
    expect(parsed.preview).toBe('body');
  });

  const texts: readonly (readonly [string, string])[] = [
    ['equals signs', '='.repeat(1_500_000)],
    ['soft breaks', '=\r\n'.repeat(400_000)],
    ['spaces after equals signs', `=${' '.repeat(700_000)}=${' '.repeat(700_000)}x`],
  ];
  it.each(texts)('in quoted-printable: %s', async (_, text) => {
    await read(Buffer.from(`${head}Content-Transfer-Encoding: quoted-printable\r\n\r\n${text}`));
  });

  it('in an attached name: nothing that is no file name comes out', async () => {
    const names = [
      '../../etc/passwd',
      'C:\\Windows\\x.exe',
      'a\u202egnp.exe',
      '\u0000\u0001',
      '...',
      'CON',
      'x'.repeat(5000) + '.pdf',
      'a/b\\c:d',
      '  .hidden ',
      '',
    ];
    const parts = names.map(
      (name) =>
        `--b\r\nContent-Type: application/x-y\r\nContent-Disposition: attachment; filename*=utf-8''${encodeURIComponent(name)}\r\n\r\nx\r\n`,
    );
    const { parsed } = await read(Buffer.from(`${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n${parts.join('')}--b--\r\n`));
    expect(parsed.attachments).toHaveLength(names.length);
    for (const { fileName } of parsed.attachments) {
      expect(fileName).not.toBe('');
      expect(fileName.length).toBeLessThanOrEqual(limits.maxFileNameChars);
      expect(fileName).not.toMatch(/[/\\:\u0000-\u001f\u202a-\u202e]|^\.|\.$|^con$/iu);
    }
    expect(parsed.attachments[6]?.fileName.endsWith('.pdf')).toBe(true);
  });

  it('of random bytes is kept exactly', async () => {
    const random = seededRandom(11);
    for (let n = 0; n < 150; n++) await read(random.bytes(random.int(0, 60_000)));
    await read(Buffer.alloc(300_000));
    await read(Buffer.alloc(0));
  });
});

describe('identity of a message', () => {
  const cases: readonly (readonly [string, string, Partial<IngestedSource['parsed']>, readonly string[]])[] = [
    ['no Message-ID', 'Subject: x', { messageId: null }, ['no-message-id']],
    ['a blank Message-ID', 'Message-ID:  \r\nSubject: x', { messageId: null }, ['no-message-id']],
    ['two Message-IDs', 'Message-ID: <a@b>\r\nMessage-ID: <c@d>', { messageId: '<a@b>' }, []],
    ['a blank one before a good one', 'Message-ID:\r\nMessage-ID: <c@d>', { messageId: '<c@d>' }, []],
    ['a folded Message-ID', 'Message-ID:\r\n <a@b>', { messageId: '<a@b>' }, []],
    ['a bare Message-ID', 'Message-ID: a@b', { messageId: 'a@b' }, []],
    ['no date', 'Message-ID: <a@b>', { sentDate: null }, ['no-date']],
    ['a date that is none', 'Date: yesterday evening', { sentDate: null }, ['no-date']],
    ['the year 9999', 'Date: Fri, 31 Dec 9999 23:59:59 +0000', { sentDate: Date.UTC(9999, 11, 31, 23, 59, 59) }, []],
    ['a year of two digits', 'Date: 1 Apr 25 10:00 GMT', { sentDate: Date.UTC(2025, 3, 1, 10) }, []],
    ['a named zone', 'Date: Tue, 1 Apr 2025 10:00:00 EST', { sentDate: Date.UTC(2025, 3, 1, 15) }, []],
    [
      'several From',
      'From: a@example.com\r\nFrom: b@example.com',
      {
        from: [
          { name: '', address: 'a@example.com' },
          { name: '', address: 'b@example.com' },
        ],
      },
      ['several-from'],
    ],
    ['two subjects, the first empty', 'Subject:\r\nSubject: two', { subject: 'two' }, []],
    ['NUL in the subject', 'Subject: a\0b', { subject: 'a b' }, []],
    ['raw Latin-1', 'Subject: Gr\xfc\xdfe', { subject: 'Grüße' }, []],
  ];
  it.each(cases)('with %s', async (_, header, expected, codes) => {
    for (const ending of ['\r\n', '\n']) {
      const source = `${header}\r\nX: y\r\n\r\nbody\r\n`.replace(/\r\n/g, ending);
      const { parsed, codes: found } = await read(Buffer.from(source, 'latin1'));
      expect(parsed).toMatchObject(expected);
      for (const code of codes) expect(found).toContain(code);
      expect(parsed.preview).toBe('body');
    }
  });

  it('the year 1 is read or left open, never today', async () => {
    const { parsed } = await read(Buffer.from('Date: Mon, 1 Jan 0001 00:00:00 +0000\r\n\r\nx'));
    expect(parsed.sentDate === null || parsed.sentDate < 0).toBe(true);
  });

  it('a message without any header is all text', async () => {
    const { parsed } = await read(Buffer.from('just a line of text\r\nand another\r\n\r\nmore'));
    expect(parsed.preview).toBe('just a line of text and another more');
  });
});
