import { FILE, FILE_LINES, PLAIN_PART, bytes, family, latin1, multipart, type Case, type Line } from './mail.ts';

/** A file of which the head says this, and the name that is shown for it. */
function named(name: string, expected: string, disposition: Line, contentType: Line = 'application/octet-stream'): Case {
  const head = [bytes('Content-Type: ', contentType), ...(disposition === '' ? [] : [bytes('Content-Disposition: ', disposition)])];
  return {
    name,
    raw: multipart(
      'multipart/mixed; boundary=b',
      '--b',
      ...PLAIN_PART,
      '--b',
      ...head,
      'Content-Transfer-Encoding: base64',
      '',
      ...FILE_LINES,
      '--b--',
    ),
    expected: { files: [{ name: expected, content: FILE }] },
  };
}

/** Names of files: RFC 2183 and 2231, and what is written in their place. */
export const fileNames = family('file names', [
  named('in 8-bit UTF-8', 'Übersicht.pdf', 'attachment; filename="Übersicht.pdf"'),
  named('in 8-bit Windows-1252', 'Übersicht – 5 €.pdf', latin1('attachment; filename="\u00dcbersicht \u0096 5 \u0080.pdf"')),
  named('name and filename differ', 'Bericht.pdf', 'attachment; filename=Bericht.pdf', 'application/pdf; name=Rechnung.pdf'),
  named('in the type alone', 'Bericht.pdf', 'attachment', 'application/pdf; name="Bericht.pdf"'),
  named('in the type alone, in sections', 'Übersicht.pdf', '', "application/pdf; name*0*=utf-8''%C3%9Cber; name*1=sicht.pdf"),
  named('nothing in filename, one in name', 'Bericht.pdf', 'attachment; filename=""', 'application/pdf; name=Bericht.pdf'),
  named('with percent signs that are no escapes', 'R%C3%A9sum%C3%A9.pdf', 'attachment; filename="R%C3%A9sum%C3%A9.pdf"'),
  named('with a path of Windows', 'C_Users_erika_Bericht.pdf', 'attachment; filename="C:\\Users\\erika\\Bericht.pdf"'),
  named('with a path upwards', '_.._etc_passwd', 'attachment; filename="../../etc/passwd"'),
  named('without quotation marks, with blanks', 'Mein Bericht 2025.pdf', 'attachment; filename=Mein Bericht 2025.pdf'),
  named('with a quotation mark that is not closed', 'Bericht.pdf', 'attachment; filename="Bericht.pdf'),
  named('folded within its quotation marks', 'Mein Bericht.pdf', 'attachment; filename="Mein\r\n Bericht.pdf"'),
  named('with brackets, without quotation marks', 'Bericht(1).pdf', 'attachment; filename=Bericht(1).pdf'),
  named('said twice', 'Bericht.pdf', 'attachment; filename=Bericht.pdf; filename=Rechnung.pdf'),
  named('in both forms', 'Übersicht.pdf', "attachment; filename=Uebersicht.pdf; filename*=utf-8''%C3%9Cbersicht.pdf"),
  named('without a semicolon before it', 'Bericht.pdf', 'attachment filename=Bericht.pdf'),
  named('without a disposition before it', 'Bericht.pdf', 'filename=Bericht.pdf'),
  named('an encoded word', 'Übersicht.pdf', 'attachment; filename="=?utf-8?Q?=C3=9Cbersicht=2Epdf?="'),
  named('an encoded word without quotation marks', 'Übersicht.pdf', 'attachment; filename==?utf-8?Q?=C3=9Cbersicht.pdf?='),
  named('an encoded word with blanks', 'Übersicht 2025.pdf', 'attachment; filename="=?utf-8?Q?=C3=9Cbersicht 2025.pdf?="'),
  named('two encoded words, a letter cut', 'Übersicht.pdf', 'attachment; filename="=?utf-8?Q?=C3?=\r\n =?utf-8?Q?=9Cbersicht.pdf?="'),
  named('an encoded word without its end', 'Übersicht.pdf', 'attachment; filename="=?utf-8?B?w5xiZXJzaWNodC5wZGY="'),
  named('an encoded word in the form of RFC 2231', 'Übersicht.pdf', 'attachment; filename*="=?utf-8?Q?=C3=9Cbersicht.pdf?="'),
  named('sections with a gap', 'Jahresbericht.pdf', 'attachment; filename*0="Jahres"; filename*2="bericht.pdf"'),
  named(
    'sections with a gap, and the whole name',
    'Jahresbericht.pdf',
    'attachment; filename*0="Ja"; filename*2="icht.pdf"; filename=Jahresbericht.pdf',
  ),
  named('sections that begin with one', 'Jahresbericht.pdf', 'attachment; filename*1="Jahres"; filename*2="bericht.pdf"'),
  named('sections in any order', 'Jahresbericht.pdf', 'attachment; filename*1="bericht"; filename*2=".pdf"; filename*0="Jahres"'),
  named('sections of both kinds', 'Über100%25.pdf', 'attachment; filename*0*=utf-8\'\'%C3%9Cber; filename*1="100%25.pdf"'),
  named('sections that cut a letter', 'Übersicht.pdf', "attachment; filename*0*=utf-8''%C3; filename*1*=%9Cbersicht.pdf"),
  named('RFC 2231 without a charset', 'Übersicht.pdf', 'attachment; filename*=%C3%9Cbersicht.pdf'),
  named('RFC 2231 with a charset of nothing', 'Übersicht.pdf', "attachment; filename*=''%C3%9Cbersicht.pdf"),
  named('RFC 2231 with a charset that is a lie', 'Übersicht.pdf', "attachment; filename*=us-ascii''%C3%9Cbersicht.pdf"),
  named('RFC 2231 with a charset that nobody knows', 'Übersicht.pdf', "attachment; filename*=x-unbekannt''%C3%9Cbersicht.pdf"),
  named('RFC 2231 with escapes that are none', 'Über%ZZ%4.pdf', "attachment; filename*=utf-8''%C3%9Cber%ZZ%4.pdf"),
  named('RFC 2231 in quotation marks', 'Übersicht.pdf', 'attachment; filename*="utf-8\'\'%C3%9Cbersicht.pdf"'),
  named('RFC 2231 that is 8-bit', 'Übersicht.pdf', "attachment; filename*=utf-8''Übersicht.pdf"),
  named('none', 'attachment-1.bin', 'attachment'),
  named('dots only', 'attachment-1.bin', 'attachment; filename="..."'),
]);
