import { describe, expect, it } from 'vitest';
import { createInlineIngest } from '../../main/engine/ingest/inline-ingest.ts';
import { readTnef } from '../../main/engine/ingest/tnef/read-tnef.ts';
import { limits } from '../../shared/limits.ts';
import { buildMail } from '../support/mail-builder.ts';
import { seededRandom } from '../support/random.ts';
import { buildTnef } from '../support/tnef-builder.ts';

const inner = buildTnef({ subject: 'Vertrag', text: 'Im Anhang.', files: [{ name: 'tief.txt', content: Buffer.from('ganz innen') }] });
const sample = buildTnef({
  subject: 'Angebot',
  text: 'Grüße aus Übersee',
  html: '<p>Gr&uuml;&szlig;e</p>',
  files: [
    { name: 'Übersicht März.pdf', content: Buffer.from('%PDF-1.4 x'), mimeType: 'application/pdf' },
    { name: '../../etc/passwd', content: Buffer.from('root') },
    { name: 'Weitergeleitet', content: inner, isMessage: true },
  ],
});

describe('winmail.dat', () => {
  it('gives its files with their long names, its text and its subject', () => {
    const read = readTnef(sample)!;
    expect(read).toMatchObject({ subject: 'Angebot', text: 'Grüße aus Übersee', html: '<p>Gr&uuml;&szlig;e</p>', isCut: false });
    expect(read.files.map(({ name, mimeType }) => [name, mimeType])).toEqual([
      ['Übersicht März.pdf', 'application/pdf'],
      ['../../etc/passwd', ''],
      ['Weitergeleitet.dat', 'application/ms-tnef'],
    ]);
    expect(read.files[0]?.content.toString()).toBe('%PDF-1.4 x');
    expect(readTnef(read.files[2]!.content)).toMatchObject({ subject: 'Vertrag', text: 'Im Anhang.' });
  });

  it('is read as far as it goes when it is cut off, at every byte', () => {
    const whole = readTnef(sample)!;
    for (let length = 0; length < sample.length; length += 1) {
      const read = readTnef(sample.subarray(0, length));
      if (length < 6) expect(read).toBeNull();
      else expect(read!.files.length).toBeLessThanOrEqual(whole.files.length);
    }
  });

  it('never throws on garbage, and gives no more than the limits', () => {
    const random = seededRandom(7);
    for (let n = 0; n < 3000; n += 1) {
      const broken = Buffer.from(sample);
      for (let k = 0; k < 1 + (n % 9); k += 1) broken[random.int(6, broken.length - 1)] = random.int(0, 255);
      expect(() => readTnef(broken)).not.toThrow();
    }
    const many = buildTnef({
      files: Array.from({ length: 2 * limits.maxTnefFiles }, (_, n) => ({ name: `${n}`, content: Buffer.alloc(1) })),
    });
    expect(readTnef(many)).toMatchObject({ isCut: true });
    expect(readTnef(many)?.files).toHaveLength(limits.maxTnefFiles);
    expect(readTnef(Buffer.from('no such thing at all'))).toBeNull();
  });
});

describe('a mail with a winmail.dat', () => {
  const ingest = createInlineIngest();
  const mail = async (text: string, content = sample) => {
    const attachments = [{ fileName: 'winmail.dat', contentType: 'application/ms-tnef', content }];
    return (await ingest.ingest(buildMail({ text, attachments }))).segments;
  };

  it('lists its files, under names that are safe, and gives their content', async () => {
    const segments = await mail('Hallo');
    const opened = await ingest.open(segments);
    expect(opened.text).toBe('Hallo');
    expect(opened.unpacked.map(({ fileName, mimeType, index, within }) => [fileName, mimeType, index, within])).toEqual([
      ['Übersicht März.pdf', 'application/pdf', 0, [0]],
      ['_.._etc_passwd', 'application/octet-stream', 1, [0]],
      ['Weitergeleitet.dat', 'application/ms-tnef', 2, [0]],
    ]);
    expect(Buffer.from((await ingest.attachment(segments, [0, 1], 100)).content).toString()).toBe('root');
    expect(Buffer.from((await ingest.attachment(segments, [0, 2, 0], 100)).content).toString()).toBe('ganz innen');
    await expect(ingest.attachment(segments, [0, 1], 3)).rejects.toMatchObject({ code: 'message-too-large' });
    await expect(ingest.attachment(segments, [0, 9], 100)).rejects.toMatchObject({ code: 'not-found' });
    await expect(ingest.attachment(segments, [0, 1, 0], 100)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('shows its text where the mail has none', async () => {
    expect((await ingest.open(await mail(' '))).html).toBe('<p>Gr&uuml;&szlig;e</p>');
    expect((await ingest.openInner(await mail('Hallo'), [0, 2])).text).toBe('Im Anhang.');
  });

  it('is read all the same when the file is cut off or full of garbage at every 64th byte', async () => {
    for (let at = 0; at < sample.length; at += 64) {
      const garbage = Buffer.from(sample);
      garbage.fill(0xff, at, at + 8);
      for (const content of [sample.subarray(0, at), garbage]) {
        const opened = await ingest.open(await mail('Hallo', content));
        expect(opened.text).toBe('Hallo');
        expect(opened.parsed.attachments).toHaveLength(1);
      }
    }
  });
});
