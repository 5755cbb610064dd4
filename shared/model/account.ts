import { z } from 'zod';
import { continuityConfigSchema, continuityPolicySchema, daysSchema } from './continuity-config.ts';
import { accountIdSchema } from './ids.ts';

/** The two sides an account is mirrored from. */
export const sideSchema = z.enum(['primary', 'relay']);
export type Side = z.infer<typeof sideSchema>;

/**
 * How a connection is protected. `plain` is accepted for loopback hosts only, `starttls` is forced: a server that does
 * not offer it is refused (RFC 8314).
 */
export const securitySchema = z.enum(['tls', 'starttls', 'plain']);
export type Security = z.infer<typeof securitySchema>;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i;

/** True for host names that never leave this machine. */
export function isLoopbackHost(host: string): boolean {
  return LOOPBACK.test(host);
}

const noControls = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    // eslint-disable-next-line no-control-regex -- refusing control characters is the point: they could end a protocol line
    .refine((value) => !/[\u0000-\u001f\u007f\u2028\u2029]/.test(value), 'must not contain control characters');

const secureUrl = () =>
  z.url({ protocol: /^https?$/, abort: true }).refine((value) => {
    const url = new URL(value);
    return url.protocol === 'https:' || isLoopbackHost(url.hostname);
  }, 'must be https (http is accepted for loopback only)');

/** Who signs people in. `tenant`: a directory of Microsoft Entra (id or domain), or `organizations` for any. */
export const providerSchema = z.lazy(() =>
  z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('microsoft'),
      tenant: z
        .string()
        .regex(/^[A-Za-z0-9.-]{1,200}$/)
        .default('organizations'),
    }),
    z.strictObject({ type: z.literal('google') }),
    z.strictObject({ type: z.literal('oidc'), issuer: secureUrl() }),
  ]),
);
export type Provider = z.infer<typeof providerSchema>;

/** How the app is registered at a provider. */
export const oauth2Fields = () => ({
  mechanism: z.enum(['XOAUTH2', 'OAUTHBEARER']).default('XOAUTH2'),
  clientId: noControls(500),
  /** No secret (RFC 8252 8.5), yet Google asks desktop apps for it. */
  clientSecret: noControls(500).optional(),
  scope: noControls(2000).optional(),
});

const oauth2 = () =>
  z
    .strictObject({
      type: z.literal('oauth2'),
      ...oauth2Fields(),
      /** Without it tokens come by an enrolment file alone. */
      provider: providerSchema.optional(),
      tokenEndpoint: secureUrl().optional(),
    })
    .refine((value) => value.provider ?? value.tokenEndpoint, { message: 'needs a provider or a tokenEndpoint', path: ['provider'] });
export type OAuth2 = z.infer<ReturnType<typeof oauth2>>;

export const authSchema = z.lazy(() => z.discriminatedUnion('type', [z.strictObject({ type: z.literal('password') }), oauth2()]));
export type AuthConfig = z.infer<typeof authSchema>;

/** Host, port, protection and login of one service on one side. Never holds a secret. */
export const endpointSchema = z
  .strictObject({
    host: noControls(253),
    port: z.number().int().min(1).max(65535),
    security: securitySchema,
    user: noControls(320),
    auth: authSchema.default({ type: 'password' }),
    /** PEM file with the company's own CA certificates, used in addition to the system's. */
    caFile: noControls(4096).optional(),
  })
  .refine((value) => value.security !== 'plain' || isLoopbackHost(value.host), {
    message: 'plain (unencrypted) connections are accepted for loopback hosts only; use tls or starttls',
    path: ['security'],
  });
export type Endpoint = z.infer<typeof endpointSchema>;

export const sideConfigSchema = z.strictObject({ imap: endpointSchema, smtp: endpointSchema.nullable() });
export type SideConfig = z.infer<typeof sideConfigSchema>;

/** How many days are kept, by kind of mail, counted from the internal date. */
export const retentionSchema = z.strictObject({
  incomingDays: daysSchema.default(14),
  outgoingDays: daysSchema.default(14),
  quarantinedDays: daysSchema.default(14),
});
export type Retention = z.infer<typeof retentionSchema>;

/** An address as mail is sent to it. */
export const emailAddress = () => z.email().max(320);

/** More than any person has. */
export const MAX_ALIASES = 500;

export const accountConfigSchema = z.lazy(() =>
  z.strictObject({
    email: emailAddress(),
    /** Further addresses that reach the person: theirs as well. Mail leaves by `email`, unless one of them is chosen for it. */
    aliases: z.array(emailAddress()).max(MAX_ALIASES).default([]),
    displayName: z.string().max(200).default(''),
    primary: sideConfigSchema,
    relay: sideConfigSchema.nullable().default(null),
    retention: retentionSchema.default({ incomingDays: 14, outgoingDays: 14, quarantinedDays: 14 }),
    /** Paths mirrored although the default would leave them out, and the reverse. Applies to both sides. */
    mailboxes: z
      .strictObject({ include: z.array(noControls(1000)).max(500), exclude: z.array(noControls(1000)).max(500) })
      .default({ include: [], exclude: [] }),
    /** Path of the relay's quarantine mailbox, where it is not found by its name. */
    quarantinePath: noControls(1000).nullable().default(null),
    continuity: continuityConfigSchema.prefault({}),
    managed: continuityPolicySchema.default({}),
    /** Plain text put below new mail; empty for none. */
    signature: z.string().max(5000).default(''),
    /** Seconds between polls of mailboxes that no IDLE or NOTIFY watches. */
    pollSeconds: z.number().int().min(10).max(3600).default(120),
  }),
);
export type AccountConfig = z.infer<typeof accountConfigSchema>;

/** All addresses of the person, in lower case; the one of the account comes first. Pure. */
export const ownAddresses = ({ email, aliases }: Pick<AccountConfig, 'email' | 'aliases'>): string[] =>
  [email, ...aliases].map((one) => one.toLowerCase());

/** Tells the person's addresses from all others, however they are written. Pure. */
export function ownAddressTest(config: Pick<AccountConfig, 'email' | 'aliases'>): (address: string) => boolean {
  const own = new Set(ownAddresses(config));
  return (address) => own.has(address.toLowerCase());
}

export type AccountConfigInput = z.input<typeof accountConfigSchema>;

/** One enrolled account as every layer sees it. */
export const accountSchema = z.strictObject({ id: accountIdSchema, config: accountConfigSchema });
export type Account = z.infer<typeof accountSchema>;

/** What one endpoint needs to log in; lives in the secret store only. */
export const secretSchema = z.lazy(() =>
  z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('password'), password: z.string().min(1).max(4096) }),
    z.strictObject({
      type: z.literal('oauth2'),
      refreshToken: z.string().max(16384),
      accessToken: z.string().max(16384).optional(),
      /** Milliseconds since 1970. */
      expiresAt: z.number().int().optional(),
      clientSecret: z.string().max(4096).optional(),
      tokenEndpoint: secureUrl().optional(),
    }),
  ]),
);
export type Secret = z.infer<typeof secretSchema>;

export const serviceSchema = z.enum(['imap', 'smtp']);
export type Service = z.infer<typeof serviceSchema>;

/** What is nowhere but here, and would go with the account. */
export const accountLossesSchema = z.lazy(() =>
  z.strictObject({
    /** Not sent, or not known to be. */
    mails: z.number().int().nonnegative(),
    /** With words that are in no Drafts mailbox. */
    drafts: z.number().int().nonnegative(),
    /** Made here and not yet carried to the mail server, copies in Sent among them. */
    changes: z.number().int().nonnegative(),
  }),
);
export type AccountLosses = z.infer<typeof accountLossesSchema>;

/** The same over all accounts, as it was noted in plain when it last changed. */
export const unsentNoteSchema = z.lazy(() =>
  z.strictObject({
    losses: accountLossesSchema,
    /** Milliseconds since 1970. */
    at: z.number().int().nonnegative(),
  }),
);
export type UnsentNote = z.infer<typeof unsentNoteSchema>;

export type { AccountSecrets, EnrolmentFile } from './enrolment-file.ts';
