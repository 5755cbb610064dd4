import type { DraftFile } from '../../shared/model/compose.ts';
import type { DraftId } from '../../shared/model/ids.ts';
import { call } from '../api.ts';
import { imageTypeOf } from '../../shared/trust/image-type.ts';
import type { InlineImages } from './editor-html.ts';

/** Pictures in the text of one draft, as the editor shows them: addresses that hold for this window only. */
export class DraftImages implements InlineImages {
  readonly #draftId: DraftId;
  readonly #urls = new Map<string, string>();
  readonly #contentIds = new Map<string, string>();

  constructor(draftId: DraftId) {
    this.#draftId = draftId;
  }

  urlOf(contentId: string): string | null {
    return this.#urls.get(decoded(contentId)) ?? this.#urls.get(contentId) ?? null;
  }
  contentIdOf(url: string): string | null {
    return this.#contentIds.get(url) ?? null;
  }

  /** Gets the pictures that are not here yet. One that cannot be had is left out. */
  async load(files: readonly DraftFile[]): Promise<void> {
    const missing = files.filter((one) => one.isInline && !this.#urls.has(one.contentId));
    await Promise.all(
      missing.map(async (one) => {
        const answer = await call('drafts.file', { draftId: this.#draftId, attachmentId: one.id }).catch(() => null);
        if (answer) this.add(one, answer.content);
      }),
    );
  }

  add(file: DraftFile, content: Uint8Array): void {
    // By its first bytes: an SVG would bring markup of its own.
    const type = imageTypeOf(content);
    if (type === null || this.#urls.has(file.contentId)) return;
    const url = URL.createObjectURL(new Blob([new Uint8Array(content)], { type }));
    this.#urls.set(file.contentId, url);
    this.#contentIds.set(url, file.contentId);
  }

  /** As `data:` addresses, for the frame that shows the quotation. */
  async dataUrls(files: readonly DraftFile[]): Promise<Record<string, string>> {
    await this.load(files);
    const found: Record<string, string> = {};
    for (const file of files.filter((one) => one.isInline)) {
      const answer = await call('drafts.file', { draftId: this.#draftId, attachmentId: file.id }).catch(() => null);
      const type = answer && imageTypeOf(answer.content);
      if (answer && type) found[file.contentId] = await dataUrl(answer.content, type);
    }
    return found;
  }

  dispose(): void {
    for (const url of this.#urls.values()) URL.revokeObjectURL(url);
    this.#urls.clear();
    this.#contentIds.clear();
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not percent-encoded after all
  }
}

function dataUrl(content: Uint8Array, type: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Error('unreadable'));
    reader.readAsDataURL(new Blob([new Uint8Array(content)], { type }));
  });
}
