import { MailError } from '../../../shared/errors.ts';

/** RFC 5322 2.1.1: lines should not be longer. */
const LINE_CHARS = 76;
const FORBIDDEN = /[\u0000-\u001f\u007f\u2028\u2029]/u;

/**
 * The source with the blind recipients named, as the copy in Sent has it: one Bcc field in front of everything else, so that what
 * follows it are the bytes that were sent. Unchanged when there are none.
 * @throws MailError message-unreadable when a recipient holds a control character and could end the line.
 */
export function withBcc(raw: Uint8Array, bcc: readonly string[]): Uint8Array {
  return bcc.length === 0 ? raw : Buffer.concat([bccField(bcc), raw]);
}

/** What withBcc() puts in front; nothing where there are no blind recipients. @throws MailError message-unreadable */
export function bccField(bcc: readonly string[]): Uint8Array {
  if (bcc.length === 0) return new Uint8Array();
  if (bcc.some((one) => FORBIDDEN.test(one))) {
    throw new MailError('message-unreadable', { scope: 'message', retry: 'never', detail: 'control character in bcc' });
  }
  return Buffer.from(`${folded(`Bcc: ${bcc.join(', ')}`)}\r\n`, 'utf8');
}

/** Breaks lines at single spaces, which unfolding gives back (RFC 5322 2.2.3). */
function folded(field: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of field.split(' ')) {
    const isRoom = line === '' || line === 'Bcc:' || word === '' || line.endsWith(' ') || line.length + 1 + word.length <= LINE_CHARS;
    if (isRoom) line = lines.length === 0 && line === '' ? word : `${line} ${word}`;
    else {
      lines.push(line);
      line = ` ${word}`;
    }
  }
  return [...lines, line].join('\r\n');
}
