import { describe, expect, it } from 'vitest';
import { SERVER_WORDS_CHARS } from '../../main/engine/core/server-words.ts';
import { alertText } from '../../main/engine/imap/alert-text.ts';

const read = (line: string): string | null => alertText(Buffer.from(line, 'utf8'));

describe('the words of an alert', () => {
  it.each([
    ['* OK [ALERT] System shuts down at 18:00', 'System shuts down at 18:00'],
    ['* NO [ALERT] Mailbox is over 95 % of its quota', 'Mailbox is over 95 % of its quota'],
    ['* BAD [ALERT] x', 'x'],
    ['* BYE [ALERT] Server closes for maintenance', 'Server closes for maintenance'],
    ['* PREAUTH [ALERT] x', 'x'],
    ['A7 OK [ALERT] Password expires in 3 days', 'Password expires in 3 days'],
    ['a7 no [alert] Please log in via your web browser', 'Please log in via your web browser'],
    ['* OK [ALERT]without a blank', 'without a blank'],
    ['* OK [ALERT]   Größe:\t 5 GB \r\n', 'Größe: 5 GB'],
    ['* OK [ALERT] <img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['* OK [ALERT] a\u202eb\u0007c\u200bd', 'abcd'],
  ])('%j', (line, text) => expect(read(line)).toBe(text));

  it.each([
    '* OK [ALERT]',
    '* OK [ALERT] \u200b',
    '* OK no [ALERT] in front',
    '* OK [ALERTED] x',
    '* OK [CAPABILITY IMAP4rev1] x',
    '* 12 FETCH (BODY[TEXT] "* OK [ALERT] x")',
    '* LIST () "/" "OK [ALERT] x"',
    '+ [ALERT] x',
    '* SEARCH 1 2',
    '',
  ])('are not in %j', (line) => expect(read(line)).toBeNull());

  it('are not endless, and are not cut within a character', () => {
    const text = read(`* OK [ALERT] ${'🦊'.repeat(2_000_000)}`);
    expect([...text!]).toHaveLength(SERVER_WORDS_CHARS);
    expect(text).toBe('🦊'.repeat(SERVER_WORDS_CHARS));
  });
});
