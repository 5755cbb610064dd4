import path from 'node:path';
import { app } from 'electron';
import type { EngineService } from '../engine-service.ts';
import type { AppLog } from '../log-file.ts';
import type { Preferences } from '../preferences.ts';
import { OwnWords } from './own-words.ts';
import { Speller } from './speller.ts';
import { Spelling } from './spelling.ts';

export interface SpellingParts {
  readonly engine: EngineService;
  readonly preferences: Preferences;
  readonly log: AppLog;
  readonly distDir: string;
  readonly profileDir: string;
}

let opened: Spelling | null = null;

/** The one of the app. Nothing is read before the first question. */
export function openSpelling(parts: SpellingParts): Spelling {
  return (opened ??= make(parts));
}

/** Puts the dictionaries, the person's own words and the settings together. */
function make({ engine, preferences, log, distDir, profileDir }: SpellingParts): Spelling {
  // Files of their own beside the program, not in its archive: who has the package can look at them and replace them.
  const folder = path.join(app.isPackaged ? process.resourcesPath : distDir, 'dictionaries');
  const speller = new Speller({ workerFile: path.join(distDir, 'main', 'spelling-worker.js'), folder, log });
  const own = new OwnWords(path.join(profileDir, 'own-words.sealed'), log, () => engine.storeKey);
  return new Spelling(
    speller,
    own,
    () => preferences.settings.spelling,
    () => preferences.language,
  );
}
