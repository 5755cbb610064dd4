import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { MailError, packError } from '../../../shared/errors.ts';
import { spellingLimits } from '../../../shared/model/spelling.ts';
import { seal, unseal } from '../../keys/seal.ts';
import { writeFileAtomic } from '../../keys/write-file.ts';
import type { AppLog } from '../log-file.ts';

const PURPOSE = 'own words 1';
const fileSchema = z.array(z.string().min(1).max(spellingLimits.wordChars)).max(spellingLimits.ownWords);
const lowered = (word: string): string => word.charAt(0).toLowerCase() + word.slice(1);

/**
 * The words that a person has said are right. Names and matters of their mail are among them, so the file is sealed under the store's
 * key; without the key there are none.
 */
export class OwnWords {
  readonly #file: string;
  readonly #log: AppLog;
  readonly #storeKey: () => Uint8Array | null;
  #known: { readonly key: Uint8Array; readonly words: ReadonlySet<string> } | null = null;

  constructor(file: string, log: AppLog, storeKey: () => Uint8Array | null) {
    this.#file = file;
    this.#log = log;
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
    writeFileAtomic(this.#file, seal(PURPOSE, JSON.stringify([...words]), key));
    this.#known = { key, words };
  }

  #read(): ReadonlySet<string> {
    const key = this.#storeKey();
    if (key === null) this.#known = null;
    else if (this.#known?.key !== key) this.#known = { key, words: new Set(this.#load(key)) };
    return this.#known?.words ?? new Set();
  }

  #load(key: Uint8Array): string[] {
    if (!existsSync(this.#file)) return [];
    try {
      return fileSchema.parse(JSON.parse(unseal(PURPOSE, readFileSync(this.#file), key)));
    } catch (error) {
      // Of another key, or damaged: a text has more marks than it should, no more.
      this.#log.write('warn', { ev: 'spelling.own-words-unusable', kind: packError(error).code });
      return [];
    }
  }
}
