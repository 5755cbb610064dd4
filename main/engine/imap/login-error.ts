import { MailError, type ErrorCode } from '../../../shared/errors.ts';
import type { Side } from '../../../shared/model/account.ts';
import { classifyError } from '../core/classify-error.ts';
import { temporaryLoginFailure, tooManyConnections } from './quirks.ts';

/** How far a connection attempt has come. */
export type ConnectPhase = 'resolve' | 'connect' | 'tls' | 'greeting' | 'login';

/** What imapflow tells about a failed connection attempt. */
interface FlowError {
  readonly code?: unknown;
  readonly authenticationFailed?: unknown;
  readonly tlsFailed?: unknown;
  /** Words of BYE where the connection was closed; OpenSSL's errors have a reason, too. */
  readonly reason?: unknown;
  readonly response?: unknown;
  readonly responseText?: unknown;
  readonly serverResponseCode?: unknown;
  /** NO or BAD of the tagged line. */
  readonly responseStatus?: unknown;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const CLOSED = new Set(['ClosedAfterConnectText', 'ClosedAfterConnectTLS', 'NoConnection']);
const SAFE_CODE = /^[A-Z0-9-]{1,40}$/;
/** Response codes that judge the credentials whatever the status line is called (RFC 5530). */
const VERDICTS = new Set(['AUTHENTICATIONFAILED', 'AUTHORIZATIONFAILED', 'EXPIRED']);

/** Says which step of connecting failed and whether trying again makes sense. The server's words are read, never kept. */
export function loginError(error: unknown, phase: ConnectPhase, side: Side): MailError {
  if (error instanceof MailError) return error;
  const flow = (error ?? {}) as FlowError;
  const farewell = CLOSED.has(textOf(flow.code)) ? textOf(flow.reason) : '';
  const words = `[${textOf(flow.serverResponseCode)}] ${farewell} ${textOf(flow.response)} ${textOf(flow.responseText)}`;
  const make = (code: ErrorCode, retry: 'later' | 'ask', detail: string): MailError =>
    new MailError(code, { scope: code === 'auth-rejected' ? 'account' : 'connection', retry, side, detail, cause: error });
  if (tooManyConnections.test(words)) return make('too-many-connections', 'later', phase);
  if (flow.authenticationFailed === true) {
    const code = textOf(flow.serverResponseCode).toUpperCase();
    if (temporaryLoginFailure.test(words)) return make('command-refused', 'later', 'log-in is not available');
    // BAD says that the command was not understood, or was cancelled (RFC 9051 7.1.3): the password was not judged.
    if (flow.responseStatus === 'BAD' && !VERDICTS.has(code)) return make('protocol-violation', 'later', 'log-in answered BAD');
    return make('auth-rejected', 'ask', SAFE_CODE.test(code) ? code : '');
  }
  if (farewell !== '') return make('server-bye', 'later', phase);
  return byPhase(classifyError(error, side, phase === 'tls' ? 'tls-failed' : 'connection-lost'), phase, side, error);
}

/** The same socket error means different things before and after the server could be reached. */
function byPhase(classified: MailError, phase: ConnectPhase, side: Side, cause: unknown): MailError {
  const { code } = classified;
  const of = { scope: 'connection' as const, retry: 'later' as const, side, cause };
  if (code === 'connect-timeout' && phase === 'tls') return new MailError('server-timeout', { ...of, detail: 'TLS' });
  if (code === 'connect-timeout' && phase === 'resolve') return new MailError('dns-failed', { ...of, detail: 'no answer in time' });
  return classified;
}
