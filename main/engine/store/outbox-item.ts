import { z } from 'zod';
import { packedErrorSchema, type PackedError } from '../../../shared/errors.ts';
import { sideSchema, type Side } from '../../../shared/model/account.ts';
import { originalSchema, type Original } from '../../../shared/model/compose.ts';
import {
  accountIdSchema,
  asOutboxId,
  draftIdSchema,
  outageIdSchema,
  type AccountId,
  type DraftId,
  type OutageId,
  type OutboxId,
} from '../../../shared/model/ids.ts';
import { addressSchema, type Address } from '../../../shared/model/message.ts';
import {
  holdReasonSchema,
  outboxStateSchema,
  sentCopyStateSchema,
  type HoldReason,
  type OutboxState,
  type RecipientState,
  type SentCopyState,
} from '../../../shared/model/outbox.ts';

/** How far the filing of the copy in Sent has come; what an earlier step proved. */
export const sentStepSchema = z.strictObject({
  path: z.string().optional(),
  /** UIDNEXT and epoch of the mailbox before anything was filed: ours is from there on. */
  floor: z.number().int().optional(),
  epoch: z.string().optional(),
  /** Milliseconds since 1970: when bytes were last about to leave; the outcome is not known while it is set. */
  appendedAt: z.number().optional().or(z.undefined()),
  /** The server has said OK: from then on it is only looked for, never filed again. */
  isAcknowledged: z.boolean().optional(),
  /** UID of the copy we filed, as the server told or a search found. */
  uid: z.number().int().optional(),
  tries: z.number().int().default(0),
  looks: z.number().int().default(0),
  nextAt: z.number().optional(),
  /** The mailbox was full: how often, for how long that has been so (see outbox/retry.ts), and when last, milliseconds since 1970. */
  full: z.strictObject({ times: z.number().int(), waitedMs: z.number(), at: z.number() }).optional(),
  /** Why it is not filed yet. */
  error: packedErrorSchema.optional(),
});
export type SentStep = z.infer<typeof sentStepSchema>;

export type RecipientRow = RecipientState & { readonly replyCode: number | null };

/** One mail handed over, as it is kept. */
export interface OutboxRow {
  readonly id: OutboxId;
  readonly accountId: AccountId;
  readonly accountEmail: string;
  readonly state: OutboxState;
  readonly messageId: string;
  /** Milliseconds since 1970, as in its Date header. */
  readonly date: number;
  readonly from: string;
  readonly needsSmtpUtf8: boolean;
  readonly subject: string;
  readonly to: readonly Address[];
  readonly bcc: readonly string[];
  readonly preview: string;
  readonly rawSha256: Uint8Array;
  readonly sizeBytes: number;
  readonly original: Original | null;
  readonly draftId: DraftId | null;
  readonly createdAt: number;
  readonly sendAfter: number;
  readonly nextAttemptAt: number | null;
  /** Tries that count, and the time they took: log-in, TLS and a network that is gone do not. */
  readonly retries: number;
  readonly waitedMs: number;
  readonly lastTryAt: number | null;
  readonly route: Side | null;
  /** The first byte of the body may have left on `route`. */
  readonly bodyStarted: boolean;
  readonly claimedBy: string | null;
  readonly leaseUntil: number | null;
  readonly uncertainSince: number | null;
  /** A person sent it once more while it was uncertain. */
  readonly wasUncertain: boolean;
  readonly acceptedAt: number | null;
  readonly outageId: OutageId | null;
  readonly sentCopy: SentCopyState | null;
  readonly sentStep: SentStep | null;
  readonly error: PackedError | null;
  readonly hold: HoldReason | null;
  readonly originalMarked: boolean;
  readonly endedAt: number | null;
  readonly dismissedAt: number | null;
  readonly recipients: readonly RecipientRow[];
}

export type RawRow = Readonly<Record<string, unknown>>;

const bit = z.number().transform((value) => value === 1);
const millis = z.number();
const json = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'no JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);

let schema: ReturnType<typeof makeSchema> | null = null;
const makeSchema = () =>
  z.object({
    account_id: accountIdSchema,
    account_email: z.string(),
    state: outboxStateSchema,
    message_id: z.string().min(3),
    date: millis,
    envelope_from: z.string(),
    needs_utf8: bit,
    subject: z.string(),
    shown_to: json(z.array(addressSchema)),
    bcc: json(z.array(z.string())),
    preview: z.string(),
    raw_sha256: z.instanceof(Uint8Array).refine((value) => value.length === 32),
    size_bytes: z.number().int().nonnegative(),
    original: json(originalSchema).nullable(),
    draft_id: draftIdSchema.nullable(),
    created_at: millis,
    send_after: millis,
    next_attempt_at: millis.nullable(),
    retries: z.number().int().nonnegative(),
    waited_ms: z.number().nonnegative(),
    last_try_at: millis.nullable(),
    route: sideSchema.nullable(),
    body_started: bit,
    claimed_by: z.string().nullable(),
    lease_until: millis.nullable(),
    uncertain_since: millis.nullable(),
    was_uncertain: bit,
    accepted_at: millis.nullable(),
    outage_id: outageIdSchema.nullable(),
    sent_copy: sentCopyStateSchema.nullable(),
    sent_step: json(sentStepSchema).nullable(),
    error: json(packedErrorSchema).nullable(),
    hold: holdReasonSchema.nullable(),
    original_marked: bit,
    ended_at: millis.nullable(),
    dismissed_at: millis.nullable(),
  });

/** @returns null when the row or one of its recipients cannot be understood: it is set aside, never dropped. */
export function parseRow(row: RawRow, recipients: readonly RecipientRow[]): OutboxRow | null {
  const parsed = (schema ??= makeSchema()).safeParse(row);
  if (!parsed.success || recipients.length === 0) return null;
  const one = parsed.data;
  return {
    id: asOutboxId(Number(row['id'])),
    accountId: one.account_id,
    accountEmail: one.account_email,
    ...{ state: one.state, messageId: one.message_id, date: one.date, from: one.envelope_from, needsSmtpUtf8: one.needs_utf8 },
    ...{ subject: one.subject, to: one.shown_to, bcc: one.bcc, preview: one.preview },
    ...{ rawSha256: one.raw_sha256, sizeBytes: one.size_bytes, original: one.original, draftId: one.draft_id },
    ...{ createdAt: one.created_at, sendAfter: one.send_after, nextAttemptAt: one.next_attempt_at },
    ...{ retries: one.retries, waitedMs: one.waited_ms, lastTryAt: one.last_try_at },
    ...{ route: one.route, bodyStarted: one.body_started, claimedBy: one.claimed_by, leaseUntil: one.lease_until },
    ...{ uncertainSince: one.uncertain_since, wasUncertain: one.was_uncertain },
    ...{ acceptedAt: one.accepted_at, outageId: one.outage_id, sentCopy: one.sent_copy, sentStep: one.sent_step },
    ...{ error: one.error, hold: one.hold, originalMarked: one.original_marked },
    ...{ endedAt: one.ended_at, dismissedAt: one.dismissed_at, recipients },
  };
}

/** A row that cannot be understood, with whatever of it still can be shown. */
export function salvageRow(row: RawRow, recipients: readonly RecipientRow[]): OutboxRow {
  const text = (name: string): string => (typeof row[name] === 'string' ? row[name] : '');
  const count = (name: string): number => (typeof row[name] === 'number' && row[name] > 0 ? row[name] : 0);
  const draft = draftIdSchema.safeParse(row['draft_id']);
  return {
    id: asOutboxId(Number(row['id'])),
    accountId: (count('account_id') || 1) as AccountId,
    ...{ accountEmail: text('account_email'), state: 'quarantined', messageId: text('message_id'), date: count('date') },
    ...{ from: text('envelope_from'), needsSmtpUtf8: false, subject: text('subject'), to: [], bcc: [], preview: text('preview') },
    ...{ rawSha256: new Uint8Array(), sizeBytes: count('size_bytes'), original: null, draftId: draft.success ? draft.data : null },
    ...{ createdAt: count('created_at'), sendAfter: 0, nextAttemptAt: null, retries: 0, waitedMs: 0, lastTryAt: null },
    ...{
      route: null,
      bodyStarted: row['body_started'] === 1,
      claimedBy: null,
      leaseUntil: null,
      uncertainSince: null,
      wasUncertain: false,
    },
    ...{ acceptedAt: null, outageId: null, sentCopy: null, sentStep: null, hold: null, originalMarked: false },
    error: { code: 'store-corrupt', scope: 'message', retry: 'never', side: null, detail: 'the stored mail cannot be read' },
    ...{ endedAt: null, dismissedAt: typeof row['dismissed_at'] === 'number' ? row['dismissed_at'] : null, recipients },
  };
}
