import { isInboxName } from './inbox-name.ts';
import { decodeMailboxName, encodeMailboxName } from './wire/mailbox-name.ts';

const MAX_NAMES = 10_000;

/**
 * Mailbox names as people read them and as the server wants them. Names that are not in modified UTF-7 (old servers send
 * anything) are kept as they came: shown as good as can be, sent back byte by byte.
 */
export class MailboxNames {
  readonly #oddByPath = new Map<string, string>();
  /** Paths whose name came in proper form. */
  readonly #proper = new Set<string>();

  /** `raw` has one character a byte. INBOX is INBOX however it is written (RFC 9051 5.1). */
  toPath(raw: string): string {
    if (isInboxName(raw)) return 'INBOX';
    const decoded = decodeMailboxName(raw);
    if (decoded !== null) return this.#noteProper(decoded);
    const path = Buffer.from(raw, 'latin1').toString('utf8');
    // Dovecot 2.3 writes names as UTF-8 in the STATUS answers of NOTIFY, and in modified UTF-7 everywhere else.
    if (this.#proper.has(path)) return path;
    if (this.#oddByPath.size < MAX_NAMES) this.#oddByPath.set(path, raw);
    return path;
  }

  toWire(path: string): string {
    return this.#oddByPath.get(path) ?? encodeMailboxName(path);
  }

  #noteProper(path: string): string {
    // All other names are the same in every form.
    if (/[^\x20-\x7e]|&/.test(path) && this.#proper.size < MAX_NAMES) this.#proper.add(path);
    this.#oddByPath.delete(path);
    return path;
  }
}
