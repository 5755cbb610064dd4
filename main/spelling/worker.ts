import { parentPort, workerData } from 'node:worker_threads';
import { openChecker } from './checker.ts';
import type { SpellingAnswer, SpellingQuestion, SpellingWorkerData } from './protocol.ts';

const { folder } = workerData as SpellingWorkerData;
const checker = openChecker(folder);

async function answer(question: SpellingQuestion): Promise<readonly string[] | null> {
  try {
    const { wrong, suggest } = await checker;
    const { languages } = question;
    return question.kind === 'check' ? wrong(question.words, languages) : suggest(question.word, languages);
  } catch {
    // Without a dictionary nothing is marked; the app notes that there was none.
    return null;
  }
}

parentPort?.on('message', (question: SpellingQuestion) => {
  void answer(question).then((words) => parentPort?.postMessage({ id: question.id, words } satisfies SpellingAnswer));
});
