/** Whether the full case counts are run (`npm run test:full`); a seeded sample otherwise. */
export const isFull = process.env['HOLDOVER_FULL'] === '1';

/** Of all that is drawn by chance. */
export const seed = Number(process.env['HOLDOVER_SEED'] ?? 20261124);

/** As figures name it. */
export const mode = isFull ? 'full' : 'sample';

/** Time limit of a test that has many more cases in a full run, milliseconds. */
export const limitOf = (sampleMs: number): number => (isFull ? 12 * sampleMs : sampleMs);
