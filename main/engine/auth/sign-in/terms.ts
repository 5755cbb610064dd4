import type { OAuth2, Provider } from '../../../../shared/model/account.ts';

/** What is asked of a provider, and how. */
export interface Terms {
  /** Its metadata is at `/.well-known/openid-configuration` below it. */
  readonly issuer: string;
  /** What the metadata may say of the issuer: Microsoft's for several tenants holds a place for the tenant. */
  readonly isIssuer: (issuer: string) => boolean;
  readonly scope: string;
  /** More parameters of the browser's request. */
  readonly extras: Readonly<Record<string, string>>;
}

const MICROSOFT = 'https://login.microsoftonline.com';
const MICROSOFT_SCOPE =
  'openid profile email offline_access https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send';
const GOOGLE = 'https://accounts.google.com';
const OIDC_SCOPE = 'openid profile email offline_access';
/** Stands for the directory of whoever signs in. */
export const TENANT_PLACE = '{tenantid}';

/** Always with `openid`: without it nobody would say who signed in. */
const withOpenId = (scope: string): string => (scope.split(/\s+/).includes('openid') ? scope : `openid ${scope}`);

function termsOfProvider(provider: Provider): Terms {
  if (provider.type === 'microsoft') {
    const prefix = `${MICROSOFT}/`;
    return {
      issuer: `${MICROSOFT}/${provider.tenant}/v2.0`,
      isIssuer: (issuer) => issuer.startsWith(prefix) && /^(?:\{tenantid\}|[0-9a-f-]{36})\/v2\.0$/i.test(issuer.slice(prefix.length)),
      scope: MICROSOFT_SCOPE,
      extras: {},
    };
  }
  if (provider.type === 'google') {
    // Only with both does Google give a token that can be renewed.
    const extras = { access_type: 'offline', prompt: 'consent' };
    return { issuer: GOOGLE, isIssuer: (issuer) => issuer === GOOGLE, scope: 'openid email https://mail.google.com/', extras };
  }
  const { issuer } = provider;
  // OpenID Connect Core 11: offline access is given where the person was asked.
  return { issuer, isIssuer: (named) => named === issuer, scope: OIDC_SCOPE, extras: { prompt: 'consent' } };
}

/** Pure. Null where the account takes tokens of an enrolment file only. */
export function termsOf({ provider, scope }: OAuth2): Terms | null {
  if (provider === undefined) return null;
  const terms = termsOfProvider(provider);
  return scope === undefined ? terms : { ...terms, scope: withOpenId(scope) };
}
