import { MailError, type ErrorCode, type Retry } from '../../../shared/errors.ts';
import type { Side } from '../../../shared/model/account.ts';
import { classifyError } from '../core/classify-error.ts';
import type { SmtpStep } from './gateway.ts';
import { ReplyViolation } from './reply-reader.ts';
import { replyOf, type Reply } from './reply.ts';

/** What nodemailer adds to an error. */
interface RawError {
  readonly code?: string;
  /** The system's or TLS layer's own code, where nodemailer put its class in `code`. */
  readonly originalCode?: string;
  readonly responseCode?: number;
  readonly response?: string;
  readonly command?: string;
}

/** Replies by which a server refuses these credentials for good (RFC 4954 6). */
const AUTH_REPLIES = [530, 534, 535, 538];

/**
 * Types an error of an SMTP connection. A reply of the server decides before any library code; its text is left out,
 * because it may quote addresses.
 *
 * @param reached the last step that had succeeded: silence before the connection stands means another thing than after.
 */
export function classifySmtpError(raw: unknown, side: Side, reached: SmtpStep | null): MailError {
  if (raw instanceof MailError) return raw;
  if (raw instanceof ReplyViolation) return make('protocol-violation', 'later', side, raw.what, raw);
  const error = (raw ?? {}) as RawError;
  if (error.responseCode !== undefined) return fromReply(error, raw, side);
  const code = error.originalCode ?? error.code;
  if (code === 'ETIMEDOUT' && reached !== null && reached !== 'resolve') return make('server-timeout', 'later', side, code, raw);
  if (code === 'ETLS') return make('tls-failed', 'ask', side, code, raw);
  if (code === 'EPROTOCOL') return make('protocol-violation', 'later', side, code, raw);
  const fallback = reached === null ? 'dns-failed' : 'connection-lost';
  const { code: kind, retry, detail } = classifyError({ code }, side, fallback);
  return make(kind, retry, side, detail, raw);
}

function fromReply(error: RawError, cause: unknown, side: Side): MailError {
  const status = error.responseCode ?? 0;
  const reply = `reply ${/^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3})?/.exec(error.response ?? '')?.[0] ?? status}`;
  const command = error.command ?? '';
  if (command === 'STARTTLS' || command === 'EHLO') return make('tls-not-offered', 'ask', side, reply, cause);
  const isAuth = command.startsWith('AUTH');
  const ofAccount = { scope: 'account', retry: 'ask', side, detail: reply, cause } as const;
  if (isAuth && AUTH_REPLIES.includes(status)) return new MailError('auth-rejected', ofAccount);
  if (isAuth && status === 504) return new MailError('auth-mechanism-missing', ofAccount);
  return make('smtp-refused', status < 500 || status === 503 ? 'later' : 'ask', side, reply, cause);
}

function make(code: ErrorCode, retry: Retry, side: Side, detail: string, cause: unknown): MailError {
  return new MailError(code, { scope: 'connection', retry, side, detail, cause });
}

/** The reply that made nodemailer throw this, if one did. */
export function replyOfError(raw: unknown): Reply | null {
  const { responseCode, response } = (raw ?? {}) as RawError;
  if (responseCode === undefined) return null;
  const lines = (response ?? '').split(/\r?\n/).map((line) => line.replace(/^\d{3}(?:[ -]|$)/, ''));
  return replyOf(responseCode, lines);
}
