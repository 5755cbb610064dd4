import { describe, expect, it } from 'vitest';
import { isTyping, composeAction } from '../../renderer/compose/shortcuts.ts';
import { splitQuotation, unmarked } from '../../renderer/compose/quotation.ts';
import { promisesAttachment } from '../../renderer/compose/reminder.ts';
import { htmlOfText, keptStyle, linkTarget, tagsOfStyle, undoesBold } from '../../renderer/compose/rich-text.ts';
import { signatureSwapped } from '../../renderer/compose/signature.ts';
import { imageData, isPicture } from '../../renderer/compose/transfer.ts';

describe('the reminder of a forgotten attachment', () => {
  it.each([
    'Im Anhang finden Sie das Angebot.',
    'anbei die Zahlen',
    'Das Protokoll ist beigefügt.',
    'Ich hänge dir die Datei an.',
    'Ich füge die Zeichnung bei.',
    'Die angehängten Dateien sind neu.',
    'Siehe Anlage.',
    'In der Anlage die Rechnung.',
    'Anliegend erhalten Sie den Vertrag.',
    'Please find attached the report.',
    'I am attaching the drawing.',
    'See the attachment.',
    'The invoice is enclosed.',
  ])('%s', (text) => expect(promisesAttachment('', text)).toBe(true));

  it.each([
    'Die Anlage in Halle 2 steht wieder.',
    'Wir haben zusammenhängende Daten.',
    'Abhängig vom Preis.',
    'The attaché is here.',
    'anhang@firma.example ist meine Adresse',
    'Siehe www.anhang.example',
    '> Im Anhang finden Sie das Angebot.\nDanke!',
    'Danke!\n-- \nAnhangsabteilung, see attachment',
    '',
  ])('is silent on %j', (text) => expect(promisesAttachment('', text)).toBe(false));

  it('reads the subject of a new mail, not that of an answer', () => {
    expect(promisesAttachment('Rechnung im Anhang', 'Hallo')).toBe(true);
    expect(promisesAttachment('AW: Rechnung im Anhang', 'Danke')).toBe(false);
  });
});

describe('the quotation of a rich draft', () => {
  const quotation = '<div class="gmail_quote"><div>On Monday:</div><blockquote><div>a</div></blockquote></div>';

  it('is the marked element at the end', () => {
    expect(splitQuotation(`<div>Hello</div>${quotation}`)).toEqual({ own: '<div>Hello</div>', quotation });
    expect(splitQuotation(`${quotation}<br>`)).toEqual({ own: '', quotation });
  });
  it('is the person’s own text where something was written behind it', () => {
    const html = `<div>Hello</div>${quotation}<div>and</div>`;
    expect(splitQuotation(html)).toEqual({ own: html, quotation: '' });
  });
  it('is nothing where it is not whole, or not there', () => {
    for (const html of ['<div>a</div>', '<div class="gmail_quote"><div>a</div>', ''])
      expect(splitQuotation(html)).toEqual({ own: html, quotation: '' });
  });
  it('takes in the quotations that it quotes', () => {
    const nested = `<div class="gmail_quote">x${quotation}y</div>`;
    expect(splitQuotation(`a${nested}`)).toEqual({ own: 'a', quotation: nested });
  });
  it('is not folded again once it is edited', () => {
    expect(splitQuotation(unmarked(quotation))).toEqual({ own: unmarked(quotation), quotation: '' });
  });
});

describe('what a paste keeps', () => {
  it('formatting that a style expresses', () => {
    expect(tagsOfStyle('font-weight:700; color:red; font-style: italic')).toEqual(['b', 'i']);
    expect(tagsOfStyle('text-decoration: underline line-through')).toEqual(['u', 's']);
    expect(tagsOfStyle('font-weight:400;text-decoration:none')).toEqual([]);
    expect(undoesBold('font-weight:normal')).toBe(true);
    expect(undoesBold('font-weight:bold')).toBe(false);
  });
  it('pictures that came with it, and no other address', () => {
    expect(imageData(`data:image/png;base64,${btoa('abc')}`)).toMatchObject({ type: 'image/png', size: 3 });
    for (const source of [
      'https://x.example/a.png',
      'data:image/svg+xml;base64,YQ==',
      'data:image/png,abc',
      'data:text/html;base64,YQ==',
      'blob:x',
    ])
      expect(imageData(source)).toBeNull();
    expect(isPicture({ type: 'image/svg+xml' })).toBe(false);
  });
});

describe('a style in a mail being written', () => {
  it('keeps looks and drops what loads, moves or covers', () => {
    expect(keptStyle('color: red; position: fixed; background: url(x); font-size: 12px; z-index: 3; margin-left:-200px')).toBe(
      'color: red; font-size: 12px',
    );
    expect(keptStyle('background-color: u\\72l(x); width: expression(alert(1)); display:none')).toBe('');
  });
});

describe('a link', () => {
  it.each([
    ['www.example.org', 'https://www.example.org'],
    ['https://example.org/a?b=1', 'https://example.org/a?b=1'],
    ['example.org:8443/x', 'https://example.org:8443/x'],
    ['anna@example.org', 'mailto:anna@example.org'],
    ['mailto:anna@example.org', 'mailto:anna@example.org'],
  ])('%s leads to %s', (typed, target) => expect(linkTarget(typed)).toBe(target));
  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'https://user:pw@example.org',
    'word',
    'two words',
    '',
    'https://',
  ])('%j is none', (typed) => expect(linkTarget(typed)).toBeNull());
});

describe('plain text made rich', () => {
  it('has a block a line, quotations nested, and no markup of its own', () => {
    expect(htmlOfText('a <b>\n\n> q\n> > r\nend')).toBe(
      '<div>a &lt;b&gt;</div><div><br></div><blockquote><div>q</div><blockquote><div>r</div></blockquote></blockquote><div>end</div>',
    );
  });
});

describe('the signature of another account', () => {
  it('takes the place of the one before', () => {
    expect(signatureSwapped('Hello\n\n-- \nAnna\nBerg\n', 'Anna\nBerg', 'Bernd\nSchulz', 'plain')).toBe('Hello\n\n-- \nBernd\nSchulz\n');
    const html = '<div>Hi</div><div>-- <br>A &amp; B<br>Tel. 1</div>';
    expect(signatureSwapped(html, 'A & B\nTel. 1', 'C', 'html')).toBe('<div>Hi</div><div>-- <br>C</div>');
  });
  it('is begun where there was none, above what is answered', () => {
    expect(signatureSwapped('Hello', '', 'Bernd', 'plain')).toBe('Hello\n\n-- \nBernd');
    expect(signatureSwapped('Hello\n\nOn Monday Anna wrote:\n> x\n', '', 'Bernd', 'plain')).toBe(
      'Hello\n\n-- \nBernd\n\nOn Monday Anna wrote:\n> x\n',
    );
    expect(signatureSwapped('<div>Hi</div>', ' ', 'A & B\nTel. 1', 'html')).toBe(
      '<div>Hi</div><div><br></div><div>-- <br>A &amp; B<br>Tel. 1</div>',
    );
    expect(signatureSwapped('Hello', '', '', 'plain')).toBe('Hello');
  });
  it('goes with its line where the other account has none', () => {
    expect(signatureSwapped('Hello\n\n-- \nAnna\nBerg\n\nOn Monday:\n> x', 'Anna\nBerg', '', 'plain')).toBe('Hello\n\nOn Monday:\n> x');
    for (const space of [' ', '&nbsp;', '']) {
      const html = `<div>Hi</div><div><br></div><div>--${space}<br>Anna<br>Berg</div><div>PS</div>`;
      expect(signatureSwapped(html, 'Anna\nBerg', '', 'html')).toBe('<div>Hi</div><div>PS</div>');
    }
    expect(signatureSwapped('<p>Anna<br>Berg</p>', 'Anna\nBerg', '', 'html')).toBe('<p></p>');
  });
  it('leaves alone what was changed by hand', () => {
    expect(signatureSwapped('Hello\n-- \nAnn', 'Anna', 'Bernd', 'plain')).toBe('Hello\n-- \nAnn');
  });
});

describe('keys', () => {
  const press = (key: string, more: object = {}) => ({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    target: null,
    ...more,
  });
  const inside = (selector: string) =>
    ({ closest: (asked: string) => (asked.split(', ').includes(selector) ? {} : null) }) as unknown as EventTarget;

  it('begin, answer and forward', () => {
    expect(composeAction(press('c'), null)).toBe('new');
    expect(composeAction(press('n', { ctrlKey: true }), null)).toBe('new');
    expect(composeAction(press('r'), false)).toBe('reply');
    expect(composeAction(press('a'), false)).toBe('reply-all');
    expect(composeAction(press('f'), false)).toBe('forward');
  });
  it('do nothing without a mail, with another key held, or while somebody types', () => {
    expect(composeAction(press('r'), null)).toBeNull();
    expect(composeAction(press('a', { ctrlKey: true }), false)).toBeNull();
    expect(composeAction(press('F', { shiftKey: true }), false)).toBeNull();
    for (const place of ['input', 'textarea', '[contenteditable="true"]', '[data-composer]']) {
      expect(isTyping(inside(place))).toBe(true);
      expect(composeAction(press('r', { target: inside(place) }), false)).toBeNull();
    }
  });
  it('go on with a draft from the list, and do not answer it', () => {
    const target = inside('[role="listbox"]');
    expect(composeAction(press('Enter', { target }), true)).toBe('edit');
    expect(composeAction(press('Enter', { target }), false)).toBeNull();
    expect(composeAction(press('r', { target }), true)).toBeNull();
  });
});
