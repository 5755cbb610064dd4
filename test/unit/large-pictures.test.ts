import { describe, expect, it } from 'vitest';
import { pictureOf, withoutLargePictures } from '../../renderer/mail/large-pictures.ts';

const picture = (count: number, kind = 'png'): string => `data:image/${kind};base64,${'QUJD\r\n'.repeat(count)}`;

describe('large pictures in the text of a mail', () => {
  it('are put aside and found again, each its own', () => {
    const given = [picture(3_000), picture(4_000, 'jpeg')] as const;
    const { html, pictures } = withoutLargePictures(`<p>a<IMG alt="x" SRC = '${given[0]}'>b<img src="${given[1]}">c`);
    expect(html.length).toBeLessThan(200);
    expect(html.replaceAll(/data:[^"']*/gu, (source) => pictureOf(source, pictures))).toBe(
      `<p>a<IMG alt="x" SRC = '${given[0]}'>b<img src="${given[1]}">c`,
    );
  });

  it.each([
    ['small', `<img src="${picture(10)}">`],
    ['without quotes', `<img src=${picture(3_000).replaceAll(/\s/gu, '')}>`],
    ['of another kind', `<img src="${picture(3_000, 'svg+xml')}">`],
    ['with something in it that is no base64', `<img src="${picture(3_000)}<script>${picture(1)}">`],
    ['ended by the other quotation mark', `<img alt='src="${picture(3_000)}' title="x">`],
    ['followed by the next part', `<img src="${picture(3_000)}\0<p>b`],
  ])('stay where they are: %s', (_what, html) => {
    expect(withoutLargePictures(html)).toEqual({ html, pictures: [] });
  });

  it('are taken out where the mail was cut off within one', () => {
    expect(withoutLargePictures(`<p>a<img src="${picture(3_000)}`).html.length).toBeLessThan(100);
  });

  it('are none where an address stands for none', () => {
    const source = 'data:image/png;base64,holdover/picture/3';
    expect(pictureOf(source, [])).toBe(source);
    expect(pictureOf('https://a.example/b.png', ['x'])).toBe('https://a.example/b.png');
  });
});
