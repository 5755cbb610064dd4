import { spellingLanguages, type SpellingChoice, type SpellingLanguage } from '../../../shared/model/spelling.ts';
import type { CallResult } from '../../../shared/ipc/contract.ts';
import type { OwnWords } from './own-words.ts';
import type { Speller } from './speller.ts';

/** The languages of a choice; none where nothing is checked. */
function chosenLanguages(choice: SpellingChoice): readonly SpellingLanguage[] {
  if (choice === 'off') return [];
  return choice === 'both' ? spellingLanguages : [choice];
}

/** Spelling as the window asks for it: in the chosen languages, and with the person's own words. */
export class Spelling {
  readonly #speller: Pick<Speller, 'wrong' | 'suggest'>;
  readonly #choice: () => SpellingChoice;
  readonly #first: () => SpellingLanguage;
  readonly #own: OwnWords;

  /** @param first the language of the window: of two words as near, its is the likelier one */
  constructor(speller: Pick<Speller, 'wrong' | 'suggest'>, own: OwnWords, choice: () => SpellingChoice, first: () => SpellingLanguage) {
    this.#speller = speller;
    this.#own = own;
    this.#choice = choice;
    this.#first = first;
  }

  /** Those of the words that are wrong, each once. @throws MailError internal */
  async check(words: readonly string[]): Promise<string[]> {
    return [...(await this.#speller.wrong(this.#unknown([...new Set(words)]), this.#languages))];
  }

  /** @throws MailError internal */
  async suggest(word: string): Promise<CallResult<'spelling.suggest'>> {
    const isWrong = (await this.check([word])).length > 0;
    return { isWrong, suggestions: isWrong ? [...(await this.#speller.suggest(word, this.#languages))] : [] };
  }

  /** In order of the alphabet. */
  ownWords(): string[] {
    return this.#own.list;
  }

  /** @throws MailError as OwnWords.set() */
  setOwnWord({ word, isRight }: { word: string; isRight: boolean }): null {
    this.#own.set(word, isRight);
    return null;
  }

  get #languages(): SpellingLanguage[] {
    const first = this.#first();
    return [...chosenLanguages(this.#choice())].sort((one, other) => Number(other === first) - Number(one === first));
  }

  #unknown(words: readonly string[]): string[] {
    return words.filter((word) => !this.#own.has(word));
  }
}
