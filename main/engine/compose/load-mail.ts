import { createHash } from 'node:crypto';
import { MailError } from '../../../shared/errors.ts';
import { limits } from '../../../shared/limits.ts';
import { asSourceId, type AccountId, type EntryId, type SourceId } from '../../../shared/model/ids.ts';
import type { Attachment } from '../../../shared/model/message.ts';
import type { Ingest } from '../ingest/protocol.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { NewDraftFile } from '../store/draft-files.ts';
import type { OriginalMail } from './start-draft.ts';

/** A mirrored mail with what of it can go into a new one. */
export interface LoadedMail {
  readonly mail: OriginalMail & { readonly bcc: OriginalMail['to'] };
  readonly accountId: AccountId;
  /** Null while it is not downloaded. */
  readonly sourceId: SourceId | null;
  readonly attachments: readonly Attachment[];
  /** Content id to data: URI. */
  readonly inlineImages: Readonly<Record<string, string>>;
}

/** @throws MailError not-found */
export async function loadMail(store: EngineStore, ingest: Ingest, entryId: EntryId): Promise<LoadedMail> {
  const detail = store.lists.detail(entryId);
  if (!detail) throw new MailError('not-found', { scope: 'message', retry: 'never' });
  const { row, headers } = detail;
  const shared = { entryId, date: row.sentDate ?? row.internalDate };
  if (detail.sourceId === null || row.bodyState !== 'complete') {
    const mail = { ...shared, ...headers, subject: row.subject, messageId: detail.messageId, html: null, text: null };
    return { mail, accountId: row.accountId, sourceId: null, attachments: [], inlineImages: {} };
  }
  const sourceId = asSourceId(detail.sourceId);
  const { parsed, html, text, inlineImages } = await ingest.open(store.sources.segments(sourceId));
  const mail = { ...shared, ...parsed, html, text };
  return { mail, accountId: row.accountId, sourceId, attachments: parsed.attachments, inlineImages };
}

/** Pictures inside a text, taken over under new ids as they turn out to be used. */
export class TakenImages {
  readonly #images: Readonly<Record<string, string>>;
  readonly #newId: () => string;
  readonly #taken = new Map<string, string>();

  constructor(images: Readonly<Record<string, string>>, newId: () => string) {
    this.#images = images;
    this.#newId = newId;
  }

  /** New address of a picture, or null when it is not at hand. */
  readonly address = (contentId: string): string | null => {
    if (!Object.hasOwn(this.#images, contentId)) return null;
    const id = this.#taken.get(contentId) ?? this.#newId();
    this.#taken.set(contentId, id);
    return `cid:${id}`;
  };

  has(contentId: string | null): boolean {
    return contentId !== null && this.#taken.has(contentId);
  }

  files(attachments: readonly Attachment[]): NewDraftFile[] {
    return [...this.#taken].map(([from, to], index) => {
      const [head = '', data = ''] = this.#images[from]!.split(',');
      const content = Buffer.from(data, 'base64');
      const mimeType = /^data:([^;]+)/.exec(head)?.[1] ?? 'image/png';
      const fileName = attachments.find((one) => one.contentId === from)?.fileName ?? `image-${index + 1}.${mimeType.slice(6)}`;
      return { fileName, mimeType, sizeBytes: content.length, isInline: true, contentId: to, content };
    });
  }
}

/**
 * The attached files of a mail, without the pictures that came along inside the text.
 * @throws MailError message-missing (not downloaded yet), message-too-large (more than a new mail may carry)
 */
export async function attachedFiles(store: EngineStore, ingest: Ingest, loaded: LoadedMail, images: TakenImages): Promise<NewDraftFile[]> {
  const { sourceId } = loaded;
  if (sourceId === null) throw new MailError('message-missing', { scope: 'message', retry: 'later', detail: 'not downloaded yet' });
  const wanted = loaded.attachments.filter((one) => !images.has(one.contentId));
  if (wanted.reduce((sum, one) => sum + one.sizeBytes, 0) > limits.maxDraftFilesBytes) {
    throw new MailError('message-too-large', { scope: 'message', retry: 'never', detail: 'attached files' });
  }
  const files: NewDraftFile[] = [];
  for (const { index } of wanted) {
    const { attachment, content } = await ingest.attachment(store.sources.segments(sourceId), index, limits.maxDraftFileBytes);
    const { fileName, mimeType } = attachment;
    files.push({ fileName, mimeType, sizeBytes: content.length, isInline: false, contentId: '', content });
  }
  return files;
}

/** SHA-256 and size of a stored source, as the server sent it. */
export function sourceDigest(store: EngineStore, sourceId: SourceId): { digest: Uint8Array; sizeBytes: number } {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for (const piece of store.sources.raw(sourceId)) {
    hash.update(piece);
    sizeBytes += piece.length;
  }
  return { digest: hash.digest(), sizeBytes };
}
