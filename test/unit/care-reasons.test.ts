import { describe, expect, it } from 'vitest';
import { careReasons, type CareFacts } from '../../renderer/mail/care-reasons.ts';
import { readLink } from '../../renderer/mail/link.ts';
import { care as de } from '../../renderer/text/de/care.ts';
import { care as en } from '../../renderer/text/en/care.ts';
import { dangerCodeSchema, senderFindingCodeSchema } from '../../shared/model/trust.ts';

const nothing: CareFacts = { findings: [], links: [], dangers: [], attachments: [], own: [] };
const link = (href: string, text = 'x') => readLink(href, text)!;
const file = (index: number, fileName: string) => ({
  index,
  fileName,
  mimeType: 'application/octet-stream',
  sizeBytes: 1,
  isInline: false,
  contentId: null,
});

describe('reasons to take care', () => {
  it('are none where there is nothing to say', () => {
    expect(careReasons(nothing, en)).toEqual([]);
    expect(careReasons({ ...nothing, links: [link('https://shop.example/'), link('https://xn--bcher-kva.example/')] }, en)).toEqual([]);
  });

  it('come with the weightiest first, each kind of link once, remarks behind warnings', () => {
    const reasons = careReasons(
      {
        ...nothing,
        findings: [
          { code: 'first-mail', named: '', real: 'a@x.test' },
          { code: 'reply-elsewhere', named: 'b@y.test', real: 'a@x.test' },
          { code: 'auth-failed', named: '', real: 'x.test' },
        ],
        links: [link('https://evil.test/', 'www.bank.example'), link('https://other.test/', 'www.bank.example'), link('javascript:x')],
        dangers: [{ index: 4, code: 'double-ending', named: 'exe' }],
        attachments: [file(4, 'a.pdf.exe')],
      },
      en,
    );
    expect(reasons.map(({ key, tone }) => [key, tone])).toEqual([
      ['sender auth-failed', 'warn'],
      ['file 4', 'warn'],
      ['link scheme', 'warn'],
      ['link other-host', 'warn'],
      ['sender reply-elsewhere', 'note'],
      ['sender first-mail', 'note'],
    ]);
    expect(reasons[1]?.short).toBe(en.dangers['double-ending'].short('a.pdf.exe'));
    expect(reasons[3]?.short).toContain('evil.test');
    expect(new Set(reasons.map(({ key }) => key)).size).toBe(reasons.length);
  });

  it('let nothing of a mail turn round or hide in the words', () => {
    const [one] = careReasons(
      { ...nothing, findings: [{ code: 'name-has-address', named: '\u202Ea@x.test\u0000', real: 'b\u200B@y.test\nz' }] },
      de,
    );
    expect(one?.short).toBe(de.sender['name-has-address'].short('a@x.test', 'b@y.test z'));
  });

  it('have words for every code, in both languages, that name what they are about', () => {
    for (const words of [en, de]) {
      for (const code of senderFindingCodeSchema.options) {
        const text = words.sender[code].short('<named>', '<real>');
        expect(/<named>|<real>/u.test(text) || code === 'no-address', code).toBe(true);
      }
      for (const code of dangerCodeSchema.options) expect(words.dangers[code].short('<named>', ''), code).toContain('<named>');
      for (const text of Object.values(words.links)) expect(text.long.length).toBeGreaterThan(20);
    }
    expect(Object.keys(de.links)).toEqual(Object.keys(en.links));
  });
});
