import { z } from 'zod';
import { packedErrorSchema } from '../errors.ts';
import { sideSchema, type Side } from './account.ts';
import { accountIdSchema, draftIdSchema, outboxIdSchema } from './ids.ts';
import { addressSchema } from './message.ts';

/**
 * `submitting`: bytes may be with the server. `accepted`: a server took it, the copy in Sent is still to be proved. `filed`: it is.
 * `unknown`: the reply after DATA was lost; only a search for the Message-ID or a person leaves this state. `rejected`: refused for
 * good, or given up after five days. `quarantined`: cannot be read or composed any more, set aside and shown.
 */
export const outboxStateSchema = z.enum(['queued', 'submitting', 'accepted', 'filed', 'unknown', 'rejected', 'cancelled', 'quarantined']);
export type OutboxState = z.infer<typeof outboxStateSchema>;

/** Outcome of one submission, or of one recipient in it. */
export const deliveryVerdictSchema = z.enum(['accepted', 'transient', 'permanent', 'unknown']);
export type DeliveryVerdict = z.infer<typeof deliveryVerdictSchema>;

/** How far a submission had come. `data-sent`: the final dot was written and no reply has been read. */
export const submissionPhaseSchema = z.enum(['connect', 'tls', 'login', 'mail', 'recipients', 'data', 'body', 'data-sent', 'replied']);
export type SubmissionPhase = z.infer<typeof submissionPhaseSchema>;

export const recipientStateSchema = z.lazy(() =>
  z.strictObject({
    address: z.string(),
    state: z.enum(['pending', 'accepted', 'transient', 'rejected', 'unknown']),
    /** Text of the server's last reply for this recipient. */
    reply: z.string().max(1000).nullable(),
    enhancedCode: z.string().max(20).nullable(),
  }),
);
export type RecipientState = z.infer<typeof recipientStateSchema>;

export const attemptSchema = z.lazy(() =>
  z.strictObject({
    startedAt: z.number(),
    endedAt: z.number().nullable(),
    route: sideSchema,
    phase: submissionPhaseSchema.nullable(),
    verdict: deliveryVerdictSchema.nullable(),
    replyCode: z.number().int().nullable(),
    reply: z.string().max(1000).nullable(),
    enhancedCode: z.string().max(20).nullable(),
    queueId: z.string().max(200).nullable(),
    error: packedErrorSchema.nullable(),
  }),
);
export type Attempt = z.infer<typeof attemptSchema>;

/** What a search for the Message-ID of an uncertain mail found. */
export const lookUpSchema = z.lazy(() =>
  z.strictObject({
    at: z.number(),
    side: sideSchema,
    /** Paths searched. */
    searched: z.array(z.string()).max(50),
    /** Path where it was found; null when nowhere. */
    foundIn: z.string().nullable(),
    error: packedErrorSchema.nullable(),
  }),
);
export type LookUp = z.infer<typeof lookUpSchema>;

/** What a server reported later about a mail it had taken. It changes no state: nothing proves who wrote it. */
export const deliveryNoticeSchema = z.lazy(() =>
  z.strictObject({
    /** Date of the report. */
    at: z.number(),
    address: z.string().max(320),
    action: z.enum(['failed', 'delayed', 'delivered', 'relayed', 'expanded']),
    status: z.string().max(20).nullable(),
    /** The server's own words. */
    text: z.string().max(500).nullable(),
    /** Until when it goes on trying. */
    retryUntil: z.number().nullable(),
  }),
);
export type DeliveryNotice = z.infer<typeof deliveryNoticeSchema>;

/** The last thing that was reported of each recipient. Pure. */
export const lastNotices = (notices: readonly DeliveryNotice[]): DeliveryNotice[] => [
  ...new Map(notices.map((one) => [one.address, one])).values(),
];

/** Recipients who did not get it, by the last that was reported of them. Pure. */
export const undeliverable = (notices: readonly DeliveryNotice[]): ReadonlySet<string> =>
  new Set(lastNotices(notices).flatMap(({ action, address }) => (action === 'failed' ? [address] : [])));

/** A report about the delivery of one mail (RFC 3464), with a notice for each recipient it speaks of. */
export interface DeliveryReport {
  readonly originalMessageId: string;
  readonly recipients: readonly Omit<DeliveryNotice, 'at'>[];
}

/** `by-server`: the server filed its own copy. */
export const sentCopyStateSchema = z.enum(['waiting', 'filed', 'by-server', 'failed']);
export type SentCopyState = z.infer<typeof sentCopyStateSchema>;

/** Why a queued mail does not leave now. */
export const holdReasonSchema = z.enum(['undo-window', 'no-route', 'retry', 'offline', 'login-refused', 'waiting-for-person']);
export type HoldReason = z.infer<typeof holdReasonSchema>;

/** Where mail leaves now, or why it does not. */
export interface Route {
  readonly side: Side | null;
  readonly hold: HoldReason | null;
}

export const outboxItemSchema = z.lazy(() =>
  z.strictObject({
    id: outboxIdSchema,
    accountId: accountIdSchema,
    state: outboxStateSchema,
    subject: z.string(),
    to: z.array(addressSchema).max(2000),
    preview: z.string().max(300),
    messageId: z.string(),
    sizeBytes: z.number().int().nonnegative(),
    createdAt: z.number(),
    /** When it is tried next; null while that is not decided by time. */
    nextAttemptAt: z.number().nullable(),
    hold: holdReasonSchema.nullable(),
    /** Fixed from the first byte of the body on. */
    route: sideSchema.nullable(),
    acceptedAt: z.number().nullable(),
    recipients: z.array(recipientStateSchema).max(2000),
    attempts: z.array(attemptSchema).max(200),
    lookUps: z.array(lookUpSchema).max(50),
    /** Oldest first. */
    notices: z.array(deliveryNoticeSchema).max(100).default([]),
    sentCopy: sentCopyStateSchema.nullable(),
    error: packedErrorSchema.nullable(),
    /** Why its copy is not in Sent yet. */
    copyError: packedErrorSchema.nullable().default(null),
    /** Draft from which it can be changed and sent again, where it may be. */
    draftId: draftIdSchema.nullable(),
    /** Those who did not get it have been written to again, by another mail. */
    isReplaced: z.boolean(),
    canCancel: z.boolean(),
    canEdit: z.boolean(),
  }),
);
export type OutboxItem = z.infer<typeof outboxItemSchema>;
