import { boundaries } from './boundaries.ts';
import { charsets } from './charsets.ts';
import { encodedWords } from './encoded-words.ts';
import { fileNames } from './file-names.ts';
import { headers } from './headers.ts';
import type { MalformedMail } from './mail.ts';
import { structures } from './structures.ts';
import { transferEncodings } from './transfer-encodings.ts';

export type { ExpectedFile, MalformedMail } from './mail.ts';

/** Every malformed mail, family by family. */
export const malformedMails: readonly MalformedMail[] = [
  ...encodedWords,
  ...boundaries,
  ...transferEncodings,
  ...headers,
  ...charsets,
  ...structures,
  ...fileNames,
];
