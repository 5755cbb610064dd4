import { z } from 'zod';

/** A server of the company's. */
export const httpsUrl = z.url({ protocol: /^https$/, error: 'must be an https URL' }).max(2000);

/** On Windows as elsewhere: a drive, a share or a root. */
export const absolutePath = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^[^\p{Cc}\u2028\u2029]+$/u, 'must not contain control characters')
  .regex(/^([A-Za-z]:\\|\\\\|\/)/, 'must be an absolute path');
