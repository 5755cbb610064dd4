import type { OAuth2, Provider } from '../../shared/model/account.ts';
import type { SignInClient } from '../../shared/policy/sign-in.ts';

const MICROSOFT = /(?:^|\.)(?:outlook\.com|office365\.com|office\.com|microsoft\.com)$/i;
const GOOGLE = /(?:^|\.)(?:gmail\.com|googlemail\.com|google\.com)$/i;

/** Whose mail server a host is, as far as its name tells. */
export const providerOfHost = (host: string): Provider['type'] =>
  MICROSOFT.test(host) ? 'microsoft' : GOOGLE.test(host) ? 'google' : 'oidc';

/** What a person types in to register the app. */
export interface ClientDraft {
  type: Provider['type'];
  tenant: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
}

/** Beginning of a draft: what IT has entered for this kind of provider, or nothing. */
export function clientDraft(type: Provider['type'], known: readonly SignInClient[]): { draft: ClientDraft; managed: SignInClient | null } {
  const managed = known.find(({ provider }) => provider.type === type) ?? null;
  return { draft: { type, tenant: 'organizations', issuer: '', clientId: '', clientSecret: '' }, managed };
}

/** As an endpoint takes it. */
export function authOf({ type, tenant, issuer, clientId, clientSecret }: ClientDraft, managed: SignInClient | null): OAuth2 {
  if (managed) return { type: 'oauth2', ...managed };
  const provider: Provider =
    type === 'microsoft' ? { type, tenant: tenant.trim() } : type === 'google' ? { type } : { type, issuer: issuer.trim() };
  const secret = type === 'google' && clientSecret.trim() !== '' ? { clientSecret: clientSecret.trim() } : {};
  return { type: 'oauth2', mechanism: 'XOAUTH2', provider, clientId: clientId.trim(), ...secret };
}
