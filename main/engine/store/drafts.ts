import { MailError } from '../../../shared/errors.ts';
import { limits } from '../../../shared/limits.ts';
import type { Draft, DraftContent, DraftFile, Original } from '../../../shared/model/compose.ts';
import { asDraftId, type AccountId, type DraftFileId, type DraftId, type OutboxId } from '../../../shared/model/ids.ts';
import type { DatabaseHandle } from './contract.ts';
import { createDraftCopyStore, type DraftCopyStore } from './draft-copies.ts';
import { createDraftFileStore, type DraftFileStore, type NewDraftFile } from './draft-files.ts';
import { parseDraftRow, type DraftRow, type DraftThread, type FilingRefusal, type RawDraftRow } from './draft-row.ts';

export interface NewDraft {
  readonly content: DraftContent;
  /** Address of the account. */
  readonly email: string;
  readonly original: Original | null;
  readonly thread: DraftThread;
  readonly files: readonly NewDraftFile[];
}

/** Mail being written. Every change is durable on return. */
export interface DraftStore {
  readonly files: DraftFileStore;
  readonly copies: DraftCopyStore;
  create(draft: NewDraft, now: number): DraftId;
  find(id: DraftId): DraftRow | null;
  /** @throws MailError not-found, too-late (it was handed over) */
  getOpen(id: DraftId): DraftRow;
  view(row: DraftRow): Draft;
  /** Open ones, newest first. */
  open(): DraftRow[];
  openOf(accountId: AccountId): DraftRow[];
  /** @throws MailError not-found, too-late, draft-changed when `version` is not the stored one */
  save(id: DraftId, version: number, content: DraftContent, email: string, now: number): { version: number; savedAt: number };
  /** Forgets a draft; its copies on the server are to be removed. */
  /** @param deletedCopy a copy that the person deletes: it is no longer ours to remove */
  discard(id: DraftId, now: number, deletedCopy?: number): void;
  /** @throws MailError not-found, too-late, draft-invalid (`files`: too many or too large) */
  addFile(id: DraftId, file: NewDraftFile, now: number): DraftFile;
  removeFile(id: DraftId, fileId: DraftFileId, now: number): void;
  /** In the outbox now. Call inside the transaction that puts it there. */
  handOver(id: DraftId, outboxId: OutboxId, now: number): void;
  /** Those in the outbox. */
  handedOver(): DraftRow[];
  /** Open again, changed where told so; null when there is no such draft. Call inside the transaction that takes it out of the outbox. */
  reopen(outboxId: OutboxId, now: number, change?: (content: DraftContent) => DraftContent): DraftId | null;
  noteFiled(id: DraftId, revision: number | null): void;
  /** Stays until a copy is filed. */
  noteRefused(id: DraftId, refusal: FilingRefusal): void;
  noteConflict(id: DraftId, at: number | null): void;
  removeAccount(accountId: AccountId): void;
  /** Finds the accounts again by their addresses where their ids have changed. */
  adopt(accounts: readonly { readonly id: AccountId; readonly email: string }[]): void;
  /** Removes one that can not come back any more. */
  forget(id: DraftId): void;
}

const MAX_FILES = 200;
const missing = (): MailError => new MailError('not-found', { scope: 'message', retry: 'never', detail: 'draft' });
const CREATE = `
INSERT INTO drafts (account_id, account_email, state, content, original, thread, version, revision, created_at, saved_at)
VALUES (@accountId, @email, 'open', @content, @original, @thread, 0, 0, @now, @now)`;

function prepare({ db }: DatabaseHandle) {
  return {
    create: db.prepare(CREATE),
    one: db.prepare('SELECT * FROM drafts WHERE id = ?'),
    byOutbox: db.prepare('SELECT * FROM drafts WHERE outbox_id = ?'),
    open: db.prepare("SELECT * FROM drafts WHERE state = 'open' ORDER BY saved_at DESC, id DESC"),
    openOf: db.prepare("SELECT * FROM drafts WHERE state = 'open' AND account_id = ? ORDER BY id"),
    save: db.prepare(
      `UPDATE drafts SET content = @content, account_id = @accountId, account_email = @email, version = version + 1, revision = revision + 1,
       saved_at = @now WHERE id = @id`,
    ),
    touch: db.prepare('UPDATE drafts SET revision = revision + 1, saved_at = ? WHERE id = ?'),
    remove: db.prepare('DELETE FROM drafts WHERE id = ?'),
    handedOver: db.prepare("SELECT * FROM drafts WHERE state = 'handed-over' ORDER BY id"),
    handOver: db.prepare(
      "UPDATE drafts SET state = 'handed-over', outbox_id = ?, filed_revision = NULL, filing_refusal = NULL WHERE id = ?",
    ),
    // As a change: its copy on the server has to go, and a new one is filed.
    reopen: db.prepare(
      "UPDATE drafts SET state = 'open', outbox_id = NULL, content = ?, saved_at = ?, revision = revision + 1 WHERE id = ?",
    ),
    filed: db.prepare('UPDATE drafts SET filed_revision = ?, filing_refusal = NULL WHERE id = ?'),
    refused: db.prepare('UPDATE drafts SET filing_refusal = ? WHERE id = ?'),
    conflict: db.prepare('UPDATE drafts SET conflict_at = ? WHERE id = ?'),
    removeAccount: db.prepare('DELETE FROM drafts WHERE account_id = ?'),
    removeCopies: db.prepare('DELETE FROM draft_copies WHERE account_id = ?'),
    adopt: ['drafts', 'draft_copies'].map((table) =>
      db.prepare(`UPDATE ${table} SET account_id = @id WHERE account_email = @email AND account_id <> @id`),
    ),
  };
}

export function createDraftStore(handle: DatabaseHandle): DraftStore {
  const sql = prepare(handle);
  const files = createDraftFileStore(handle);
  const copies = createDraftCopyStore(handle);
  const parse = (row: unknown): DraftRow | null => (row === undefined ? null : parseDraftRow(row as RawDraftRow));
  const rows = (list: unknown[]): DraftRow[] => (list as RawDraftRow[]).map(parseDraftRow);
  const find = (id: DraftId): DraftRow | null => parse(sql.one.get(id));
  const getOpen = (id: DraftId): DraftRow => {
    const row = find(id);
    if (row === null) throw missing();
    if (row.state !== 'open') throw new MailError('too-late', { scope: 'message', retry: 'never', detail: 'the draft was handed over' });
    return row;
  };
  /** Its copies lie in the Drafts of another account. */
  const leaveAccount = (id: DraftId, now: number): void => {
    copies.removeOthers(id, null, now);
    sql.filed.run(null, id);
  };
  return {
    files,
    copies,
    create: ({ content, email, original, thread, files: given }, now) =>
      handle.tx('drafts.create', () => {
        const row = { ...encoded(content), email, original: original && JSON.stringify(original), thread: JSON.stringify(thread), now };
        const id = asDraftId(Number(sql.create.run(row).lastInsertRowid));
        for (const one of given) files.insert(id, one);
        return id;
      }),
    find,
    getOpen,
    view: ({ id, content, original, version, createdAt, savedAt, conflictAt, filingRefusal: refusal }) => ({
      ...{ id, content, original, version, createdAt, savedAt, hasConflict: conflictAt !== null },
      notFiled: refusal && { error: refusal.error, isFinal: refusal.isFinal },
      files: files.ofDraft(id),
    }),
    open: () => rows(sql.open.all()),
    openOf: (accountId) => rows(sql.openOf.all(accountId)),
    save: (id, version, content, email, now) =>
      handle.tx('drafts.save', () => {
        const row = getOpen(id);
        if (row.version !== version) throw new MailError('draft-changed', { scope: 'message', retry: 'ask' });
        sql.save.run({ ...encoded(content), email, now, id });
        if (content.accountId !== row.accountId) leaveAccount(id, now);
        return { version: version + 1, savedAt: now };
      }),
    discard: (id, now, deletedCopy) =>
      handle.tx('drafts.discard', () => {
        getOpen(id);
        copies.removeOthers(id, deletedCopy ?? null, now);
        if (deletedCopy !== undefined) copies.forget(deletedCopy);
        sql.remove.run(id);
      }),
    addFile: (id, file, now) =>
      handle.tx('drafts.add-file', () => {
        getOpen(id);
        const all = files.ofDraft(id);
        const bytes = all.reduce((sum, one) => sum + one.sizeBytes, file.sizeBytes);
        if (all.length >= MAX_FILES || file.sizeBytes > limits.maxDraftFileBytes || bytes > limits.maxDraftFilesBytes) {
          throw new MailError('draft-invalid', { scope: 'message', retry: 'ask', detail: 'files' });
        }
        const fileId = files.insert(id, file);
        sql.touch.run(now, id);
        return files.find(id, fileId)!;
      }),
    removeFile: (id, fileId, now) =>
      handle.tx('drafts.remove-file', () => {
        getOpen(id);
        if (!files.remove(id, fileId)) throw missing();
        sql.touch.run(now, id);
      }),
    handOver: (id, outboxId, now) => {
      sql.handOver.run(outboxId, id);
      copies.removeOthers(id, null, now);
    },
    handedOver: () => rows(sql.handedOver.all()),
    reopen: (outboxId, now, change = (content) => content) => {
      const row = parse(sql.byOutbox.get(outboxId));
      if (row) sql.reopen.run(JSON.stringify(change(row.content)), now, row.id);
      return row?.id ?? null;
    },
    noteFiled: (id, revision) => void sql.filed.run(revision, id),
    noteRefused: (id, refusal) => void sql.refused.run(JSON.stringify(refusal), id),
    noteConflict: (id, at) => void sql.conflict.run(at, id),
    removeAccount: (accountId) =>
      handle.tx('drafts.remove-account', () => {
        sql.removeAccount.run(accountId);
        sql.removeCopies.run(accountId);
      }),
    adopt: (accounts) =>
      handle.tx('drafts.adopt', () => {
        for (const { id, email } of accounts) for (const statement of sql.adopt) statement.run({ id, email });
      }),
    forget: (id) => void sql.remove.run(id),
  };
}

/** The account is kept in a column of its own, too. */
const encoded = (content: DraftContent): { accountId: AccountId; content: string } => ({
  accountId: content.accountId,
  content: JSON.stringify(content),
});
