import { describe, expect, it } from 'vitest';
import { assessSender, type Acquaintance, type KnownPerson } from '../../main/engine/trust/assess-sender.ts';
import { editDistance, lookAlikeOf } from '../../shared/trust/look-alike.ts';
import { baseDomain } from '../../shared/trust/base-domain.ts';

const people: KnownPerson[] = [
  { name: 'Anna Berg', address: 'anna.berg@partner.example', sent: 4, received: 9 },
  { name: 'Jörg Groß', address: 'jg@werft.example', sent: 1, received: 0 },
  { name: 'Seen Once', address: 'once@there.example', sent: 0, received: 1 },
  { name: 'Anna Berg', address: 'anna@private.test', sent: 2, received: 2 },
];
const known: Acquaintance = {
  own: [{ name: 'Katharina Brandt', address: 'katharina.brandt@nordlicht.example' }],
  writtenDomains: ['partner.example', 'werft.example'],
  person: (address) => people.find((one) => one.address === address.toLowerCase()) ?? null,
  named: (words) => people.filter(({ name }) => words.split(' ').some((word) => name.toLowerCase().includes(word.slice(0, 3)))),
};
const found = (name: string, address: string, rest: { sender?: string; replyTo?: string; rawFrom?: string[] } = {}) =>
  assessSender(
    {
      from: [{ name, address }],
      sender: rest.sender === undefined ? null : { name: '', address: rest.sender },
      replyTo: rest.replyTo === undefined ? [] : [{ name: '', address: rest.replyTo }],
      rawFrom: rest.rawFrom ?? [`${name} <${address}>`],
    },
    known,
  ).map(({ code, named }) => [code, named]);

describe('findings about senders', () => {
  it.each([
    ['an address as name', 'boss@nordlicht.example', 'x@evil.test', ['name-has-address', 'boss@nordlicht.example']],
    ['an address within the name', 'Boss (boss@nordlicht.example)', 'x@evil.test', ['name-has-address', 'boss@nordlicht.example']],
    ['a wide @', 'boss＠nordlicht.example', 'x@evil.test', ['name-has-address', 'boss@nordlicht.example']],
    ['the name of a contact', 'Anna Berg', 'a.berg@evil.test', ['name-of-contact', 'anna.berg@partner.example']],
    ['the same, turned round', 'Berg, Anna', 'a.berg@evil.test', ['name-of-contact', 'anna.berg@partner.example']],
    ['the same in Cyrillic letters', 'Аnnа Веrg', 'a.berg@evil.test', ['name-of-contact', 'anna.berg@partner.example']],
    ['a name with marks', 'Jorg Gross', 'jg@evil.test', ['name-of-contact', 'jg@werft.example']],
    ['one’s own name', 'Katharina Brandt', 'kb@evil.test', ['name-of-contact', 'katharina.brandt@nordlicht.example']],
    ['the own domain in the name', 'IT nordlicht.example', 'it@evil.test', ['name-has-domain', 'nordlicht.example']],
    ['the own domain in other letters', 'IT nоrdlicht.example', 'it@evil.test', ['name-has-domain', 'nordlicht.example']],
    ['letters swapped', 'IT', 'it@nordlihct.example', ['look-alike-domain', 'nordlicht.example']],
    ['a digit for a letter', 'IT', 'it@n0rdlicht.example', ['look-alike-domain', 'nordlicht.example']],
    ['a letter left out', 'X', 'x@partnr.example', ['look-alike-domain', 'partner.example']],
    ['two letters for one', 'X', 'x@vverft.example', ['look-alike-domain', 'werft.example']],
    ['punycode of a look-alike', 'X', 'x@xn--nrdlicht-nbh.example', ['look-alike-domain', 'nordlicht.example']],
    ['a name that everybody knows, with a digit', 'X', 'x@paypa1.test', ['look-alike-domain', 'paypal']],
    ['scripts mixed', 'X', 'x@bаnk.test', ['odd-domain', 'bаnk.test']],
    ['no address', 'Somebody', '', ['no-address', '']],
  ])('%s', (_what, name, address, finding) => expect(found(name, address)).toContainEqual(finding));

  it('another sender, other answers, several authors', () => {
    expect(found('A', 'a@x.test', { sender: 'list@y.test' })).toEqual([['sender-differs', 'list@y.test']]);
    expect(found('A', 'a@x.test', { replyTo: 'a@y.test' })).toEqual([['reply-elsewhere', 'a@y.test']]);
    expect(found('A', 'a@x.test', { rawFrom: ['a@x.test', 'b@y.test'] })).toEqual([['several-from', '']]);
    expect(found('A', 'a@x.test', { rawFrom: ['<a@x.test> <b@y.test>'] })).toEqual([['several-from', 'b@y.test']]);
    const several = assessSender(
      {
        from: ['a@x.test', 'b@y.test'].map((address) => ({ name: '', address })),
        sender: null,
        replyTo: [],
        rawFrom: ['a@x.test, b@y.test'],
      },
      known,
    );
    expect(several.map(({ code, named }) => [code, named])).toEqual([['several-from', 'b@y.test']]);
  });

  it.each([
    ['Anna Berg', 'anna.berg@partner.example'],
    ['Anna Berg', 'anna@private.test'],
    ['Anna Berg', 'anna.berg@mail.partner.example'],
    ['anna.berg@partner.example', 'anna.berg@partner.example'],
    ['Partner', 'news@partner.example'],
    ['Seen Once', 'other@elsewhere.test'],
    ['Anna', 'anna@elsewhere.test'],
    ['', 'x@elsewhere.test'],
    ['Katharina Brandt', 'kb@nordlicht.example'],
    ['Version 2.0 of shop.test', 'x@elsewhere.test'],
    ['PayPal', 'service@paypal.test'],
    ['москва', 'x@xn--80adxhks.xn--p1ai'],
  ])('nothing about %j <%s>', (name, address) => expect(found(name, address)).toEqual([]));

  it('answers to the author, and a sender who is the author, are no finding; any other place is named', () => {
    expect(found('A', 'a@x.test', { replyTo: 'A@X.test', sender: 'A@X.test' })).toEqual([]);
    expect(found('A', 'a@x.test', { replyTo: 'reply@mail.x.test' })).toEqual([['reply-elsewhere', 'reply@mail.x.test']]);
  });
});

describe('domains that look alike', () => {
  it('counts one change of any kind, and no more', () => {
    for (const [a, b] of [
      ['abcde', 'abxde'],
      ['abcde', 'abde'],
      ['abcde', 'abcdef'],
      ['abcde', 'abdce'],
    ] as const)
      expect(editDistance(a, b)).toBe(1);
    for (const [a, b] of [
      ['abcde', 'axcdx'],
      ['abcde', 'abc'],
      ['abcd', 'dcba'],
    ] as const)
      expect(editDistance(a, b)).toBe(2);
    expect(editDistance('a', 'a')).toBe(0);
  });
  it('leaves short names, other endings and known ones alone', () => {
    for (const domain of ['web.de', 'gmx.at', 'nordlicht.test', 'mail.nordlicht.example', 'partner.example']) {
      expect(lookAlikeOf(domain, ['nordlicht.example', 'weg.de', 'gmx.de', 'partner.example']), domain).toBeNull();
    }
  });
  it('knows who a name belongs to', () => {
    expect(['a.b.example', 'a.b.co.uk', 'x.github.io', 'example', '10.0.0.1', 'B.EXAMPLE.'].map(baseDomain)).toEqual([
      'b.example',
      'b.co.uk',
      'x.github.io',
      'example',
      '10.0.0.1',
      'b.example',
    ]);
  });
});
