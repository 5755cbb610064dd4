import { describe, expect, it } from 'vitest';
import { cutAnswer, keywordOf, responseCode } from '../../main/engine/imap/wire/answer-line.ts';
import { AnswerReader, AnswerSyntaxError } from '../../main/engine/imap/wire/answer-reader.ts';
import { guessUid, readFetchItems } from '../../main/engine/imap/wire/fetch-items.ts';

const read = (text: string, ...literals: string[]) =>
  new AnswerReader(
    text,
    literals.map((one) => Buffer.from(one, 'latin1')),
  ).value();

describe('values of an answer', () => {
  it.each([
    ['atom', 'atom'],
    ['"a b"', 'a b'],
    ['"a \\"b\\\\ c"', 'a "b\\ c'],
    ['""', ''],
    ['NIL', null],
    ['nil', null],
    ['"NIL"', 'NIL'],
    ['()', []],
    ['(a (b NIL) "c)")', ['a', ['b', null], 'c)']],
    ['(a)(b)', ['a']],
    ['  (a   b )', ['a', 'b']],
  ])('reads %s', (text, value) => expect(read(text)).toEqual(value));

  it('takes literals in their order', () => {
    expect(read('({3}\r\n x {0}\r\n ~{2}\r\n)', 'a)"', '', 'bc')).toEqual([Buffer.from('a)"'), 'x', Buffer.alloc(0), Buffer.from('bc')]);
  });

  it.each(['(a', '"a', '"a\\"', ')', '', '(((', '{5}'])('refuses %s', (text) => expect(() => read(text)).toThrow(AnswerSyntaxError));

  it('passes over what is nested too deeply, however deep, and reads on', () => {
    const deep = 100_000;
    const reader = new AnswerReader(`${'('.repeat(deep)}"(" x${')'.repeat(deep)} after`, []);
    expect(reader.value()).toBeNull();
    expect(reader.atom()).toBe('after');
  });
});

describe('head of an answer', () => {
  it.each([
    ['* 12 FETCH (UID 3)', 'FETCH', 12],
    ['* search 1 2', 'SEARCH', null],
    ['* SEARCH', 'SEARCH', null],
    ['* OK [UIDNEXT 4] fine', 'OK', null],
    ['* LIST () "/" a', 'LIST', null],
    ['*SEARCH', '', null],
    ['* 99999999999 EXISTS', '', null],
    ['* \xff\xfe', '', null],
  ])('of %s', (text, keyword, number) => {
    const payload = Buffer.from(text, 'latin1');
    expect(keywordOf(payload)).toBe(keyword);
    if (keyword !== '') expect(cutAnswer(payload, [])).toMatchObject({ keyword, number });
  });

  it.each([
    ['* OK [UIDVALIDITY 7] x', { name: 'UIDVALIDITY', args: '7' }],
    ['* ok [closed] x', { name: 'CLOSED', args: '' }],
    ['* OK hello [UIDNEXT 1]', null],
    ['* NO [NOTIFICATIONOVERFLOW] x', { name: 'NOTIFICATIONOVERFLOW', args: '' }],
  ])('response code of %s', (text, code) => expect(responseCode(text)).toEqual(code));
});

describe('items of FETCH', () => {
  it('reads every item that is asked for, in any order, and passes over others', () => {
    const text =
      '(X-OTHER (a (b)) FLAGS (\\Seen \\Recent $Forwarded) MODSEQ (9223372036854775807) BODY[HEADER.FIELDS (DATE FROM)]<0> {3}\r\n ' +
      'INTERNALDATE " 1-Jan-2025 10:00:00 +0100" RFC822.SIZE 77 UID 4294967295 BODYSTRUCTURE ("text" "plain" NIL NIL NIL "7bit" 1 1) EMAILID (M1) BODY[] "x")';
    expect(readFetchItems(text, [Buffer.from('a\r\n')])).toEqual({
      flags: ['\\Seen', '$Forwarded'],
      modSeq: 9223372036854775807n,
      header: Buffer.from('a\r\n'),
      internalDate: ' 1-Jan-2025 10:00:00 +0100',
      sizeBytes: 77,
      uid: 4294967295,
      structure: ['text', 'plain', null, null, null, '7bit', '1', '1'],
      emailId: 'M1',
      body: Buffer.from('x'),
    });
  });

  it('keeps the message of a structure nested without bounds', () => {
    const nested = `${'('.repeat(100_000)}${')'.repeat(100_000)}`;
    expect(readFetchItems(`(UID 7 BODYSTRUCTURE ${nested} RFC822.SIZE 3)`, [])).toEqual({ uid: 7, structure: null, sizeBytes: 3 });
  });

  it.each(['UID 3', '(UID', '(UID x)', '(UID 3) rest', '(FLAGS \\Seen)', '(MODSEQ (99999999999999999999))', '(BODY[ "x")'])(
    'refuses %s',
    (text) => {
      expect(() => readFetchItems(text, [])).toThrow(AnswerSyntaxError);
    },
  );

  it.each([
    ['(UID 17 FLAGS (', 17],
    ['(FLAGS (\\Seen) garbage UID 18)', 18],
    ['(FLAGS ())', null],
  ])('guesses the UID of a broken line %s', (text, uid) => expect(guessUid(text)).toBe(uid));
});
