import { domainToASCII } from 'node:url';
import { describe, expect, it } from 'vitest';
import { linkWarnings, isWarned, readableHost } from '../../renderer/mail/link-warnings.ts';
import { readLink } from '../../renderer/mail/link.ts';
import { ownDomains } from '../../renderer/mail/own-domains.ts';
import { testAccount } from '../support/draft-random.ts';
import { reportFigure } from '../support/figures.ts';

const OWN = ['nordlicht.example'];
const web = (host: string, rest = '/') => `https://${domainToASCII(host)}${rest}`;

/** Text, address, what has to be told. */
const DECEIVING: readonly (readonly [text: string, href: string, warning: string])[] = [
  // The text names another host.
  ['https://www.bank.example/login', 'https://evil.example/login', 'other-host'],
  ['www.bank.example', 'http://bank.example.evil.test/', 'other-host'],
  ['bank.example', 'https://evil.test/bank.example', 'other-host'],
  ['Log in at https://bank.example/secure now', 'https://evil.test/', 'other-host'],
  ['HTTPS://BANK.EXAMPLE', 'https://evil.test/', 'other-host'],
  ['bank.example/konto?id=1', 'https://bank-example.test/konto', 'other-host'],
  ['bank.\u200bexample', 'https://evil.test/', 'other-host'],
  ['\u202Ebank.example', 'https://evil.test/', 'other-host'],
  ['https://bank.example\\login', 'https://evil.test/', 'other-host'],
  ['https://bank.example@evil.test/', 'https://third.test/', 'other-host'],
  ['bücher.example', 'https://xn--bcher-kva.test/', 'other-host'],
  ['anna.github.io', 'https://berta.github.io/', 'other-host'],
  ['www.shop.co.uk', 'https://www.other.co.uk/', 'other-host'],
  ['service@bank.example', 'mailto:service@evil.test', 'other-host'],
  // Letters of other scripts.
  ['Log in', web('аррӏе.com'), 'look-alike'],
  ['Log in', web('раураӏ.com'), 'look-alike'],
  ['Log in', web('www.ѕсоре.com'), 'look-alike'],
  ['Log in', web('ορορο.com'), 'look-alike'],
  ['Log in', web('pаypal.com'), 'mixed-scripts'],
  ['Log in', web('gοοgle.com'), 'mixed-scripts'],
  ['Log in', web('micrоsoft.com'), 'mixed-scripts'],
  ['Log in', web('login.аmazon.de'), 'mixed-scripts'],
  ['Log in', web('spаrkasse.de'), 'mixed-scripts'],
  ['Log in', web('paypał.com'), 'look-alike'],
  ['Log in', web('goögle.com'), 'look-alike'],
  ['Log in', web('ebɑy.com'), 'look-alike'],
  ['Log in', web('faceboɡk.test'), 'look-alike'],
  ['Log in', web('lınkedin.com'), 'look-alike'],
  ['Log in', web('nordlıcht.example'), 'look-alike'],
  ['Log in', 'https://paypa1.com/', 'look-alike'],
  ['Log in', 'https://rnicrosoft.com/', 'look-alike'],
  ['Log in', 'https://nordlicth.example/', 'look-alike'],
  ['Log in', 'https://n0rdlicht.example/', 'look-alike'],
  // A user name before the host.
  ['Log in', 'https://bank@evil.test/', 'user-name'],
  ['Log in', 'https://bank.example:443@evil.test/', 'user-name'],
  ['Log in', 'https://@evil.test/', 'user-name'],
  ['Log in', 'https://bank.example%2F@evil.test/', 'user-name'],
  // Backslashes, escapes, line ends.
  ['Log in', 'https://bank.example\\@evil.test/', 'unclear'],
  ['Log in', 'https:\\\\evil.test/', 'unclear'],
  ['Log in', 'https://bank%2eexample/', 'unclear'],
  ['Log in', 'https:/evil.test/', 'unclear'],
  ['Log in', '//evil.test/', 'unclear'],
  ['Log in', 'ht\ntps://evil.test/', 'unclear'],
  ['Log in', 'https://bank.exa\tmple/', 'unclear'],
  ['Log in', 'https://bank.example./', 'odd-host'],
  ['Log in', 'https://www.bank.com.login.test/', 'inner-domain'],
  ['Log in', 'http://0x7f000001/', 'number-host'],
  // What would be run.
  ['Log in', 'javascript:alert(1)', 'scheme'],
  ['Log in', ' \u0001java\tscript:alert(1)', 'scheme'],
  ['Log in', 'JaVaScRiPt:alert(1)', 'scheme'],
  ['Log in', 'data:text/html,<b>x', 'scheme'],
  ['Log in', 'vbscript:x', 'scheme'],
  ['Log in', 'file://server/share/a.exe', 'scheme'],
  ['Log in', 'search-ms:query=x', 'scheme'],
];

const SHOPS = ['blumen', 'moebelhaus', 'reiseziel', 'buchladen', 'fahrrad', 'teehandel', 'weinkontor', 'gartenwelt', 'spielzeug', 'kamera'];
const TEXTS = [
  'Jetzt ansehen',
  'Read more',
  'Unsubscribe',
  'Version 3.5.2026',
  'ASP.Core und Node.js im Vergleich',
  'Rechnung.pdf',
  '',
  'Zum Angebot – nur bis 24.12.',
  'Im Browser öffnen',
  'Impressum',
  'Ab 19.99 EUR',
  'README.md',
];

/** What stands in ordinary newsletters: own sites, mailing services, social media, redirects of the same owner. */
function ordinaryLinks(): (readonly [text: string, href: string])[] {
  const links = SHOPS.flatMap((shop, at) => [
    ...TEXTS.map(
      (text, n) => [text, `https://click${n}.mailing-${at}.example/c/${shop}?u=https%3A%2F%2F${shop}.example%2F&id=a@b`] as const,
    ),
    [`www.${shop}.example`, `https://www.${shop}.example/?utm_source=news`] as const,
    [`${shop}.example`, `https://news.${shop}.example/`] as const,
    [`shop.${shop}.co.uk`, `https://mail.${shop}.co.uk/x`] as const,
    [`service@${shop}.example`, `mailto:service@${shop}.example?subject=Frage`] as const,
    ['Facebook', `https://www.facebook.com/${shop}`] as const,
    ['Instagram', `https://instagram.com/${shop}`] as const,
    ['Im Browser', `https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2F${shop}.example`] as const,
    ['Unser Laden', web(`${shop}-münchen.de`)] as const,
  ]);
  // Shown addresses behind a service that counts clicks do name another host than the link.
  return [...links.slice(0, 197), ...['a', 'b', 'c'].map((one) => [`www.${one}-shop.example`, 'https://click.counter.test/1'] as const)];
}

const warningsOf = (text: string, href: string): readonly string[] => {
  const link = readLink(href, text);
  return link === null ? [] : linkWarnings(link, OWN);
};

describe('warnings of links', () => {
  it.each(DECEIVING)('%j to %j: %s', (text, href, warning) => expect(warningsOf(text, href)).toContain(warning));

  it('flags every deceiving link, and next to none of newsletters', () => {
    expect(DECEIVING.length).toBeGreaterThanOrEqual(50);
    const missed = DECEIVING.filter(([text, href]) => !isWarned(warningsOf(text, href) as never));
    const ordinary = ordinaryLinks();
    expect(ordinary).toHaveLength(200);
    const flagged = ordinary.filter(([text, href]) => isWarned(warningsOf(text, href) as never));
    reportFigure('H9 links', { pairs: DECEIVING.length, missed: missed.length, ordinary: 200, falselyFlagged: flagged.length });
    expect(missed).toEqual([]);
    expect(flagged.map(([text, href]) => [text, href]).filter(([, href]) => href !== 'https://click.counter.test/1')).toEqual([]);
    expect(flagged.length / ordinary.length).toBeLessThanOrEqual(0.02);
  });

  it('shows the host in ASCII, and reads it out where it is written with other letters', () => {
    const link = readLink(web('bücher.example'), 'Shop');
    expect(link).toMatchObject({ kind: 'web', target: 'xn--bcher-kva.example' });
    expect(readableHost('xn--bcher-kva.example')).toBe('bücher.example');
    expect(readableHost('xn--\u0000')).toBe('xn--\u0000');
    expect(linkWarnings(link!, OWN)).toEqual(['foreign-letters']);
  });

  it.each(['', '#top', 'page.html', '/path', 'tel:+49', 'cid:a@b', '?q=1', 'mailto:', `https://${'a'.repeat(9000)}.test`])(
    '%j leads nowhere',
    (href) => expect(readLink(href, 'x')).toBeNull(),
  );

  it.each([
    ['москва', 'рф'],
    ['αθήνα', 'ελ'],
    ['日本語', 'jp'],
    ['서울', 'kr'],
    ['москва-кафе', 'com'],
  ])('a name of another language is no disguise: %s.%s', (label, ending) =>
    expect(warningsOf('Log in', web(`${label}.${ending}`))).toEqual(['foreign-letters']),
  );

  it('know the domains of all addresses of the person', () => {
    const own = ownDomains([testAccount({ email: 'a@firma.example', aliases: ['A@Kontor.example', 'b@firma.example'] }), testAccount()]);
    expect(own).toEqual(['firma.example', 'kontor.example', 'example.com']);
    expect(linkWarnings(readLink('https://k0ntor.example/', 'Log in')!, own)).toContain('look-alike');
  });
});
