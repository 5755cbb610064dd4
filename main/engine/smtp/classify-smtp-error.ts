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
  /** It came behind TLS, as `NodemailerSession` notes it. */
  readonly isProtected?: boolean;
}

/** Replies by which a server refuses these credentials for good (RFC 4954 6). */
const AUTH_REPLIES = [530, 534, 535, 538];
/** How a server answers a command that it does not know (RFC 5321 4.2.4). */
const UNKNOWN_COMMAND = [500, 502];

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
  if (status < 400) return make('protocol-violation', 'later', side, `unexpected ${reply}`, cause);
  const retry = status < 500 || status === 503 ? 'later' : 'ask';
  if (isAboutTls(error, status)) return make('tls-not-offered', retry, side, reply, cause);
  if (!error.command?.startsWith('AUTH')) return make('smtp-refused', retry, side, reply, cause);
  const code = AUTH_REPLIES.includes(status) ? 'auth-rejected' : status === 504 ? 'auth-mechanism-missing' : 'smtp-refused';
  return new MailError(code, { scope: 'account', retry, side, detail: reply, cause });
}

/** A server that closes down (421) says nothing of TLS; one that does not know EHLO has no STARTTLS. */
function isAboutTls({ command, isProtected = false }: RawError, status: number): boolean {
  if (status === 421) return false;
  return command === 'STARTTLS' || (command === 'EHLO' && !isProtected && UNKNOWN_COMMAND.includes(status));
}

function make(code: ErrorCode, retry: Retry, side: Side, detail: string, cause: unknown): MailError {
  return new MailError(code, { scope: 'connection', retry, side, detail, cause });
}

/** The reply that made nodemailer throw this, if one did. */
export function replyOfError(raw: unknown): Reply | null {
  const { responseCode, response } = (raw ?? {}) as RawError;
  // What grants something where nothing of the kind was asked for is no answer.
  if (responseCode === undefined || responseCode < 400) return null;
  const lines = (response ?? '').split(/\r?\n/).map((line) => line.replace(/^\d{3}(?:[ -]|$)/, ''));
  return replyOf(responseCode, lines);
}
