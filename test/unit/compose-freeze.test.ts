import { createHash } from 'node:crypto';
import { simpleParser, type AddressObject } from 'mailparser';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { freezeMail, renderDraft } from '../../main/engine/compose/freeze.ts';
import { newMessageId } from '../../main/engine/compose/message-id.ts';
import { cleanHtml } from '../../main/engine/compose/html.ts';
import { headerLine } from '../../main/engine/compose/plain-text.ts';
import { textFromHtml } from '../../main/engine/compose/text-from-html.ts';
import { wireAddress } from '../../main/engine/compose/wire-address.ts';
import { cleanFileName } from '../../main/engine/mime/file-name.ts';
import { systemRandom } from '../../main/engine/core/random.ts';
import { withBcc } from '../../main/engine/store/bcc-header.ts';
import { MailError } from '../../shared/errors.ts';
import type { Address } from '../../shared/model/message.ts';
import { emptyContent, fileOf, randomMaterial, testAccount } from '../support/draft-random.ts';
import { reportFigure } from '../support/figures.ts';
import { seededRandom } from '../support/random.ts';
import { isFull } from '../support/this-run.ts';

const NOW = Date.UTC(2026, 10, 28, 9, 41, 7, 555);
const NO_THREAD = { inReplyTo: null, references: [] };
const to: Address[] = [{ name: 'Anna', address: 'anna@example.org' }];

const freeze = (change: Parameters<typeof emptyContent>[0] = {}, files: ReturnType<typeof fileOf>[] = [], account = testAccount()) =>
  freezeMail({ account, content: emptyContent({ to, ...change }), files, thread: NO_THREAD }, seededRandom(1), NOW);
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const headOf = (bytes: Uint8Array): string => text(bytes).split('\r\n\r\n')[0]!;

/** Addresses in one form, whichever parser read them. */
const plain = (list: readonly { name?: string | undefined; address?: string | undefined }[]): string[] =>
  list.map((one) => `${one.name ?? ''} <${wireAddress(one.address ?? '')?.address}>`);
const meant = (list: readonly Address[]): string[] => plain(list.map((one) => ({ ...one, name: headerLine(one.name, 200) })));
const flat = (value: AddressObject | AddressObject[] | undefined) =>
  value === undefined ? [] : [value].flat().flatMap((one) => one.value);
const noSpace = (value: string): string => value.replace(/\s+/gu, ' ').trim();

async function codeAndDetail(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof MailError ? `${error.code} ${error.detail}` : String(error);
}

describe('a frozen mail', () => {
  it('can be sent by and to people whose names hold brackets, quotes, commas and colons', async () => {
    const names = ['Erika <Team A>', 'A > B', 'a < b', '<>', 'Sales "Nord" <x@y.test>', '"<', '\\"<', 'a, <b>; c: d', '>, <evil@x.test'];
    for (const name of names) {
      const both = [
        { name, address: 'anna@example.org' },
        { name, address: '"a b"@example.org' },
      ];
      const { raw } = await freeze({ to: both, cc: both }, [], testAccount({ displayName: name }));
      const read = await simpleParser(Buffer.from(raw));
      expect(
        flat(read.from).map((one) => one.name),
        name,
      ).toEqual([name]);
      for (const list of [read.to, read.cc]) {
        expect(
          flat(list).map((one) => one.name),
          name,
        ).toEqual([name, name]);
        expect(flat(list)[0]?.address, name).toBe('anna@example.org');
      }
    }
  });

  const runs = isFull ? 2000 : 200;
  it(`says to two parsers what was written (${runs} random drafts)`, { timeout: 600_000 }, async () => {
    let files = 0;
    for (let seed = 1; seed <= runs; seed += 1) {
      const random = seededRandom(seed);
      const material = randomMaterial(random);
      const { content, contents, thread } = material;
      const frozen = await freezeMail(material, random, NOW);
      const raw = Buffer.from(frozen.raw);
      const first = await simpleParser(raw, { skipImageLinks: true, skipTextToHtml: true });
      const second = await PostalMime.parse(raw);
      const subject = headerLine(content.subject, 2000);
      expect(first.subject ?? '', `seed ${seed}`).toBe(subject);
      expect(second.subject ?? '', `seed ${seed}`).toBe(subject);
      for (const field of ['to', 'cc'] as const) {
        expect(plain(flat(first[field])), `seed ${seed} ${field}`).toEqual(meant(content[field]));
        expect(plain((second[field] ?? []).flatMap((one) => one.group ?? [one])), `seed ${seed} ${field}`).toEqual(meant(content[field]));
      }
      expect(first.messageId).toBe(frozen.messageId);
      expect(second.messageId).toBe(frozen.messageId);
      expect(first.date?.getTime()).toBe(frozen.date);
      expect(first.inReplyTo ?? null).toBe(thread.inReplyTo);
      expect([first.references ?? []].flat()).toEqual(thread.references);
      const pictures = new Set(material.files.filter((one) => one.mimeType === 'image/png').map((one) => one.contentId));
      const html = cleanHtml(content.html, { image: (id) => (pictures.has(id) ? `cid:${id}` : null) });
      const expected = content.format === 'rich' ? textFromHtml(html) : content.text;
      expect(noSpace(first.text ?? ''), `seed ${seed}`).toBe(noSpace(expected));
      expect(noSpace(second.text ?? ''), `seed ${seed}`).toBe(noSpace(expected));
      if (content.format === 'rich') expect(noSpace(second.html ?? ''), `seed ${seed}`).toContain(noSpace(html));
      const sorted = (list: readonly (Uint8Array | ArrayBuffer | string)[]) =>
        list.map((one) => Buffer.from(one as Uint8Array).toString('base64')).sort();
      expect(sorted(first.attachments.map((one) => one.content)), `seed ${seed}`).toEqual(sorted(contents));
      expect(sorted(second.attachments.map((one) => one.content)), `seed ${seed}`).toEqual(sorted(contents));
      const names = material.files.map((one, n) => cleanFileName(one.fileName, one.mimeType, n + 1)).sort();
      expect(first.attachments.map((one) => one.filename).sort(), `seed ${seed}`).toEqual(names);
      expect(second.attachments.map((one) => one.filename).sort(), `seed ${seed}`).toEqual(names);
      expect(headOf(raw)).not.toMatch(/^(bcc|x-mailer|user-agent):/imu);
      files += contents.length;
    }
    reportFigure('O4 round trip by two parsers', { drafts: runs, files, different: 0 });
  });

  it('is 7-bit with CRLF line ends and no line over 998 bytes, whatever was typed', async () => {
    const long = 'x'.repeat(3000);
    const { raw } = await freeze({ subject: 'y'.repeat(1900), text: `${long}\n.\n\r.\rFrom me\n${'ü'.repeat(4000)}\0`, format: 'plain' }, [
      fileOf(Buffer.from('\n.\n\r.\r\0')),
    ]);
    expect(/[^\x09\x0d\x0a\x20-\x7e]/u.test(text(raw))).toBe(false);
    expect(text(raw).replaceAll('\r\n', '')).not.toMatch(/[\r\n]/u);
    expect(
      Math.max(
        ...text(raw)
          .split('\r\n')
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(998);
    const parsed = await simpleParser(Buffer.from(raw));
    expect(parsed.subject).toBe('y'.repeat(1900));
    expect(parsed.text).toContain(long);
  });

  it('has the same bytes for the same input', async () => {
    const digest = async () =>
      createHash('sha256')
        .update((await freeze({ subject: 'ä', html: '<p>x</p>', format: 'rich' }, [fileOf(Buffer.from('x'))])).raw)
        .digest('hex');
    expect(await digest()).toBe(await digest());
  });

  it('names blind recipients in the envelope and the copy in Sent only', async () => {
    const bcc = [{ name: 'Büro', address: 'secret@münchen.example' }];
    const frozen = await freeze({ bcc });
    expect(text(frozen.raw)).not.toMatch(/secret/u);
    expect(frozen.envelope.to).toEqual(['anna@example.org', 'secret@xn--mnchen-3ya.example']);
    const copy = await simpleParser(Buffer.from(withBcc(frozen.raw, frozen.bcc)));
    expect(plain(flat(copy.bcc))).toEqual(meant(bcc));
  });

  it('can be sent to blind recipients alone', async () => {
    const frozen = await freeze({ to: [], bcc: to });
    expect(headOf(frozen.raw)).not.toMatch(/^(to|cc|bcc):/imu);
    expect(frozen.envelope.to).toEqual(['anna@example.org']);
  });

  it('tells nothing of this machine: header fields are those of a mail and no other', async () => {
    const { raw } = await freeze({ subject: 's', html: '<p>x</p>', format: 'rich' });
    const names = headOf(raw)
      .split('\r\n')
      .filter((line) => /^\S/u.test(line))
      .map((line) => line.split(':')[0]);
    expect(names).toEqual(['From', 'To', 'Subject', 'Message-ID', 'Date', 'MIME-Version', 'Content-Type']);
    expect(headOf(raw)).toContain('Date: Sat, 28 Nov 2026 09:41:07 +0000');
  });

  it('takes every recipient once', async () => {
    const frozen = await freeze({ to: [...to, ...to], cc: [{ name: '', address: 'ANNA@Example.ORG' }], bcc: to });
    expect(frozen.envelope.to).toHaveLength(1);
  });

  it('flags local parts that are not ASCII, and writes them as UTF-8', async () => {
    const frozen = await freeze({ to: [{ name: 'J', address: 'jörg@münchen.example' }] });
    expect(frozen).toMatchObject({ needsSmtpUtf8: true, envelope: { to: ['jörg@xn--mnchen-3ya.example'] } });
    expect((await freeze()).needsSmtpUtf8).toBe(false);
  });

  it('leaves out a picture that is not in the text any more, and sends it as a file when the mail is plain', async () => {
    const picture = fileOf(Buffer.from('png'), { isInline: true, contentId: 'a@b', mimeType: 'image/png', fileName: 'p.png' });
    const parts = async (format: 'rich' | 'plain', html: string) =>
      (await simpleParser(Buffer.from((await freeze({ format, html, text: 'x' }, [picture])).raw))).attachments;
    expect(await parts('rich', '<p>gone</p>')).toEqual([]);
    expect(await parts('rich', '<img src="cid:a@b">')).toMatchObject([{ related: true, cid: 'a@b' }]);
    expect(await parts('plain', '')).toMatchObject([{ contentDisposition: 'attachment' }]);
  });

  it('has no remote picture and no script of its writer', async () => {
    const { raw } = await freeze({
      format: 'rich',
      html: '<p onclick="x()">a<script>alert(1)</script><img src="https://example.com/t.gif" alt="t"></p>',
    });
    expect(text(raw)).not.toMatch(/script|onclick|t\.gif/u);
  });
});

describe('a draft is refused', () => {
  const bad = [
    '',
    'x',
    '@example.com',
    'a@',
    'a b@example.com',
    'a@exam ple.com',
    'a@b@',
    'a..b@example.com',
    '.a@example.com',
    'a@-x.example',
    'a@x_y.example',
    'a@1.2.3.4',
    `${'a'.repeat(65)}@example.com`,
    'a@example.com,b@example.com',
    'a@example.com\r\nBcc: b@example.com',
    'a<b@example.com',
    '"a@example.com',
    'a@exa\u2028mple.com',
    'a@example.com.',
  ];
  it.each(bad)('for the address %j, and says where only', async (address) => {
    expect(await codeAndDetail(freeze({ to: [...to, ...to, { name: '', address }] }))).toBe('draft-invalid to[2]');
    expect(await codeAndDetail(freeze({ bcc: [{ name: '', address }] }))).toBe('draft-invalid bcc[0]');
  });
  const good = [
    'a@b',
    'a+b@example.com',
    '"a b"@example.com',
    "o'brien@example.com",
    'a@[127.0.0.1]',
    'a@[IPv6:::1]',
    'ä@example.com',
    'a@ümlaut.example',
    ' a@example.com ',
  ];
  it.each(good)('not for %j', async (address) => {
    expect(await codeAndDetail(freeze({ to: [{ name: '', address }] }))).toBe('null');
  });
  it('without a recipient, with too many, or with too much', async () => {
    expect(await codeAndDetail(freeze({ to: [] }))).toBe('draft-invalid to');
    expect(await codeAndDetail(freeze({ cc: Array.from({ length: 500 }, (_, n) => ({ name: '', address: `a${n}@example.com` })) }))).toBe(
      'draft-invalid recipients',
    );
    expect(await codeAndDetail(freeze({}, [fileOf(Buffer.alloc(1), { sizeBytes: 51 * 2 ** 20 })]))).toBe('draft-invalid files');
    expect(
      await codeAndDetail(
        freeze(
          {},
          [1, 2].map(() => fileOf(Buffer.alloc(1), { sizeBytes: 31 * 2 ** 20 })),
        ),
      ),
    ).toBe('draft-invalid files');
  });
});

describe('the copy of an unfinished draft', () => {
  it('has what is finished of it', async () => {
    const content = emptyContent({ to: [...to, { name: '', address: 'half' }], bcc: to, subject: 'soon' });
    const { raw, bcc } = await renderDraft({ account: testAccount(), content, files: [], thread: NO_THREAD }, '<x@example.com>', NOW);
    expect(text(raw)).toContain('To: Anna <anna@example.org>\r\n');
    expect(bcc).toHaveLength(1);
    const empty = await renderDraft(
      { account: testAccount(), content: emptyContent(), files: [], thread: NO_THREAD },
      '<x@example.com>',
      NOW,
    );
    expect(headOf(empty.raw)).not.toMatch(/^(to|subject):/imu);
  });
});

describe('Message-IDs (O4)', () => {
  it('never come twice, and hold chance and the domain of the sender only', () => {
    const count = isFull ? 1_000_000 : 50_000;
    const seen = new Set<string>();
    for (let n = 0; n < count; n += 1) seen.add(newMessageId(systemRandom, 'example.com'));
    expect(seen.size).toBe(count);
    expect([...seen].every((id) => /^<[0-9a-f]{40}@example\.com>$/u.test(id))).toBe(true);
    reportFigure('O4 Message-IDs', { made: count, equal: 0 });
  });
});
