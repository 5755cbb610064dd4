import { describe, expect, it } from 'vitest';
import { cleanHtml } from '../../main/engine/compose/html.ts';
import { cleanStyle, isHidden } from '../../main/engine/compose/style-rules.ts';
import { textFromHtml } from '../../main/engine/compose/text-from-html.ts';
import { htmlTokens } from '../../main/engine/mime/html-tokens.ts';

const clean = (html: string, dropHidden = false): string =>
  cleanHtml(html, { image: (id) => (id === 'ok@x' ? 'cid:ok@x' : null), dropHidden });
const text = (html: string): string => textFromHtml(clean(html));

describe('HTML that is sent', () => {
  it.each([
    ['<p>a<b>b</b></p>', '<p>a<b>b</b></p>'],
    ['<p>a<p>b', '<p>a</p><p>b</p>'],
    ['<ul><li>a<li>b</ul>', '<ul><li>a</li><li>b</li></ul>'],
    ['<table><tr><td>a<td>b<tr><td>c</table>d', '<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>d'],
    ['<b><i>a</b>b</i>', '<b><i>a</i></b>b'],
    ['</p>a</div>', 'a'],
    ['a<br/>b<BR>c', 'a<br>b<br>c'],
    ['1 < 2 & 3 &lt; 4 &amp;amp;', '1 &lt; 2 &amp; 3 &lt; 4 &amp;amp;'],
    ['<section><custom-tag>a</custom-tag></section>', '<div>a</div>'],
    ['<!-- c --><!DOCTYPE html><?x?>a', 'a'],
    ['<a href="https://example.com/?a=1&amp;b=2">x</a>', '<a href="https://example.com/?a=1&amp;b=2">x</a>'],
    ['<img src="cid:ok@x" alt="a" onerror="x()">', '<img src="cid:ok@x" alt="a">'],
    ['<img src="cid:ok%40x">', '<img src="cid:ok@x">'],
    ['<td style="color:red;position:fixed;background-image:url(x)">a</td>', '<td style="color: red">a</td>'],
    ['<a =x href=https://example.com>y</a>z', '<a href="https://example.com">y</a>z'],
    ["<p title='\"><script>'>a</p>", '<p title="&quot;&gt;&lt;script&gt;">a</p>'],
  ])('%s', (html, expected) => {
    expect(clean(html)).toBe(expected);
  });

  const dangers = [
    '<script>alert(1)</script>',
    '<style>*{}</style>',
    '<iframe src="x">a</iframe>',
    '<svg><script>x</script></svg>',
    '<math><mtext></mtext></math>',
    '<object data="x"></object>',
    '<embed src="x">',
    '<link rel="stylesheet" href="x">',
    '<meta http-equiv="refresh" content="0">',
    '<base href="x">',
    '<form action="https://e"><input name="a"></form>',
    '<img src="https://e/t.gif">',
    '<img src="//e/t.gif">',
    '<img src="data:image/png;base64,AA">',
    '<img srcset="https://e/t.gif 1x">',
    '<div style="background:url(https://e)">x</div>',
    '<a href="javascript:x()">a</a>',
    '<a href=" java\nscript:x()">a</a>',
    '<a href="&#106;avascript:x()">a</a>',
    '<a href="vbscript:x">a</a>',
    '<a href="data:text/html,x">a</a>',
    '<a href="file:///etc/passwd">a</a>',
    '<p onclick="x()">a</p>',
    '<p OnClick=x()>a</p>',
    '<div style="width:expression(x())">a</div>',
    '<video src="x"></video>',
    '<textarea></p><img src="https://e">',
    '<noscript><img src="https://e"></noscript>',
    '<template><img src="https://e"></template>',
    '<title><img src="https://e"></title>',
    '<plaintext><img src="https://e">',
    '<xmp><img src="https://e"></xmp>',
    '<table background="https://e"><tr><td></table>',
    '<body background="https://e">',
    '<p style="content:\'x\';-moz-binding:url(x)">a</p>',
    '<a href="https://e"\u0000onclick="x">a</a>',
    '<<script>script>alert(1)</script>',
    '<img/src="https://e"/onerror=x()>',
    '<p style="font-family:\'a;} body{background:url(https://e)\'">a</p>',
  ];
  it.each(dangers)('holds nothing that acts or loads: %j', (html) => {
    const out = clean(html);
    const tags = [...htmlTokens(out)].filter((one) => one.type === 'open');
    for (const tag of tags) {
      expect(tag.name).toMatch(/^(?:a|b|i|p|div|table|tbody|tr|td|img|br)$/u);
      for (const [name, value] of tag.attributes) {
        expect(name).not.toMatch(/^on|^src|srcset|action|background$/u);
        if (name === 'href') expect(value).toMatch(/^https:/u);
        if (name === 'style') expect(value).not.toMatch(/url|expression|content|binding/u);
      }
    }
    // Cleaning once more changes nothing: what was written is what is read.
    expect(clean(out)).toBe(out);
  });

  it('is the same when it is cleaned twice, and always closed, for arbitrary soup', { timeout: 120_000 }, () => {
    const parts = [
      '<p>',
      '</p>',
      '<b>',
      '</b>',
      '<div style="color:red">',
      '</div>',
      '<table>',
      '<tr>',
      '<td>',
      '</table>',
      'x & y',
      '<',
      '>',
      '"',
      "'",
      '<!--',
      '-->',
      '<a href="https://e/',
      '<li>',
      '<ul>',
      '</ul>',
      '&lt;',
      '\0',
      '<img src=cid:ok@x>',
      '<script>',
      '</script>',
    ];
    let state = 7;
    const next = (max: number): number => (state = (state * 1103515245 + 12345) % 2147483648) % max;
    for (let n = 0; n < 3000; n += 1) {
      const soup = Array.from({ length: next(30) }, () => parts[next(parts.length)]).join('');
      const once = clean(soup);
      expect(clean(once), JSON.stringify(soup)).toBe(once);
      const open: string[] = [];
      for (const token of htmlTokens(once)) {
        if (token.type === 'open' && !['img', 'br'].includes(token.name)) open.push(token.name);
        if (token.type === 'close') expect(open.pop()).toBe(token.name);
      }
      expect(open).toEqual([]);
    }
  });

  it('takes time in proportion to its length', { timeout: 120_000 }, () => {
    for (const piece of ['<p>', '<b', '<a x="', '&', '<!--', '</', '<td>', '<li><ul>', '<a =', '<img src=cid:ok@x alt="', '<title>']) {
      const start = performance.now();
      clean(piece.repeat(200_000), true);
      expect(performance.now() - start, piece).toBeLessThan(8_000);
    }
  });
});

describe('hidden text (Kobold letters)', () => {
  const tricks = [
    'display:none',
    'DISPLAY : NONE !important',
    'visibility:hidden',
    'opacity:0',
    'opacity:0.0',
    'font-size:0',
    'font-size:1px',
    'font:0/0 a',
    'max-height:0;overflow:hidden',
    'height:0px;overflow:hidden',
    'width:0;overflow:hidden',
    'text-indent:-9999px',
    'margin-left:-9999px',
    'color:transparent',
    'color:#fff',
    'color:white',
    'color:rgb(255,255,255)',
    'color:#123456;background:#123456',
    'clip-path:inset(100%)',
    'transform:scale(0)',
    'filter:opacity(0)',
  ];
  it.each(tricks)('%s is not quoted', (style) => {
    expect(clean(`a<div style="${style}">SECRET<p>too</p></div>b`, true)).toBe('ab');
  });
  it('by attribute, in tables, and with unclosed tags', () => {
    expect(clean('a<p hidden>SECRET</p>b', true)).toBe('ab');
    expect(clean('<p style="display:none">SECRET<p>seen', true)).toBe('<p>seen</p>');
    expect(clean('<table><tr style="display:none"><td>SECRET<tr><td>seen</table>', true)).toBe('<table><tr><td>seen</td></tr></table>');
  });
  it('is taken for hidden only where it is', () => {
    for (const style of [
      'opacity:0.9',
      'font-size:10px',
      'font-size:0.8em',
      'color:#fff;background:#000',
      'height:0',
      'font:14px/1.4 sans-serif',
      'margin-left:-10px',
    ]) {
      expect(isHidden(style, false), style).toBe(false);
    }
    expect(clean('<table bgcolor="#000000"><tr><td style="color:#ffffff">seen</td></tr></table>', true)).toContain('seen');
    expect(clean('<div style="background-color:navy"><p style="color:white">seen</p></div>', true)).toContain('seen');
  });
  it('is kept in mail of one’s own: nothing is hidden from its writer', () => {
    expect(clean('<p style="color:#fff">own</p>')).toContain('own');
  });
});

describe('the plain text of HTML', () => {
  it.each([
    ['<p>one</p><p>two</p>', 'one\n\ntwo'],
    ['<div>one</div><div>two</div><div><br></div><div>three</div>', 'one\ntwo\n\nthree'],
    ['a<br>b', 'a\nb'],
    ['<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>', '- a\n- b\n\n  - c'],
    ['<ol start="3"><li>a</li><li>b</li></ol>', '3. a\n4. b'],
    [
      '<div>Hi</div><blockquote>quoted<br>again<blockquote>deep</blockquote></blockquote><div>end</div>',
      'Hi\n\n> quoted\n> again\n>\n> > deep\n\nend',
    ],
    ['<a href="https://example.com/">example.com</a> <a href="https://example.com/x">here</a>', 'example.com here <https://example.com/x>'],
    ['<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>', 'a\tb\nc\td'],
    ['<pre>  a\n    b</pre>', '  a\n    b'],
    ['<div>-- <br>Alice</div>', '-- \nAlice'],
    ['  a \n  b  ', 'a b'],
    ['a<hr>b', `a\n${'-'.repeat(20)}\nb`],
    ['a&nbsp;b', 'a\u00a0b'],
    ['<img src="cid:ok@x" alt="logo">', '[logo]'],
  ])('%s', (html, expected) => {
    expect(text(html)).toBe(expected);
  });
});

it('styles keep what is harmless', () => {
  expect(cleanStyle('color: red; COLOR:blue; margin:0 1px; position:absolute; font-family:"x"; width:calc(1px)')).toBe(
    'color: red; color: blue; margin: 0 1px; width: calc(1px)',
  );
});
