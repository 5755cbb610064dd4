import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { isLoopbackHost, retentionSchema } from '../../shared/model/account.ts';
import { AdminError } from './admin-error.ts';

const text = (max: number) => z.string().min(1).max(max);
const dn = text(4096);

/** Where the password of the directory account comes from. It is never an argument of the command. */
const secretSourceSchema = z.discriminatedUnion('from', [
  z.strictObject({ from: z.literal('keyring') }),
  z.strictObject({ from: z.literal('file'), path: text(4096) }),
  z.strictObject({ from: z.literal('env'), name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/u) }),
  z.strictObject({ from: z.literal('prompt') }),
]);
export type SecretSource = z.infer<typeof secretSourceSchema>;

const directorySchema = z
  .strictObject({
    /** `ldaps://host` or, with `starttls`, `ldap://host`. */
    url: z.url({ protocol: /^ldaps?$/u }),
    security: z.enum(['tls', 'starttls', 'plain']).default('tls'),
    caFile: text(4096).optional(),
    /** DN, or in Active Directory also `user@domain`. */
    bindDn: dn,
    secret: secretSourceSchema.default({ from: 'keyring' }),
    baseDn: dn,
    /** `auto` asks the server what it is. */
    kind: z.enum(['auto', 'active-directory', 'openldap']).default('auto'),
    pageSize: z.number().int().min(1).max(5000).default(500),
  })
  .refine(({ url, security }) => (security === 'tls') === url.startsWith('ldaps:'), {
    message: 'tls goes with ldaps://, starttls and plain with ldap://',
    path: ['security'],
  })
  .refine(({ url, security }) => security !== 'plain' || isLoopbackHost(new URL(url).hostname), {
    message: 'plain (unencrypted) connections are accepted for loopback hosts only; use tls or starttls',
    path: ['security'],
  });
export type DirectoryConfig = z.infer<typeof directorySchema>;

const selectorSchema = z.union([
  z.strictObject({ group: dn }),
  z.strictObject({ ou: dn }),
  z.strictObject({ filter: text(4096) }),
  z.strictObject({ all: z.literal(true) }),
]);
export type Selector = z.infer<typeof selectorSchema>;

const className = z.string().regex(/^[\w .-]{1,60}$/u);

/** What `npm run admin -- enrol` reads: which directory, who of it, and what each account looks like. */
export const rolloutConfigSchema = z.strictObject({
  directory: directorySchema,
  /** Anybody whom one of these finds. */
  select: z.array(selectorSchema).min(1).max(50),
  /** Left out again, whoever found them. */
  exclude: z.array(selectorSchema).max(50).default([]),
  /** The account of each person, as in an enrolment file, with placeholders such as `{mail}` in its texts. */
  account: z.record(z.string(), z.unknown()),
  /** How long mail is kept for some of them; the first class whose selector finds a person is theirs. */
  classes: z
    .array(z.strictObject({ name: className, of: selectorSchema, retention: retentionSchema }))
    .max(20)
    .default([]),
  /** Folder for the enrolment files; relative to the rollout file. */
  output: text(4096),
  /** A run by which more of those enrolled would vanish ends without writing. */
  vanishPercent: z.number().min(0).max(100).default(10),
});
export type RolloutConfig = z.infer<typeof rolloutConfigSchema>;

/** `a.b[0]` for a path into JSON. */
export const placeName = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./u, '') || 'the file';

/** Each fault with its place, never with a value. */
export const faultsOf = (error: z.ZodError): string =>
  error.issues
    .slice(0, 10)
    .map((issue) => `${placeName(issue.path)}: ${issue.message}`)
    .join('; ');

/** Reads a rollout file; paths in it are taken from its own folder. @throws AdminError config-unreadable, config-invalid */
export function readRolloutConfig(file: string): RolloutConfig {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== undefined) throw new AdminError('config-unreadable', `${file} (${code})`, error);
    throw new AdminError('config-invalid', `${file}: not JSON`, error);
  }
  const parsed = rolloutConfigSchema.safeParse(json);
  if (!parsed.success) throw new AdminError('config-invalid', `${file}: ${faultsOf(parsed.error)}`);
  const { directory, output, ...rest } = parsed.data;
  const at = (path: string): string => resolve(dirname(file), path);
  const { secret, caFile } = directory;
  return {
    ...{ ...rest, output: at(output) },
    directory: {
      ...directory,
      ...(caFile === undefined ? {} : { caFile: at(caFile) }),
      secret: secret.from === 'file' ? { ...secret, path: at(secret.path) } : secret,
    },
  };
}
