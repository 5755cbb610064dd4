import { describe, expect, it } from 'vitest';
import { addPeople, addressText, isAddress, parseAddress, parseAddressList } from '../../renderer/compose/addresses.ts';
import { seededRandom } from '../support/random.ts';

const one = (name: string, address: string) => ({ name, address });

describe('a typed or pasted list of addresses', () => {
  it.each([
    ['Anna <a@x.example>, b@y.example; c@z.example', [one('Anna', 'a@x.example'), one('', 'b@y.example'), one('', 'c@z.example')]],
    ['Müller, Anna <a@x.example>; Schulz, Bernd <b@x.example>', [one('Müller, Anna', 'a@x.example'), one('Schulz, Bernd', 'b@x.example')]],
    ['"Berg, Anna" <a@x.example>, b@y.example', [one('Berg, Anna', 'a@x.example'), one('', 'b@y.example')]],
    ['"A \\"B\\" C" <a@x.example>', [one('A "B" C', 'a@x.example')]],
    ['a@x.example (Anna Berg)', [one('Anna Berg', 'a@x.example')]],
    ['mailto:a@x.example', [one('', 'a@x.example')]],
    ['<a@x.example>', [one('', 'a@x.example')]],
    ['Anna Berg a@x.example', [one('Anna Berg', 'a@x.example')]],
    ['a@x.example\r\nb@y.example\n\nc@z.example', [one('', 'a@x.example'), one('', 'b@y.example'), one('', 'c@z.example')]],
    ['a@x.example b@y.example', [one('', 'a@x.example'), one('', 'b@y.example')]],
    ['a@x.example\tb@y.example', [one('', 'a@x.example'), one('', 'b@y.example')]],
    [' ; , ;; ', []],
    ['', []],
    ['Anna', [one('', 'Anna')]],
    ['müller@größe.example', [one('', 'müller@größe.example')]],
    // An unclosed quotation mark ends with its line: what follows is not swallowed.
    ['"Anna <a@x.example>\nb@y.example', [one('"Anna', 'a@x.example'), one('', 'b@y.example')]],
  ])('%j', (text, people) => {
    expect(parseAddressList(text)).toEqual(people);
  });

  it('gives back what it writes, whatever is in the names', () => {
    const random = seededRandom(20261128);
    const letters = [...'abc äöüß,;<>()@"\\\'.-'];
    for (let round = 0; round < 2_000; round += 1) {
      const people = Array.from({ length: 1 + (round % 4) }, (_, at) => ({
        name: Array.from({ length: random.int(0, 12) }, () => random.pick(letters))
          .join('')
          .replaceAll(/\s+/gu, ' ')
          .replace(/^['" ]+|['" ]+$/gu, '')
          .trim(),
        address: `user${at}@host${round % 7}.example`,
      }));
      expect(parseAddressList(people.map(addressText).join(', '))).toEqual(people);
    }
  });

  it('names nobody twice', () => {
    expect(addPeople([one('A', 'a@x.example')], [one('', 'A@X.example'), one('B', 'b@x.example'), one('', 'b@x.example')])).toEqual([
      one('A', 'a@x.example'),
      one('B', 'b@x.example'),
    ]);
  });

  it('is read in no time, however it is built', () => {
    for (const piece of ['"', '<', '(', ',', 'a,', '"a" <b@c.d>,', '\\', 'a@', ' ']) parseAddressList(piece.repeat(20_000));
    expect(parseAddress('   ')).toBeNull();
  });
});

describe('an address', () => {
  it.each([
    'a@x.example',
    'a.b+c@x-y.example',
    'müller@größe.example',
    '"a b"@x.example',
    "o'neil@x.example",
    'a@xn--gre-7ka.example',
    'root@localhost',
    'a@intranet',
    'a@[127.0.0.1]',
  ])('%s is accepted', (text) => expect(isAddress(text)).toBe(true));
  it.each([
    '',
    'a',
    '@x.example',
    'a@',
    'a@.example',
    'a@x..example',
    'a b@x.example',
    '.a@x.example',
    'a.@x.example',
    'a@-x.example',
    'a@x.example,',
    'a@x.example\r\nBcc: b@y.example',
    `${'a'.repeat(65)}@x.example`,
  ])('%j is marked', (text) => expect(isAddress(text)).toBe(false));
});
