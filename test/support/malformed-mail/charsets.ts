import { base64, bytes, family, latin1, mail, type Case, type Line } from './mail.ts';

const UMLAUTS = 'Grüße aus Köln';
const hex = (digits: string): Buffer => Buffer.from(digits, 'hex');

function textOf(name: string, contentType: Line, body: Line, ...texts: readonly string[]): Case {
  const head = [bytes('Content-Type: ', contentType), 'Content-Transfer-Encoding: 8bit'];
  return { name, raw: mail({ head, body: [body] }), expected: { texts } };
}
/** In base64, for what is not made of lines. */
function codedOf(name: string, contentType: string, content: Buffer, ...texts: readonly string[]): Case {
  const head = [`Content-Type: ${contentType}`, 'Content-Transfer-Encoding: base64'];
  return { name, raw: mail({ head, body: [base64(content)] }), expected: { texts } };
}

const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

/** Texts in another charset than they say, or in one that few readers know. */
export const charsets = family('charsets', [
  textOf('unknown, is UTF-8', 'text/plain; charset=x-unbekannt', UMLAUTS, UMLAUTS),
  textOf('unknown, is Windows-1252', 'text/plain; charset=x-unbekannt', latin1(UMLAUTS), UMLAUTS),
  textOf('says UTF-8, is Windows-1252', 'text/plain; charset=utf-8', latin1(`${UMLAUTS} \u0096 5 \u0080`), 'Grüße aus Köln – 5 €'),
  textOf('says ISO 8859-1, is UTF-8', 'text/plain; charset=iso-8859-1', UMLAUTS, UMLAUTS),
  textOf('says Windows-1252, is UTF-8', 'text/html; charset=windows-1252', `<p>${UMLAUTS} – 5 €</p>`, 'Grüße aus Köln – 5 €'),
  textOf(
    'says ISO 8859-1, is Windows-1252',
    'text/plain; charset=iso-8859-1',
    latin1('\u0084Angebot\u0093 \u0096 5 \u0080'),
    '„Angebot“ – 5 €',
  ),
  textOf('says ASCII, is UTF-8', 'text/plain; charset=us-ascii', UMLAUTS, UMLAUTS),
  textOf('says ASCII, is Windows-1252', 'text/plain; charset=us-ascii', latin1(UMLAUTS), UMLAUTS),
  textOf('says nothing, is UTF-8', 'text/plain', UMLAUTS, UMLAUTS),
  textOf('says nothing, is Windows-1252', 'text/plain', latin1(`${UMLAUTS} \u0080`), 'Grüße aus Köln €'),
  textOf(
    'UTF-8 with one byte that is none',
    'text/plain; charset=utf-8',
    bytes('Grüße ', hex('ff'), ' aus Köln, schöne Tage'),
    'Grüße',
    'aus Köln, schöne Tage',
  ),
  textOf(
    'UTF-8 cut in its last letter',
    'text/plain; charset=utf-8',
    bytes('Grüße aus Köln, schöne Tage, gr', hex('c3')),
    'Grüße aus Köln, schöne Tage',
  ),
  textOf('UTF-8 with a mark in front', 'text/plain; charset=utf-8', bytes(hex('efbbbf'), UMLAUTS), UMLAUTS),
  textOf('UTF-8 with an HTML head that says otherwise', 'text/html; charset=utf-8', `<meta charset=iso-8859-1><p>${UMLAUTS}</p>`, UMLAUTS),
  textOf('said in quoted-printable, as junk mail does', 'text/plain; charset=3D"utf-8"', UMLAUTS, UMLAUTS),
  textOf('a quotation mark that is not closed', 'text/plain; charset="utf-8', UMLAUTS, UMLAUTS),
  textOf('in single quotation marks', "text/plain; charset='iso-8859-15'", latin1('5 \u00a4'), '5 €'),
  textOf('said twice', 'text/plain; charset=utf-8; charset=iso-8859-1', UMLAUTS, UMLAUTS),
  textOf('UTF-7', 'text/plain; charset=utf-7', 'Gr+APwA3w-e aus K+APY-ln, 1 +- 1', 'Grüße aus Köln, 1 + 1'),
  textOf('UTF-7 with escapes that are none', 'text/plain; charset=utf-7', 'Gr+APwA3w-e +!x aus K+APY-ln', 'Grüße', 'aus Köln'),
  textOf('ISO-2022-JP', 'text/plain; charset=iso-2022-jp', hex('1b2442467c4b5c386c1b2842'), '日本語'),
  textOf('ISO-2022-JP that does not come back to ASCII', 'text/plain; charset=iso-2022-jp', hex('1b2442467c4b5c386c'), '日本語'),
  textOf('GB 18030 with a letter of four bytes', 'text/plain; charset=gb18030', hex('c4e3bac38139ee39'), '你好㐀'),
  textOf('says GB 2312, is GBK', 'text/plain; charset=gb2312', hex('d6ece946bbf9'), '朱镕基'),
  textOf('says EUC-KR, is Windows-949', 'text/plain; charset=ks_c_5601-1987', hex('8c63b9e6b0a2c7cf'), '똠방각하'),
  textOf('Shift JIS by its Windows name', 'text/plain; charset=cp932', hex('93fa967b8cea'), '日本語'),
  textOf('the code page of DOS', 'text/plain; charset=cp850', hex('4772818765'), 'Grüçe'),
  codedOf('UTF-16 without a mark, little end first', 'text/plain; charset=utf-16', Buffer.from(UMLAUTS, 'utf16le'), UMLAUTS),
  codedOf('UTF-16 without a mark, big end first', 'text/plain; charset=utf-16', utf16be(UMLAUTS), UMLAUTS),
  codedOf('UTF-16 with a mark', 'text/plain; charset=utf-16', bytes(hex('feff'), utf16be(UMLAUTS)), UMLAUTS),
  codedOf('says UTF-16, is UTF-8', 'text/plain; charset=utf-16', Buffer.from(UMLAUTS), UMLAUTS),
  codedOf('says UTF-8, is UTF-16 with a mark', 'text/plain; charset=utf-8', bytes(hex('fffe'), Buffer.from(UMLAUTS, 'utf16le')), UMLAUTS),
  codedOf('UTF-16 in HTML', 'text/html; charset=utf-16le', Buffer.from(`<p>${UMLAUTS}</p>`, 'utf16le'), UMLAUTS),
]);
