import { MailError, packError, type PackedError } from '../../shared/errors.ts';
import { windowLimits as limits } from '../../shared/window-limits.ts';
import type { Draft, DraftContent, DraftFile } from '../../shared/model/compose.ts';
import type { AccountId, DraftFileId, DraftId } from '../../shared/model/ids.ts';
import type { Address } from '../../shared/model/message.ts';
import { call } from '../api.ts';
import { addPeople, isAddress, parseAddressList } from './addresses.ts';
import { DraftImages } from './draft-images.ts';
import { splitQuotation } from './quotation.ts';
import { Saver } from './saver.ts';

export type RecipientField = 'to' | 'cc' | 'bcc';

/** What the editor on screen gives when it is asked. */
export interface EditorView {
  html(): string;
  focus(): void;
}

/** A file on its way into the draft. */
export interface Addition {
  readonly key: number;
  readonly name: string;
  readonly sizeBytes: number;
  /** Share of the file that has been read, 0 to 1. */
  readonly done: number;
}

/** Where a mail cannot be sent as it is. `index` is that of a recipient. */
export interface Problem {
  readonly field: string;
  readonly index: number | null;
}

export type SaveState = 'saved' | 'changed' | 'saving' | 'failed' | 'conflict';

const later = (ms: number, work: () => void): (() => void) => {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
};

/** One mail being written: what is in the window, ahead of what the engine has stored by at most a pause in the typing. */
export class OpenDraft {
  readonly id: DraftId;
  readonly original: Draft['original'];
  readonly images: DraftImages;
  accountId = $state.raw<AccountId>() as AccountId;
  /** Which of the account's further addresses it is from; undefined for its first one. */
  from = $state.raw<string | undefined>();
  to = $state.raw<readonly Address[]>([]);
  cc = $state.raw<readonly Address[]>([]);
  bcc = $state.raw<readonly Address[]>([]);
  subject = $state('');
  format = $state<'rich' | 'plain'>('rich');
  text = $state('');
  /** The person's part of a rich mail, as it was when the editor last gave it. */
  ownHtml = $state.raw('');
  quotation = $state.raw('');
  files = $state.raw<readonly DraftFile[]>([]);
  additions = $state.raw<readonly Addition[]>([]);
  saveState = $state<SaveState>('saved');
  savedAt = $state<number | null>(null);
  failure = $state.raw<PackedError | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** Another program changed the copy of it among the drafts of the mailbox: both are kept. */
  hasConflict = $state(false);
  /** Why the mail server does not have it. */
  notFiled = $state.raw<Draft['notFiled']>(null);
  isSending = $state(false);
  /** Raised when the editor has to show another content than it has. */
  generation = $state(0);
  /** Set by the editor on screen. */
  editor: EditorView | null = null;
  #version = 0;
  readonly #saver: Saver;
  /** Files on their way in. */
  readonly #adding = new Set<Promise<boolean>>();

  constructor(draft: Draft) {
    this.id = draft.id;
    this.original = draft.original;
    this.images = new DraftImages(draft.id);
    this.#saver = new Saver({ save: () => this.#save(), later });
    this.#take(draft);
  }

  /** Nothing was written that anybody would miss. */
  get isEmpty(): boolean {
    const hasPeople = this.original === null && this.to.length + this.cc.length + this.bcc.length > 0;
    return !hasPeople && !this.isTouched && this.files.length === 0;
  }
  /** A person has changed something since it was opened here. */
  isTouched = false;

  /** Something was changed by the person. */
  touch(): void {
    this.isTouched = true;
    this.problem = null;
    if (this.saveState !== 'conflict') this.saveState = 'changed';
    this.#saver.changed();
  }

  /** Everything is stored on return; says so in `failure` when it could not be. */
  async saveNow(): Promise<boolean> {
    try {
      await this.#saver.flush();
      return true;
    } catch {
      return false; // shown by saveState and failure
    }
  }

  /** No save any more: it is sent or thrown away. */
  stop(): Promise<void> {
    return this.#saver.stop();
  }

  resume(): void {
    this.#saver.resume();
  }

  addRecipients(field: RecipientField, people: readonly Address[]): void {
    if (people.length === 0) return;
    this[field] = addPeople(this[field], people).slice(0, limits.maxRecipients);
    this.touch();
  }
  addTyped(field: RecipientField, typed: string): void {
    this.addRecipients(field, parseAddressList(typed));
  }
  removeRecipient(field: RecipientField, at: number): void {
    this[field] = this[field].filter((_, index) => index !== at);
    this.touch();
  }

  content(): DraftContent {
    if (this.editor) this.ownHtml = this.editor.html();
    const { accountId, from, subject, format, text } = this;
    const html = format === 'rich' ? this.ownHtml + this.quotation : '';
    return {
      accountId,
      ...(from === undefined ? {} : { from }),
      to: [...this.to],
      cc: [...this.cc],
      bcc: [...this.bcc],
      subject,
      format,
      html,
      text: format === 'plain' ? text : '',
    };
  }

  /** Shows the first thing that is certain to be refused, without asking the engine; null when nothing is. */
  findProblem(): Problem | null {
    const fields = ['to', 'cc', 'bcc'] as const;
    this.problem = null;
    for (const field of fields) {
      const index = this[field].findIndex((one) => !isAddress(one.address));
      if (index >= 0) return (this.problem = { field, index });
    }
    if (fields.every((field) => this[field].length === 0)) this.problem = { field: 'to', index: null };
    return this.problem;
  }

  /** Hands it to the outbox. @throws MailError why it was not; `draft-invalid` is shown at its field besides */
  async send(): Promise<{ outboxId: number; sendsAt: number }> {
    this.isSending = true;
    try {
      // An unchanged draft was perhaps never saved by this window: what is sent is what is seen.
      await this.#saver.flush();
      await this.stop();
      return await call('drafts.send', { draftId: this.id, version: this.#version });
    } catch (error) {
      this.resume();
      this.#explain(error);
      throw error;
    } finally {
      this.isSending = false;
    }
  }

  #explain(error: unknown): void {
    const packed = packError(error);
    if (packed.code === 'draft-changed') this.saveState = 'conflict';
    if (packed.code === 'draft-invalid') this.problem = readProblem(packed.detail);
    else this.failure = packed;
  }

  async #save(): Promise<void> {
    this.saveState = 'saving';
    try {
      const { version, savedAt } = await call('drafts.save', { draftId: this.id, version: this.#version, content: this.content() });
      this.#version = version;
      this.savedAt = savedAt;
      this.failure = null;
      this.saveState = 'saved';
    } catch (error) {
      const packed = packError(error);
      this.failure = packed;
      this.saveState = packed.code === 'draft-changed' ? 'conflict' : 'failed';
      throw error;
    }
  }

  /** Takes what is stored, in place of what is here. */
  async reload(): Promise<void> {
    this.#take(await call('drafts.get', { draftId: this.id }));
    this.generation += 1;
  }

  /** Stores what is here, in place of what was stored meanwhile. */
  async overwrite(): Promise<void> {
    const stored = await call('drafts.get', { draftId: this.id });
    this.#version = stored.version;
    this.files = stored.files;
    this.saveState = 'changed';
    this.#saver.changed();
    await this.saveNow();
  }

  #take(draft: Draft): void {
    const { content } = draft;
    const { own, quotation } = splitQuotation(content.html);
    this.accountId = content.accountId;
    this.from = content.from;
    this.to = content.to;
    this.cc = content.cc;
    this.bcc = content.bcc;
    this.subject = content.subject;
    this.format = content.format;
    this.text = content.text;
    this.ownHtml = own;
    this.quotation = quotation;
    this.files = draft.files;
    this.savedAt = draft.savedAt;
    this.hasConflict = draft.hasConflict;
    this.notFiled = draft.notFiled;
    this.failure = null;
    this.saveState = 'saved';
    this.#version = draft.version;
  }

  /** Adds a file of the person's. Null when it was refused; the reason is in `failure`. */
  addFile(file: Blob, name: string, isInline: boolean): Promise<DraftFile | null> {
    return this.#track(this.#addFile(file, name, isInline), (added) => added !== null);
  }

  /** Adds files one after the other. Whether all of them are in; why not is in `failure`. */
  addFiles(files: readonly File[]): Promise<boolean> {
    const add = async () => {
      let isWhole = true;
      for (const file of files) if ((await this.#addFile(file, file.name, false)) === null) isWhole = false;
      return isWhole;
    };
    return this.#track(add(), (isWhole) => isWhole);
  }

  /** Waits for the files that are on their way in. Whether each of them is in. */
  async addedAll(): Promise<boolean> {
    let isWhole = true;
    while (this.#adding.size > 0) {
      isWhole = (await Promise.all(this.#adding)).every(Boolean) && isWhole;
      await new Promise((resolve) => setTimeout(resolve)); // whoever added a picture puts it into the text first
    }
    return isWhole;
  }

  async #track<T>(work: Promise<T>, isIn: (result: T) => boolean): Promise<T> {
    const outcome = work.then(isIn);
    this.#adding.add(outcome);
    try {
      return await work;
    } finally {
      this.#adding.delete(outcome);
    }
  }

  async #addFile(file: Blob, name: string, isInline: boolean): Promise<DraftFile | null> {
    const all = this.files.reduce((sum, one) => sum + one.sizeBytes, 0) + this.additions.reduce((sum, one) => sum + one.sizeBytes, 0);
    if (file.size > limits.maxDraftFileBytes || all + file.size > limits.maxDraftFilesBytes) {
      this.failure = packError(new MailError('message-too-large', { scope: 'message', retry: 'ask', detail: 'files' }));
      return null;
    }
    const key = (lastKey += 1);
    this.additions = [...this.additions, { key, name, sizeBytes: file.size, done: 0 }];
    const report = (done: number) => (this.additions = this.additions.map((one) => (one.key === key ? { ...one, done } : one)));
    try {
      const content = await readAll(file, report);
      const mimeType = file.type === '' ? 'application/octet-stream' : file.type;
      const added = await call('drafts.addFile', { draftId: this.id, name: fileName(name), mimeType, isInline, content });
      if (isInline) this.images.add(added, content);
      this.files = [...this.files, added];
      this.isTouched = true;
      this.failure = null;
      return added;
    } catch (error) {
      this.failure = packError(error);
      return null;
    } finally {
      this.additions = this.additions.filter((one) => one.key !== key);
    }
  }

  async removeFile(id: DraftFileId): Promise<void> {
    try {
      await call('drafts.removeFile', { draftId: this.id, attachmentId: id });
      this.files = this.files.filter((one) => one.id !== id);
      this.isTouched = true;
    } catch (error) {
      this.failure = packError(error);
    }
  }
}

let lastKey = 0;

const MAX_NAME_CHARS = 255;

function fileName(name: string): string {
  const bare = name.replaceAll(/[\u0000-\u001f\u007f/\\]/gu, ' ').trim();
  return bare === '' ? 'file' : bare.slice(-MAX_NAME_CHARS);
}

async function readAll(file: Blob, report: (done: number) => void): Promise<Uint8Array<ArrayBuffer>> {
  const content = new Uint8Array(file.size);
  const reader = file.stream().getReader();
  let at = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return content;
    content.set(value, at);
    at += value.length;
    report(file.size === 0 ? 1 : at / file.size);
  }
}

/** `to[1]`: the second recipient; `to`: the field. */
export function readProblem(detail: string): Problem {
  const parts = /^(?<field>[a-z]+)(?:\[(?<index>\d+)\])?/u.exec(detail)?.groups;
  const field = parts?.['field'] ?? 'to';
  // Too many of them: that is told where there are the most.
  return { field: field === 'recipients' ? 'to' : field, index: parts?.['index'] === undefined ? null : Number(parts['index']) };
}
