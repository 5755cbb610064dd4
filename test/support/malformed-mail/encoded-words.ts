import { base64, bytes, family, latin1, mail, type Case, type Line } from './mail.ts';

const subjectOf = (name: string, subject: Line, expected: string): Case => ({
  name,
  raw: mail({ subject }),
  expected: { subject: expected },
});
const fromOf = (name: string, from: Line, ...expected: readonly string[]): Case => ({
  name,
  raw: mail({ from }),
  expected: { from: expected },
});

const LONG = 'Größenordnung '.repeat(40).trim();

/** Encoded words (RFC 2047) as they are not allowed: readers mend them, since the text is plain to see. */
export const encodedWords = family('encoded words', [
  subjectOf('a letter cut in two between words of base64', '=?utf-8?B?R3LD?= =?utf-8?B?vMOfZQ==?=', 'Grüße'),
  subjectOf('a letter cut in two between quoted words', '=?utf-8?Q?Gr=C3?=\r\n =?utf-8?Q?=BC=C3=9Fe?=', 'Grüße'),
  subjectOf('a letter cut in two, charset written in two ways', '=?UTF-8?Q?Gr=C3?= =?utf-8?Q?=BC=C3=9Fe?=', 'Grüße'),
  subjectOf('a letter cut in two between both encodings', '=?utf-8?Q?Gr=C3?= =?utf-8?B?vMOfZQ==?=', 'Grüße'),
  subjectOf('says ASCII, is UTF-8', '=?us-ascii?Q?Gr=C3=BC=C3=9Fe?=', 'Grüße'),
  subjectOf('says UTF-8, is Windows-1252', '=?utf-8?Q?Gr=FC=DFe_=96_5_=80?=', 'Grüße – 5 €'),
  subjectOf('says ISO 8859-1, is Windows-1252', '=?iso-8859-1?Q?=84Angebot=93_=96_80_=80?=', '„Angebot“ – 80 €'),
  subjectOf('unknown charset, is UTF-8', '=?x-unbekannt?Q?Gr=C3=BC=C3=9Fe?=', 'Grüße'),
  subjectOf('unknown charset, is Windows-1252', '=?x-unbekannt?B?R3L832U=?=', 'Grüße'),
  subjectOf('charset without its dash', '=?utf8?Q?Gr=C3=BC=C3=9Fe?=', 'Grüße'),
  subjectOf('UTF-7', '=?utf-7?Q?Gr+APwA3w-e?=', 'Grüße'),
  subjectOf('GB 2312 that is GBK', bytes('=?gb2312?B?', base64(Buffer.from('d6ece946bbf9', 'hex')), '?='), '朱镕基'),
  subjectOf('ISO-2022-JP cut within its escapes', '=?iso-2022-jp?B?GyRCRnxL?= =?iso-2022-jp?B?XDhsGyhC?=', '日本語'),
  subjectOf('8-bit UTF-8', 'Größe und Maß', 'Größe und Maß'),
  subjectOf('8-bit Windows-1252', latin1('Gr\u00f6\u00dfe \u0096 5 \u0080'), 'Größe – 5 €'),
  subjectOf('8-bit beside an encoded word', 'Größe =?utf-8?Q?und_Ma=C3=9F?=', 'Größe und Maß'),
  subjectOf('8-bit within an encoded word', '=?utf-8?Q?Größe_und_Ma=C3=9F?=', 'Größe und Maß'),
  subjectOf('the end is missing', '=?utf-8?Q?Gr=C3=BC=C3=9Fe_aus_K=C3=B6ln', 'Grüße aus Köln'),
  subjectOf('half of the end is missing', '=?utf-8?B?R3LDvMOfZQ==?', 'Grüße'),
  subjectOf('the end of the first word is missing', '=?utf-8?Q?Gr=C3=BC=C3=9Fe?\r\n =?utf-8?Q?_aus_K=C3=B6ln?=', 'Grüße aus Köln'),
  subjectOf('blanks within a quoted word', '=?utf-8?Q?Gr=C3=BC=C3=9Fe aus K=C3=B6ln?=', 'Grüße aus Köln'),
  subjectOf('folded within a quoted word', '=?utf-8?Q?Gr=C3=BC=C3=9Fe\r\n aus K=C3=B6ln?=', 'Grüße aus Köln'),
  subjectOf('folded within base64', '=?utf-8?B?R3LD\r\n vMOfZQ==?=', 'Grüße'),
  subjectOf('base64 without padding', '=?utf-8?B?R3LDvMOfZQ?=', 'Grüße'),
  subjectOf('an escape that is none', '=?utf-8?Q?100=ZZ_Gr=C3=BC=C3=9Fe=?=', '100=ZZ Grüße='),
  subjectOf('a question mark within a quoted word', '=?utf-8?Q?Gr=C3=BC=C3=9Fe?_Ja!?=', 'Grüße? Ja!'),
  subjectOf('an encoded word in an encoded word', `=?utf-8?B?${base64('=?utf-8?Q?Gr=C3=BC=C3=9Fe?=')}?=`, '=?utf-8?Q?Gr=C3=BC=C3=9Fe?='),
  subjectOf('behind a word without a blank', 'Re:=?utf-8?Q?Gr=C3=BC=C3=9Fe?=', 'Re:Grüße'),
  subjectOf('word behind word without a blank', '=?utf-8?Q?Gr=C3=BC?==?utf-8?Q?=C3=9Fe?=', 'Grüße'),
  subjectOf('a language tag', '=?utf-8*de?Q?Gr=C3=BC=C3=9Fe?=', 'Grüße'),
  subjectOf('a header within', '=?utf-8?Q?Gr=C3=BC=C3=9Fe=0D=0ABcc:_b@example.net?=', 'Grüße Bcc: b@example.net'),
  subjectOf('far longer than 75 characters', `=?utf-8?B?${base64(LONG)}?=`, LONG),
  subjectOf('an empty word in between', 'A =?utf-8?Q??= =?utf-8?Q?=C3=A4?=', 'A ä'),
  fromOf('a name in 8-bit UTF-8', 'Jürgen Müller <jm@example.com>', 'Jürgen Müller <jm@example.com>'),
  fromOf('a name in 8-bit Windows-1252', latin1('J\u00fcrgen M\u00fcller <jm@example.com>'), 'Jürgen Müller <jm@example.com>'),
  fromOf('a name in quotation marks', '"=?utf-8?Q?J=C3=BCrgen_M=C3=BCller?=" <jm@example.com>', 'Jürgen Müller <jm@example.com>'),
  fromOf('a name with a comma in it', '=?utf-8?Q?M=C3=BCller,_J=C3=BCrgen?= <jm@example.com>', 'Müller, Jürgen <jm@example.com>'),
]);
