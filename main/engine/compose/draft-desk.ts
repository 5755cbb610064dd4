import { MailError } from '../../../shared/errors.ts';
import { continuityInForce } from '../../../shared/model/continuity-config.ts';
import type { Draft, DraftContent, DraftFile } from '../../../shared/model/compose.ts';
import type { AccountId, DraftFileId, DraftId, EntryId, OutboxId } from '../../../shared/model/ids.ts';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import type { Ingest } from '../ingest/protocol.ts';
import { cleanFileName } from '../mime/file-name.ts';
import type { DraftRow } from '../store/draft-row.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { FrozenMessage } from '../store/frozen-message.ts';
import { senderOf } from './check-draft.ts';
import type { Material } from './freeze.ts';
import { isLeftover } from './leftovers.ts';
import { attachedFiles, loadMail, TakenImages, type LoadedMail } from './load-mail.ts';
import { parseMailto } from './mailto.ts';
import { randomToken } from './message-id.ts';
import { ownKeys } from './reply-recipients.ts';
import { startAnswer, startNew } from './start-draft.ts';
import { copyOf, startEdit } from './start-edit.ts';

/** What a draft begins with. */
export type DraftStart =
  | { readonly kind: 'new'; readonly accountId: AccountId | null; readonly mailto: string | null }
  | { readonly kind: 'reply' | 'reply-all' | 'forward'; readonly entryId: EntryId; readonly format: 'rich' | 'plain' }
  | { readonly kind: 'edit'; readonly entryId: EntryId };

export interface GivenFile {
  readonly name: string;
  readonly mimeType: string;
  readonly isInline: boolean;
  readonly content: Uint8Array;
}

export interface DraftDeskOptions {
  readonly store: EngineStore;
  readonly ingest: Ingest;
  readonly clock: Clock;
  readonly random: Random;
  /** BCP 47: words and dates of quotations. */
  readonly locale: string;
  /** Puts a mail in the outbox; called inside a transaction of its database. */
  readonly enqueue: (frozen: FrozenMessage) => OutboxId;
  /** A draft came, changed or went. */
  readonly onChanged: () => void;
  /** An older copy that the primary had not let go is no longer told. */
  readonly leftoversChanged: () => void;
  readonly step: (name: string) => void;
}

/** Loaded when something is composed: the library is not needed to read mail. */
const composing = () => import('./freeze.ts');

/** Everything done with mail that is being written; each change is durable on return. */
export class DraftDesk {
  readonly #options: DraftDeskOptions;

  constructor(options: DraftDeskOptions) {
    this.#options = options;
  }

  /** @throws MailError account-missing, not-found, draft-invalid, message-missing, message-too-large, too-late */
  async start(start: DraftStart): Promise<Draft> {
    const id = start.kind === 'new' ? this.#startNew(start.accountId, start.mailto) : await this.#startFrom(start);
    this.#options.onChanged();
    return this.get(id);
  }

  list(): Draft[] {
    const { drafts } = this.#options.store;
    return drafts.open().map((row) => drafts.view(row));
  }

  /** @throws MailError not-found, too-late */
  get(id: DraftId): Draft {
    const { drafts } = this.#options.store;
    return drafts.view(drafts.getOpen(id));
  }

  /** @throws MailError not-found, too-late, draft-changed, account-missing */
  save(id: DraftId, version: number, content: DraftContent): { version: number; savedAt: number } {
    const { store, clock, step, onChanged } = this.#options;
    const { email } = store.accounts.get(content.accountId).config;
    const saved = store.drafts.save(id, version, content, email, clock.now());
    step('compose.saved');
    onChanged();
    return saved;
  }

  discard(id: DraftId): void {
    const { store, clock, step, onChanged } = this.#options;
    store.drafts.discard(id, clock.now());
    step('compose.discarded');
    onChanged();
  }

  /**
   * The person has deleted these entries: where one is the copy of an open draft, the draft is thrown away with it. The copy is left to
   * the journal, which puts it into the Trash and can take that back.
   */
  discardDeleted(entryIds: readonly EntryId[]): void {
    const { store, clock, step, onChanged, leftoversChanged } = this.#options;
    for (const entryId of entryIds) {
      const copy = copyOf(store, entryId);
      // It stood there in the way only: what is written goes on, and the journal tells what becomes of the copy.
      if (copy !== null && isLeftover(copy)) {
        store.outboxHandle.tx('drafts.delete-leftover', () => store.drafts.copies.forget(copy.id));
        leftoversChanged();
        continue;
      }
      if (copy === null || store.drafts.find(copy.draftId)?.state !== 'open') continue;
      store.drafts.discard(copy.draftId, clock.now(), copy.id);
      step('compose.discarded');
      onChanged();
    }
  }

  /** @throws MailError not-found, too-late, draft-invalid (`files`) */
  addFile(id: DraftId, { name, mimeType, isInline, content }: GivenFile): DraftFile {
    const { store, clock, step, onChanged } = this.#options;
    const row = store.drafts.getOpen(id);
    const fileName = cleanFileName(name, mimeType, store.drafts.files.ofDraft(id).length + 1);
    const contentId = isInline ? this.#newContentId(row.accountId) : '';
    const file = { fileName, mimeType, sizeBytes: content.length, isInline, contentId, content };
    const added = store.drafts.addFile(id, file, clock.now());
    step('compose.file-added');
    onChanged();
    return added;
  }

  removeFile(id: DraftId, fileId: DraftFileId): void {
    const { store, clock, onChanged } = this.#options;
    store.drafts.removeFile(id, fileId, clock.now());
    onChanged();
  }

  /** @throws MailError not-found */
  file(id: DraftId, fileId: DraftFileId): { file: DraftFile; content: Uint8Array } {
    const { files } = this.#options.store.drafts;
    const file = files.find(id, fileId);
    if (file === null) throw new MailError('not-found', { scope: 'message', retry: 'never', detail: 'file of a draft' });
    return { file, content: Buffer.concat([...files.pieces(fileId)]) };
  }

  /**
   * Composes the bytes, once, and hands them to the outbox; draft and outbox change in one transaction.
   * @throws MailError not-found, too-late, draft-changed, draft-invalid (the detail names the field), message-unreadable
   */
  async send(id: DraftId, version: number): Promise<{ outboxId: OutboxId; sendsAt: number }> {
    const { store, clock, random, enqueue, onChanged, step } = this.#options;
    const row = store.drafts.getOpen(id);
    if (row.version !== version) throw changed();
    const material = this.#material(row);
    const now = clock.now();
    const frozen = await (await composing()).freezeMail(material, random, now);
    const { undoSendSeconds } = continuityInForce(material.account.config);
    const sendAfter = now + undoSendSeconds * 1000;
    const message = { ...frozen, accountId: row.accountId, original: row.original, sendAfter, draftId: id };
    const outboxId = store.outboxHandle.tx('drafts.hand-over', () => {
      // While the bytes were made another window may have saved, sent or discarded it.
      if (store.drafts.getOpen(id).revision !== row.revision) throw changed();
      const made = enqueue(message);
      store.drafts.handOver(id, made, clock.now());
      return made;
    });
    step('compose.handed-over');
    onChanged();
    return { outboxId, sendsAt: sendAfter };
  }

  /** The bytes of a draft as it stands, for its copy on the server. */
  async render(row: DraftRow, messageId: string, date: number): Promise<{ raw: Buffer; bcc: string[] }> {
    return (await composing()).renderDraft(this.#material(row), messageId, date);
  }

  #material(row: DraftRow): Material {
    const { store } = this.#options;
    const { files } = store.drafts;
    const list = files.ofDraft(row.id).map((file) => ({ ...file, pieces: () => files.pieces(file.id) }));
    return { account: store.accounts.get(row.accountId), content: row.content, files: list, thread: row.thread };
  }

  #startNew(accountId: AccountId | null, link: string | null): DraftId {
    const { store, clock } = this.#options;
    const account = accountId === null ? store.accounts.list()[0] : store.accounts.get(accountId);
    if (!account) throw new MailError('account-missing', { scope: 'account', retry: 'never' });
    const started = startNew(account, link === null ? null : parseMailto(link));
    return store.drafts.create({ ...started, email: account.config.email, files: [] }, clock.now());
  }

  async #startFrom(start: Exclude<DraftStart, { kind: 'new' }>): Promise<DraftId> {
    const { store, ingest, clock, locale } = this.#options;
    const newContentId = (of: LoadedMail): string => this.#newContentId(of.accountId);
    if (start.kind === 'edit') return startEdit({ store, ingest, newContentId, now: () => clock.now() }, start.entryId);
    const { kind, format } = start;
    const loaded = await loadMail(store, ingest, start.entryId);
    const account = store.accounts.get(loaded.accountId);
    const images = new TakenImages(format === 'rich' ? loaded.inlineImages : {}, () => newContentId(loaded));
    const own = ownKeys(store.accounts.list());
    const started = startAnswer(loaded.mail, { account, kind, format, own, locale, image: images.address });
    const carried = images.files(loaded.attachments);
    const files = kind === 'forward' ? [...carried, ...(await attachedFiles(store, ingest, loaded, images))] : carried;
    return store.drafts.create({ ...started, email: account.config.email, files }, clock.now());
  }

  #newContentId(accountId: AccountId): string {
    const { store, random } = this.#options;
    return `${randomToken(random, 4)}@${senderOf(store.accounts.get(accountId)).domain}`;
  }
}

const changed = (): MailError => new MailError('draft-changed', { scope: 'message', retry: 'ask' });
