import type { Original } from '../../../shared/model/compose.ts';
import type { Address } from '../../../shared/model/message.ts';
import type { AccountId, DraftId } from '../../../shared/model/ids.ts';

/**
 * A mail as it leaves: composed once and never again (bar O4). Every attempt, both routes and the copy in Sent carry these bytes.
 */
export interface FrozenMessage {
  readonly accountId: AccountId;
  /** With angle brackets, as in the header. */
  readonly messageId: string;
  /** Milliseconds since 1970; whole seconds, as in the Date header. */
  readonly date: number;
  /** Addresses as they go on the wire: domains in ASCII (RFC 5891), each recipient once, Bcc included. */
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  /** RFC 5322 source with CRLF line ends. It has no Bcc header; see withBcc(). */
  readonly raw: Uint8Array;
  /** Blind recipients, encoded for a header one by one: for the copy in Sent only. */
  readonly bcc: readonly string[];
  /** A local part is not ASCII: the server has to offer SMTPUTF8 (RFC 6531), and the header is UTF-8. Else `raw` is 7-bit. */
  readonly needsSmtpUtf8: boolean;
  readonly original: Original | null;
  readonly subject: string;
  /** Whom the outbox shows: To, Cc and Bcc in this order. */
  readonly to: readonly Address[];
  readonly preview: string;
  /** Milliseconds since 1970: not before this. */
  readonly sendAfter: number;
  readonly draftId: DraftId;
}
