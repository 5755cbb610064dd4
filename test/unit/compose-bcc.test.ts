import { describe, expect, it } from 'vitest';
import { withBcc } from '../../main/engine/store/bcc-header.ts';

const raw = Buffer.from('From: a@example.com\r\nSubject: s\r\n\r\nBcc: not a header\r\n');
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

describe('the copy in Sent', () => {
  it('is the very source when nobody is blind', () => {
    expect(withBcc(raw, [])).toBe(raw);
  });

  it('names blind recipients in front of the bytes that were sent', () => {
    const copy = withBcc(raw, ['b@example.com', '"C, D" <c@example.com>']);
    expect(text(copy)).toBe(`Bcc: b@example.com, "C, D" <c@example.com>\r\n${raw.toString()}`);
    expect(Buffer.from(copy).subarray(-raw.length).equals(raw)).toBe(true);
  });

  it('folds a long list so that unfolding gives it back', () => {
    const list = Array.from({ length: 500 }, (_, n) => `"Somebody  Number ${n}" <somebody.number.${n}@example.com>`);
    const header = text(withBcc(raw, list)).slice(0, -raw.length);
    expect(header.split('\r\n').every((line) => line.length <= 100)).toBe(true);
    expect(header.replace(/\r\n(?=[ \t])/gu, '')).toBe(`Bcc: ${list.join(', ')}\r\n`);
  });

  it('begins no line with white space only', () => {
    const header = text(withBcc(raw, [`"${'a '.repeat(80)}" <a@example.com>`, `"${' '.repeat(200)}x" <b@example.com>`]));
    expect(header.split('\r\n\r\n')[0]).not.toMatch(/\r\n[ \t]*\r\n/u);
  });

  it.each(['\r\n', '\r', '\n', '\0', '\u2028', '\u2029'])('is refused with a control character (%j)', (control) => {
    expect(() => withBcc(raw, [`a@example.com${control}X-Evil: 1`])).toThrow(/message-unreadable/u);
  });
});
