import { z } from 'zod';
import { accountIdSchema } from './ids.ts';
import { sideSchema } from './account.ts';
import { packedErrorSchema } from '../errors.ts';

/** What the mirror of one side of one account is doing now. */
export const syncPhaseSchema = z.enum(['idle', 'connecting', 'listing', 'headers', 'bodies', 'watching', 'waiting-to-retry', 'stopped']);
export type SyncPhase = z.infer<typeof syncPhaseSchema>;

export const sideSyncStateSchema = z.lazy(() =>
  z.strictObject({
    accountId: accountIdSchema,
    side: sideSchema,
    phase: syncPhaseSchema,
    isConnected: z.boolean(),
    /** Milliseconds since 1970 of the last look at every mailbox that could be read; null before the first. */
    lastCompleteAt: z.number().nullable(),
    /** Milliseconds since 1970 back to which every mirrored mailbox is complete, bodies included; null if not yet. */
    completeSince: z.number().nullable(),
    headersDone: z.number().int().nonnegative(),
    headersTotal: z.number().int().nonnegative(),
    bodiesDone: z.number().int().nonnegative(),
    bodiesTotal: z.number().int().nonnegative(),
    error: packedErrorSchema.nullable(),
    /** Paths of mailboxes that could not be read when they were last looked at. */
    failedMailboxes: z.array(z.string()),
    /** Milliseconds since 1970 of the next connection attempt, when waiting. */
    retryAt: z.number().nullable(),
  }),
);
export type SideSyncState = z.infer<typeof sideSyncStateSchema>;

/** IT's lease, where it is about to end or is over. Milliseconds since 1970; null where nothing is known of any contact. */
export const leaseNoticeSchema = z.lazy(() => z.strictObject({ contactAt: z.number().nullable(), endsAt: z.number().nullable() }));
export type LeaseNotice = z.infer<typeof leaseNoticeSchema>;

/** State of the engine process, as the window sees it. */
export const engineStateSchema = z.lazy(() =>
  z.strictObject({
    phase: z.enum(['starting', 'locked', 'running', 'restarting', 'failed']),
    error: packedErrorSchema.nullable(),
    /**
     * For `locked`: whether a passphrase has to be chosen (first start without a keyring) or entered, the key is gone, the app was locked, or
     * IT's lease is over: then the engine runs, and contact with a server opens the store.
     */
    lock: z
      .enum(['none', 'choose-passphrase', 'enter-passphrase', 'keyring-unavailable', 'key-lost', 'app-locked', 'lease-over'])
      .default('none'),
    /** Absent while the lease is far from its end, or there is none. */
    lease: leaseNoticeSchema.optional(),
  }),
);
export type EngineState = z.infer<typeof engineStateSchema>;

/** One step of the connection test at enrolment. */
export const connectionStepSchema = z.lazy(() =>
  z.strictObject({
    side: sideSchema,
    service: z.enum(['imap', 'smtp']),
    step: z.enum(['resolve', 'connect', 'tls', 'login', 'mailboxes', 'submission']),
    status: z.enum(['ok', 'failed', 'skipped']),
    error: packedErrorSchema.nullable(),
    /** The server's own words where it refused the log-in, to be shown as text; null where it said nothing. */
    said: z.string().nullable(),
    durationMs: z.number().nonnegative(),
  }),
);
export type ConnectionStep = z.infer<typeof connectionStepSchema>;
