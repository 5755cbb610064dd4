import { describe, expect, it } from 'vitest';
import { findMailLink } from '../../main/app/command-line.ts';
import { readMailLink } from '../../main/app/desktop/mail-link.ts';
import { parseMailto } from '../../main/engine/compose/mailto.ts';
import { limits } from '../../shared/limits.ts';

const url = (raw: string): string | undefined => readMailLink(raw)?.url;
const leftOut = (raw: string): readonly string[] => [...(readMailLink(raw)?.leftOut ?? [])].sort();
const encoded = encodeURIComponent;

describe('a mailto: link of another program', () => {
  it.each([
    ['mailto:a@example.org', 'mailto:a@example.org'],
    ['MailTo:a@example.org', 'mailto:a@example.org'],
    ['mailto:', 'mailto:'],
    ['mailto:a@example.org,b@example.org', 'mailto:a@example.org,b@example.org'],
    ['mailto:?to=a@example.org&to=b@example.org', 'mailto:a@example.org,b@example.org'],
    ['mailto:a@example.org?cc=b@example.org&BCC=c@example.org', 'mailto:a@example.org?cc=b@example.org&bcc=c@example.org'],
    ['mailto:%22not%40me%22@example.org', 'mailto:%22not@me%22@example.org'],
    ['mailto:gorby%25kremvax@example.com', 'mailto:gorby%25kremvax@example.com'],
    ['mailto:a@example.org?subject=caf%C3%A9+1', 'mailto:a@example.org?subject=caf%C3%A9%2B1'],
    ['mailto:a@example.org?body=l1%0Al2%0D%0Al3', 'mailto:a@example.org?body=l1%0D%0Al2%0D%0Al3'],
    ['mailto:a@example.org?subject=a=b', 'mailto:a@example.org?subject=a%3Db'],
    ['mailto:a@example.org#part', 'mailto:a@example.org'],
  ])('is read by RFC 6068: %j', (raw, canonical) => {
    expect(url(raw)).toBe(canonical);
    expect(leftOut(raw)).toEqual([]);
    expect(url(canonical)).toBe(canonical);
  });

  it.each([
    ['attach=/etc/passwd', 'attachment'],
    ['attachment=C:%5Csecret.txt', 'attachment'],
    ['%61ttach=/etc/passwd', 'attachment'],
    ['ATTACH=~/.ssh/id_rsa', 'attachment'],
    ['from=boss@example.org', 'sender'],
    ['Sender=boss@example.org', 'sender'],
    ['reply-to=evil@example.org', 'sender'],
    ['x-mailer=evil', 'header'],
    ['content-type=text/html', 'header'],
    ['in-reply-to=%3Ca@b%3E', 'header'],
    ['message-id=%3Ca@b%3E', 'header'],
    ['subject%0D%0ABcc=b@example.org', 'header'],
    ['to%00=b@example.org', 'header'],
    ['__proto__=x', 'header'],
    ['constructor=x', 'header'],
    ['=x', 'header'],
    ['body=one&body=two', 'header'],
    ['subject=one&subject=two', 'header'],
    ['subject=x%0D%0ABcc:b@example.org', 'hidden'],
    ['subject=x%0ABcc:b@example.org', 'hidden'],
    ['subject=x%00y', 'hidden'],
    ['subject=invoice%E2%80%AEfdp.exe', 'hidden'],
    ['subject=pay%E2%80%8Bpal', 'hidden'],
    ['subject=x%E2%80%A8y', 'hidden'],
    ['cc=b@example.org%0D%0ABcc:c@example.org', 'hidden'],
    ['bcc=%00c@example.org', 'hidden'],
    ['body=x%00y', 'hidden'],
    ['body=x%1B%5B31my', 'hidden'],
    ['body=%E2%80%AEx', 'hidden'],
    ['subject=%FF%FE', 'encoding'],
    ['subject=%', 'encoding'],
    ['cc=%C0%AE@example.org', 'encoding'],
    ['body=%E4', 'encoding'],
  ])('leaves out and tells: %j', (field, why) => {
    const raw = `mailto:a@example.org?${field}`;
    expect(leftOut(raw)).toEqual([why]);
    const kept = decodeURIComponent(url(raw) ?? '');
    expect(kept).not.toMatch(/[\u0000\u001b\u202e\u200b\u2028]|evil|boss|passwd|ssh|Bcc:|two/u);
    expect(kept).toMatch(/^mailto:a@example\.org/u);
  });

  it.each([
    'mailto:a@example.org\r\nBcc: b@example.org',
    'mailto:a@example.org\0',
    'mailto:a@example.org?subject=\u202egpj.exe',
    'mail\u200bto:a@example.org',
    'mailto',
    'mailto//a@example.org',
    'xmailto:a@example.org',
    'https://example.org/?mailto:a@example.org',
    'file:///etc/passwd',
    'javascript:mailto:a@example.org',
    ' mailto:a@example.org',
    '',
    `mailto:a@example.org?body=${'x'.repeat(70_000)}`,
    `mailto:${'x'.repeat(9_000)}@example.org`,
  ])('is not taken at all: %j', (raw) => {
    expect(readMailLink(raw)).toBeNull();
  });

  it('drops one recipient with a control in it, and keeps the others', () => {
    expect(url('mailto:a@example.org,b%0D%0ARCPT@example.org,c@example.org')).toBe('mailto:a@example.org,c@example.org');
    expect(leftOut('mailto:a@example.org,b%0D%0ARCPT@example.org')).toEqual(['hidden']);
  });

  it('cuts a long text between characters, and says so', () => {
    const raw = `mailto:a@example.org?body=${encoded('ü😀'.repeat(1_500))}`;
    const link = readMailLink(raw);
    expect(link?.url.length).toBeLessThanOrEqual(limits.maxMailtoChars);
    expect(link?.leftOut).toEqual(['length']);
    expect(parseMailto(link?.url ?? '')?.body).toMatch(/^(?:ü😀)+ü?$/u);
  });

  it('takes at most a hundred recipients, and says so', () => {
    const raw = `mailto:${Array.from({ length: 150 }, (_, n) => `p${n}@example.org`).join(',')}`;
    expect(parseMailto(url(raw) ?? '')?.to).toHaveLength(100);
    expect(leftOut(raw)).toEqual(['length']);
  });

  it('means the same to the composer as it says', () => {
    const link = readMailLink('mailto:a@example.org?cc=b@example.org&subject=Gr%C3%BC%C3%9Fe%26&body=Hallo,%0Awelt%3F&attach=/etc/passwd');
    expect(parseMailto(link?.url ?? '')).toMatchObject({
      to: [{ address: 'a@example.org' }],
      cc: [{ address: 'b@example.org' }],
      bcc: [],
      subject: 'Grüße&',
      body: 'Hallo,\nwelt?',
    });
  });
});

describe('a command line', () => {
  it('gives the first argument that is a link, and no switch', () => {
    expect(findMailLink(['--hidden', 'mailto:a@example.org', 'mailto:b@example.org'])).toBe('mailto:a@example.org');
    expect(findMailLink(['--', 'MAILTO:a@example.org'])).toBe('MAILTO:a@example.org');
    expect(findMailLink(['--x=mailto:a@example.org', '/mailto:a'])).toBeUndefined();
  });

  it('gives no more of a monstrous one than shows that it is one', () => {
    expect(findMailLink([`mailto:${'x'.repeat(1_000_000)}`])?.length).toBeLessThan(100_000);
  });
});
