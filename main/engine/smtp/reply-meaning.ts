import { MailError, type ErrorCode, type Retry } from '../../../shared/errors.ts';
import type { Side } from '../../../shared/model/account.ts';
import type { DeliveryVerdict, SubmissionPhase } from '../../../shared/model/outbox.ts';
import type { Reply } from './reply.ts';

/** What one reply means for the mail, or for the recipient it is about. */
export interface ReplyMeaning {
  /** `go-on`: what was asked for is granted. `violation`: no answer to what was asked. */
  readonly verdict: Exclude<DeliveryVerdict, 'unknown' | 'accepted'> | 'go-on' | 'violation';
  /** The server will take nothing more in this session. */
  readonly endsSession: boolean;
  readonly code: ErrorCode;
  readonly retry: Retry;
}

/** Refusals of the login, which some servers give only at MAIL or RCPT (RFC 4954 6). */
const LOGIN_REPLIES = [530, 534, 535, 538];

/**
 * What the reply to a command of the transaction means. A reply decides alone: 4xx and 503 are transient, other 5xx permanent, but a
 * refusal of the login (530, 534, 535, 538) is about the account and not the mail.
 *
 * @param phase in which it came: `mail`, `recipients`, `data`, `body` (before the final dot was written) or `data-sent`
 */
export function meaningOf(reply: Reply, phase: SubmissionPhase): ReplyMeaning {
  const { code } = reply;
  if (code < 400) return isGranted(code, phase) ? goOn : violation;
  if (code === 421) return { verdict: 'transient', endsSession: true, code: 'smtp-refused', retry: 'later' };
  if (LOGIN_REPLIES.includes(code)) {
    const cause = /STARTTLS/i.test(reply.text) ? 'tls-not-offered' : 'auth-rejected';
    return { verdict: 'transient', endsSession: true, code: cause, retry: 'ask' };
  }
  if (code < 500 || code === 503 || (phase === 'recipients' && isTooManyRecipients(reply))) {
    return { verdict: 'transient', endsSession: false, code: 'smtp-refused', retry: 'later' };
  }
  return { verdict: 'permanent', endsSession: false, code: permanentCode(reply, phase), retry: 'never' };
}

const goOn: ReplyMeaning = { verdict: 'go-on', endsSession: false, code: 'internal', retry: 'now' };
const violation: ReplyMeaning = { verdict: 'violation', endsSession: true, code: 'protocol-violation', retry: 'later' };

/** Only 354 asks for the mail, and nothing grants anything while the mail is being sent. */
function isGranted(code: number, phase: SubmissionPhase): boolean {
  if (phase === 'data') return code === 354;
  return phase !== 'body' && code < 300;
}

/**
 * Whether a recipient was one more than the server takes in a transaction: said of the transaction, not of them (RFC 5321 4.5.3.1.10, where
 * 552 is to be taken as 452; RFC 3463 X.5.3).
 */
export function isTooManyRecipients({ code, enhancedCode, text }: Pick<Reply, 'code' | 'enhancedCode' | 'text'>): boolean {
  if (code !== 452 && code !== 552) return false;
  return enhancedCode === null ? code === 452 && /recipients/i.test(text) : enhancedCode.endsWith('.5.3');
}

function permanentCode({ code, enhancedCode }: Reply, phase: SubmissionPhase): ErrorCode {
  const isOfSize = enhancedCode === '5.3.4' || enhancedCode === '5.2.3' || (code === 552 && enhancedCode === null && phase === 'mail');
  if (isOfSize) return 'message-too-large-for-server';
  // RFC 6531 3.5: non-ASCII addresses are not permitted there.
  if (enhancedCode === '5.6.7') return 'address-not-supported';
  return 'smtp-refused';
}

/** The error of a refusal; the text of the reply stays out of it, since it may quote addresses. */
export function refusalError(reply: Reply, meaning: ReplyMeaning, side: Side): MailError {
  const scope = meaning.retry === 'ask' ? 'account' : 'message';
  const detail = `reply ${reply.code}${reply.enhancedCode === null ? '' : ` ${reply.enhancedCode}`}`;
  return new MailError(meaning.code, { scope, retry: meaning.retry, side, detail });
}
