import { describe, expect, it } from 'vitest';
import { createInlineIngest } from '../../main/engine/ingest/inline-ingest.ts';
import { expandRtf } from '../../main/engine/ingest/tnef/compressed-rtf.ts';
import { readRtf } from '../../main/engine/ingest/tnef/read-rtf.ts';
import { readTnef } from '../../main/engine/ingest/tnef/read-tnef.ts';
import { limits } from '../../shared/limits.ts';
import { buildMail } from '../support/mail-builder.ts';
import { seededRandom } from '../support/random.ts';
import { buildTnef, compressRtf } from '../support/tnef-builder.ts';

const rtfOf = (text: string) => readRtf(Buffer.from(text, 'latin1'));

/** As Outlook writes an HTML mail. */
const ENCAPSULATED = String.raw`{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl
{\f0\fswiss Arial;}{\f1\fmodern\fcharset204 Courier New;}{\f2\fnil\fcharset128 Gothic;}}
{\colortbl\red0\green0\blue0;\red0\green0\blue255;}
\uc1\pard\plain\deftab360 \f0\fs24
{\*\htmltag19 <html>}{\*\htmltag34 <head>}{\*\htmltag161 <title>}\htmlrtf {\htmlrtf0 Angebot\htmlrtf }\htmlrtf0 {\*\htmltag169 </title>}
{\*\htmltag50 <body class="a" title="\'e4">}\htmlrtf \lang1031 \htmlrtf0 {\*\htmltag64 <p>}\htmlrtf {\htmlrtf0
Gr\'fc\'dfe \u8211-  5 \'80 {\*\htmltag84 &amp;}\htmlrtf &\htmlrtf0  {\f1\'cf\'f0\'e8} {\f2\'93\'fa\'96\'7b} \{<script>\}\htmlrtf\par}\htmlrtf0
{\*\mhtmltag84 <img src="x">}{\*\htmltag72 </p>}{\*\htmltag58 </body>}{\*\htmltag27 </html>}}`;

describe('compressed RTF', () => {
  it('is expanded as the example of MS-OXRTFCP, 4.1.1', () => {
    const bytes = Buffer.from('2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0', 'hex');
    expect(expandRtf(bytes)).toEqual({ rtf: Buffer.from('{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n'), isCut: false });
  });

  it('comes back whole, whatever its length', () => {
    const random = seededRandom(5);
    for (let n = 0; n < 20; n++) {
      const text = Array.from({ length: random.int(0, 3000) }, () =>
        random.pick(['a', 'bc', '\\par ', 'Angebot ', '\u00fc', '{', '}']),
      ).join('');
      expect(expandRtf(compressRtf(text))).toEqual({ rtf: Buffer.from(text, 'latin1'), isCut: false });
    }
  });

  it('is read as far as it goes when it is cut off, at every byte, and says so', () => {
    const whole = compressRtf(ENCAPSULATED);
    for (let length = 0; length < whole.length - 3; length++) {
      const read = expandRtf(whole.subarray(0, length));
      if (length < 16) expect(read).toBeNull();
      else expect(ENCAPSULATED.startsWith(read!.rtf.toString('latin1'))).toBe(true);
      if (length >= 16 && read!.rtf.length < ENCAPSULATED.length) expect(read!.isCut).toBe(true);
    }
  });

  it('gives no more than the limit, and no more memory than it holds', () => {
    const bomb = Buffer.concat([
      Buffer.from(compressRtf('aaa').subarray(0, 16)),
      Buffer.alloc(3 * limits.maxRtfBytes, Buffer.from('ff0cff0cff0cff0cff0cff0cff0cff0cff', 'hex')),
    ]);
    bomb.writeUInt32LE(0xffffffff, 4);
    const read = expandRtf(bomb)!;
    expect(read.isCut).toBe(true);
    expect(read.rtf.length).toBeLessThan(limits.maxRtfBytes + 8 * 17);
    const before = process.memoryUsage().arrayBuffers;
    for (let n = 0; n < 50; n++) expandRtf(compressRtf('a', 0x7fffffff));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * limits.maxRtfBytes);
  });
});

describe('RTF', () => {
  it('gives the HTML it was made of, in the character sets of its fonts, and no markup of its text', () => {
    const { html, text } = rtfOf(ENCAPSULATED)!;
    expect(text).toBe('');
    expect(html.replace(/\n/g, '')).toBe(
      '<html><head><title>Angebot</title><body class="a" title="ä"><p>Grüße –  5 € &amp; При 日本 {&#60;script&#62;}</p></body></html>',
    );
  });

  it('gives its text where no HTML lies in it', () => {
    const rtf = String.raw`{\rtf1\ansi\ansicpg1252\fromtext {\fonttbl{\f0 Arial;}}{\*\generator Riched20;}{\info{\author E}}{\pict\bin4 }}}}\'41}`;
    expect(
      rtfOf(`${rtf}\\uc1 Gr\\'fc\\'dfe\\par\n\\lquote a\\rquote\\tab b\\~c \\uc2\\u-10179 ab\\u-8704 ab!{\\uc0\\u228 x}\\line Ende}`)?.text,
    ).toBe('Grüße\n‘a’\tb\u00a0c \ud83d\ude00!äx\nEnde');
    expect(rtfOf('no RTF')).toBeNull();
  });

  it('never throws on garbage, and costs no more than its length', () => {
    const random = seededRandom(9);
    for (let n = 0; n < 2000; n++) {
      const broken = Buffer.from(ENCAPSULATED, 'latin1');
      for (let k = 0; k < 1 + (n % 9); k++)
        broken[random.int(5, broken.length - 1)] = random.pick([92, 123, 125, 39, 42, random.int(0, 255)]);
      expect(() => readRtf(broken)).not.toThrow();
    }
    for (const piece of [
      '{',
      '}',
      '\\',
      "\\'",
      '\\*',
      '\\u1 ',
      '{\\fonttbl',
      '\\bin-1',
      '\\bin99999999999',
      'a\\f1 ',
      '{\\*\\htmltag <b>',
    ]) {
      const before = process.cpuUsage();
      readRtf(Buffer.from(`{\\rtf1\\fromhtml1 ${piece.repeat(1_000_000 / piece.length)}x`));
      expect(process.cpuUsage(before).user / 1000, piece).toBeLessThan(2500);
    }
    expect(rtfOf(`{\\rtf1 ${'{'.repeat(5000)}tief${'}'.repeat(5000)}}`)?.text).toBe('tief');
  });
});

describe('a winmail.dat with formatted text', () => {
  const ingest = createInlineIngest();

  it('shows the HTML of it, and beside a text too', () => {
    const rtf = compressRtf(ENCAPSULATED);
    expect(readTnef(buildTnef({ text: 'Text', rtf }))).toMatchObject({ text: 'Text', isCut: false });
    expect(readTnef(buildTnef({ text: 'Text', rtf }))?.html).toContain('<p>');
    expect(readTnef(buildTnef({ html: '<p>eigenes</p>', rtf }))?.html).toBe('<p>eigenes</p>');
    expect(readTnef(buildTnef({ text: 'Text', rtf: compressRtf('{\\rtf1 anders}') }))).toMatchObject({ text: 'Text', html: '' });
    expect(readTnef(buildTnef({ rtf: rtf.subarray(0, 200) }))?.isCut).toBe(true);
  });

  it('is read in the mail that has no other text', async () => {
    const content = buildTnef({ rtf: compressRtf("{\\rtf1\\ansi Gr\\'fc\\'dfe aus \\'dcbersee}") });
    const mail = buildMail({
      subject: 'x',
      text: '',
      attachments: [{ fileName: 'winmail.dat', contentType: 'application/ms-tnef', content }],
    });
    const { segments } = await ingest.ingest(mail);
    expect((await ingest.open(segments)).text).toBe('Grüße aus Übersee');
  });
});
