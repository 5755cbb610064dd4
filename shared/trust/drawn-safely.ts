import type { DangerCode } from '../model/trust.ts';

/**
 * Whether what can do harm in another program is drawn into pictures here: of a PDF neither scripts nor actions are carried out, nor is what
 * it carries looked at. To refuse that would send people to the program that does all of it.
 */
export const isDrawnSafely = (code: DangerCode, isPdf: boolean): boolean => isPdf && (code === 'pdf-acts' || code === 'embedded-file');
