import { z } from 'zod';

/** What the audit journal tells of. */
export const auditKinds = [
  'opened',
  'account-added',
  'account-removed',
  'policy-changed',
  'received',
  'submitted',
  'restored',
  'reconciled',
] as const;
export type AuditKind = (typeof auditKinds)[number];

export const auditDataSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
/** Facts of an entry: ids, counts, replies; never a subject, a file name or anything of a body. */
export type AuditData = Readonly<z.infer<typeof auditDataSchema>>;

export interface AuditEntry {
  /** 1, 2, 3 … without gaps. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly kind: AuditKind;
  /** Address of the account; null: the profile as a whole. */
  readonly account: string | null;
  readonly data: AuditData;
  /** SHA-256 over the entry and the hash of the one before, in hexadecimal. */
  readonly hash: string;
}

export type AuditFault = { readonly seq: number; readonly what: 'altered' | 'missing' | 'not-noted' };

export interface AuditVerdict {
  readonly entries: number;
  /** Of the last entry: to be kept elsewhere, as proof that nothing before it was changed later. Empty: no entries yet. */
  readonly head: string;
  readonly faults: readonly AuditFault[];
}
