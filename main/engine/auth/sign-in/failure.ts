import { AuthorizationResponseError, ResponseBodyError } from 'oauth4webapi';
import { MailError, type ErrorCode } from '../../../../shared/errors.ts';
import { classifyError } from '../../core/classify-error.ts';

const SAFE = /^[a-z_]{1,60}$/;

/** A sign-in that came to nothing; `detail` is never what a person or a token said. */
export const failed = (code: Extract<ErrorCode, `sign-in-${string}`>, detail: string, cause?: unknown): MailError =>
  new MailError(code, { scope: 'account', retry: 'ask', detail, cause });

/** Codes of RFC 6749 4.1.2.1, 5.2 and RFC 8628 3.5 that mean more than a fault. */
const MEANINGS: Readonly<Record<string, 'sign-in-denied' | 'sign-in-expired'>> = {
  access_denied: 'sign-in-denied',
  expired_token: 'sign-in-expired',
};

/** What went wrong between us and the provider, as ours. Its texts are left out: they may quote what was sent. */
export function signInError(error: unknown): MailError {
  if (error instanceof MailError) return error;
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    const code = SAFE.test(error.error) ? error.error : 'unknown error';
    return failed(MEANINGS[code] ?? 'sign-in-failed', code, error);
  }
  const { code } = (error ?? {}) as { code?: unknown };
  if (typeof code === 'string' && code.startsWith('OAUTH_')) return failed('sign-in-failed', code.slice(6).toLowerCase(), error);
  const known = classifyError(error, undefined, 'sign-in-failed');
  return known.code === 'sign-in-failed' ? failed('sign-in-failed', 'the provider answered against the protocol', error) : known;
}
