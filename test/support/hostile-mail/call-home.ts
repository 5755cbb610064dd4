import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HOSTILE_DOMAIN } from './index.ts';

/** A mail that asks the program, not by its markup, to call somebody or to answer: bar H2. */
export interface CallHomeMail {
  /** Names it in the subject and in every address that it wants to be called. */
  readonly id: string;
  /** What it tries, as the bar names it. */
  readonly name: string;
  readonly raw: Buffer;
}

const PIXEL = 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';
const text = (...head: readonly string[]): string => [...head, 'Content-Type: text/plain', '', 'Please read.', ''].join('\n');
const html = (body: string, ...head: readonly string[]): string =>
  [...head, 'Content-Type: text/html; charset=utf-8', '', `<p>Please read.</p>${body}`, ''].join('\n');
const parts = (type: string, ...all: readonly string[]): string =>
  [`Content-Type: ${type}; boundary=b`, '', ...all.flatMap((one) => ['--b', one]), '--b--', ''].join('\n');
const outside = (access: string): string =>
  parts('multipart/mixed', text(), `Content-Type: message/external-body; ${access}\n\nContent-Type: text/html\nContent-ID: <x@x>\n`);

/** What follows the header of the mail: `{url}` is an address of the attacker's over HTTP, `{host}` a name that only DNS would be asked for. Written for this project. */
const CASES: readonly (readonly [name: string, mail: string])[] = [
  ['message/external-body by URL', outside('access-type=URL; URL="{url}"')],
  ['message/external-body by FTP', outside('access-type=anon-ftp; site="{host}"; directory="pub"; name="x.html"')],
  ['message/external-body by mail', outside('access-type=mail-server; server="collect@{host}"; subject="{host}"')],
  [
    'message/external-body as the whole mail',
    'Content-Type: message/external-body; access-type=URL; URL="{url}"\n\nContent-Type: text/html\n\n',
  ],
  ['Content-Base', html('<img src="x.png"><link rel=stylesheet href="y.css"><a href="z">z</a>', 'Content-Base: "{url}/"')],
  ['Content-Location', html('<img src="x.png"><img src="//{host}/y.png">', 'Content-Location: {url}/')],
  [
    'Content-Location of a part',
    parts(
      'multipart/related',
      html('<img src="x.png"><img src="{url}/x.png">', 'Content-Location: {url}/'),
      'Content-Type: image/gif\nContent-Location: {url}/x.png\nContent-Transfer-Encoding: base64\n\nnot a picture\n',
    ),
  ],
  [
    'Disposition-Notification-To',
    text(
      'Disposition-Notification-To: <collect@{host}>',
      'Disposition-Notification-Options: x=required,1',
      'Original-Recipient: rfc822;a@{host}',
    ),
  ],
  [
    'Return-Receipt-To',
    text(
      'Return-Receipt-To: <collect@{host}>',
      'X-Confirm-Reading-To: <collect@{host}>',
      'Read-Receipt-To: <collect@{host}>',
      'X-PMRQC: 1',
    ),
  ],
  ['List-Unsubscribe', text('List-Unsubscribe: <{url}>, <mailto:leave@{host}?subject=leave>', 'List-Id: <list.{host}>')],
  [
    'List-Unsubscribe-Post',
    text(
      'List-Unsubscribe: <{url}>',
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
      'List-Help: <{url}?h>',
      'List-Archive: <{url}?a>',
    ),
  ],
  [
    'BIMI',
    text(
      'BIMI-Selector: v=BIMI1; s=brand',
      'BIMI-Location: v=BIMI1; l={url}; a={url}?a',
      'BIMI-Indicator: PHN2Zy8+',
      'DKIM-Signature: v=1; a=rsa-sha256; d={host}; s=brand; h=from; bh=x; b=x',
    ),
  ],
  ['Face', text(`Face: ${PIXEL}`, 'X-Face-URL: {url}?x', 'Face-URL: {url}?f')],
  [
    'X-Face and X-Image-URL',
    text('X-Face: "Zc#F', 'X-Image-URL: {url}', 'X-Avatar-URL: {url}?a', 'X-Gravatar: {url}?g', 'Avatar: {url}?v'),
  ],
  ['favicon of links', html('<p><a href="http://{host}/">One</a> <a href="{url}">Two</a> {url} http://{host}/</p>')],
  [
    'keys of the sender',
    text('Autocrypt: addr=mallory@{host}; keydata=AA==', 'OpenPGP: id=0123456789ABCDEF; url={url}', 'X-PGP-Key: {url}?k'),
  ],
  [
    'URIs of an invitation',
    parts(
      'multipart/mixed',
      text(),
      'Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REQUEST\nSOURCE;VALUE=URI:{url}?s\nURL:{url}?u\nBEGIN:VEVENT\nUID:1@{host}\nDTSTAMP:20260101T000000Z\nDTSTART:20260715T100000Z\nSUMMARY:x\nATTACH:{url}\nIMAGE;VALUE=URI;DISPLAY=BADGE:{url}?i\nATTENDEE;RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:katharina.brandt@nordlicht.example\nORGANIZER;DIR="{url}?d":mailto:o@{host}\nEND:VEVENT\nEND:VCALENDAR\n',
    ),
  ],
  [
    'picture of a vCard',
    parts('multipart/mixed', text(), 'Content-Type: text/vcard; name=x.vcf\n\nBEGIN:VCARD\nVERSION:4.0\nFN:x\nPHOTO:{url}\nEND:VCARD\n'),
  ],
];

/** A certificate that names places to ask for its issuer and for its state, and what it signs, as a text beside it and around it. */
function signed(url: string): readonly (readonly [name: string, mail: string])[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdover-smime-'));
  const at = (name: string): string => path.join(folder, name);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const aia = `authorityInfoAccess=caIssuers;URI:${url}?ca,OCSP;URI:${url}?ocsp\ncrlDistributionPoints=URI:${url}?crl`;
  try {
    writeFileSync(
      at('cnf'),
      `[req]\ndistinguished_name=dn\nx509_extensions=ext\n[dn]\n[ext]\nsubjectAltName=email:mallory@evil.example\n${aia}\n`,
    );
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', at('key'));
    openssl('req', '-new', '-x509', '-key', at('key'), '-out', at('crt'), '-subj', '/CN=Mallory', '-days', '30', '-config', at('cnf'));
    writeFileSync(at('text'), 'Content-Type: text/plain\r\n\r\nPlease read.\r\n');
    return (['beside', 'around'] as const).map((how) => {
      const whole = how === 'around' ? ['-nodetach'] : [];
      openssl(
        'cms',
        '-sign',
        ...whole,
        '-in',
        at('text'),
        '-signer',
        at('crt'),
        '-inkey',
        at('key'),
        '-out',
        at('mail'),
        '-outform',
        'SMIME',
      );
      return [`S/MIME AIA and OCSP, ${how} the text`, readFileSync(at('mail'), 'latin1').replace(/^MIME-Version:[^\n]*\n/u, '')] as const;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** All of them, in a fixed order. `origin`: of the listener, without a slash at the end. */
export function buildCallHomeMails(origin: string): CallHomeMail[] {
  const smimeId = `c${CASES.length}`;
  return [...CASES, ...signed(`${origin}/${smimeId}`)].map(([name, mail], n) => {
    const [id, host] = [`c${n}`, `c${n}.${HOSTILE_DOMAIN}`];
    const head = [
      `From: Mallory <mallory@${host}>`,
      'To: katharina.brandt@nordlicht.example',
      `Subject: ${id}`,
      `Message-ID: <${id}@${host}>`,
      `Return-Path: <mallory@${host}>`,
      'Authentication-Results: mx.nordlicht.example; dmarc=pass',
      'Date: Fri, 27 Nov 2026 10:00:00 +0000',
      'MIME-Version: 1.0',
    ];
    const filled = mail.replaceAll('{url}', `${origin}/${id}`).replaceAll('{host}', host);
    return { id, name, raw: Buffer.from([...head, filled].join('\n').replaceAll(/\r?\n/gu, '\r\n'), 'latin1') };
  });
}
