import { MailError } from '../../../../shared/errors.ts';

/**
 * A piece of a command: text, one character a byte, sent as it is; bytes, sent as a literal; or, as the last one, a literal that is read
 * while it is sent.
 */
export type CommandText =
  string | { readonly literal: Buffer } | { readonly source: { readonly sizeBytes: number; readonly pieces: () => Iterable<Uint8Array> } };

/** Refuses what would end a command's line and begin another one. */
function refuseBreaks(text: string, what: string): void {
  if (/[\r\n\0]/.test(text))
    throw new MailError('call-rejected', { scope: 'mailbox', retry: 'never', detail: `line break or NUL in ${what}` });
}

/** A quoted string (RFC 9051 9). @throws MailError call-rejected for CR, LF and NUL */
export function quoted(text: string, what: string): string {
  refuseBreaks(text, what);
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

const FLAG = /^\\?[!#$&'+,\-./0-9:;<=>?@A-Z[^_`a-z|}~]+$/;

/** As it is registered (RFC 5788); keywords know no case, but not every client knows that. */
const FORWARDED = '$Forwarded';

/** A parenthesised list of flags. @throws MailError call-rejected for what is no flag */
export function flagList(flags: readonly string[]): string {
  for (const flag of flags) {
    if (!FLAG.test(flag)) throw new MailError('call-rejected', { scope: 'mailbox', retry: 'never', detail: 'not a flag' });
  }
  return `(${flags.map((flag) => (flag.toLowerCase() === FORWARDED.toLowerCase() ? FORWARDED : flag)).join(' ')})`;
}
