import { describe, expect, it } from 'vitest';
import { canonicalExternalUrl } from '../../main/app/external-url.ts';

/** Addresses that a mail may hold and that must never reach the system. */
const REFUSED = [
  'file:///etc/passwd',
  'FILE:///C:/Windows/System32/calc.exe',
  'file://host/share',
  'ftp://example.org/x',
  'smb://host/share',
  '\\\\host\\share',
  '//host/share',
  '///host/share',
  '/etc/passwd',
  'C:\\Windows\\System32\\calc.exe',
  'ms-msdt:/id PCWDiagnostic',
  'search-ms:query=x&crumb=location:\\\\host\\share',
  'ms-officecmd:{"id":3}',
  'ms-word:ofe|u|https://example.org/a.docx',
  'ms-settings:',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\tscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:msgbox(1)',
  'view-source:https://example.org',
  'jar:https://example.org/a.jar!/b',
  'intent://scan/#Intent;scheme=zxing;end',
  'app://holdover/index.html',
  'about:blank',
  'chrome://settings',
  'devtools://devtools/bundled/inspector.html',
  'blob:https://example.org/1',
  'ws://example.org/',
  'tel:+4912345',
  'ssh://example.org',
  'ldap://example.org',
  'steam://run/1',
  'x-apple.systempreferences:',
  'shell:startup',
  'http:example.org',
  'http:/example.org',
  'https:\\\\example.org',
  'https://example.org\\@evil.example',
  'https://',
  'http://?x',
  ' https://example.org',
  'https://example.org ',
  '\u0000https://example.org',
  '\thttps://example.org',
  'https://example.org/\u0000',
  'ht\ntps://example.org',
  'https://exam\u200bple.org',
  'https://example.org/\u202egpj.exe',
  'https://bank.example@evil.example/',
  'https://user:secret@example.org/',
  'https://@example.org/',
  'https://:@example.org/',
  'https://exa mple.org/',
  'https://example.org%00.evil.example/',
  'https://example..org:99999/',
  'https://[::1/',
  'https://xn--/',
  '',
  `https://example.org/${'a'.repeat(9000)}`,
  'mailto:a@example.org\r\nBcc: b@example.org',
  'mailto:a@example.org%0d%0aBcc:b@example.org',
  'mailto:a@example.org?subject=x%0d%0aBcc:b@example.org',
  'mailto:a@example.org?cc=%0ab@example.org',
  'mailto:%ff@example.org',
  'mail\u00adto:a@example.org',
];

const ACCEPTED: [string, string][] = [
  ['http://example.org', 'http://example.org/'],
  ['https://example.org/a?b=c#d', 'https://example.org/a?b=c#d'],
  ['HTTPS://EXAMPLE.org/A', 'https://example.org/A'],
  ['https://example.org:8443/', 'https://example.org:8443/'],
  ['https://example.org./', 'https://example.org./'],
  ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
  ['https://аррӏе.example/', 'https://xn--80ak6aa92e.example/'],
  ['https://example.org/ä ö', 'https://example.org/%C3%A4%20%C3%B6'],
  ['https://example.org/?q=a@b', 'https://example.org/?q=a@b'],
  ['https://[2001:db8::1]/', 'https://[2001:db8::1]/'],
  ['https://0x7f.1/', 'https://127.0.0.1/'],
  ['mailto:a@example.org', 'mailto:a@example.org'],
  ['MAILTO:a@example.org', 'mailto:a@example.org'],
  ['mailto:a@example.org,b@example.org', 'mailto:a@example.org,b@example.org'],
  ['mailto:a@example.org?subject=Hello%20you', 'mailto:a@example.org?subject=Hello%20you'],
  ['mailto:?to=a@example.org', 'mailto:a@example.org'],
  ['mailto:a@example.org?SUBJECT=x&body=l1%0D%0Al2', 'mailto:a@example.org?subject=x&body=l1%0D%0Al2'],
  ['mailto:a@example.org?attach=/etc/passwd&subject=x', 'mailto:a@example.org?subject=x'],
  ['mailto:a@example.org?from=b@example.org&x-header=1&attachment=%2Fetc%2Fpasswd', 'mailto:a@example.org'],
  ['mailto:a@example.org#fragment', 'mailto:a@example.org'],
];

describe('addresses from mail', () => {
  it.each(REFUSED)('never leaves the app: %j', (url) => {
    expect(canonicalExternalUrl(url)).toBeNull();
  });

  it.each(ACCEPTED)('leaves in one canonical form: %j', (url, canonical) => {
    expect(canonicalExternalUrl(url)).toBe(canonical);
  });

  it('is a fixed point: what left once leaves unchanged again', () => {
    for (const [, canonical] of ACCEPTED) expect(canonicalExternalUrl(canonical)).toBe(canonical);
  });

  it('has at least sixty addresses to refuse', () => {
    expect(new Set(REFUSED).size).toBeGreaterThanOrEqual(60);
  });
});
