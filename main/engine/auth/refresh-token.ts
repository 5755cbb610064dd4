import { z } from 'zod';
import { MailError } from '../../../shared/errors.ts';
import { limits } from '../../../shared/limits.ts';
import type { OAuth2, Secret, Side } from '../../../shared/model/account.ts';
import type { ConnectionOptions } from 'node:tls';
import { classifyError } from '../core/classify-error.ts';
import type { Clock } from '../core/clock.ts';
import type { ProxyFinder } from '../core/proxy/proxy-finder.ts';
import type { HttpAnswer } from '../core/http/ask-http.ts';
import { postForm } from './post-form.ts';

export type TokenSecret = Extract<Secret, { type: 'oauth2' }>;

export interface RefreshContext {
  readonly clock: Clock;
  readonly side: Side;
  readonly tls: ConnectionOptions;
  readonly proxies?: ProxyFinder | undefined;
}

/** What an endpoint that says nothing of a lifetime is taken to mean (RFC 6749 5.1 recommends to say it). */
const USUAL_LIFETIME_S = 300;
const MAX_LIFETIME_S = 365 * 24 * 3600;

const grantedSchema = z.object({
  access_token: z.string().min(1).max(16384),
  refresh_token: z.string().min(1).max(16384).optional(),
  expires_in: z.coerce.number().positive().max(MAX_LIFETIME_S).optional().catch(undefined),
});

const refusedSchema = z.object({ error: z.string().max(100) });

/** RFC 6749 5.2: asking again with the same secret is of no use; somebody has to sign in anew. */
const LASTING = new Set([
  'invalid_grant',
  'invalid_client',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_request',
  'interaction_required',
  'consent_required',
]);

/**
 * Gets a new access token (RFC 6749 6); the secret it gives holds the new refresh token where the endpoint rotates them.
 * @throws MailError sign-in-needed when the grant is refused for good, those of a proxy, token-refresh-failed for everything else that may
 *   pass.
 */
export async function refreshToken(auth: OAuth2, secret: TokenSecret, context: RefreshContext): Promise<TokenSecret> {
  const answer = await ask(auth, secret, context);
  if (answer.status !== 200) throw refusal(answer, context.side);
  const granted = grantedSchema.safeParse(parseJson(answer.body));
  if (!granted.success) throw failure(context.side, 'answer without a token');
  const { access_token: accessToken, refresh_token: newRefreshToken, expires_in: lifetime } = granted.data;
  const expiresAt = context.clock.now() + Math.floor((lifetime ?? USUAL_LIFETIME_S) * 1000);
  return { ...secret, accessToken, expiresAt, refreshToken: newRefreshToken ?? secret.refreshToken };
}

async function ask(auth: OAuth2, secret: TokenSecret, { clock, side, tls, proxies }: RefreshContext): Promise<HttpAnswer> {
  const { scope, tokenEndpoint = secret.tokenEndpoint } = auth;
  const clientSecret = secret.clientSecret ?? auth.clientSecret;
  if (tokenEndpoint === undefined) throw signInNeeded(side, 'no token endpoint');
  const form = {
    grant_type: 'refresh_token',
    refresh_token: secret.refreshToken,
    client_id: auth.clientId,
    ...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
    ...(scope === undefined ? {} : { scope }),
  };
  try {
    return await postForm(tokenEndpoint, form, { clock, tls, proxies, timeoutMs: limits.connectTimeoutMs });
  } catch (error) {
    const { code, retry, detail } = classifyError(error, side);
    // A proxy is not the provider: it is told as what it is, with its own remedy.
    if (code.startsWith('proxy-')) throw new MailError(code, { scope: 'connection', retry, side, detail, cause: error });
    throw new MailError('token-refresh-failed', { scope: 'account', retry, side, detail: code, cause: error });
  }
}

function refusal({ status, body }: HttpAnswer, side: Side): MailError {
  const parsed = refusedSchema.safeParse(parseJson(body));
  const error = parsed.success && /^[a-z_]+$/.test(parsed.data.error) ? parsed.data.error : '';
  if ((status === 400 || status === 401 || status === 403) && LASTING.has(error)) {
    return signInNeeded(side, error);
  }
  return failure(side, error === '' ? `status ${status}` : `status ${status} ${error}`);
}

/** Only a person can go on: they have to sign in anew. */
export const signInNeeded = (side: Side, detail: string): MailError =>
  new MailError('sign-in-needed', { scope: 'account', retry: 'ask', side, detail });

function failure(side: Side, detail: string): MailError {
  return new MailError('token-refresh-failed', { scope: 'account', retry: 'later', side, detail });
}

function parseJson(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch {
    return null; // the schema says what is missing
  }
}
