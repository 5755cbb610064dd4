import { describe, expect, it } from 'vitest';
import { createInlineIngest } from '../../main/engine/ingest/inline-ingest.ts';
import { containerKind } from '../../shared/model/container.ts';
import { limits } from '../../shared/limits.ts';
import { buildMail } from '../support/mail-builder.ts';
import { nestedMail } from '../support/nested-mail.ts';

const ingest = createInlineIngest();
const segmentsOf = async (raw: Buffer) => (await ingest.ingest(raw)).segments;

describe('a mail in a mail', () => {
  it('is opened on every level, and its attachments are reached', async () => {
    const segments = await segmentsOf(nestedMail(5));
    for (let level = 1; level <= 5; level += 1) {
      const { parsed, text } = await ingest.openInner(segments, Array<number>(level).fill(0));
      expect([parsed.subject, text]).toEqual([`level ${level}`, `text ${level}`]);
    }
    const { attachment, content } = await ingest.attachment(segments, [0, 0, 0, 0, 0, 0], 100);
    expect([attachment.fileName, Buffer.from(content).toString()]).toEqual(['a.txt', 'deep']);
  });

  it('is found missing where the path leads nowhere, or into something else', async () => {
    const segments = await segmentsOf(nestedMail(1));
    await expect(ingest.openInner(segments, [1])).rejects.toMatchObject({ code: 'not-found' });
    await expect(ingest.openInner(segments, [0, 0])).rejects.toMatchObject({ code: 'not-found' });
    await expect(ingest.openInner(segments, [])).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is read within the bounds of any mail when it lies fifty deep', async () => {
    const segments = await segmentsOf(nestedMail(50));
    const path = Array<number>(limits.maxInnerDepth).fill(0);
    expect((await ingest.openInner(segments, path)).text).toBe(`text ${limits.maxInnerDepth}`);
  });

  it('is too large to be opened beyond the limit', async () => {
    const large = Buffer.concat([buildMail({}), Buffer.alloc(limits.maxInnerBytes, 'x\r\n')]);
    const segments = await segmentsOf(buildMail({ attachments: [{ fileName: 'a.eml', contentType: 'message/rfc822', content: large }] }));
    await expect(ingest.openInner(segments, [0])).rejects.toMatchObject({ code: 'message-too-large' });
  });
});

describe('what can be opened inside the app', () => {
  it.each([
    ['message/rfc822', 'x', 'message'],
    ['application/octet-stream', 'Weitergeleitet.EML', 'message'],
    ['application/ms-tnef', 'x', 'tnef'],
    ['application/octet-stream', 'winmail.dat', 'tnef'],
    ['application/octet-stream', 'winmail (2).dat', 'tnef'],
    ['application/octet-stream', 'winmail.dat.exe', null],
    ['text/html', 'eml.html', null],
  ])('%s %s: %s', (mimeType, fileName, kind) => {
    expect(containerKind({ mimeType, fileName })).toBe(kind);
  });
});

describe('signed and encrypted mail', () => {
  const protectionOf = async (raw: string) => (await ingest.open(await segmentsOf(Buffer.from(raw.replaceAll('\n', '\r\n'))))).protection;
  const head = 'From: a@example.com\nTo: b@example.com\nSubject: x\nMIME-Version: 1.0\n';
  const text = '--b\nContent-Type: text/plain\n\nHello\n';
  const signed = (protocol: string, type: string) =>
    `Content-Type: multipart/signed; protocol="${protocol}"; boundary=b\n\n${text}--b\nContent-Type: ${type}\n\nsignature\n--b--\n`;
  const cms = (parameters: string, body = 'AAAA') =>
    `Content-Type: application/pkcs7-mime; name=smime.p7m${parameters}\nContent-Transfer-Encoding: base64\n\n${body}\n`;
  const oid = (last: string) => Buffer.from(`308006092a864886f70d0107${last}a080`, 'hex').toString('base64');

  it.each([
    [
      'S/MIME, clear',
      signed('application/pkcs7-signature', 'application/pkcs7-signature'),
      { kind: 'signed', by: 'smime', isOpaque: false, isPartial: false },
    ],
    [
      'PGP/MIME',
      signed('application/pgp-signature', 'application/pgp-signature'),
      { kind: 'signed', by: 'pgp', isOpaque: false, isPartial: false },
    ],
    [
      'PGP/MIME, encrypted',
      'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream\n\nx\n--b--\n',
      { kind: 'encrypted', by: 'pgp', isOpaque: true },
    ],
    ['S/MIME, opaque', cms('; smime-type=signed-data'), { kind: 'signed', by: 'smime', isOpaque: true, isPartial: false }],
    ['S/MIME, encrypted', cms('; smime-type=enveloped-data'), { kind: 'encrypted', by: 'smime', isOpaque: true }],
    ['S/MIME that does not say what it is, signed', cms('', oid('02')), { kind: 'signed', by: 'smime' }],
    ['S/MIME that does not say what it is, encrypted', cms('', oid('03')), { kind: 'encrypted', by: 'smime' }],
    [
      'PGP in the text, encrypted',
      'Content-Type: text/plain\n\n-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----\n',
      { kind: 'encrypted', by: 'pgp', isPartial: false },
    ],
    [
      'PGP in the text, signed, below other text',
      'Content-Type: text/plain\n\nHello\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nabc\n',
      { kind: 'signed', by: 'pgp', isPartial: true },
    ],
    [
      'a signed part of a mail',
      `Content-Type: multipart/mixed; boundary=m\n\n--m\n${signed('application/pkcs7-signature', 'application/pkcs7-signature')}--m--\n`,
      { kind: 'signed', isPartial: true },
    ],
    ['a list of certificates', cms('; smime-type=certs-only'), null],
    ['none', 'Content-Type: text/plain\n\nHello -----BEGIN PGP MESSAGE-----\n', null],
  ] as const)('%s', async (_, body, expected) => {
    const found = await protectionOf(head + body);
    if (expected === null) expect(found).toBeNull();
    else expect(found).toMatchObject(expected);
  });
});
