/** Whether the full case counts are run (`npm run test:full`); a seeded sample otherwise. */
export const isFull = process.env['HOLDOVER_FULL'] === '1';

/** Of all that is drawn by chance. */
export const seed = Number(process.env['HOLDOVER_SEED'] ?? 20261124);

/** As figures name it. */
export const mode = isFull ? 'full' : 'sample';
