import type { MailError } from '../../../shared/errors.ts';
import type { Endpoint, Side } from '../../../shared/model/account.ts';
import type { DeliveryVerdict, SubmissionPhase } from '../../../shared/model/outbox.ts';
import type { Credentials } from '../imap/gateway.ts';

/** Steps of reaching a submission server, in their order; `tls` is absent for plain loopback connections. */
export type SmtpStep = 'resolve' | 'connect' | 'tls' | 'login' | 'submission';

export interface SubmissionRequest {
  /** The mail as it is to arrive: CRLF line ends only, without dot-stuffing. A function gives it anew, piece by piece, at each call. */
  readonly raw: Uint8Array | (() => Iterable<Uint8Array>);
  readonly sizeBytes: number;
  /** Envelope sender, a bare address. */
  readonly from: string;
  /** Envelope recipients, bare addresses, each once. */
  readonly to: readonly string[];
  /** An address or a header field needs UTF-8 (RFC 6531). */
  readonly needsSmtpUtf8?: boolean;
}

/** What became of one recipient. `reply` is the server's own text: for the store and the person, never for a log. */
export interface RecipientReply {
  readonly address: string;
  readonly verdict: DeliveryVerdict;
  readonly replyCode: number | null;
  readonly reply: string | null;
  /** RFC 3463, e.g. `5.1.1`. */
  readonly enhancedCode: string | null;
}

export interface SubmissionResult {
  /**
   * Of the submission as a whole: `accepted` when the server took the mail (for at least one recipient), `unknown` when the body had
   * begun and no reply told its fate, `permanent` when every recipient was refused for good, else `transient`.
   */
  readonly verdict: DeliveryVerdict;
  /** The last phase that was entered; `replied` only when a reply to the final dot was read. */
  readonly phase: SubmissionPhase;
  /** One a requested recipient, in the order of the request. */
  readonly recipients: readonly RecipientReply[];
  /** The reply that decided. At most 1,000 characters, no controls. */
  readonly replyCode: number | null;
  readonly reply: string | null;
  readonly enhancedCode: string | null;
  /** The server's own name for the mail, where its reply tells one. */
  readonly queueId: string | null;
  /** Why it is not accepted (or not for everybody); null when all recipients were. */
  readonly error: MailError | null;
}

export interface SubmitOptions {
  readonly side: Side;
  readonly signal?: AbortSignal;
  /**
   * Told before each phase begins, and awaited before anything of that phase is done: what it commits is durable before the first byte of
   * the phase leaves. When it throws, nothing of the phase is done and the submission ends there (never after the body began).
   * `settled`: recipients whose own reply has decided by then (refused or put off at RCPT).
   */
  onPhase(phase: SubmissionPhase, settled: readonly RecipientReply[]): void | Promise<void>;
  readonly onStep?: (step: SmtpStep) => void;
}

export interface SmtpGateway {
  /**
   * Connects, protects, logs in and asks the server for a fresh transaction (RSET), without submitting anything.
   * `onStep` is told as each step succeeds. The certificate is verified before credentials are sent; a server without the
   * forced STARTTLS is refused (`tls-not-offered`).
   *
   * @throws MailError with scope `connection` or `account`; the signal's reason when it is a MailError, else `cancelled`.
   */
  verify(
    endpoint: Endpoint,
    credentials: Credentials,
    options: { side: Side; signal?: AbortSignal; onStep?: (step: SmtpStep) => void },
  ): Promise<void>;

  /**
   * Submits one mail (RFC 6409), a recipient at a time, and tells how far it came and what the server said for each recipient.
   * Never throws for anything that happens in the conversation; refusals at the door (envelope or bytes that must not be sent) are results
   * too, with phase `connect` and verdict `permanent`.
   */
  submit(endpoint: Endpoint, credentials: Credentials, request: SubmissionRequest, options: SubmitOptions): Promise<SubmissionResult>;
}
