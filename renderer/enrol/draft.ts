import { accountConfigSchema, type AccountConfig, type OAuth2, type Retention, type Security } from '../../shared/model/account.ts';
import type { GivenSecrets } from '../../shared/model/sign-in.ts';
import type { DiscoveredEndpoint, Discovery } from '../../shared/model/discovery.ts';

/** One endpoint while it is being typed. */
export interface EndpointDraft {
  host: string;
  port: number;
  security: Security;
  user: string;
  password: string;
  caFile: string;
}

export interface SideDraft {
  imap: EndpointDraft;
  smtp: EndpointDraft;
  hasSmtp: boolean;
  /** Signed in at a provider instead of by passwords; `id` is that of the sign-in. */
  signIn: { readonly auth: OAuth2; readonly id: string } | null;
}

const emptyEndpoint = (port: number, user: string): EndpointDraft => ({ host: '', port, security: 'tls', user, password: '', caFile: '' });

export const emptySide = (user: string): SideDraft => ({
  imap: emptyEndpoint(993, user),
  smtp: emptyEndpoint(465, user),
  hasSmtp: true,
  signIn: null,
});

const fill = (draft: EndpointDraft, found: DiscoveredEndpoint | undefined): EndpointDraft =>
  found ? { ...draft, host: found.host, port: found.port, security: found.security, user: found.user } : draft;

/** The best proposals of a look-up, put into the form. */
export function fromDiscovery(email: string, discovery: Discovery): SideDraft {
  const side = emptySide(email);
  return { imap: fill(side.imap, discovery.imap[0]), smtp: fill(side.smtp, discovery.smtp[0]), hasSmtp: true, signIn: null };
}

const endpoint = ({ host, port, security, user, caFile }: EndpointDraft, { signIn }: SideDraft) => ({
  ...{ host: host.trim(), port: Number(port), security, user: user.trim(), auth: signIn?.auth ?? { type: 'password' as const } },
  ...(caFile.trim() ? { caFile: caFile.trim() } : {}),
});
const sideConfig = (side: SideDraft) => ({
  imap: endpoint(side.imap, side),
  smtp: side.hasSmtp && side.smtp.host.trim() ? endpoint(side.smtp, side) : null,
});

export interface EnrolDraft {
  readonly email: string;
  readonly displayName: string;
  readonly primary: SideDraft;
  readonly relay: SideDraft | null;
  readonly retention: Retention;
}

/** The draft as the engine takes it, or the path of the first field that does not fit. */
export function toConfig(draft: EnrolDraft): { ok: true; config: AccountConfig } | { ok: false; path: string } {
  const { email, displayName, primary, relay, retention } = draft;
  const parsed = accountConfigSchema.safeParse({
    email: email.trim(),
    displayName: displayName.trim(),
    primary: sideConfig(primary),
    relay: relay ? sideConfig(relay) : null,
    retention,
  });
  return parsed.success ? { ok: true, config: parsed.data } : { ok: false, path: parsed.error.issues[0]?.path.join('.') ?? '' };
}

const password = (text: string) => ({ type: 'password' as const, password: text });
const sideSecrets = (side: SideDraft) => {
  if (side.signIn) return { imap: { type: 'signed-in' as const, id: side.signIn.id } };
  return {
    imap: password(side.imap.password),
    ...(side.hasSmtp && side.smtp.password !== '' ? { smtp: password(side.smtp.password) } : {}),
  };
};

export function toSecrets({ primary, relay }: EnrolDraft): GivenSecrets {
  return { primary: sideSecrets(primary), relay: relay ? sideSecrets(relay) : null };
}
