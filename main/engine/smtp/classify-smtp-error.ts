import { MailError, type ErrorCode, type Retry } from '../../../shared/errors.ts';
import type { Side } from '../../../shared/model/account.ts';
import type { SmtpStep } from './gateway.ts';

/** What a failing socket, TLS layer or nodemailer may attach to its error. */
interface RawError {
  readonly code?: string;
  /** The system's or TLS layer's own code, where nodemailer put its class in `code`. */
  readonly originalCode?: string;
  readonly responseCode?: number;
  readonly response?: string;
  readonly command?: string;
}

const NETWORK: Readonly<Record<string, ErrorCode>> = {
  ENOTFOUND: 'dns-failed',
  EAI_AGAIN: 'dns-failed',
  EAI_FAIL: 'dns-failed',
  ENODATA: 'dns-failed',
  ECONNREFUSED: 'connect-refused',
  ENETUNREACH: 'network-unreachable',
  EHOSTUNREACH: 'network-unreachable',
  ENETDOWN: 'network-unreachable',
  EADDRNOTAVAIL: 'network-unreachable',
  ECONNRESET: 'connection-lost',
  EPIPE: 'connection-lost',
  ECONNECTION: 'connection-lost',
};
const CERTIFICATE: Readonly<Record<string, ErrorCode>> = {
  CERT_HAS_EXPIRED: 'tls-certificate-expired',
  CERT_NOT_YET_VALID: 'tls-certificate-expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls-certificate-wrong-host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls-certificate-untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls-certificate-untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'tls-certificate-untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls-certificate-untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls-certificate-untrusted',
  CERT_REVOKED: 'tls-certificate-untrusted',
  CERT_REJECTED: 'tls-certificate-untrusted',
  CERT_UNTRUSTED: 'tls-certificate-untrusted',
  CERT_CHAIN_TOO_LONG: 'tls-certificate-untrusted',
  INVALID_CA: 'tls-certificate-untrusted',
};
/** Replies by which a server refuses these credentials for good (RFC 4954 6). */
const AUTH_REPLIES = [530, 534, 535, 538];

/**
 * Types an error of an SMTP connection. A reply of the server decides before any library code; its text is left out,
 * because it may quote addresses.
 *
 * @param reached the last step that had succeeded, for errors that do not say what they broke.
 */
export function classifySmtpError(raw: unknown, side: Side, reached: SmtpStep | null): MailError {
  if (raw instanceof MailError) return raw;
  const error = (raw ?? {}) as RawError;
  if (error.responseCode !== undefined) return fromReply(error, raw, side);
  const system = error.originalCode ?? error.code ?? '';
  const certificate = CERTIFICATE[system];
  if (certificate) return make(certificate, 'ask', side, system, raw);
  if (system.startsWith('ERR_SSL') || system.startsWith('ERR_TLS') || system === 'ETLS' || system === 'EPROTO') {
    return make('tls-failed', 'ask', side, system, raw);
  }
  if (system === 'ETIMEDOUT' || system === 'ETIME') {
    return make(reached === null || reached === 'resolve' ? 'connect-timeout' : 'server-timeout', 'later', side, system, raw);
  }
  const network = NETWORK[system];
  if (network) return make(network, 'later', side, system, raw);
  return make('protocol-violation', 'later', side, system, raw);
}

function fromReply(error: RawError, cause: unknown, side: Side): MailError {
  const reply = /^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3})?/.exec(error.response ?? '')?.[0] ?? String(error.responseCode);
  const isTransient = (error.responseCode ?? 0) < 500;
  if (error.command === 'STARTTLS' || error.command === 'EHLO') return make('tls-not-offered', 'ask', side, reply, cause);
  if (error.command?.startsWith('AUTH') && AUTH_REPLIES.includes(error.responseCode ?? 0)) {
    return new MailError('auth-rejected', { scope: 'account', retry: 'ask', side, detail: `reply ${reply}`, cause });
  }
  if (error.command?.startsWith('AUTH') && error.responseCode === 504) {
    return new MailError('auth-mechanism-missing', { scope: 'account', retry: 'ask', side, detail: `reply ${reply}`, cause });
  }
  return make('smtp-refused', isTransient ? 'later' : 'ask', side, `reply ${reply}`, cause);
}

function make(code: ErrorCode, retry: Retry, side: Side, detail: string, cause: unknown): MailError {
  return new MailError(code, { scope: 'connection', retry, side, detail, cause });
}
