import { z } from 'zod';
import { emailAddress, MAX_ALIASES, sideConfigSchema } from '../model/account.ts';
import { continuityControlSchema, continuityFields, daysSchema } from '../model/continuity-config.ts';
import { spellingChoiceSchema } from '../model/spelling.ts';
import { logLevelSchema } from '../ipc/log-level.ts';
import { signInSectionSchema } from './sign-in.ts';
import { ATTRIBUTE, attributeNames, PROXY_ADDRESSES } from './attributes.ts';
import { proxyBypassSchema, proxySchema } from './network.ts';
import { desktopFields } from './desktop.ts';
import { notificationFields } from './notifications.ts';
import { absolutePath, httpsUrl } from './places.ts';
import { hasTarget, readinessFields } from './readiness.ts';

/**
 * What IT can hold on a machine: the only source of the JSON schema, the Windows templates (ADMX, ADML), the macOS manifest and
 * profile and the reference in docs/policy, all of which `npm run policy:generate` writes. A policy is a set of sections, each
 * optional; what is left out is the person's own choice. scripts/policy tells each value in German and English.
 *
 * Sections and who obeys them:
 * - `enrolment`: the app, which finds the account of who is signed in there, and follows it.
 * - `accounts`, `retention`, `continuity`, `mail`: the engine, for every account (`Account.config.managed`).
 * - `lock`, `lease`, `wipe`, `escrow`, `log`, `appearance`, `writing`, `desktop`, `notifications`, `updates`, `readiness`: the app. `PolicyInForce` in
 *   main/app/policy gives them to whoever needs one: `policy.section('updates')`, and tells of a change.
 * - `network`: the connections of both.
 * - `signIn`: the window, where an account is set up by hand.
 *
 * An unknown key makes a policy wrong, and a wrong policy is refused as a whole.
 */
const whole = (least: number, most: number) => z.number().int().min(least).max(most);
const noControl = /^[^\p{Cc}\u2028\u2029]+$/u;
const text = (most: number) => z.string().min(1).max(most).regex(noControl, 'must not contain control characters');
const isFilled = (value: string): boolean => [...value.matchAll(ATTRIBUTE)].every(([, name]) => attributeNames.some((one) => one === name));
/** Attributes are filled in with words that an address may hold. */
const isAddress = (value: string): boolean => emailAddress().safeParse(value.replace(ATTRIBUTE, 'x').replace(/^x$/, 'x@x.example')).success;
const unknownAttribute = `knows the attributes {${attributeNames.join('}, {')}} only`;
const template = (most: number) => text(most).refine(isFilled, unknownAttribute);
/** An address once it is filled in, or all that the directory knows. */
const alias = text(320)
  .refine((value) => value === PROXY_ADDRESSES || isFilled(value), `${unknownAttribute}, or ${PROXY_ADDRESSES} by itself`)
  .refine((value) => value === PROXY_ADDRESSES || isAddress(value), 'must be an address');
/** The texts of an endpoint in which an attribute may stand. */
const side = sideConfigSchema.superRefine((value, context) => {
  for (const [service, endpoint] of Object.entries(value)) {
    for (const field of ['host', 'user'] as const) {
      if (endpoint !== null && !isFilled(endpoint[field]))
        context.addIssue({ code: 'custom', path: [service, field], message: unknownAttribute });
    }
  }
});
/** PEM; which kind of key is told when it is used. */
const publicKey = z
  .string()
  .max(8192)
  .regex(/^-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----\s*$/, 'must be a public key in PEM (BEGIN PUBLIC KEY)');

/** An account that each person of this machine gets; `{…}` is filled in from who is signed in. */
export const accountTemplateSchema = z.strictObject({
  email: template(320).default('{mail}'),
  /** Further addresses that reach the person; left out, an account keeps those it has. */
  aliases: z.array(alias).max(MAX_ALIASES).optional(),
  displayName: template(200).default('{displayName}'),
  /** Names of system users it is for, `*` for any number of characters; all, where it is left out. */
  users: z.array(text(320)).min(1).max(500).optional(),
  primary: side,
  relay: side.nullable().default(null),
  mailboxes: z.strictObject({ include: z.array(text(1000)).max(500), exclude: z.array(text(1000)).max(500) }).optional(),
  quarantinePath: text(1000).optional(),
  pollSeconds: whole(10, 3600).optional(),
});
export type AccountTemplate = z.infer<typeof accountTemplateSchema>;

const notAll = (value: object): boolean => Object.keys(value).length > 0;
const section = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape).partial().refine(notAll, 'must hold at least one value');

export const policySchema = z.strictObject({
  /** Where an editor finds the JSON schema; of no effect. */
  $schema: z.string().max(500).optional(),
  accounts: z.array(accountTemplateSchema).min(1).max(50).optional(),
  enrolment: section({
    /** As `npm run admin -- enrol` wrote it; only ever read. */
    folder: absolutePath,
  }).optional(),
  signIn: signInSectionSchema.optional(),
  retention: section({ incomingDays: daysSchema, outgoingDays: daysSchema, quarantinedDays: daysSchema }).optional(),
  continuity: section({ ...continuityFields(), control: continuityControlSchema }).optional(),
  mail: section({
    remoteImages: z.enum(['ask', 'never']),
    dangerousAttachments: z.enum(['ask', 'never']),
    trustedAuthservIds: z
      .array(z.string().regex(/^[\w.:-]{1,253}$/, 'must be the name of a server'))
      .min(1)
      .max(20),
  }).optional(),
  appearance: section({ language: z.enum(['system', 'de', 'en']) }).optional(),
  writing: section({ spelling: spellingChoiceSchema }).optional(),
  desktop: section(desktopFields()).optional(),
  notifications: section(notificationFields()).optional(),
  lock: section({
    afterIdleMinutes: whole(1, 1440),
    onSystemLock: z.boolean(),
    onSuspend: z.boolean(),
  }).optional(),
  lease: section({
    /** After so many days without contact the store locks, until there is contact again. */
    days: whole(1, 90),
  }).optional(),
  wipe: section({
    /** Names of devices, or `*` for every one that has this policy. */
    devices: z.array(text(253)).min(1).max(10_000),
    /** A device wipes once for each order. */
    order: text(100),
    report: z.union([httpsUrl, absolutePath]),
  })
    .refine((value) => value.devices !== undefined && value.order !== undefined, 'needs devices and order')
    .optional(),
  escrow: section({ publicKey, target: z.union([httpsUrl, absolutePath]) })
    .refine((value) => value.publicKey !== undefined && value.target !== undefined, 'needs publicKey and target')
    .optional(),
  updates: section({
    mode: z.enum(['on', 'off']),
    /** Base address of the company's own update server. */
    url: httpsUrl,
    channel: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be a word of small letters, digits and hyphens'),
    /** The one version to be installed: neither a newer nor an older one. */
    pinnedVersion: z.string().regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]{1,40})?$/, 'must be a version such as 1.2.3'),
  }).optional(),
  log: section({ level: logLevelSchema }).optional(),
  network: section({
    caFile: absolutePath,
    proxy: proxySchema,
    proxyBypass: proxyBypassSchema,
  }).optional(),
  readiness: section(readinessFields).refine(hasTarget, 'needs report, webhook or syslog').optional(),
});
/** A policy as it is in force: every given value checked, nothing filled in but within accounts. */
export type Policy = z.infer<typeof policySchema>;
export type PolicySection = Exclude<keyof Policy, '$schema'>;
export const policySections = Object.keys(policySchema.shape).filter((key): key is PolicySection => key !== '$schema');
