import path from 'node:path';
import { build } from 'vite';

/** support/page/cleaner.ts with all that it needs, as one script for evaluate(). */
export async function cleanerScript(): Promise<string> {
  const made = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ...{ write: false, minify: false, target: 'chrome130', reportCompressedSize: false },
      lib: { entry: path.join(import.meta.dirname, 'page/cleaner.ts'), formats: ['iife'], name: 'cleanerOfMail' },
    },
  });
  const first = [made].flat()[0];
  if (first === undefined || !('output' in first)) throw new Error('nothing was built');
  return first.output[0].code;
}
