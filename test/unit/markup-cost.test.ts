import { describe, expect, it } from 'vitest';
import { pixelsOf } from '../../renderer/mail/image-size.ts';
import { isTooMuchMarkup } from '../../renderer/mail/markup-cost.ts';

const attributes = (count: number): string => Array.from({ length: count }, (_, n) => `a${n}`).join(' ');

describe('markup that is too much to be parsed in the window', () => {
  it.each([
    ['many tags', '<br>'.repeat(50_000)],
    ['deep', '<div>'.repeat(2_000)],
    ['deep, in capitals', '<B>'.repeat(2_000)],
    ['deep, with ends of what was never open', '<b></i>'.repeat(2_000)],
    ['deep tables', '<table><tr><td>'.repeat(2_000)],
    ['much text', 'x'.repeat(2_000_000)],
    ['a tag of many attributes', `<p ${attributes(20_000)}>`],
    ['the same, with a bracket in quotes', `<p x=">" ${attributes(20_000)}>`],
    ['the same, where programs read the quotes in different ways', `<p =" b=">" ${attributes(20_000)}>`],
    ['the same, with both kinds of quotes', `<p x='"' y=">" ${attributes(20_000)}>`],
    ['a tag without end', `<p ${attributes(20_000)}`],
    ['a tag of many attributes behind the beginning of a picture', `<p src=data:image/png;base64, ${attributes(20_000)}>`],
    ['the same, in quotes of one kind within the other', `<p x='="data:image/png;base64,' ${attributes(20_000)}>`],
    ['the same, where a quote ends', `<p x="a"data:image/png;base64, ${attributes(20_000)}>`],
  ])('is %s', (_, html) => {
    expect(isTooMuchMarkup(html)).toBe(true);
  });

  it.each([
    ['a long thread', `<table>${'<tr><td><p>a <b>b</b><br></td></tr>'.repeat(3_000)}</table>`],
    ['quotation in quotation', `${'<blockquote><div>'.repeat(200)}x`],
    ['paragraphs and cells that are never closed', `<table>${'<tr><td>a<p>b<li>c'.repeat(3_000)}`],
    ['a large picture', `<p>a<img alt="b" src="data:image/png;base64,${'A'.repeat(4_000_000)}">c`],
    ['one as large as a mail can be', `<p>a<img src="data:image/png;base64,${`${'A'.repeat(76)}\r\n`.repeat(500_000)}">c`],
    ['a large style sheet', `<style type="text/css">${'p { color: #123456 }\n'.repeat(5_000)}</style>`],
    ['long text without a line', `<p class="a">${'word '.repeat(20_000)}`],
  ])('is not %s', (_, html) => {
    expect(isTooMuchMarkup(html)).toBe(false);
  });
});

describe('pixels of a picture', () => {
  const size = (bytes: readonly number[]): number =>
    pixelsOf(Buffer.from([...bytes, ...Array.from({ length: 40 }, () => 0)]).toString('base64'));
  const ascii = (text: string): number[] => [...Buffer.from(text, 'latin1')];

  it('are read from its first bytes', () => {
    expect(size([...ascii('\u0089PNG\r\n\u001a\n'), 0, 0, 0, 13, ...ascii('IHDR'), 0, 0, 2, 0, 0, 0, 1, 0])).toBe(512 * 256);
    expect(size([...ascii('\u0089PNG\r\n\u001a\n'), 0, 0, 0, 13, ...ascii('IHDR'), 0, 1, 0, 0, 0, 0, 0, 1])).toBe(Infinity);
    expect(size([...ascii('GIF89a'), 0x10, 0, 0x20, 0])).toBe(16 * 32);
    expect(size([...ascii('RIFF....WEBPVP8X'), 10, 0, 0, 0, 0, 0, 0, 0, 15, 0, 0, 31, 0, 0])).toBe(16 * 32);
    expect(size([...ascii('RIFF....WEBPVP8 '), 10, 0, 0, 0, 0, 0, 0, 0x9d, 1, 0x2a, 16, 0, 32, 0])).toBe(16 * 32);
    expect(size([...ascii('RIFF....WEBPVP8L'), 10, 0, 0, 0, 0x2f, 15, 0xc0, 7, 0])).toBe(16 * 32);
  });

  it('are found in a JPEG behind whatever comes before them', () => {
    const segment = [0xff, 0xe1, 0xff, 0xff, ...Array.from({ length: 0xfffd }, () => 7)];
    const frame = [0xff, 0xc2, 0, 17, 8, 0, 32, 0, 16];
    for (const before of [[], segment, [...segment, ...segment]]) expect(size([0xff, 0xd8, ...before, ...frame])).toBe(16 * 32);
    expect(size([0xff, 0xd8, ...segment])).toBe(Infinity);
  });

  it('are none in what is no picture', () => {
    expect(size(ascii('<svg>'))).toBe(0);
    expect(pixelsOf('%%%')).toBe(0);
    expect(pixelsOf('')).toBe(0);
  });

  it('are found behind any number of blanks', () => {
    const gif = Buffer.from([...ascii('GIF89a'), 0x10, 0, 0x20, 0, ...Array.from({ length: 60 }, () => 0)]).toString('base64');
    expect(pixelsOf(`${' '.repeat(10_000)}${gif}`)).toBe(16 * 32);
    expect(pixelsOf(gif.replaceAll(/.{4}/gu, '$&\r\n'))).toBe(16 * 32);
  });
});
