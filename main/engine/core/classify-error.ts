import { MailError, type ErrorCode, type ErrorScope, type Retry } from '../../../shared/errors.ts';
import type { Side } from '../../../shared/model/account.ts';

interface Meaning {
  readonly code: ErrorCode;
  readonly retry: Retry;
  readonly scope?: ErrorScope;
}

const meanings = new Map<string, Meaning>();

function means(code: ErrorCode, retry: Retry, foreign: string): void {
  for (const one of foreign.split(/\s+/)) meanings.set(one, { code, retry });
}

// Node: getaddrinfo, connect, sockets
means('dns-failed', 'later', 'ENOTFOUND EAI_AGAIN EAI_FAIL EAI_NODATA EAI_NONAME EAI_ADDRFAMILY EDNS ENODATA ESERVFAIL');
means('connect-refused', 'later', 'ECONNREFUSED');
means('connect-timeout', 'later', 'ETIMEDOUT CONNECT_TIMEOUT');
means('network-unreachable', 'later', 'ENETUNREACH EHOSTUNREACH ENETDOWN EHOSTDOWN EADDRNOTAVAIL ENONET');
means(
  'connection-lost',
  'later',
  'ECONNRESET EPIPE ECONNABORTED ERR_STREAM_DESTROYED ERR_STREAM_PREMATURE_CLOSE ERR_SOCKET_CLOSED EBADF ENOTCONN',
);
// imapflow: a connection that is gone, timeouts, answers that break the protocol or our limits
means('connection-lost', 'later', 'NoConnection EConnectionClosed StateLogout ClosedAfterConnectText ClosedAfterConnectTLS ECONNECTION');
means('server-timeout', 'later', 'GREETING_TIMEOUT UPGRADE_TIMEOUT ETIMEOUT');
means('answer-too-large', 'later', 'LineTooLarge LiteralTooLarge ResponseTooLarge TooManyTokens TooManyResponses');
means(
  'protocol-violation',
  'later',
  'UnexpectedTag MissingTag InvalidResponse ResponseProcessingFailed ParserError ParserErrorExchange ParserErrorInternal MAX_IMAP_NESTING_REACHED',
);
means('command-refused', 'later', 'ETHROTTLE');
means('call-rejected', 'never', 'InvalidStringValue InvalidTokenValue InvalidTextValue InvalidSequenceSet');
// OpenSSL's verdicts on a certificate
means('tls-certificate-expired', 'ask', 'CERT_HAS_EXPIRED CERT_NOT_YET_VALID');
means('tls-certificate-wrong-host', 'ask', 'ERR_TLS_CERT_ALTNAME_INVALID HOSTNAME_MISMATCH ERR_TLS_CERT_ALTNAME_FORMAT');
means(
  'tls-certificate-untrusted',
  'ask',
  'DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN UNABLE_TO_VERIFY_LEAF_SIGNATURE UNABLE_TO_GET_ISSUER_CERT ' +
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY CERT_UNTRUSTED CERT_REVOKED CERT_REJECTED CERT_SIGNATURE_FAILURE INVALID_CA ' +
    'INVALID_PURPOSE PATH_LENGTH_EXCEEDED CERT_CHAIN_TOO_LONG UNABLE_TO_DECRYPT_CERT_SIGNATURE ERROR_IN_CERT_NOT_BEFORE_FIELD ' +
    'ERROR_IN_CERT_NOT_AFTER_FIELD',
);
means('tls-failed', 'ask', 'STARTTLS_INJECTION EPROTO ERR_TLS_HANDSHAKE_TIMEOUT');

function meaningOf(code: string): Meaning | null {
  const known = meanings.get(code);
  if (known) return known;
  if (/^ParserError\d+$/.test(code)) return { code: 'protocol-violation', retry: 'later' };
  if (/^(ERR_SSL_|ERR_TLS_|ERR_OSSL_)/.test(code)) return { code: 'tls-failed', retry: 'ask' };
  return null;
}

function codeOf(error: unknown): string {
  const { code, errors } = (error ?? {}) as { code?: unknown; errors?: unknown };
  // Several addresses were tried: what a reachable one answered says more than that another is unreachable.
  if (Array.isArray(errors) && errors.length > 0) {
    const codes = errors.map(codeOf).filter((one) => one !== '');
    return codes.find((one) => meaningOf(one)?.code !== 'network-unreachable') ?? codes[0] ?? '';
  }
  return typeof code === 'string' ? code : '';
}

/**
 * Turns an error of node, TLS, a mail library, or ours, into a MailError of scope connection (unless it is one already).
 * `fallback` is the code for errors without a code of their own. The text of the error is not kept in `detail`: it may
 * quote the server. Its code is.
 */
export function classifyError(error: unknown, side?: Side, fallback: ErrorCode = 'connection-lost'): MailError {
  if (error instanceof MailError) return error;
  const foreign = codeOf(error);
  const isTls = (error as { tlsFailed?: unknown } | null)?.tlsFailed === true;
  const meaning = meaningOf(foreign) ?? {
    code: isTls ? ('tls-failed' as const) : fallback,
    retry: isTls ? ('ask' as const) : ('later' as const),
  };
  return new MailError(meaning.code, {
    scope: 'connection',
    retry: meaning.retry,
    detail: foreign,
    cause: error,
    ...(side ? { side } : {}),
  });
}
