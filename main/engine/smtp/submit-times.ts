import { limits } from '../../../shared/limits.ts';

/** How long each wait of a submission may last, milliseconds (RFC 5321 4.5.3.2; connecting and logging in: our own, shorter ones). */
export interface SubmitTimes {
  /** Name, TCP and the TLS handshake. */
  readonly connectMs: number;
  readonly greetingMs: number;
  /** Silence while logging in. */
  readonly loginMs: number;
  /** From the connection to the end of the log-in: a server that says a byte now and then is never silent. */
  readonly sessionMs: number;
  /** Reply to MAIL or RCPT. */
  readonly commandMs: number;
  /** Reply to DATA. */
  readonly dataMs: number;
  /** One block of the mail. */
  readonly blockMs: number;
  /** Reply to the final dot. */
  readonly replyMs: number;
}

export const submitTimes: SubmitTimes = {
  connectMs: limits.connectTimeoutMs,
  greetingMs: limits.greetingTimeoutMs,
  loginMs: limits.stallTimeoutMs,
  sessionMs: limits.submitSessionTimeoutMs,
  commandMs: limits.submitCommandTimeoutMs,
  dataMs: limits.submitDataTimeoutMs,
  blockMs: limits.submitBlockTimeoutMs,
  replyMs: limits.submitReplyTimeoutMs,
};
