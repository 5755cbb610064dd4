import { describe, expect, it } from 'vitest';
import { queueIdOf } from '../../main/engine/smtp/queue-id.ts';
import { ReplyReader, ReplyViolation } from '../../main/engine/smtp/reply-reader.ts';
import { replyOf, type Reply } from '../../main/engine/smtp/reply.ts';
import { offersOf } from '../../main/engine/smtp/server-offers.ts';

/** Reads bytes in pieces of this size. */
function read(bytes: Buffer | string, pieceBytes = 1 << 20): Reply[] {
  const reader = new ReplyReader();
  const all = Buffer.from(bytes);
  const replies: Reply[] = [];
  for (let from = 0; from < all.length; from += pieceBytes) replies.push(...reader.push(all.subarray(from, from + pieceBytes)));
  return replies;
}

describe('replies', () => {
  it('are the same however their bytes are cut', () => {
    const bytes = Buffer.from(
      '250-smtp.test\r\n250-SIZE 100\r\n250 8BITMIME\r\n550-5.1.1 Größe\r\n550 5.1.1 unknown: jörg\r\n250\r\n354 go\n',
    );
    const whole = read(bytes);
    expect(whole.map(({ code }) => code)).toEqual([250, 550, 250, 354]);
    expect(whole[1]).toMatchObject({ text: '550 5.1.1 Größe unknown: jörg', enhancedCode: '5.1.1' });
    for (let size = 1; size < 20; size += 1) expect(read(bytes, size)).toEqual(whole);
  });

  it.each([
    ['hello\r\n', 'not a reply line'],
    ['2500 long code\r\n', 'not a reply line'],
    ['199 class 1\r\n', 'not a reply line'],
    ['600 class 6\r\n', 'not a reply line'],
    ['250_no\r\n', 'not a reply line'],
    ['\r\n', 'not a reply line'],
    ['250-one\r\n550 two\r\n', 'reply of two codes'],
    [`250 ${'x'.repeat(9_000)}\r\n`, 'reply line too long'],
    [`250 ${'x'.repeat(9_000)}`, 'reply line too long'],
    ['250-again\r\n'.repeat(10_000), 'reply too long'],
  ])('that are none are said to be so: %j', (bytes, what) => {
    expect(() => read(bytes.slice(0))).toThrow(new ReplyViolation(what));
  });

  it('keep what came before a violation', () => {
    const reader = new ReplyReader();
    const replies = reader.push(Buffer.from('421 bye\r\nrubbish\r\n'));
    expect(replies.next().value?.code).toBe(421);
    expect(() => replies.next()).toThrow(ReplyViolation);
  });

  it('are shown as one bounded line without anything invisible', () => {
    expect(read('550 5.7.1 a\u0007b\u001b[31mc\u202ed\u2066e\u200bf\r\n')[0]?.text).toBe('550 5.7.1 a b [31mc d e f');
    expect(read(Buffer.from('550 caf\xe9\r\n', 'latin1'))[0]?.text).toBe('550 café');
    const long = read(`550 ${'ä😀'.repeat(1_200)}\r\n`)[0]?.text ?? '';
    expect(long.length).toBeLessThanOrEqual(1_000);
    expect(Buffer.from(long).toString()).toBe(long);
  });

  it('carry an enhanced code only where it fits', () => {
    const codeOf = (code: number, ...lines: string[]) => replyOf(code, lines).enhancedCode;
    expect(codeOf(550, '5.1.1 no')).toBe('5.1.1');
    expect(codeOf(550, '5.1.1')).toBe('5.1.1');
    expect(codeOf(550, '4.1.1 no')).toBeNull();
    expect(codeOf(550, '5.1.1.1 no')).toBeNull();
    expect(codeOf(550, '5.1234.1 no')).toBeNull();
    expect(codeOf(550, 'see 5.1.1')).toBeNull();
    expect(codeOf(451, 'first', '4.7.1 greylisted')).toBe('4.7.1');
  });
});

describe('the name in the queue', () => {
  it.each([
    ['2.0.0 Ok: queued as 4Zq1Yk0GdWz9sT', '4Zq1Yk0GdWz9sT'],
    ['2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as B1C2D3', 'B1C2D3'],
    ['OK id=1rT5cU-0003Ab-2x', '1rT5cU-0003Ab-2x'],
    ['2.0.0 OK  1700000000 a1-20020ac85d41000000b0041eb6d0c0c8sm4402.12 - gsmtp', 'a1-20020ac85d41000000b0041eb6d0c0c8sm4402.12'],
    [
      '2.6.0 <1@example.com> [InternalId=97749876211714, Hostname=EX1.corp] 1500 bytes in 0.1, 10 KB/sec Queued mail for delivery',
      '97749876211714',
    ],
    [
      '2.0.0 OK <DB9PR01MB1@DB9PR01MB1.eurprd01.prod.outlook.com> [Hostname=DB9PR01MB1]',
      '<DB9PR01MB1@DB9PR01MB1.eurprd01.prod.outlook.com>',
    ],
    ['2.0.0 u1A2b3C4012345 Message accepted for delivery', 'u1A2b3C4012345'],
    ['2.0.0 d41d8cd9: Message accepted for delivery', 'd41d8cd9'],
    ['ok 1700000000 qp 12345', '12345'],
    ['Message Queued (5D5C1C2E-7C6A-4C5B-8F5E-2C2B8E0A7F11.1)', null],
    ['Message queued (5d5c1c2e-7c6a-4c5b-8f5e-2c2b8e0a7f11)', '5d5c1c2e-7c6a-4c5b-8f5e-2c2b8e0a7f11'],
    ['Ok 0100018b5c3c0a4f-1a2b3c4d-0000-4444-8888-123456789abc-000000', '0100018b5c3c0a4f-1a2b3c4d-0000-4444-8888-123456789abc-000000'],
    ['Queued (0.110 seconds)', null],
    ['Great success', null],
    ['', null],
  ])('in %j', (text, id) => expect(queueIdOf(replyOf(250, [text]))).toBe(id));
});

describe('what EHLO offers', () => {
  const of = (...lines: string[]) => offersOf(replyOf(250, ['smtp.test', ...lines]));
  it('is read from its keywords, whatever their case', () => {
    expect(of('size 1000', '8bitmime', 'SMTPUTF8', 'AUTH PLAIN')).toEqual({
      maxSizeBytes: 1000,
      takesSize: true,
      takes8Bit: true,
      takesUtf8: true,
    });
    expect(of()).toEqual({ maxSizeBytes: null, takesSize: false, takes8Bit: false, takesUtf8: false });
  });
  it('is no limit when SIZE has none, or one that cannot be read', () => {
    for (const line of ['SIZE', 'SIZE 0', 'SIZE many', 'SIZE -1', 'SIZE 1e3', `SIZE ${'9'.repeat(30)}`]) {
      expect(of(line)).toMatchObject({ maxSizeBytes: null, takesSize: true });
    }
  });
});
