import type { Sample } from './index.mjs';

/** SHA-256 over every path, source, internal date and flag of a sample, hexadecimal. */
export declare function digestSample(sample: Sample): string;
