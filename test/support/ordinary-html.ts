import type { SeededRandom } from './random.ts';

/**
 * HTML as ordinary programs and services write it: the habits of each, with names and texts of our own. Written for this project; what is
 * copied from the programs are their element names, classes and quirks, no text.
 */
export interface OrdinaryHtml {
  readonly kind: string;
  readonly html: string;
  readonly inlineImages: Readonly<Record<string, string>>;
}

const PNG = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==';
const SENTENCES = [
  'Anbei die Zahlen für das dritte Quartal – bitte bis Freitag prüfen.',
  'The shipment left Rotterdam this morning & should arrive on Tuesday.',
  'Wir treffen uns um 14:30 Uhr in Raum 2.07 (Altbau).',
  'Please find our offer attached; prices are net, "ex works".',
  'Für Rückfragen stehe ich Ihnen gerne zur Verfügung.',
  'Margins rose from 12.4 % to 13.1 %, mostly because freight < 3 %.',
  'Die Straße ist gesperrt, daher kommt der Lkw über Grünau.',
  'Could you sign the NDA before we share the drawings?',
  'Gesamtbetrag: 1.249,00 € inkl. 19 % USt.',
  'Kind regards from the harbour office',
];
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** Pieces that the mails of one seed are made of. */
class Writer {
  readonly #random: SeededRandom;
  constructor(random: SeededRandom) {
    this.#random = random;
  }
  say(): string {
    return escaped(this.#random.pick(SENTENCES));
  }
  many(low: number, high: number, make: (n: number) => string, joint = '\n'): string {
    return Array.from({ length: this.#random.int(low, high) }, (_, n) => make(n)).join(joint);
  }
  link(text = 'Ansehen'): string {
    return `https://www.nordlicht.example/${text.toLowerCase()}?id=${this.#random.int(1, 9999)}&amp;utm_source=mail`;
  }
  money(): string {
    return `${this.#random.int(1, 999)},${this.#random.int(10, 99)}&nbsp;&euro;`;
  }
}

const newsletter = (
  w: Writer,
): string => `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office">
<head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><meta name="viewport" content="width=device-width"><title>News</title>
<!--[if gte mso 9]><xml><o:OfficeDocumentSettings><o:AllowPNG/></o:OfficeDocumentSettings></xml><![endif]-->
<style type="text/css">#outlook a{padding:0}.ExternalClass{width:100%}@media only screen and (max-width:480px){.col{width:100%!important}}</style></head>
<body leftmargin="0" topmargin="0" style="margin:0;padding:0;background-color:#f2f2f2">
<div style="display:none;font-size:1px;color:#fff;max-height:0;overflow:hidden">${w.say()}</div>
<center><table align="center" border="0" cellpadding="0" cellspacing="0" height="100%" width="100%" id="bodyTable"><tr><td align="center" valign="top">
<!--[if (gte mso 9)|(IE)]><table width="600"><tr><td width="600"><![endif]-->
<table border="0" cellpadding="0" cellspacing="0" width="100%" class="templateContainer" style="max-width:600px!important;border-collapse:collapse">
<tr><td valign="top" style="padding:9px;text-align:center"><a href="${w.link('Logo')}" target="_blank"><img alt="Nordlicht" src="cid:logo@nordlicht" width="196" style="max-width:800px;border:0"></a></td></tr>
${w.many(2, 6, () => `<tr><td class="col" style="padding:18px;font-family:Helvetica;font-size:16px;line-height:150%"><h2 style="color:#222">${w.say()}</h2><p>${w.say()} <a href="${w.link()}">Weiterlesen</a></p><table cellspacing="0"><tr><td align="center" bgcolor="#2baadf" style="border-radius:3px"><a class="mcnButton" href="${w.link('Shop')}" style="font-weight:bold;text-decoration:none;color:#fff;display:inline-block;padding:15px">Zum Angebot</a></td></tr></table></td></tr>`)}
<tr><td style="font-size:12px"><em>Copyright &copy; 2026 Nordlicht GmbH</em><br><a href="${w.link('Abmelden')}">Abmelden</a> | <a href="mailto:news@nordlicht.example">Kontakt</a></td></tr></table>
<!--[if (gte mso 9)|(IE)]></td></tr></table><![endif]--></td></tr></table></center></body></html>`;

const outlook = (
  w: Writer,
): string => `<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word" xmlns:m="http://schemas.microsoft.com/office/2004/12/omml" xmlns="http://www.w3.org/TR/REC-html40">
<head><meta name="Generator" content="Microsoft Word 15 (filtered medium)"><!--[if !mso]><style>v\\:* {behavior:url(#default#VML);}</style><![endif]--><style><!--
@font-face{font-family:Calibri;panose-1:2 15 5 2 2 2 4 3 2 4;}
p.MsoNormal, li.MsoNormal{margin:0cm;font-size:11.0pt;font-family:"Calibri",sans-serif;}
--></style><!--[if gte mso 9]><xml><o:shapedefaults v:ext="edit" spidmax="1026"/></xml><![endif]--></head>
<body lang="DE" link="#0563C1" vlink="#954F72" style="word-wrap:break-word"><div class="WordSection1">
${w.many(2, 7, () => `<p class="MsoNormal"><span style="mso-fareast-language:EN-US">${w.say()}<o:p></o:p></span></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p>`)}
<table class="MsoTableGrid" border="1" cellspacing="0" cellpadding="0" style="border-collapse:collapse;border:none">${w.many(2, 8, (n) => `<tr style="mso-yfti-irow:${n}"><td width="201" valign="top" style="width:151.0pt;border:solid windowtext 1.0pt;padding:0cm 5.4pt 0cm 5.4pt"><p class="MsoNormal">Position ${n + 1}<o:p></o:p></p></td><td><p class="MsoNormal" align="right" style="text-align:right">${w.money()}<o:p></o:p></p></td></tr>`)}</table>
<ul style="margin-top:0cm" type="disc">${w.many(1, 4, () => `<li class="MsoListParagraph" style="margin-left:0cm;mso-list:l0 level1 lfo1">${w.say()}<o:p></o:p></li>`)}</ul>
<p class="MsoNormal"><img width="120" height="40" style="width:1.25in" id="Picture_x0020_1" src="cid:image001.png@01DA.1" alt="Logo"><o:p></o:p></p>
<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>Von:</b> Anna Weber &lt;anna@nordlicht.example&gt;<br><b>Gesendet:</b> Montag, 2. November 2026 09:12<br><b>Betreff:</b> AW: Angebot<o:p></o:p></p></div>
<p class="MsoNormal">${w.say()} <a href="${w.link('Portal')}"><span style="color:#0563C1">${w.link('Portal')}</span></a><o:p></o:p></p></div></body></html>`;

const apple = (
  w: Writer,
): string => `<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body style="overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;" class="ApplePlainTextBody">
${w.many(1, 6, () => `<div>${w.say()}</div><div><br></div>`)}
<div><img apple-inline="yes" id="A1" width="640" height="480" src="cid:photo@nordlicht"></div>
<div>${w.say()}<span class="Apple-converted-space">&nbsp;</span><a href="${w.link('Karte')}">Karte</a></div>
<div><blockquote type="cite"><div>On 3. Nov 2026, at 10:04, Jörg Müller &lt;<a href="mailto:joerg@partner.example">joerg@partner.example</a>&gt; wrote:</div><br class="Apple-interchange-newline"><div><div dir="auto">${w.many(1, 4, () => `${w.say()}<br>`)}</div></div></blockquote></div><br>Von meinem iPhone gesendet</body></html>`;

const gmail = (
  w: Writer,
): string => `<div dir="ltr"><div>${w.say()}</div>${w.many(1, 5, () => `<div class="gmail_default" style="font-family:arial,sans-serif">${w.say()}</div>`)}
<ol><li>${w.say()}</li><li style="margin-left:15px">${w.say()} <a href="${w.link('Docs')}" target="_blank" data-saferedirecturl="https://redirect.example/?q=x">Docs</a></li></ol>
<img src="cid:ii_abc" alt="image.png" width="452" height="200"><br clear="all"><div><br></div>-- <br><div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature"><div dir="ltr"><b>Katharina Brandt</b><div>Nordlicht GmbH</div></div></div></div>
<br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Mon, Nov 2, 2026 at 9:12 AM Anna &lt;<a href="mailto:anna@nordlicht.example">anna@nordlicht.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">${w.say()}<blockquote class="gmail_quote"><p>${w.say()}</p></blockquote></blockquote></div>`;

const thunderbird = (
  w: Writer,
): string => `<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"></head><body text="#000000" bgcolor="#FFFFFF">
<p>${w.say()}</p>${w.many(1, 4, () => `<p>${w.say()}<br></p>`)}<pre wrap="">$ tar -xf a.tar | grep "x"\n  done</pre>
<img moz-do-not-send="false" src="cid:part1.logo@nordlicht" alt="" class=""><div class="moz-cite-prefix">Am 02.11.26 um 09:12 schrieb Anna:<br></div>
<blockquote type="cite" cite="mid:abc@nordlicht.example"><p>${w.say()}</p><a class="moz-txt-link-freetext" href="${w.link('Wiki')}">${w.link('Wiki')}</a></blockquote>
<div class="moz-signature">-- <br><font color="#888888" face="Arial" size="2">${w.say()}</font></div></body></html>`;

const order = (
  w: Writer,
): string => `<html><body style="font:14px Arial"><table width="640" cellpadding="0" cellspacing="0" role="presentation"><tbody><tr><td colspan="2"><img src="cid:logo@nordlicht" height="30"></td></tr>
<tr><td colspan="2"><h1 style="font-size:20px">Vielen Dank für Ihre Bestellung</h1><p>${w.say()}</p></td></tr>
<tr><td colspan="2"><table width="100%"><thead><tr><th align="left">Artikel</th><th>Menge</th><th align="right">Preis</th></tr></thead><tbody>${w.many(1, 12, (n) => `<tr><td><a href="${w.link('Artikel')}"><img src="cid:item" width="40" alt="Artikel ${n}"></a> ${w.say()}</td><td align="center">${n + 1}</td><td align="right" nowrap>${w.money()}</td></tr>`)}</tbody><tfoot><tr><td colspan="2">Summe</td><td align="right"><b>${w.money()}</b></td></tr></tfoot></table></td></tr>
<tr><td width="50%" valign="top"><b>Lieferadresse</b><br>Anna Weber<br>Hafenstra&szlig;e 4<br>20457 Hamburg</td><td><b>Zahlung</b><br>${w.say()}</td></tr></tbody></table>
<p><small>Bitte nicht auf diese Mail antworten. <a href="${w.link('Hilfe')}">Hilfe</a></small></p></body></html>`;

const tracker = (
  w: Writer,
): string => `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><style>.btn{background:#0366d6}</style></head><body>
<p><b>@kbrandt</b> commented on this pull request.</p><hr>
<p dir="auto">In <a href="${w.link('Diff')}">src/<wbr>outbox.ts</a>:</p><pre style="color:#555">&gt; +  if (a &lt; b &amp;&amp; c) {\n&gt; +    return;</pre>
${w.many(1, 5, () => `<p dir="auto">${w.say()} <code>npm test</code></p>`)}<ul><li><input type="checkbox" disabled checked> ${w.say()}</li></ul>
<details open><summary>Log</summary><samp>exit 1</samp></details><img src="cid:avatar" width="20" height="20">
<p style="font-size:small;color:#666">&mdash;<br>Reply to this email directly, <a href="${w.link('View')}">view it</a>, or <a href="${w.link('Mute')}">mute the thread</a>.</p></body></html>`;

const responsive = (
  w: Writer,
): string => `<!doctype html><html><head><meta name="x-apple-disable-message-reformatting"><!--[if mso]><noscript><xml></xml></noscript><![endif]--><style>:root{color-scheme:light dark}.a{color:red}</style></head><body class="body">
<div role="article" aria-roledescription="email" lang="de"><div class="hero" style="background:#fff url(https://cdn.nordlicht.example/bg.png) no-repeat;padding:20px"><h1>${w.say()}</h1></div>
<!--[if !mso]><!--><div style="display:grid;gap:8px">${w.many(2, 5, () => `<section><h3>${w.say()}</h3><figure><img src="cid:hero" srcset="https://cdn.nordlicht.example/2x.png 2x" alt="Bild"><figcaption>${w.say()}</figcaption></figure><a role="button" href="${w.link('Mehr')}" aria-label="mehr">Mehr</a></section>`)}</div><!--<![endif]-->
<!--[if mso]><v:roundrect href="https://x.example"><center>only Outlook</center></v:roundrect><![endif]-->
<footer><address>Nordlicht GmbH &middot; Hamburg</address><nav><a href="${w.link('AGB')}">AGB</a> <a href="${w.link('Datenschutz')}">Datenschutz</a></nav></footer></div></body></html>`;

const old = (
  w: Writer,
): string => `<HTML><HEAD><TITLE>Rundschreiben</TITLE></HEAD><BODY BGCOLOR=#FFFFFF TEXT=#000000 LINK=blue><CENTER><FONT FACE="Verdana" SIZE=4 COLOR=navy><B>${w.say()}</FONT></B></CENTER>
<P ALIGN=justify>${w.say()}<P>${w.say()}<HR NOSHADE WIDTH="80%"><TABLE BORDER=1 CELLPADDING=3><CAPTION>Termine</CAPTION><TR><TH>Tag<TH>Ort${w.many(1, 6, (n) => `<TR><TD>${n + 1}. Mai<TD><A HREF="${w.link('Ort')}">${w.say()}</A>`)}</TABLE>
<DL><DT>Hinweis<DD>${w.say()}</DL><BIG>gross</BIG> <TT>mono</TT> <STRIKE>alt</STRIKE> H<SUB>2</SUB>O <IMG SRC="cid:logo@nordlicht" ALIGN=left HSPACE=4><BR CLEAR=all></BODY></HTML>`;

const sheet = (
  w: Writer,
): string => `<html><body><p>${w.say()}</p><table border="0" style="border-collapse:collapse;width:360pt"><colgroup><col width="64" span="4" style="width:48pt"></colgroup><tbody>
${w.many(5, 40, () => `<tr height="20" style="height:15pt">${w.many(4, 4, () => `<td class="xl65" align="right" style="height:15pt;border:.5pt solid windowtext">${w.money()}</td>`, '')}</tr>`)}</tbody></table><p><a href="${w.link('Tabelle')}">Tabelle</a> <img src="cid:chart" alt="Diagramm"></p></body></html>`;

const KINDS = { newsletter, outlook, apple, gmail, thunderbird, order, tracker, responsive, old, sheet };
const CONTENT_IDS = [
  'logo@nordlicht',
  'image001.png@01DA.1',
  'photo@nordlicht',
  'ii_abc',
  'part1.logo@nordlicht',
  'item',
  'avatar',
  'hero',
  'chart',
];

/** So many ordinary mails, of all kinds in turn; the same for the same chance. */
export function ordinaryHtml(count: number, random: SeededRandom): OrdinaryHtml[] {
  const kinds = Object.entries(KINDS);
  const inlineImages = Object.fromEntries(CONTENT_IDS.map((id) => [id, PNG]));
  return Array.from({ length: count }, (_, n) => {
    const [kind, write] = kinds[n % kinds.length]!;
    return { kind, html: write(new Writer(random)), inlineImages };
  });
}
