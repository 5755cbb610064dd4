import { loadVectors } from './vectors-load.ts';
import { scriptVectors } from './vectors-script.ts';
import type { Vector } from './vector.ts';

/** One attack as a mail. */
export interface HostileMail {
  /** Names it in the subject and in every address it tries to reach. */
  readonly id: string;
  readonly vector: Vector;
  readonly raw: Buffer;
  /** The same as a part of a mail: its own headers, and the HTML. */
  readonly part: Buffer;
}

/** Every `{host}` lies below this name, which no resolver may ever be asked for. */
export const HOSTILE_DOMAIN = 'hostile-mail.test';
/** What script that ran would write to the console and to the global object. */
export const RAN = 'holdover-script-ran';

const OWNER = 'katharina.brandt@nordlicht.example';

/** A way in which the HTML comes in the mail. */
type Wrapping = (html: string) => { readonly headers: readonly string[]; readonly body: Buffer };

const document = (html: string): string => `<!doctype html><html><head><title>x</title></head><body>${html}</body></html>`;
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const base64 = (text: string): string =>
  (
    latin1(text)
      .toString('base64')
      .match(/.{1,76}/gu) ?? []
  ).join('\r\n');
const quoted = (text: string): string =>
  [...latin1(text)]
    .map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('')
    .replaceAll(/(?:=..){25}/gu, '$&=\r\n');
const alternative = (html: string): Buffer =>
  latin1(
    `--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(html)}\r\n--b--\r\n`,
  );

const deepInATable = (html: string): string => `${'<table><tr><td>'.repeat(20)}<b><a href="#">${html}${html}</a></b>`;

/** A null cannot travel in a message as it stands (RFC 5322 2.3): the first of them lets it be. */
const WRAPPINGS: readonly Wrapping[] = [
  (html) => ({ headers: ['Content-Type: text/html; charset=utf-8'], body: latin1(document(html)) }),
  (html) => ({ headers: ['Content-Type: multipart/alternative; boundary=b'], body: alternative(html) }),
  // After what is not closed.
  (html) => ({
    headers: ['Content-Type: text/html; charset=windows-1252', 'Content-Transfer-Encoding: quoted-printable'],
    body: latin1(quoted(`<table><tr><td><blockquote><p title='>${html}`)),
  }),
  // Deep in a table, twice.
  (html) => ({
    headers: ['Content-Type: text/html'],
    body: latin1(document(deepInATable(html))),
  }),
];

/** All attacks in all wrappings, in a fixed order. `origin`: of the listener, without a slash at the end. */
export function buildHostileMails(origin: string): HostileMail[] {
  const vectors: readonly Vector[] = [...scriptVectors, ...loadVectors];
  return WRAPPINGS.flatMap((wrapping, w) => vectors.map((vector, v) => build(vector, wrapping, `h${w}x${v}`, origin)));
}

/** The HTML of all attacks, alone and after or within what the wrappings put around it, by name. */
export function hostileHtml(): (readonly [name: string, html: string])[] {
  const around = [(html: string) => html, (html: string) => `<table><tr><td><blockquote><p title='>${html}`, deepInATable];
  return [...scriptVectors, ...loadVectors].flatMap(({ kind, name, html }) =>
    around.map((wrap, w) => [`${kind}: ${name} ${w}`, wrap(filled(html, `x${w}`, 'https://evil.example'))] as const),
  );
}

function filled(html: string, id: string, origin: string): string {
  // Without quotation marks, blanks and angle brackets, so that it fits into any of the places.
  const js = `console.log(\`${RAN}-${id}\`);globalThis.hit=1;top.hit=1;new(Image)().src=\`${origin}/${id}?js\``;
  return html.replaceAll('{js}', js).replaceAll('{url}', `${origin}/${id}`).replaceAll('{host}', `${id}.${HOSTILE_DOMAIN}`);
}

/**
 * Several attacks as the HTML parts of one mail, in their order. Each is parsed and cleaned as a document of its own (bar H6), and each still tells
 * by its own id what came of it.
 */
export function bundleHostileMails(id: string, mails: readonly HostileMail[]): Buffer {
  const border = `bundle-${id}`;
  const parts = mails.flatMap(({ part }) => [latin1(`--${border}\r\n`), part, latin1('\r\n')]);
  const head = headOf(id, [`Content-Type: multipart/mixed; boundary=${border}`]);
  return Buffer.concat([latin1(`${head}\r\n\r\n`), ...parts, latin1(`--${border}--\r\n`)]);
}

function build(vector: Vector, wrap: Wrapping, id: string, origin: string): HostileMail {
  const { headers, body } = wrap(filled(vector.html, id, origin));
  const raw = Buffer.concat([latin1(`${headOf(id, headers)}\r\n\r\n`), body]);
  return { id, vector, raw, part: Buffer.concat([latin1(`${headers.join('\r\n')}\r\n\r\n`), body]) };
}

function headOf(id: string, headers: readonly string[]): string {
  return [
    'From: Mallory <mallory@evil.example>',
    `To: ${OWNER}`,
    `Subject: ${id}`,
    `Message-ID: <${id}@evil.example>`,
    'Date: Fri, 27 Nov 2026 10:00:00 +0000',
    'MIME-Version: 1.0',
    ...headers,
  ].join('\r\n');
}
