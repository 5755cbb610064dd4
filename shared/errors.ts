import { z } from 'zod';
import { sideSchema, type Side } from './model/account.ts';

/** What has to be abandoned because of the error: nothing wider is ever stopped. */
export const errorScopeSchema = z.enum(['message', 'mailbox', 'connection', 'account', 'store']);
export type ErrorScope = z.infer<typeof errorScopeSchema>;

/** When trying again makes sense. `ask`: only after a person changed something. */
export const retrySchema = z.enum(['now', 'later', 'never', 'ask']);
export type Retry = z.infer<typeof retrySchema>;

export const errorCodeSchema = z.enum([
  // connection
  'dns-failed',
  'connect-refused',
  'connect-timeout',
  'connection-lost',
  'server-timeout',
  'server-bye',
  'server-hangs-up',
  'too-many-connections',
  'protocol-violation',
  'answer-too-large',
  'network-unreachable',
  'proxy-unreachable',
  'proxy-refused',
  'proxy-cannot-reach',
  // tls
  'tls-failed',
  'tls-certificate-expired',
  'tls-certificate-wrong-host',
  'tls-certificate-untrusted',
  'tls-not-offered',
  'ca-file-unreadable',
  'plain-refused',
  // login
  'auth-rejected',
  'auth-mechanism-missing',
  'token-refresh-failed',
  'secret-missing',
  'sign-in-needed',
  'sign-in-denied',
  'sign-in-expired',
  'sign-in-wrong-account',
  'sign-in-failed',
  // mailbox and message
  'command-refused',
  'mailbox-missing',
  'mailbox-exists',
  'uid-validity-changed',
  'over-quota',
  'message-missing',
  'message-too-large',
  'message-unreadable',
  'operation-unsafe',
  'answer-incomplete',
  'mass-vanish-held',
  'server-set-back',
  // submission
  'smtp-refused',
  'recipients-refused',
  'delivery-unconfirmed',
  'delivery-given-up',
  'message-too-large-for-server',
  'address-not-supported',
  // writing
  'draft-invalid',
  'draft-changed',
  'draft-conflict',
  'too-late',
  'drill-not-now',
  // outage
  'no-route',
  'changed-on-both-sides',
  // store and keys
  'store-locked',
  'lease-over',
  'store-key-missing',
  'store-key-wrong',
  'store-corrupt',
  'store-newer-schema',
  'store-full',
  'store-read-only',
  'store-io',
  'store-in-use',
  'store-busy',
  'store-missing',
  'outbox-mended',
  'outbox-partly-lost',
  'outbox-missing',
  'mirror-mended',
  'mirror-partly-lost',
  'mirror-missing',
  'keyring-unavailable',
  'keyring-locked',
  'passphrase-wrong',
  'passphrase-weak',
  'vault-damaged',
  'recovery-key-wrong',
  // configuration and calls
  'config-invalid',
  'held-by-policy',
  'policy-invalid',
  'account-exists',
  'account-missing',
  'account-has-unsent',
  'desktop-refused',
  'not-found',
  'call-rejected',
  'cancelled',
  'internal',
]);
export type ErrorCode = z.infer<typeof errorCodeSchema>;

const STORE_FAULTS: ReadonlySet<ErrorCode> = new Set(['store-full', 'store-read-only', 'store-io', 'store-busy', 'store-missing']);

/** Whether the disk refuses the store: nothing is wrong with the store itself, and it is tried again until the disk takes it. */
export const isStoreFault = (code: ErrorCode): boolean => STORE_FAULTS.has(code);

export interface MailErrorOptions {
  readonly scope: ErrorScope;
  readonly retry: Retry;
  readonly side?: Side;
  /** Safe words for people who read logs: never addresses, subjects, bodies or secrets. */
  readonly detail?: string;
  readonly cause?: unknown;
}

/** The only error that crosses a module border. `code` finds the words, `scope` and `retry` drive the worker. */
export class MailError extends Error {
  override readonly name = 'MailError';
  readonly code: ErrorCode;
  readonly scope: ErrorScope;
  readonly retry: Retry;
  readonly side: Side | undefined;
  readonly detail: string;

  constructor(code: ErrorCode, options: MailErrorOptions) {
    super(options.detail ? `${code}: ${options.detail}` : code, { cause: options.cause });
    this.code = code;
    this.scope = options.scope;
    this.retry = options.retry;
    this.side = options.side;
    this.detail = options.detail ?? '';
  }
}

/** What of an error passes a process border. */
export const packedErrorSchema = z.strictObject({
  code: errorCodeSchema,
  scope: errorScopeSchema,
  retry: retrySchema,
  side: sideSchema.nullable(),
  detail: z.string().max(2000),
});
export type PackedError = z.infer<typeof packedErrorSchema>;

/** Packs any thrown value; unknown ones become `internal` without their text, which could hold mail content. */
export function packError(error: unknown): PackedError {
  if (error instanceof MailError) {
    const { code, scope, retry, side, detail } = error;
    return { code, scope, retry, side: side ?? null, detail: detail.slice(0, 2000) };
  }
  const kind = error instanceof Error ? error.name.slice(0, 60) : typeof error;
  return { code: 'internal', scope: 'account', retry: 'later', side: null, detail: kind };
}

/** Rebuilds the error on the other side of a process border. */
export function unpackError(packed: PackedError): MailError {
  const { code, scope, retry, side, detail } = packed;
  return new MailError(code, { scope, retry, detail, ...(side ? { side } : {}) });
}
