import { limits } from '../../../shared/limits.ts';

/** How long each wait of a submission may last, milliseconds (RFC 5321 4.5.3.2; connecting and logging in: our own, shorter ones). */
export interface SubmitTimes {
  /** Name, TCP and the TLS handshake. */
  readonly connectMs: number;
  readonly greetingMs: number;
  /** Silence while logging in. */
  readonly loginMs: number;
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
  commandMs: limits.submitCommandTimeoutMs,
  dataMs: limits.submitDataTimeoutMs,
  blockMs: limits.submitBlockTimeoutMs,
  replyMs: limits.submitReplyTimeoutMs,
};
