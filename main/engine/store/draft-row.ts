import { z } from 'zod';
import { packedErrorSchema } from '../../../shared/errors.ts';
import { draftContentSchema, originalSchema, type DraftContent, type Original } from '../../../shared/model/compose.ts';
import { asAccountId, asDraftId, asOutboxId, type AccountId, type DraftId, type OutboxId } from '../../../shared/model/ids.ts';

/** Message-IDs that tie a mail to the ones before it (RFC 5322 3.6.4), angle brackets included. */
const threadSchema = z.strictObject({ inReplyTo: z.string().nullable(), references: z.array(z.string()) });
export type DraftThread = z.infer<typeof threadSchema>;

const refusal = () => ({
  /** Refusals of the same thing. */
  tries: z.number().int().positive(),
  /** Milliseconds since 1970. */
  refusedAt: z.number(),
  /** Not tried again before, unless it changes. */
  nextAt: z.number(),
  /** Not tried again, unless it changes. */
  isFinal: z.boolean(),
  error: packedErrorSchema,
});

/** The primary did not do what was asked of it for a draft. */
const refusalSchema = z.lazy(() => z.strictObject(refusal()));
export type Refusal = z.infer<typeof refusalSchema>;

/** The primary did not take the copy of a draft: of this version, in this mailbox. */
const filingRefusalSchema = z.lazy(() => z.strictObject({ revision: z.number().int(), path: z.string(), ...refusal() }));
export type FilingRefusal = z.infer<typeof filingRefusalSchema>;

export type DraftState = 'open' | 'handed-over';

/** A mail being written, as it is stored; its files apart. */
export interface DraftRow {
  readonly id: DraftId;
  readonly accountId: AccountId;
  readonly state: DraftState;
  readonly content: DraftContent;
  readonly original: Original | null;
  readonly thread: DraftThread;
  readonly version: number;
  readonly revision: number;
  readonly createdAt: number;
  readonly savedAt: number;
  readonly outboxId: OutboxId | null;
  readonly filedRevision: number | null;
  /** When another program was last found to have changed its copy, milliseconds since 1970; null where none has. */
  readonly conflictAt: number | null;
  /** Since the last copy was filed; null where nothing was refused. */
  readonly filingRefusal: FilingRefusal | null;
}

export interface RawDraftRow {
  id: number;
  account_id: number;
  state: DraftState;
  content: string;
  original: string | null;
  thread: string;
  version: number;
  revision: number;
  created_at: number;
  saved_at: number;
  outbox_id: number | null;
  filed_revision: number | null;
  conflict_at: number | null;
  filing_refusal: string | null;
}

function json(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null; // the caller shows what is stored as it is
  }
}

/** What cannot be understood any more is shown as it is stored: a person's words are never dropped. */
function salvaged(row: RawDraftRow): DraftContent {
  const text = row.content.slice(0, 1_000_000);
  return { accountId: asAccountId(row.account_id), to: [], cc: [], bcc: [], subject: '', format: 'plain', html: '', text };
}

/** One that cannot be read is tried again: nothing is lost by that. */
export const parseRefusal = (text: string | null): Refusal | null => refusalSchema.safeParse(json(text)).data ?? null;

export function parseDraftRow(row: RawDraftRow): DraftRow {
  const content = draftContentSchema.safeParse(json(row.content));
  const accountId = asAccountId(row.account_id);
  return {
    id: asDraftId(row.id),
    accountId,
    state: row.state,
    content: content.success ? { ...content.data, accountId } : salvaged(row),
    original: originalSchema.safeParse(json(row.original)).data ?? null,
    thread: threadSchema.safeParse(json(row.thread)).data ?? { inReplyTo: null, references: [] },
    version: row.version,
    revision: row.revision,
    createdAt: row.created_at,
    savedAt: row.saved_at,
    outboxId: row.outbox_id === null ? null : asOutboxId(row.outbox_id),
    filedRevision: row.filed_revision,
    conflictAt: row.conflict_at,
    // One that cannot be read is tried again: nothing is lost by that.
    filingRefusal: filingRefusalSchema.safeParse(json(row.filing_refusal)).data ?? null,
  };
}
