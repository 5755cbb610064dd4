import { Worker } from 'node:worker_threads';
import { MailError } from '../../../shared/errors.ts';
import type { SpellingLanguage } from '../../../shared/model/spelling.ts';
import type { SpellingAnswer, SpellingQuestion, SpellingWorkerData } from '../../spelling/protocol.ts';
import type { AppLog } from '../log-file.ts';

/** Dictionaries that nobody has asked for that long are given back: some 40 MB. */
const IDLE_MS = 10 * 60_000;
/** A word on which Hunspell hangs costs its worker, and no more. */
const ANSWER_MS = 20_000;

type Asked = SpellingQuestion extends infer Q ? (Q extends SpellingQuestion ? Omit<Q, 'id'> : never) : never;

interface Waiting {
  readonly take: (words: readonly string[]) => void;
  readonly fail: (error: MailError) => void;
}

export interface SpellerOptions {
  readonly workerFile: string;
  /** Folder of the dictionaries. */
  readonly folder: string;
  readonly log: AppLog;
  readonly idleMs?: number;
  readonly answerMs?: number;
}

const failed = (detail: string): MailError =>
  new MailError('internal', { scope: 'account', retry: 'later', detail: `spelling: ${detail}` });

/** The worker with the dictionaries: started by the first question, ended when there were none for long. */
export class Speller {
  readonly #options: SpellerOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #timer: NodeJS.Timeout | undefined;
  #lastId = 0;

  constructor(options: SpellerOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#worker !== null;
  }

  /** Those of the words that none of the languages has. @throws MailError internal */
  wrong(words: readonly string[], languages: readonly SpellingLanguage[]): Promise<readonly string[]> {
    return languages.length === 0 || words.length === 0 ? Promise.resolve([]) : this.#ask({ kind: 'check', words, languages });
  }

  /** What may be meant by a word, likeliest first. @throws MailError internal */
  suggest(word: string, languages: readonly SpellingLanguage[]): Promise<readonly string[]> {
    return languages.length === 0 ? Promise.resolve([]) : this.#ask({ kind: 'suggest', word, languages });
  }

  /** Ends the worker; the next question starts another. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const worker = this.#worker;
    this.#drop('ended');
    await worker?.terminate();
  }

  #ask(asked: Asked): Promise<readonly string[]> {
    const worker = (this.#worker ??= this.#start());
    const id = (this.#lastId += 1);
    const answer = new Promise<readonly string[]>((take, fail) => this.#waiting.set(id, { take, fail }));
    worker.postMessage({ ...asked, id } satisfies SpellingQuestion);
    this.#watch(this.#options.answerMs ?? ANSWER_MS);
    return answer;
  }

  #start(): Worker {
    const { workerFile, folder, log } = this.#options;
    const worker = new Worker(workerFile, { workerData: { folder } satisfies SpellingWorkerData });
    worker.unref();
    const end = (reason: string): void => {
      if (this.#worker !== worker) return;
      log.write('warn', { ev: 'spelling.worker-ended', reason });
      this.#drop(reason);
    };
    worker.on('message', (answer: SpellingAnswer) => this.#take(answer));
    worker.on('error', (error) => end(error.name));
    worker.on('exit', () => end('exit'));
    return worker;
  }

  #take({ id, words }: SpellingAnswer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (words === null) {
      this.#options.log.write('warn', { ev: 'spelling.no-dictionary' });
      waiting?.fail(failed('no dictionary'));
    } else waiting?.take(words);
    const { idleMs = IDLE_MS, answerMs = ANSWER_MS } = this.#options;
    this.#watch(this.#waiting.size === 0 ? idleMs : answerMs);
  }

  #watch(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.close(), ms).unref();
  }

  #drop(reason: string): void {
    this.#worker = null;
    for (const { fail } of this.#waiting.values()) fail(failed(reason));
    this.#waiting.clear();
  }
}
