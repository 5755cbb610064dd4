import { word } from '../../support/hostile-mail/forged-senders.ts';
import { buildInvitation } from '../../support/invitation-mail.ts';

/** What would make an element, run, or mean something to a template. Each that made an element would leave `h7` in the page. */
export const PAYLOADS = [
  '<img src=x onerror="globalThis.hit=1" id=h7>',
  '<svg id=h7 onload="globalThis.hit=1">',
  '"><script id=h7>globalThis.hit=1<\\/script>',
  '<iframe id=h7 srcdoc="<script>parent.hit=1<\\/script>">',
  "{{constructor.constructor('globalThis.hit=1')()}}",
  "{@html '<b id=h7>x</b>'}",
  '<a id=h7 href="javascript:globalThis.hit=1">x</a>',
  '&lt;b id=h7&gt;x&#60;b id=h7&#62;',
  '</h2></dd><form id=h7><input autofocus onfocus="globalThis.hit=1">',
  '<style id=h7>*{display:none}</style>',
  '<math id=h7><mi xlink:href="data:x,<script>globalThis.hit=1</script>">',
  "' onmouseover='globalThis.hit=1' id='h7",
] as const;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
/** Within quotation marks, which it may not hold itself. */
export const unquoted = (payload: string): string => payload.replaceAll(/["\\]/gu, '');

/** The payload in every field of a meeting that is shown. */
function invitation(payload: string): string {
  const text = payload.replaceAll(/[\\;,]/gu, '\\$&');
  const name = `CN="${payload.replaceAll('"', "'")}"`;
  const lines = [`LOCATION:${text}`, `DESCRIPTION:${text}`, `ORGANIZER;${name}:mailto:boss@x.test`, `ATTENDEE;${name}:mailto:guest@x.test`];
  return buildInvitation({ summary: text, lines }).toString();
}

/** The payload in every place beside the body's own markup, and in the body as text. An even `n` has a body of HTML. */
export function payloadMail(payload: string, n: number): string {
  const name = `filename*=utf-8''${encodeURIComponent(`${payload}.bin`)}`;
  return [
    `From: ${word(payload)} <from${n}@x.test>, "${unquoted(payload)}@y" <second${n}@y.test>`,
    `Sender: ${word(payload)} <sender@z.test>`,
    `Reply-To: ${word(payload)} <answers@z.test>`,
    `To: ${word(payload)} <alice@example.com>, "${unquoted(payload)}"@quoted.test`,
    `Cc: ${word(payload)}: ${word(payload)} <group@x.test>;`,
    `Subject: ${word(payload)}`,
    `Message-ID: <${n}${payload.replaceAll(/[\s<>]/gu, '')}@x.test>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    `Content-Type: text/${n % 2 === 0 ? 'html' : 'plain'}; charset=utf-8`,
    '',
    n % 2 === 0
      ? `<p>${escaped(payload)} <a href="https://x.test/?q=${encodeURIComponent(payload)}">${escaped(payload)}</a></p>`
      : `${payload} https://x.test/${n}`,
    '--b',
    `Content-Type: application/x-${n}; name="${unquoted(payload)}"`,
    `Content-Disposition: attachment; ${name}`,
    '',
    'x',
    '--b',
    'Content-Type: text/calendar; charset=utf-8; method=REQUEST; name=invite.ics',
    'Content-Disposition: attachment; filename=invite.ics',
    '',
    invitation(payload),
    '--b--',
    '',
  ].join('\r\n');
}
