import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { inModules, rootDir } from './paths.mjs';

/** Languages of the spell check, each an npm package of that name. */
const LANGUAGES = ['de', 'en', 'en-gb'];

/** Puts the dictionaries, with their licences and what reads them, into a folder of its own. */
export function layDictionaries(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const lay = (from, name) => copyFileSync(from, path.join(folder, name));
  for (const language of LANGUAGES) {
    const inPackage = (name) => inModules(`dictionary-${language}`, name);
    lay(inPackage('index.aff'), `${language}.aff`);
    lay(inPackage('index.dic'), `${language}.dic`);
    lay(inPackage('license'), `${language}.licence.txt`);
  }
  // Its text of the GNU GPL 2 is the one that the German dictionary asks for.
  lay(inModules('hunspell-wasm/COPYING'), 'GPL-2.txt');
  lay(inModules('hunspell-wasm/wasm/hunspell.wasm'), 'hunspell.wasm');
  lay(path.join(rootDir, 'assets/dictionaries/README.txt'), 'README.txt');
}
