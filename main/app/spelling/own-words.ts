import { z } from 'zod';
import { MailError } from '../../../shared/errors.ts';
import { spellingLimits } from '../../../shared/model/spelling.ts';
import type { AppLog } from '../log-file.ts';
import { SealedFile } from '../sealed-file.ts';

const fileSchema = z.array(z.string().min(1).max(spellingLimits.wordChars)).max(spellingLimits.ownWords);
const lowered = (word: string): string => word.charAt(0).toLowerCase() + word.slice(1);

/**
 * The words that a person has said are right. Names and matters of their mail are among them, so the file is sealed under the store's
 * key; without the key there are none.
 */
export class OwnWords {
  readonly #file: SealedFile<string[]>;
  readonly #storeKey: () => Uint8Array | null;
  #known: { readonly key: Uint8Array; readonly words: ReadonlySet<string> } | null = null;

  constructor(file: string, log: AppLog, storeKey: () => Uint8Array | null) {
    this.#file = new SealedFile({ file, purpose: 'own words 1', parse: (value) => fileSchema.parse(value), ev: 'spelling.own-words', log });
    this.#storeKey = storeKey;
  }

  /** In order of the alphabet. */
  get list(): string[] {
    return [...this.#read()].sort((one, other) => one.localeCompare(other));
  }

  /** Whether a word is one of them, as it stands or begun with a capital. */
  has(word: string): boolean {
    const words = this.#read();
    return words.has(word) || words.has(lowered(word));
  }

  /** @throws MailError `store-locked`, `call-rejected` where there are too many, `store-full`, `store-read-only`, `store-io` */
  set(word: string, isRight: boolean): void {
    const key = this.#storeKey();
    if (key === null) throw new MailError('store-locked', { scope: 'store', retry: 'ask' });
    const words = new Set(this.#read());
    if (isRight) words.add(word);
    else words.delete(word);
    if (words.size > spellingLimits.ownWords)
      throw new MailError('call-rejected', { scope: 'account', retry: 'never', detail: 'too many own words' });
    this.#file.write(key, [...words]);
    this.#known = { key, words };
  }

  #read(): ReadonlySet<string> {
    const key = this.#storeKey();
    if (key === null) this.#known = null;
    // One of another key, or damaged: a text has more marks than it should, no more.
    else if (this.#known?.key !== key) this.#known = { key, words: new Set(this.#file.read(key) ?? []) };
    return this.#known?.words ?? new Set();
  }
}
